"""The nightly tidying forgets what nobody asks about and keeps what adds up."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

from jobs.running import Work
from jobs.tidy import JOB
from sync.model import Side
from sync.model.calls import Call
from sync.settings import Settings
from sync.store import calls, ledger, tallies
from sync.store.connection import open_store, reading, writing
from sync.telemetry import names
from sync.telemetry.collecting import Telemetry

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)


def test_old_calls_minutes_and_notes_go_and_the_sums_stay(tmp_path: Path) -> None:
    engine, telemetry = open_store(f"sqlite:///{tmp_path}/store.db"), Telemetry()
    old, older = NOON - timedelta(days=31), NOON - timedelta(days=401)
    telemetry.count(names.LOCK_BUSY)
    telemetry.flush(engine, old)
    with writing(engine) as conn:
        calls.keep(conn, 1, 1, [Call(Side.SQUARE, "get bookings", at, 1.0, "ok") for at in (old, NOON)])
        ledger.note(conn, "near_miss", older)
        ledger.note(conn, "near_miss", old)
    work = Work(engine, Settings(), NOON, lambda *_: None)
    ran = JOB.call(work)
    # gone: a minute of lock_busy, minute and hour of the older note, the minute of the other, and the older note itself
    assert ran.sentence == "Forgot what is no longer needed: 1 call, 5 measurements."
    assert JOB.call(work).sentence == "There was nothing old to forget."
    with reading(engine) as conn:
        assert len(calls.of(conn, 1)) == 1
        assert ledger.count(conn, "near_miss", 0.0) == 1
        assert {(one.name, one.value) for one in tallies.total(conn)} == {("lock_busy", 1), ("near_miss", 2)}
        assert [one.value for one in tallies.between(conn, "hour", "near_miss", 0.0, NOON)] == [1]
    engine.dispose()
