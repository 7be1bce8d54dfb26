"""Which clicks wait for a lock that somebody else holds, and since when. Only the screen asks.

They are few and short-lived, so they lie among what is kept by name. Functions that change something need a `writing`
connection; times are aware datetimes or seconds since 1970 in UTC.
"""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy import Connection

from sync.store import keeping
from sync.store.tables import keeping as table
from sync.store.tables import requests
from sync.store.times import When, moment, seconds

WAITS = "click_waits:"
FORGOTTEN_AFTER = 86_400.0


def known(conn: Connection, request: int) -> bool:
    """Whether this click is known to wait."""
    return bool(keeping.get(conn, f"{WAITS}{request}"))


def began(conn: Connection, request: int, now: When) -> None:
    """It found its lock busy. What is a day old is forgotten."""
    at = seconds(now)
    conn.execute(table.delete().where(_is_wait(), table.c.changed_at < at - FORGOTTEN_AFTER))
    keeping.put(conn, f"{WAITS}{request}", at, at)


def over(conn: Connection, request: int) -> None:
    """It waits for something else by now."""
    conn.execute(table.delete().where(table.c.key == f"{WAITS}{request}"))


def since(conn: Connection) -> dict[int, datetime]:
    """When each click that waits for a lock just now first found it busy (UTC), by its number."""
    rows = conn.execute(sa.select(table.c.key, table.c.value).where(_is_wait()))
    found = {int(row.key.removeprefix(WAITS)): moment(row.value) for row in rows}
    waiting = sa.select(requests.c.id).where(requests.c.state == "waiting", requests.c.id.in_(list(found)))
    return {number: found[number] for number in conn.execute(waiting).scalars()}


def _is_wait() -> sa.ColumnElement[bool]:
    return table.c.key.startswith(WAITS, autoescape=True)
