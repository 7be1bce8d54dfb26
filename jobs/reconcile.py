"""Look over both calendars for what is out of order."""

from __future__ import annotations

from jobs.running import Job, Ran, Work
from sync.rounds.reconcile import reconcile, reconcile_changes, report


def _whole(work: Work) -> Ran:
    work.progress(0, 2)
    done = reconcile(work.engine, work.now)
    work.progress(1, 2)
    found = report(work.engine, work.now)
    work.progress(2, 2)
    return Ran(done.whole, done.sentence, done.counts, result=found)


def _changes(work: Work) -> Ran:
    done = reconcile_changes(work.engine, work.now)
    return Ran(done.whole, done.sentence, done.counts)


JOB = Job("reconcile", every=60, call=_whole, scheduled=_changes)
"""Asked for by a person it looks over everything; on its schedule, over what changed (everything once an hour)."""
