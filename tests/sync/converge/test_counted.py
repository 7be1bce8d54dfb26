"""Each asking for a lock on the road is counted, so that the screen knows how often one is busy."""

from __future__ import annotations

from datetime import UTC, datetime

from sync.locking.contract import Busy, Claim, Lease
from sync.store import tallies
from sync.store.connection import reading
from sync.telemetry.running import measuring
from tests.sync.converge.conftest import Salon

NOW = datetime(2026, 11, 21, 9, 0, tzinfo=UTC)


def test_granted_and_busy_are_counted(salon: Salon) -> None:
    locks, wanted = salon.house.locks, (Claim.visit("18"),)
    with measuring(salon.house.engine, lambda: NOW):
        lease = locks.acquire(wanted, "first", 30)
        assert isinstance(lease, Lease)
        assert isinstance(locks.acquire(wanted, "second", 30), Busy)
        assert locks.renew(lease, 30) and locks.leases() and locks.release(lease)
    with reading(salon.house.engine) as conn:
        counted = {one.name: one.value for one in tallies.total(conn) if one.name.startswith("lock_")}
    assert counted == {"lock_granted": 1, "lock_busy": 1}
