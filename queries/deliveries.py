"""What the calendars told us by themselves, and what we answered."""

from __future__ import annotations

import pandas as pd
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from queries.register import Asked, frame, named
from sync.store.tables import deliveries as table


@named("deliveries", "Every webhook that came in that time, refused ones too, with our answer; latest first.")
def listed(conn: Connection, asked: Asked) -> pd.DataFrame:
    """One row a delivery, all its columns."""
    statement = sa.select(table).where(table.c.at >= asked.back).order_by(table.c.at.desc(), table.c.id.desc())
    return frame(conn, statement, ("at", "source_at"))
