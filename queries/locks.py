"""Who holds which time just now."""

from __future__ import annotations

import pandas as pd
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from queries.register import Asked, frame, named
from sync.store.tables import claims, leases


@named("locks", "Who holds which staff member's time or which visit just now.")
def held(conn: Connection, asked: Asked) -> pd.DataFrame:
    """One row a claim of a lease that has not run out, oldest lease first."""
    statement = (
        sa.select(leases, claims.c.subject, claims.c.start, claims.c.end)
        .join(claims, claims.c.token == leases.c.token)
        .where(leases.c.expires_at > asked.at)
        .order_by(leases.c.granted_at, claims.c.number)
    )
    return frame(conn, statement, ("granted_at", "expires_at", "start", "end"))
