"""Every webhook that came, refused ones too: when, what we answered and why. No body is kept.

Functions that change something need a `writing` connection. Times are aware datetimes or seconds since 1970 in UTC.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields
from datetime import timedelta

from sqlalchemy import Connection

from sync.model import Side
from sync.store.connection import driver_of
from sync.store.rows import chunks, insert_all, named
from sync.store.tables import deliveries as table
from sync.store.times import When, seconds

KEPT = timedelta(days=3)
"""Square tries an event again for 24 hours, under the same id; three times that is told apart from a new one."""

TAKEN = 200
"""What was answered to a delivery whose news is on disk; only such a one makes the next a duplicate."""


@dataclass(frozen=True, slots=True)
class Delivery:
    """One line of the list. `ms`: from the first byte until it was handed to the disk, or refused. `key`: what it is
    about, where that was read from a body whose signature held. retry_number and retry_reason are the sender's words;
    source_at is when the sender says that it happened (seconds since 1970, UTC), None where it does not say."""

    side: Side
    at: float
    status: int
    reason: str
    ms: float
    event_id: str = ""
    key: str = ""
    retry_number: int = 0
    retry_reason: str = ""
    source_at: float | None = None


_COLUMNS = tuple(field.name for field in fields(Delivery))


def note(conn: Connection, came: Sequence[Delivery]) -> None:
    """List these deliveries."""
    insert_all(conn, table, [{name: getattr(one, name) for name in _COLUMNS} for one in came])


def known(conn: Connection, side: Side, event_id: str) -> bool:
    """Whether that event was taken before."""
    return bool(known_among(conn, side, [event_id]))


def known_among(conn: Connection, side: Side, event_ids: Iterable[str]) -> set[str]:
    """Those of the events that were taken before."""
    found: set[str] = set()
    for some in chunks(event_ids):
        places, given = named(some)
        taken = f"SELECT event_id FROM deliveries WHERE side = :side AND event_id IN ({places}) AND status = :taken"
        rows = driver_of(conn).execute(taken, {"side": side.value, "taken": TAKEN, **given}).fetchall()
        found.update(row[0] for row in rows)
    return found


def forget_before(conn: Connection, before: When) -> int:
    """Drop what came before then; returns how many."""
    return conn.execute(table.delete().where(table.c.at < seconds(before))).rowcount
