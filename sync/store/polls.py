"""What short looks leave behind: a sign of the last good one, and what they could not read.

Not a row a look: there are seventeen thousand a day. Setting functions need a `writing` connection.
"""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy import Connection

from sync.model import Side
from sync.store import keeping, runs
from sync.store.tables import keeping as table
from sync.store.times import moment, seconds

SIGN = "polled:"
"""Kept under this and the side: when its last good short look began."""


def worked(conn: Connection, side: Side, began_at: datetime, now: datetime) -> None:
    """A short look went well; what only a short look could not read is over."""
    keeping.put(conn, f"{SIGN}{side}", seconds(began_at), now)
    if keeping.get(conn, runs.poll_failing_key(side), False):
        runs.mended(conn, side)
        keeping.put(conn, runs.poll_failing_key(side), False, now)


def failed(conn: Connection, side: Side, sentence: str, setting: str, now: datetime) -> bool:
    """A short look went wrong. True when that is news: the side could be read before, or it is something else."""
    there = runs.side_read(conn, side)
    is_known = there is not None and there.failing_since is not None
    if is_known and (not is_failing(conn, side) or (there and there.problem == sentence)):
        return False
    runs.read_failed(conn, side, sentence, setting, now, by_poll=True)
    return True


def is_failing(conn: Connection, side: Side) -> bool:
    """Whether a short look was the one that could not read the side."""
    return bool(keeping.get(conn, runs.poll_failing_key(side), False))


def last(conn: Connection) -> dict[Side, datetime]:
    """When the last good short look at each side began (UTC); a side without one is left out."""
    rows = conn.execute(sa.select(table.c.key, table.c.value).where(table.c.key.startswith(SIGN, autoescape=True)))
    return {Side(row.key.removeprefix(SIGN)): moment(row.value) for row in rows}
