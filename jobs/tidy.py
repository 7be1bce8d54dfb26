"""Once a day: forget what no rule asks about any more."""

from __future__ import annotations

from datetime import timedelta

from jobs.running import Job, Ran, Work
from sync.locking.fencing import forget_grants
from sync.store import holds, runs
from sync.store.connection import writing

GRANTS_KEPT = timedelta(days=7)
"""A lease lasts half a minute; nothing that was begun under one is recorded a week later."""
RUNS_KEPT = timedelta(days=30)
HOLDS_KEPT = timedelta(days=30)


def _tidy(work: Work) -> Ran:
    with writing(work.engine) as conn:
        grants = forget_grants(conn, (work.now - GRANTS_KEPT).timestamp())
        old = runs.forget_before(conn, work.now - RUNS_KEPT)
        holds.expire(conn, work.now)
        held = holds.forget_before(conn, work.now - HOLDS_KEPT)
    return Ran(True, _sentence(grants, old, held), {"grants": grants, "runs": old, "holds": held})


def _sentence(grants: int, old: int, held: int) -> str:
    if not (grants or old or held):
        return "There was nothing old to forget."
    return f"Forgot what is no longer needed: {grants} locks, {old} runs and {held} holds."


JOB = Job("tidy", every=86_400, call=_tidy)
