"""The outside calls made for each hint: which, how long, what came back. Without personal data.

Functions that change something need a `writing` connection.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from sync.model import Side
from sync.model.calls import Call
from sync.store.rows import insert_all
from sync.store.tables import calls as table
from sync.store.times import When, moment, seconds


@dataclass(frozen=True, slots=True)
class Kept:
    """A call that was made at that attempt for that hint."""

    hint: int
    attempt: int
    call: Call


def keep(conn: Connection, hint: int, attempt: int, calls: Iterable[Call]) -> None:
    """Keep what was called in one attempt for a hint."""
    insert_all(conn, table, [_row(hint, attempt, call) for call in calls])


def of(conn: Connection, hint: int) -> tuple[Kept, ...]:
    """All calls made for a hint, the first one first."""
    rows = conn.execute(sa.select(table).where(table.c.hint == hint).order_by(table.c.at, table.c.id))
    return tuple(_kept(row) for row in rows)


def forget_before(conn: Connection, before: When) -> int:
    """Drop the calls that began before then; returns how many."""
    return conn.execute(table.delete().where(table.c.at < seconds(before))).rowcount


def _row(hint: int, attempt: int, call: Call) -> dict[str, Any]:
    return {
        "hint": hint,
        "attempt": attempt,
        "side": call.side.value,
        "name": call.name,
        "at": seconds(call.at),
        "ms": call.ms,
        "outcome": call.outcome,
        "status": call.status,
        "code": call.code[:64],
        "request_id": call.request_id[:100],
    }


def _kept(row: sa.Row[Any]) -> Kept:
    told = row.name, moment(row.at), row.ms, row.outcome, row.status, row.code, row.request_id
    return Kept(row.hint, row.attempt, Call(Side(row.side), *told))
