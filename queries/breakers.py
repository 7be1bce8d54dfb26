"""Which calendar is left alone just now, and why."""

from __future__ import annotations

import pandas as pd
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from queries.register import Asked, frame, named
from sync.store.tables import breakers


@named("breakers", "Which calendar is left alone because it does not answer, since when, and when it is tried again.")
def states(conn: Connection, _asked: Asked) -> pd.DataFrame:
    """One row a side whose breaker was ever opened: side, state (closed, open, half), failures in a row, opened_at,
    until, reason (a sentence; the setting to blame in front), changed_at."""
    return frame(conn, sa.select(breakers).order_by(breakers.c.side), ("opened_at", "until", "changed_at"))
