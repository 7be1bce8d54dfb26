"""Locks that pass everything on: a test overrides what it wants to step into."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from sync.locking.contract import Busy, Claim, Lease, Locks


@dataclass
class Passing:
    """Does what `locks` does."""

    locks: Locks

    def acquire(self, claims: Iterable[Claim], owner: str, ttl: float) -> Lease | Busy:
        return self.locks.acquire(claims, owner, ttl)

    def renew(self, lease: Lease, ttl: float) -> Lease | None:
        return self.locks.renew(lease, ttl)

    def release(self, lease: Lease) -> bool:
        return self.locks.release(lease)

    def leases(self) -> tuple[Lease, ...]:
        return self.locks.leases()
