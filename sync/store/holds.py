"""Holds as rows of the store; nothing of them is ever written to Bookly or Square, and no pull, finding or plan sees
them. What runs out stays, marked, until it is forgotten.

All functions that change something need a `writing` connection. Times are aware datetimes or seconds since 1970 in UTC.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from typing import Any
from uuid import uuid4

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from sync.model import Ref, Span
from sync.model.holds import Hold, HoldState
from sync.store import tallies
from sync.store.connection import driver_of
from sync.store.tables import holds as table
from sync.store.times import When, moment, seconds

REPLACED = "replaced"
"""Why a hold was released whose client chose another time over it."""


def make(conn: Connection, span: Span, client: str, now: When, lasting: timedelta) -> Hold:
    """Hold a person's busy time (the span's `staff` is the person id) for a client."""
    at = seconds(now)
    row = {
        "id": uuid4().hex,
        "person": span.staff,
        "start": seconds(span.busy_start),
        "end": seconds(span.busy_end),
        "client": client,
        "state": HoldState.HELD,
        "made_at": at,
        "expires_at": at + lasting.total_seconds(),
    }
    conn.execute(table.insert().values(row))
    _count(conn, HoldState.HELD, 1, now)
    made = get(conn, str(row["id"]))
    assert made is not None
    return made


def release(conn: Connection, hold_id: str, now: When, reason: str = HoldState.RELEASED) -> bool:
    """The client lets go. False when there was nothing to let go of any more."""
    return _end(conn, [hold_id], HoldState.RELEASED, reason, now)


def consume(conn: Connection, hold_id: str, ref: Ref, now: When) -> bool:
    """The client's booking takes its place. False when it had ended already."""
    return _end(conn, [hold_id], HoldState.CONSUMED, HoldState.CONSUMED, now, str(ref))


def lose(conn: Connection, hold_id: str, ref: Ref, now: When) -> bool:
    """Another visit stands there. False when it had ended already."""
    return _end(conn, [hold_id], HoldState.LOST, "taken", now, str(ref))


def expire(conn: Connection, now: When) -> int:
    """Mark what ran out, and say how many did."""
    if not any_held(conn):
        return 0
    done = conn.execute(
        table.update()
        .where(table.c.state == HoldState.HELD, table.c.expires_at <= seconds(now))
        .values(state=HoldState.EXPIRED, reason=HoldState.EXPIRED, ended_at=table.c.expires_at)
    )
    _count(conn, HoldState.EXPIRED, done.rowcount, now)
    return done.rowcount


def forget_before(conn: Connection, before: When) -> int:
    """Drop what ended before then, and say how many."""
    ended = sa.and_(table.c.state != HoldState.HELD, table.c.ended_at < seconds(before))
    return conn.execute(table.delete().where(ended)).rowcount


# --- reading --------------------------------------------------------------------------------------------------------


def get(conn: Connection, hold_id: str) -> Hold | None:
    """One hold; None when there is none of that id."""
    row = conn.execute(sa.select(table).where(table.c.id == hold_id)).first()
    return _hold(row) if row is not None else None


def any_held(conn: Connection) -> bool:
    """Whether a hold lives, or ran out and is not marked yet: mostly none."""
    held = "SELECT 1 FROM holds WHERE state = :held LIMIT 1"
    return driver_of(conn).execute(held, {"held": HoldState.HELD.value}).fetchone() is not None


def meeting(conn: Connection, spans: Iterable[Span], now: When) -> tuple[Hold, ...]:
    """What lives and reaches into the busy time of these spans (their `staff` person ids), oldest first."""
    meets = [
        sa.and_(table.c.person == s.staff, table.c.start < seconds(s.busy_end), table.c.end > seconds(s.busy_start))
        for s in spans
    ]
    if not meets or not any_held(conn):
        return ()
    rows = conn.execute(sa.select(table).where(sa.or_(*meets), _lives(now)).order_by(table.c.made_at, table.c.id))
    return tuple(_hold(row) for row in rows)


def of_client(conn: Connection, client: str, now: When) -> tuple[Hold, ...]:
    """What lives and is this client's, oldest first."""
    rows = conn.execute(
        sa.select(table).where(table.c.client == client, _lives(now)).order_by(table.c.made_at, table.c.id)
    )
    return tuple(_hold(row) for row in rows)


def open_in_all(conn: Connection, now: When) -> int:
    """How many live."""
    return int(conn.execute(sa.select(sa.func.count()).select_from(table).where(_lives(now))).scalar_one())


# --- helpers --------------------------------------------------------------------------------------------------------


def _lives(now: When) -> sa.ColumnElement[bool]:
    return sa.and_(table.c.state == HoldState.HELD, table.c.expires_at > seconds(now))


def _end(conn: Connection, ids: list[str], state: HoldState, reason: str, now: When, ref: str = "") -> bool:
    values: dict[str, Any] = {"state": state, "reason": reason, "ended_at": seconds(now), "ref": ref[:80]}
    done = conn.execute(table.update().where(table.c.id.in_(ids), _lives(now)).values(values))
    _count(conn, state, done.rowcount, now)
    return done.rowcount > 0


def _count(conn: Connection, state: HoldState, number: int, now: When) -> None:
    """What became of holds is measured in the transaction in which it happens."""
    if number:
        tallies.add(conn, {("holds", state.value): number}, now)


def _hold(row: sa.Row[Any]) -> Hold:
    return Hold(
        id=row.id,
        person=row.person,
        start=moment(row.start),
        end=moment(row.end),
        client=row.client,
        state=HoldState(row.state),
        reason=row.reason,
        made_at=moment(row.made_at),
        expires_at=moment(row.expires_at),
        ended_at=moment(row.ended_at),
        ref=row.ref,
    )
