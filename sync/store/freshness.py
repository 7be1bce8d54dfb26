"""Up to when the mirror is known to show what stands: by whole reads, by the short looks between them, and by what
these have found that nobody has read yet."""

from __future__ import annotations

from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy import Connection

from sync.model import End, Side
from sync.model.polled import SQUARE_DAYS_AHEAD
from sync.store import polls, runs
from sync.store.hints import OPEN
from sync.store.runs import SideRead
from sync.store.tables import hints
from sync.store.times import moment, seconds

EDGE = timedelta(days=1)
"""What starts just behind the last day of a look may begin earlier with its padding."""


def shown_until(conn: Connection, side: Side, ahead: datetime) -> datetime | None:
    """The moment (UTC) up to which the mirror shows every change of what stands on a side before `ahead`; None while
    the side was never read whole, or cannot be read.

    A short look after the whole read counts for what it covers. What it found is a hint, and is in the mirror once
    that is carried: until then the mirror is as old as the oldest hint that is open, or died since the whole read.
    """
    read = runs.side_read(conn, side)
    if read is None or read.whole_began_at is None or read.failing_since is not None:
        return None
    looked = polls.last(conn).get(side)
    if looked is None or not _covers(side, looked, ahead):
        return read.whole_began_at
    unread = _oldest_unread(conn, read)
    return max(read.whole_began_at, min(looked, unread) if unread else looked)


def _covers(side: Side, looked: datetime, ahead: datetime) -> bool:
    return side is Side.BOOKLY or ahead <= looked + timedelta(days=SQUARE_DAYS_AHEAD) - EDGE


def _oldest_unread(conn: Connection, read: SideRead) -> datetime | None:
    """When the oldest hint came whose appointment may not have been read since."""
    died = sa.and_(
        hints.c.state == End.DEAD, hints.c.closed_at.is_(None), hints.c.ended_at >= seconds(read.whole_began_at)
    )
    mine = sa.and_(hints.c.side == read.side, sa.or_(hints.c.state.in_(OPEN), died))
    oldest: float | None = conn.execute(sa.select(sa.func.min(hints.c.received_at)).where(mine)).scalar_one()
    return moment(oldest)
