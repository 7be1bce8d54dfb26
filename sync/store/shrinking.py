"""What the shrink guard counts of the last minutes (ENGINE, "Shrink guard"). Everything here only reads."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import Connection

from sync.model import Ref, Side
from sync.store import intents, mirror, runs

LATELY = timedelta(minutes=15)
"""What went within this time counts together: a slow leak is one too."""


def counted_since(conn: Connection, side: Side, now: datetime) -> datetime:
    """From when on losses count (UTC): a quarter of an hour, and nothing that a person has called real."""
    return max(now - LATELY, runs.real_since(conn, side))


def lost_lately(conn: Connection, side: Side, now: datetime) -> frozenset[Ref]:
    """What went from a side in that time, but for what we took away ourselves."""
    gone = mirror.gone_lately(conn, side, counted_since(conn, side, now))
    return gone - intents.withdrawn(conn, gone)
