"""Leases as rows of the store. Grants and the token sequence live there whatever backend holds the leases."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from dataclasses import replace

from sqlalchemy.engine import Engine

from sync.locking import rows
from sync.locking.contract import Busy, Claim, Lease, wish
from sync.store.connection import Driver, quick_writing, reading


class StoreLocks:
    """Locks on the store's own tables: for one machine on SQLite, and on PostgreSQL where writers take turns.

    `wall` gives seconds since 1970 and must be the same for all who share the store; `clock` is monotonic. `released`
    is called after each release, so that who waits can be woken.
    """

    def __init__(
        self,
        engine: Engine,
        wall: Callable[[], float] = time.time,
        clock: Callable[[], float] = time.monotonic,
        released: Callable[[], None] = lambda: None,
    ) -> None:
        self._engine, self._wall, self._clock, self._released = engine, wall, clock, released

    def acquire(self, claims: Iterable[Claim], owner: str, ttl: float) -> Lease | Busy:
        """See `Locks.acquire`. Where another writer has its turn it looks first, so that who would be refused does not
        queue."""
        wanted = wish(claims, owner, ttl)
        deadline = self._clock() + ttl

        def look(db: Driver) -> Busy | None:
            return rows.holder(db, wanted, self._wall())

        def take(db: Driver) -> Lease | Busy:
            return rows.grant(db, wanted, owner, self._wall(), ttl, deadline)

        return quick_writing(self._engine, take, look)

    def renew(self, lease: Lease, ttl: float) -> Lease | None:
        """See `Locks.renew`. What ran out stays lost, even where nobody took it meanwhile."""
        if ttl <= 0:
            raise ValueError("a lease needs a time to live")
        deadline = self._clock() + ttl

        def prolong(db: Driver) -> Lease | None:
            now = self._wall()
            longer = replace(lease, expires_at=now + ttl, deadline=deadline)
            return longer if rows.extend(db, longer, now) else None

        return quick_writing(self._engine, prolong)

    def release(self, lease: Lease) -> bool:
        """See `Locks.release`."""
        done = quick_writing(self._engine, lambda db: rows.let_go(db, lease))
        if done:
            self._released()
        return done

    def leases(self) -> tuple[Lease, ...]:
        """See `Locks.leases`."""
        with reading(self._engine) as conn:
            return rows.live(conn, self._wall(), self._clock())
