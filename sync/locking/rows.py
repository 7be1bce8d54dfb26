"""Leases, grants and the token sequence as rows of the store, whatever backend is asked first.

What a lease holds are its grants. Statements go straight to the driver (sync/store/connection.py `quick_writing`): a
lease is taken and let go for every change there is, so it should cost little more than the two commits it needs.
Times are seconds since 1970.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import lru_cache

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from sync.locking.contract import Busy, Claim, Lease
from sync.store.connection import Driver
from sync.store.tables import grants, leases

AT_ONCE = 100
"""Claims in one statement: well below what any database takes in one."""

ROWS_AT_MOST = 20
"""With more rows than this in the table of leases, those that have ended are swept away: not each time, it costs."""

_STATE = "SELECT max(token), count(*), max(expires_at) FROM leases"
_LAST_GRANT = "SELECT max(token) FROM grants"
_SWEEP = "DELETE FROM leases WHERE expires_at <= :now AND token < :token"
_LEASE = "INSERT INTO leases (token, owner, granted_at, expires_at) VALUES (:token, :owner, :now, :expires)"
_EXTEND = "UPDATE leases SET expires_at = :expires WHERE token = :token AND owner = :owner AND expires_at > :now"
_LET_GO = "UPDATE leases SET expires_at = 0 WHERE token = :token AND owner = :owner AND expires_at > 0"


def holder(db: Driver, wanted: Sequence[Claim], now: float) -> Busy | None:
    """Who holds any of it, the one who holds it longest."""
    found: list[tuple[str, float, str, float, float]] = []
    for some in _batches(wanted):
        found += db.execute(_meeting(len(some)), {"now": now, **_numbered(some)}).fetchall()
    if not found:
        return None
    owner, until, subject, start, end = max(found, key=lambda row: row[1])
    return Busy(owner, until, Claim(subject, start, end))


def grant(db: Driver, wanted: tuple[Claim, ...], owner: str, now: float, ttl: float, deadline: float) -> Lease | Busy:
    """A new lease on it, with the next token and with what it fences off for ever, or who holds some of it.

    The token is larger than any before it: the newest lease always stays as a row, whatever became of it.
    """
    last, count, latest = db.execute(_STATE, {}).fetchone()
    if latest is not None and latest > now:
        busy = holder(db, wanted, now)
        if busy is not None:
            return busy
    if last is None:
        last = db.execute(_LAST_GRANT, {}).fetchone()[0] or 0
    lease = Lease(owner, wanted, now, now + ttl, last + 1, deadline)
    given = {"token": lease.token, "now": now}
    db.execute(_LEASE, {**given, "owner": owner, "expires": lease.expires_at})
    for batch, some in enumerate(_batches(wanted)):
        db.execute(_granting(len(some), batch * AT_ONCE), {**given, **_numbered(some)})
    if count >= ROWS_AT_MOST:
        db.execute(_SWEEP, given)
    return lease


def extend(db: Driver, lease: Lease, now: float) -> bool:
    """Whether the lease still ran, and runs until its `expires_at` now."""
    given = {"token": lease.token, "owner": lease.owner, "now": now, "expires": lease.expires_at}
    return db.execute(_EXTEND, given).rowcount > 0


def let_go(db: Driver, lease: Lease) -> bool:
    """Whether there was a lease to let go of. Its grants stay: they are what fences a late writer off."""
    return db.execute(_LET_GO, {"token": lease.token, "owner": lease.owner}).rowcount > 0


def live(conn: Connection, now: float, clock: float) -> tuple[Lease, ...]:
    """Every lease that has not run out, the oldest first; `clock` is this process's monotonic clock now."""
    statement = (
        sa.select(
            leases.c.token.label("of"), leases.c.owner, leases.c.granted_at.label("since"), leases.c.expires_at, grants
        )
        .join(grants, grants.c.token == leases.c.token, isouter=True)
        .where(leases.c.expires_at > now)
        .order_by(leases.c.token, grants.c.number)
    )
    found: dict[int, Lease] = {}
    for row in conn.execute(statement):
        lease = found.get(row.of) or Lease(
            row.owner, (), row.since, row.expires_at, row.of, clock + row.expires_at - now
        )
        more = () if row.subject is None else (Claim(row.subject, row.start, row.end),)
        found[row.of] = replace(lease, claims=lease.claims + more)
    return tuple(found.values())


@lru_cache(maxsize=AT_ONCE)
def _meeting(count: int) -> str:
    """Only grants since the oldest lease there is are looked at, by the primary key (CROSS JOIN holds SQLite to this
    order): few, whatever was ever granted."""
    return " UNION ALL ".join(
        f"""
        SELECT l.owner, l.expires_at, g.subject, g.start, g."end" FROM grants g CROSS JOIN leases l
        WHERE g.subject = :s{n} AND g.token >= (SELECT min(token) FROM leases) AND g.start < :e{n} AND g."end" > :b{n}
        AND l.token = g.token AND l.expires_at > :now"""
        for n in range(count)
    )


@lru_cache(maxsize=AT_ONCE)
def _granting(count: int, first: int) -> str:
    rows = ", ".join(f"(:token, {first + n}, :s{n}, :b{n}, :e{n}, :now)" for n in range(count))
    return f'INSERT INTO grants (token, number, subject, start, "end", granted_at) VALUES {rows}'


def _numbered(claims: Sequence[Claim]) -> dict[str, object]:
    given: dict[str, object] = {}
    for n, claim in enumerate(claims):
        given[f"s{n}"], given[f"b{n}"], given[f"e{n}"] = claim.subject, claim.start, claim.end
    return given


def _batches(claims: Sequence[Claim]) -> Iterator[Sequence[Claim]]:
    return (claims[first : first + AT_ONCE] for first in range(0, len(claims), AT_ONCE))
