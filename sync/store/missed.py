"""Webhooks that never came: what came, and what was learned of by looking or from the side's own list of events."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy import Connection

from sync.model import Ref, Side, Source
from sync.store import keeping
from sync.store.rows import chunks
from sync.store.tables import deliveries, hints
from sync.store.times import When, moment, seconds

TAKEN = 200
KEPT = "kept"
"""Status and reason of a delivery that became a hint."""
LOOKING = (Source.POLL, Source.SNAPSHOT, Source.EVENTS)
_SEARCHED = "events_searched"
_MET = "events_met"


@dataclass(frozen=True, slots=True)
class Learned:
    """A change that was learned of without a webhook: which version, when (UTC), and when the side says it was made."""

    ref: Ref
    version: int
    at: datetime
    changed_at: datetime | None


@dataclass(frozen=True, slots=True)
class Came:
    """A webhook that was taken: about what, when it came, when the side says that it happened (UTC)."""

    ref: Ref
    at: datetime
    source_at: datetime | None


def came_among(conn: Connection, side: Side, event_ids: Iterable[str]) -> set[str]:
    """Those of the events that were delivered and taken."""
    found: set[str] = set()
    mine = sa.and_(deliveries.c.side == side, deliveries.c.status == TAKEN)
    for some in chunks(event_ids):
        found.update(
            conn.execute(sa.select(deliveries.c.event_id).where(mine, deliveries.c.event_id.in_(some))).scalars()
        )
    return found


def came_since(conn: Connection, side: Side, since: When) -> tuple[Came, ...]:
    """The webhooks that brought news of an appointment since then, oldest first."""
    mine = sa.and_(deliveries.c.side == side, deliveries.c.status == TAKEN, deliveries.c.reason == KEPT)
    rows = conn.execute(sa.select(deliveries).where(mine, deliveries.c.at >= seconds(since)).order_by(deliveries.c.at))
    return tuple(Came(Ref(side, row.key), moment(row.at), moment(row.source_at)) for row in rows)


def learned_by_looking(conn: Connection, side: Side, since: When, until: When) -> tuple[Learned, ...]:
    """The changes between these times that a look or the list of events brought first."""
    these = sa.and_(
        hints.c.side == side,
        hints.c.source.in_([source.value for source in LOOKING]),
        hints.c.version.is_not(None),
        hints.c.received_at >= seconds(since),
        hints.c.received_at <= seconds(until),
    )
    rows = conn.execute(sa.select(hints).where(these).order_by(hints.c.id))
    return tuple(
        Learned(Ref(side, row.key), row.version, moment(row.received_at), moment(row.changed_at)) for row in rows
    )


def searched_until(conn: Connection) -> datetime | None:
    """How far the list of events was searched; None before the first search."""
    kept: float | None = keeping.get(conn, _SEARCHED)
    return moment(kept)


def events_met(conn: Connection) -> frozenset[str]:
    """The events that the last search met."""
    return frozenset(keeping.get(conn, _MET, []))


def keep_search(conn: Connection, until: datetime, met: Iterable[str], now: datetime) -> None:
    """Remember how far it was searched and what was met."""
    keeping.put(conn, _SEARCHED, seconds(until), now)
    keeping.put(conn, _MET, sorted(met), now)
