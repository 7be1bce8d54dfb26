"""What another process measures in the tests."""

from __future__ import annotations

from datetime import UTC, datetime
from multiprocessing.synchronize import Barrier

from sync.store.connection import open_store
from sync.telemetry import names
from sync.telemetry.collecting import Telemetry

NOON = datetime(2026, 11, 21, 12, 0, 30, tzinfo=UTC)
VALUES = [0.1 * number for number in range(1, 21)]


def measure(telemetry: Telemetry) -> None:
    for value in VALUES:
        telemetry.took(names.HINT_WHOLE, value, "square", "webhook")
        telemetry.count(names.LOCK_GRANTED)


def measure_and_flush(barrier: Barrier, url: str, times: int) -> None:
    """Measure and flush so many times, at the same moments as the others."""
    engine, telemetry = open_store(url), Telemetry()
    barrier.wait(60)
    for _ in range(times):
        measure(telemetry)
        telemetry.flush(engine, NOON)
    engine.dispose()
