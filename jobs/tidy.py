"""Once a day: forget what no rule asks about any more."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

from jobs.running import Job, Ran, Work
from sync.locking.fencing import forget_grants
from sync.store import calls, deliveries, holds, ledger, runs
from sync.store.connection import writing
from sync.telemetry.percentiles import roll
from sync.wording.names import counted

GRANTS_KEPT = timedelta(days=7)
"""A lease lasts half a minute; nothing that was begun under one is recorded a week later."""
RUNS_KEPT = timedelta(days=30)
HOLDS_KEPT = timedelta(days=30)
CALLS_KEPT = timedelta(days=30)
LEDGER_KEPT = timedelta(days=400)

NAMED = {
    "grants": "lock",
    "runs": "run",
    "calls": "call",
    "holds": "hold",
    "deliveries": "message",
    "measured": "measurement",
}


def _tidy(work: Work) -> Ran:
    with writing(work.engine) as conn:
        grants = forget_grants(conn, (work.now - GRANTS_KEPT).timestamp())
        old = runs.forget_before(conn, work.now - RUNS_KEPT)
        holds.expire(conn, work.now)
        held = holds.forget_before(conn, work.now - HOLDS_KEPT)
        told = deliveries.forget_before(conn, work.now - deliveries.KEPT)
        made = calls.forget_before(conn, work.now - CALLS_KEPT)
        measured = roll(conn, work.now) + ledger.forget_before(conn, work.now - LEDGER_KEPT)
    counts = {"grants": grants, "runs": old, "calls": made, "holds": held, "deliveries": told, "measured": measured}
    return Ran(True, _sentence(counts), counts)


def _sentence(counts: Mapping[str, int]) -> str:
    gone = [counted(count, NAMED[name]) for name, count in counts.items() if count]
    if not gone:
        return "There was nothing old to forget."
    return f"Forgot what is no longer needed: {', '.join(gone)}."


JOB = Job("tidy", every=86_400, call=_tidy)
