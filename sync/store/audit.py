"""The audit: who did what, when, what stood there, what was sent, what came back."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection

from sync.store.tables import audit as table
from sync.store.times import seconds


def note(
    conn: Connection,
    *,
    who: str,
    role: str,
    what: str,
    now: datetime,
    request: int | None = None,
    stood: Any = None,
    sent: Any = None,
    answered: Any = None,
) -> None:
    """Add a row. `stood`, `sent` and `answered` are plain JSON values with clients' data: they stay in the store."""
    conn.execute(
        table.insert().values(
            at=seconds(now),
            who=who,
            role=role,
            what=what,
            request=request,
            stood=stood,
            sent=sent,
            answered=answered,
        )
    )


def of_request(conn: Connection, request: int) -> tuple[sa.Row[Any], ...]:
    """The rows of one request, in order."""
    return tuple(conn.execute(sa.select(table).where(table.c.request == request).order_by(table.c.id)))
