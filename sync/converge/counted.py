"""Locks as the road uses them: each asking is counted, granted or busy, for /metrics and the screen."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from sync.locking.contract import Busy, Claim, Lease, Locks
from sync.telemetry import names
from sync.telemetry.running import current


@dataclass(frozen=True, slots=True)
class CountedLocks:
    """The same locks; see `sync.locking.contract.Locks`."""

    locks: Locks

    def acquire(self, claims: Iterable[Claim], owner: str, ttl: float) -> Lease | Busy:
        answer = self.locks.acquire(claims, owner, ttl)
        current().count(names.LOCK_BUSY if isinstance(answer, Busy) else names.LOCK_GRANTED)
        return answer

    def renew(self, lease: Lease, ttl: float) -> Lease | None:
        return self.locks.renew(lease, ttl)

    def release(self, lease: Lease) -> bool:
        return self.locks.release(lease)

    def leases(self) -> tuple[Lease, ...]:
        return self.locks.leases()
