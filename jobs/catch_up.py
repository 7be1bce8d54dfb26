"""Ask Square for the events of the time when nobody listened."""

from __future__ import annotations

from jobs.running import Job, Ran, Work
from sync.converge.opening import open_readers
from sync.model import Side
from sync.rounds.catching_up import catch_up


def _catch_up(work: Work) -> Ran:
    with open_readers(work.settings, work.engine) as readers:
        done = catch_up(work.engine, readers[Side.SQUARE], work.now)
    return Ran(done.whole, done.sentence, done.counts, done.setting, result=done.counts)


JOB = Job("catch-up", every=600, again=60, call=_catch_up)
