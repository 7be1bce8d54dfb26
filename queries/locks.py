"""Who holds which time just now, who waits for it, and how often that happens."""

from __future__ import annotations

from datetime import timedelta

import pandas as pd
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from queries.register import Asked, frame, named
from sync.store.tables import grants, hints, leases, requests, tallies

BUSY = "busy"
"""The reason of a hint or a click that waits for a lease."""
GRANTED, WAS_BUSY = "lock_granted", "lock_busy"
"""How askings for a lock are counted."""
MINUTES_KEPT = timedelta(days=2)
"""Counts by the minute are kept this long; before that, by the hour."""


@named("locks", "Who holds which staff member's time or which visit just now.")
def held(conn: Connection, asked: Asked) -> pd.DataFrame:
    """One row a claim of a lease that has not run out, oldest lease first; `end` is NaT for a visit as a whole."""
    whole = grants.c.subject.startswith("visit:")  # claimed until a year that no timestamp reaches
    statement = (
        sa.select(leases, grants.c.subject, grants.c.start, sa.case((whole, None), else_=grants.c.end).label("end"))
        .join(grants, grants.c.token == leases.c.token)
        .where(leases.c.expires_at > asked.at)
        .order_by(leases.c.granted_at, grants.c.number)
    )
    return frame(conn, statement, ("granted_at", "expires_at", "start", "end"))


def stamp(conn: Connection) -> tuple[object, ...]:
    """Something that differs as soon as somebody else holds a lock, or waits for one."""
    held = sa.select(sa.func.max(leases.c.token), sa.func.sum(leases.c.expires_at)).subquery()
    waits = sa.select(sa.func.count()).where(hints.c.state == "waiting", hints.c.reason == BUSY).scalar_subquery()
    clicks = sa.select(requests.c.id).where(_click_waits())
    return (*conn.execute(sa.select(held, waits)).one(), *conn.execute(clicks).scalars())


@named("locks-waiting", "Who waits for somebody else's lock just now, longest first.")
def waiting(conn: Connection, asked: Asked) -> pd.DataFrame:
    """One row a hint that waits for a lease: id, side, key, visit, visit_start, waits (how often it was put back),
    received_at, due_at, and waited in seconds since it was received."""
    columns = ("id", "side", "key", "visit", "visit_start", "waits", "received_at", "due_at")
    statement = (
        sa.select(*(hints.c[name] for name in columns))
        .where(hints.c.state == "waiting", hints.c.reason == BUSY)
        .order_by(hints.c.received_at, hints.c.id)
    )
    found = frame(conn, statement, ("visit_start", "received_at", "due_at"))
    return found.assign(waited=(pd.Timestamp(asked.now) - found["received_at"]).dt.total_seconds())


@named("locks-clicks-waiting", "Which clicks wait for somebody else's lock just now, longest first.")
def clicks_waiting(conn: Connection, asked: Asked) -> pd.DataFrame:
    """One row a click: id (the request's), kind (of the choice), side and key (of the appointment, None where it names
    none), asked_at, since (when it first found the lock busy), and waited in seconds since then."""
    columns = (requests.c.id, requests.c.choice, requests.c.asked_at, requests.c.waits_since.label("since"))
    found = frame(conn, sa.select(*columns).where(_click_waits()), ("asked_at", "since"))
    refs = [choice.get("ref") or {} for choice in found["choice"]]
    told = found.assign(
        kind=[choice["kind"] for choice in found["choice"]],
        side=pd.Series([ref.get("side") for ref in refs], dtype=object),
        key=pd.Series([ref.get("key") for ref in refs], dtype=object),
        waited=(pd.Timestamp(asked.now) - found["since"]).dt.total_seconds(),
    )
    order = ["id", "kind", "side", "key", "asked_at", "since", "waited"]
    return told[order].sort_values(["since", "id"], ignore_index=True)


def _click_waits() -> sa.ColumnElement[bool]:
    return sa.and_(requests.c.state == "waiting", requests.c.waits_for == BUSY)


@named("locks-contention", "How often a lock was busy when it was asked for, over that time.")
def contention(conn: Connection, asked: Asked) -> pd.DataFrame:
    """Columns at (the minute; the hour where more than two days are asked for), granted, busy, rate (busy of all
    askings, 0 to 1)."""
    grain = "minute" if asked.since <= MINUTES_KEPT else "hour"

    def count_of(name: str) -> sa.ColumnElement[int]:
        return sa.func.sum(sa.case((tallies.c.name == name, tallies.c.value), else_=0))

    statement = (
        sa.select(tallies.c.at, count_of(GRANTED).label("granted"), count_of(WAS_BUSY).label("busy"))
        .where(tallies.c.grain == grain, tallies.c.name.in_((GRANTED, WAS_BUSY)))
        .where(tallies.c.at >= asked.back, tallies.c.at <= asked.at)
        .group_by(tallies.c.at)
        .order_by(tallies.c.at)
    )
    found = frame(conn, statement, ("at",)).astype({"granted": "int64", "busy": "int64"})
    return found.assign(rate=found["busy"] / (found["granted"] + found["busy"]).clip(lower=1))
