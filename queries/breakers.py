"""Which calendar is left alone just now, and why."""

from __future__ import annotations

from datetime import datetime

import pandas as pd
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from queries.register import Asked, frame, named
from sync.model import Breaker, Side
from sync.store.breakers import load
from sync.store.tables import breakers


@named("breakers", "Which calendar is left alone because it does not answer, since when, and when it is tried again.")
def states(conn: Connection, _asked: Asked) -> pd.DataFrame:
    """One row a side whose breaker was ever opened: side, state (closed, open, half), failures in a row, opened_at,
    until, reason (a sentence; the setting to blame in front), changed_at."""
    return frame(conn, sa.select(breakers).order_by(breakers.c.side), ("opened_at", "until", "changed_at"))


def left_alone(conn: Connection, since: datetime) -> dict[Side, Breaker]:
    """The sides that have not answered since that moment or longer, with why."""
    found = {side: load(conn, side) for side in Side}
    return {side: one for side, one in found.items() if one.opened_at is not None and one.opened_at <= since}


def each(conn: Connection) -> dict[Side, Breaker]:
    """Each side's breaker; closed where nothing was ever kept of it."""
    return {side: load(conn, side) for side in Side}
