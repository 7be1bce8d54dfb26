"""Look over both calendars for what is out of order."""

from __future__ import annotations

from jobs.running import Job, Ran, Work
from sync.rounds.reconcile import reconcile, report


def _reconcile(work: Work) -> Ran:
    done = reconcile(work.engine, work.now)
    return Ran(done.whole, done.sentence, done.counts, result=report(work.engine, work.now))


JOB = Job("reconcile", "Look for clashes and differences", every=60, call=_reconcile)
