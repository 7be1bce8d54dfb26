"""How things stand just now, as numbers: read from the store when somebody asks."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy import Connection

from sync.model import End, Side
from sync.store.hints import OPEN
from sync.store.tables import breakers, hints, leases, sides

BREAKER_STATES = ("closed", "open", "half")


@dataclass(frozen=True, slots=True)
class Gauge:
    """A family of gauges: its labels, and (their values, the number) for each series."""

    name: str
    says: str
    labels: tuple[str, ...]
    shown: tuple[tuple[tuple[str, ...], float], ...]


def gauges(conn: Connection, now: datetime) -> Iterator[Gauge]:
    """All of them, as of now. Ages and spans are in seconds."""
    at = now.timestamp()
    yield _open_hints(conn)
    yield _alone(
        "slotkeeper_oldest_open_hint_seconds",
        "Age of the open hint that was received first; 0 when none is open.",
        _age(at, conn.execute(sa.select(sa.func.min(hints.c.received_at)).where(hints.c.state.in_(OPEN))).scalar()),
    )
    dead = sa.and_(hints.c.state == End.DEAD.value, hints.c.closed_at.is_(None))
    yield _alone("slotkeeper_dead_letters_open", "Dead letters that nobody is done with.", _count(conn, hints, dead))
    yield _alone("slotkeeper_leases", "Leases held just now.", _count(conn, leases, leases.c.expires_at > at))
    yield _breakers(conn)
    yield from _sides(conn, at)


def _open_hints(conn: Connection) -> Gauge:
    counted = sa.select(hints.c.state, sa.func.count().label("number")).where(hints.c.state.in_(OPEN))
    found = {row.state: row.number for row in conn.execute(counted.group_by(hints.c.state))}
    shown = tuple(((state,), float(found.get(state, 0))) for state in OPEN)
    return Gauge("slotkeeper_hints_open", "Hints that have not ended.", ("state",), shown)


def _breakers(conn: Connection) -> Gauge:
    """A side whose breaker was never touched has it closed."""
    found = {row.side: row.state for row in conn.execute(sa.select(breakers.c.side, breakers.c.state))}
    shown = tuple(
        ((side.value, state), float(found.get(side.value, "closed") == state))
        for side in Side
        for state in BREAKER_STATES
    )
    return Gauge("slotkeeper_breaker", "1 for the state a side's breaker is in.", ("side", "state"), shown)


def _sides(conn: Connection, at: float) -> Iterator[Gauge]:
    rows = {row.side: row for row in conn.execute(sa.select(sides))}
    failing = tuple(((side.value,), float(side in rows and rows[side].failing_since is not None)) for side in Side)
    yield Gauge("slotkeeper_side_failing", "1 while a calendar cannot be read.", ("side",), failing)
    read = {side: rows[side].whole_began_at for side in Side if side in rows and rows[side].whole_began_at is not None}
    ages = tuple(((side.value,), _age(at, began)) for side, began in read.items())
    says = "How long ago the last whole read of a calendar began."
    yield Gauge("slotkeeper_whole_read_age_seconds", says, ("side",), ages)


def _alone(name: str, says: str, value: float) -> Gauge:
    return Gauge(name, says, (), (((), value),))


def _count(conn: Connection, table: sa.Table, where: sa.ColumnElement[bool]) -> float:
    return float(conn.execute(sa.select(sa.func.count()).select_from(table).where(where)).scalar_one())


def _age(at: float, since: float | None) -> float:
    return 0.0 if since is None else max(0.0, at - since)
