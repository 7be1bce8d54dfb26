"""Counts: a row a minute for two days, a row an hour beyond, and one of all that was ever counted.

Functions that change something need a `writing` connection. Times are aware datetimes or seconds since 1970 in UTC.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import Connection

from sync.store.tables import tallies as table
from sync.store.times import When, seconds

Grain = Literal["minute", "hour", "total"]
LENGTHS: Mapping[Grain, float] = {"minute": 60.0, "hour": 3600.0}
"""How long the stretches are that a row stands for, in seconds; a total stands for all."""


@dataclass(frozen=True, slots=True)
class Counted:
    """What was counted in the stretch that begins `at` (seconds since 1970; 0 for a total)."""

    at: float
    name: str
    label: str
    value: int


def stretches(now: When) -> Iterator[tuple[Grain, float]]:
    """The rows that what happens now belongs to: of its minute, of its hour, of all."""
    at = seconds(now)
    for grain, length in LENGTHS.items():
        yield grain, at - at % length
    yield "total", 0.0


def add(conn: Connection, counts: Mapping[tuple[str, str], int], now: When) -> None:
    """Count more, by (name, label), as of now."""
    rows = [
        {"grain": grain, "at": at, "name": name, "label": label, "value": value}
        for grain, at in stretches(now)
        for (name, label), value in counts.items()
    ]
    if not rows:
        return
    statement: Any = (postgresql if conn.dialect.name == "postgresql" else sqlite).insert(table)
    more = {"value": table.c.value + statement.excluded.value}
    conn.execute(statement.on_conflict_do_update(index_elements=list(table.primary_key), set_=more), rows)


def total(conn: Connection) -> tuple[Counted, ...]:
    """All that was ever counted."""
    return _found(conn, table.c.grain == "total")


def between(conn: Connection, grain: Grain, name: str, since: When, until: When) -> tuple[Counted, ...]:
    """The rows of a name whose stretch begins in since..until, in time order."""
    here = table.c.grain == grain, table.c.name == name, table.c.at >= seconds(since), table.c.at < seconds(until)
    return _found(conn, *here)


def forget_before(conn: Connection, grain: Grain, before: When) -> int:
    """Drop the rows of a grain whose stretch began before then; the hours and the total keep what was in them."""
    return conn.execute(table.delete().where(table.c.grain == grain, table.c.at < seconds(before))).rowcount


def _found(conn: Connection, *where: sa.ColumnElement[bool]) -> tuple[Counted, ...]:
    columns = table.c.at, table.c.name, table.c.label, table.c.value
    rows = conn.execute(sa.select(*columns).where(*where).order_by(table.c.at, table.c.name, table.c.label))
    return tuple(Counted(*row) for row in rows)
