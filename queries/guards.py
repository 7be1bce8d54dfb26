"""What the guards kept from happening, and what they had to take back."""

from __future__ import annotations

import pandas as pd
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from queries.register import Asked, frame, named
from sync.store.ledger import GUARDED
from sync.store.tables import ledger as table


@named("ledger", "Near misses, late writes refused, bookings taken away again, blocks put back; latest first.")
def noted(conn: Connection, asked: Asked) -> pd.DataFrame:
    """One row each in that time: at, kind, what (the appointment or else whose time it is about, by its id), start (of
    the visit; NaT where that is not known), visit and hint (their numbers, None where there is none). Nobody's name."""
    appointment = table.c.side + "/" + table.c.key
    what = sa.case((table.c.key != "", appointment), else_=table.c.person).label("what")
    statement = (
        sa.select(table.c.at, table.c.kind, what, table.c.start, table.c.visit, table.c.hint)
        .where(table.c.kind.in_(GUARDED), table.c.at >= asked.back, table.c.at <= asked.at)
        .order_by(table.c.at.desc(), table.c.id.desc())
    )
    return frame(conn, statement, ("at", "start"))
