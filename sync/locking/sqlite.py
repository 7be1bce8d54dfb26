"""Leases as rows of the store. Grants and the token sequence live there whatever backend holds the leases."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine

from sync.locking.contract import Busy, Claim, Lease
from sync.locking.fencing import draw_token, keep_grant
from sync.store.connection import reading, writing
from sync.store.tables import claims as claim_rows
from sync.store.tables import leases as lease_rows

AT_ONCE = 100
"""Claims asked about in one statement: well below what any database takes in one."""


class StoreLocks:
    """Locks on the store's own tables: for one machine on SQLite, and on PostgreSQL where writers take turns.

    `wall` gives seconds since 1970 and must be the same for all who share the store; `clock` is monotonic.
    """

    def __init__(
        self, engine: Engine, wall: Callable[[], float] = time.time, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._engine, self._wall, self._clock = engine, wall, clock

    def acquire(self, claims: Iterable[Claim], owner: str, ttl: float) -> Lease | Busy:
        """See `Locks.acquire`. Looks before it takes the write lock, so that who would be refused does not queue."""
        wanted = tuple(sorted(set(claims)))
        if not owner or ttl <= 0:
            raise ValueError("a lease needs an owner and a time to live")
        asked = self._clock()
        with reading(self._engine) as conn:
            busy = self._busy(conn, wanted)
        if busy is not None:
            return busy
        with writing(self._engine) as conn:
            self._forget_what_ran_out(conn)
            return self._busy(conn, wanted) or self._grant(conn, wanted, owner, ttl, asked)

    def renew(self, lease: Lease, ttl: float) -> Lease | None:
        """See `Locks.renew`. What ran out stays lost, even where nobody took it meanwhile."""
        if ttl <= 0:
            raise ValueError("a lease needs a time to live")
        asked = self._clock()
        with writing(self._engine) as conn:
            now = self._wall()
            done = conn.execute(
                sa.update(lease_rows).where(*_of(lease), lease_rows.c.expires_at > now).values(expires_at=now + ttl)
            )
        return replace(lease, expires_at=now + ttl, deadline=asked + ttl) if done.rowcount else None

    def release(self, lease: Lease) -> bool:
        """See `Locks.release`. The grants stay: they are what fences a late writer off."""
        with writing(self._engine) as conn:
            done = conn.execute(sa.delete(lease_rows).where(*_of(lease)))
            if done.rowcount:
                conn.execute(sa.delete(claim_rows).where(claim_rows.c.token == lease.token))
        return bool(done.rowcount)

    def leases(self) -> tuple[Lease, ...]:
        """See `Locks.leases`."""
        now, clock = self._wall(), self._clock()
        with reading(self._engine) as conn:
            held = conn.execute(
                sa.select(lease_rows).where(lease_rows.c.expires_at > now).order_by(lease_rows.c.token)
            ).all()
            rows = conn.execute(sa.select(claim_rows).order_by(claim_rows.c.token, claim_rows.c.number)).all()
        by_token: dict[int, list[Claim]] = {}
        for row in rows:
            by_token.setdefault(row.token, []).append(Claim(row.subject, row.start, row.end))
        return tuple(
            Lease(
                row.owner,
                tuple(by_token.get(row.token, ())),
                row.granted_at,
                row.expires_at,
                row.token,
                clock + row.expires_at - now,
            )
            for row in held
        )

    def _busy(self, conn: Connection, wanted: Sequence[Claim]) -> Busy | None:
        """Who holds any of it, the one who holds it longest."""
        held: list[Busy] = []
        for first in range(0, len(wanted), AT_ONCE):
            held += self._holders(conn, wanted[first : first + AT_ONCE])
        return max(held, key=lambda busy: busy.until, default=None)

    def _holders(self, conn: Connection, wanted: Sequence[Claim]) -> list[Busy]:
        c = claim_rows.c
        meets = (sa.and_(c.subject == w.subject, c.start < w.end, c.end > w.start) for w in wanted)
        rows = conn.execute(
            sa.select(lease_rows.c.owner, lease_rows.c.expires_at, c.subject, c.start, c.end)
            .join(lease_rows, lease_rows.c.token == c.token)
            .where(lease_rows.c.expires_at > self._wall(), sa.or_(*meets))
        )
        return [Busy(row.owner, row.expires_at, Claim(row.subject, row.start, row.end)) for row in rows]

    def _grant(self, conn: Connection, wanted: tuple[Claim, ...], owner: str, ttl: float, asked: float) -> Lease:
        now = self._wall()
        token = draw_token(conn, now)
        lease = Lease(owner, wanted, now, now + ttl, token, asked + ttl)
        conn.execute(
            sa.insert(lease_rows).values(token=token, owner=owner, granted_at=now, expires_at=lease.expires_at)
        )
        if wanted:
            conn.execute(sa.insert(claim_rows), _rows(lease))
        keep_grant(conn, lease)
        return lease

    def _forget_what_ran_out(self, conn: Connection) -> None:
        over = conn.execute(
            sa.select(lease_rows.c.token).where(lease_rows.c.expires_at <= self._wall()).limit(AT_ONCE)
        ).scalars()
        tokens = list(over)
        if tokens:
            conn.execute(sa.delete(claim_rows).where(claim_rows.c.token.in_(tokens)))
            conn.execute(sa.delete(lease_rows).where(lease_rows.c.token.in_(tokens)))


def _rows(lease: Lease) -> list[dict[str, object]]:
    return [
        {"token": lease.token, "number": number, "subject": claim.subject, "start": claim.start, "end": claim.end}
        for number, claim in enumerate(lease.claims)
    ]


def _of(lease: Lease) -> tuple[sa.ColumnElement[bool], sa.ColumnElement[bool]]:
    return lease_rows.c.token == lease.token, lease_rows.c.owner == lease.owner
