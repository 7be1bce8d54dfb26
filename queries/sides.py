"""How the two calendars were read, and what the house remembers about itself."""

from __future__ import annotations

from typing import Any

import pandas as pd
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from queries.register import Asked, frame, named
from sync.store.keeping import CHANGE_COUNTER
from sync.store.looks import LOOK
from sync.store.polls import SIGN
from sync.store.tables import breakers, findings, keeping, requests, runs, sides


@named("sides", "How each calendar was last read whole, and since when it cannot be.")
def readings(conn: Connection, _asked: Asked) -> pd.DataFrame:
    """One row a side that was ever tried."""
    times = ("whole_began_at", "window_start", "window_end", "failing_since")
    return frame(conn, sa.select(sides).order_by(sides.c.side), times)


@named("keeping", "What is switched and remembered: paused, writing, time zone, signs of life.")
def kept(conn: Connection, _asked: Asked) -> pd.DataFrame:
    """One row a key."""
    return frame(conn, sa.select(keeping).order_by(keeping.c.key), ("changed_at",))


def values(conn: Connection) -> dict[str, Any]:
    """Everything that is kept, by key."""
    return {row.key: row.value for row in conn.execute(sa.select(keeping.c.key, keeping.c.value))}


def stamp(conn: Connection) -> tuple[object, ...]:
    """Something that differs as soon as a screen would show something else; signs of life are no news, but a visit that
    was read anew is."""
    signs = sa.or_(*(keeping.c.key.like(f"{beginning}%") for beginning in ("worker:", SIGN, LOOK)))
    switches = sa.select(sa.func.max(keeping.c.changed_at)).where(sa.not_(signs))
    change = sa.select(keeping.c.value).where(keeping.c.key == CHANGE_COUNTER)
    row = conn.execute(
        sa.select(
            switches.scalar_subquery(),
            change.scalar_subquery(),
            _newest(runs.c.id),
            _newest(runs.c.ended_at),
            _newest(runs.c.started_at),
            _newest(requests.c.id),
            _newest(requests.c.ended_at),
            _newest(findings.c.id),
            _newest(findings.c.closed_at),
            _newest(breakers.c.opened_at),
        )
    ).one()
    return tuple(row)


def _newest(column: sa.Column[Any]) -> sa.ScalarSelect[Any]:
    return sa.select(sa.func.max(column)).scalar_subquery()
