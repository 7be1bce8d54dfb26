"""Look over both calendars for what is out of order."""

from __future__ import annotations

from jobs.running import Job, Ran, Work
from sync.rounds.out_of_step import ask_for_reads, hint_apart
from sync.rounds.reconcile import reconcile, reconcile_changes, report


def _whole(work: Work) -> Ran:
    work.progress(0, 2)
    _hint(work)
    done = reconcile(work.engine, work.now)
    work.progress(1, 2)
    found = report(work.engine, work.now)
    work.progress(2, 2)
    return Ran(done.whole, done.sentence, done.counts, result=found)


def _changes(work: Work) -> Ran:
    _hint(work)
    done = reconcile_changes(work.engine, work.now)
    return Ran(done.whole, done.sentence, done.counts)


def _hint(work: Work) -> None:
    """What is out of step goes down the road first: only what stays apart is for a person to look at."""
    hint_apart(work.engine, work.settings.writes, work.now)
    ask_for_reads(work.engine, work.now)


JOB = Job("reconcile", every=60, call=_whole, scheduled=_changes)
"""Asked for by a person it looks over everything; on its schedule, over what changed (everything once an hour)."""
