"""Sketches as they are kept: a blob a minute for two days, a blob an hour beyond, and one of all. What is in a blob
`sync.telemetry` knows.

Functions that change something need a `writing` connection. Times are aware datetimes or seconds since 1970 in UTC.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from sync.store.rows import upsert
from sync.store.tables import sketches as table
from sync.store.tallies import Grain
from sync.store.times import When, seconds

Series = tuple[str, str]
"""What is measured, and its labels' values as one text."""


class Kept(NamedTuple):
    """A blob, with how many values it holds, of the stretch that begins `at` (seconds since 1970; 0 for the one of
    all)."""

    at: float
    name: str
    label: str
    amount: int
    blob: bytes


def of(conn: Connection, grain: Grain, at: float) -> dict[Series, bytes]:
    """The blobs of one stretch, by name and label."""
    rows = conn.execute(
        sa.select(table.c.name, table.c.label, table.c.blob).where(table.c.grain == grain, table.c.at == at)
    )
    return {(row.name, row.label): row.blob for row in rows}


def put(conn: Connection, grain: Grain, at: float, blobs: Mapping[Series, tuple[int, bytes]]) -> None:
    """Keep blobs (how many values each holds, and itself) in the place of those of the same stretch."""
    upsert(
        conn,
        table,
        [
            {"grain": grain, "at": at, "name": name, "label": label, "count": count, "blob": blob}
            for (name, label), (count, blob) in blobs.items()
        ],
    )


def total(conn: Connection) -> tuple[Kept, ...]:
    """The blobs of all that was ever measured."""
    return _found(conn, table.c.grain == "total")


def between(
    conn: Connection, grain: Grain, name: str, since: When, until: When, label: str | None = None
) -> tuple[Kept, ...]:
    """The blobs of a name (and, where it is given, of one label) whose stretch begins in since..until, in time
    order."""
    here = [table.c.grain == grain, table.c.name == name, table.c.at >= seconds(since), table.c.at < seconds(until)]
    return _found(conn, *here, *([table.c.label == label] if label is not None else []))


def forget_before(conn: Connection, grain: Grain, before: When) -> int:
    """Drop the blobs of a grain whose stretch began before then; the hours and the total keep what was in them."""
    return conn.execute(table.delete().where(table.c.grain == grain, table.c.at < seconds(before))).rowcount


def _found(conn: Connection, *where: sa.ColumnElement[bool]) -> tuple[Kept, ...]:
    columns = table.c.at, table.c.name, table.c.label, table.c.count, table.c.blob
    rows = conn.execute(sa.select(*columns).where(*where).order_by(table.c.at, table.c.label, table.c.name))
    return tuple(map(Kept._make, rows.all()))
