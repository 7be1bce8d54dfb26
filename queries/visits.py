"""The visits both calendars show."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

import pandas as pd
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from queries.register import Asked, frame, named
from sync.store.tables import appointments, partners, spans, visits

LONGEST = timedelta(hours=24)
"""No visit is longer than a day, so a search by its beginning need not look further back."""


def between(conn: Connection, start: datetime, end: datetime) -> pd.DataFrame:
    """Every part that stands and meets start..end (UTC), one row each, in time order.

    Columns side, key, part, unit, staff (the side's own id), start, end, clients (list of names), persons, service,
    label, shown_for (True where we put it there for a visit of the other side).
    """
    first = (start - LONGEST).timestamp()
    statement = (
        sa.select(spans, appointments.c.content, _owner())
        .join(appointments, sa.and_(appointments.c.side == spans.c.side, appointments.c.key == spans.c.key))
        .where(
            appointments.c.start >= first,
            appointments.c.start < end.timestamp(),
            appointments.c.gone_at.is_(None),
            spans.c.stands,
            spans.c.end > start.timestamp(),
            spans.c.start < end.timestamp(),
        )
        .order_by(spans.c.start, spans.c.side, spans.c.key, spans.c.part)
    )
    found = frame(conn, statement, ("start", "end"))
    said = [_said(content, part) for content, part in zip(found["content"], found["part"], strict=True)]
    words = pd.DataFrame(said, columns=["clients", "persons", "service", "label"], index=found.index)
    shown_for = found["owner"].notna() & (found["owner"] != found["side"])
    kept = found[["side", "key", "part", "unit", "staff", "start", "end"]]
    return pd.concat([kept, words], axis=1).assign(shown_for=shown_for.astype(bool))


def _owner() -> sa.ScalarSelect[str]:
    """The side where a person made the visit this appointment is a current partner of."""
    return (
        sa.select(visits.c.owner)
        .join(partners, partners.c.visit == visits.c.id)
        .where(partners.c.side == spans.c.side, partners.c.key == spans.c.key, partners.c.current)
        .correlate(spans)
        .scalar_subquery()
        .label("owner")  # type: ignore[return-value]
    )


def _said(content: Mapping[str, Any], part: int) -> tuple[list[str], int, str, str]:
    names = [client["name"] for client in content["clients"] if client["name"]]
    parts = content["parts"]
    service = parts[part]["service_name"] if part < len(parts) else ""
    return names, int(content["persons"]), service, str(content.get("label") or "")


@named("visits", "The visits that stand from now on, for as long as asked for, in time order.")
def ahead(conn: Connection, asked: Asked) -> pd.DataFrame:
    """As `between`, from now until now + since."""
    return between(conn, asked.now, asked.now + asked.since)


@named("visits-count", "How many appointments each calendar has ahead, by whether they stand.")
def counts(conn: Connection, asked: Asked) -> pd.DataFrame:
    """Columns side, standing, count."""
    statement = (
        sa.select(appointments.c.side, appointments.c.standing, sa.func.count().label("count"))
        .where(appointments.c.end > asked.at, appointments.c.gone_at.is_(None))
        .group_by(appointments.c.side, appointments.c.standing)
        .order_by(appointments.c.side, appointments.c.standing)
    )
    return frame(conn, statement)


def next_start(conn: Connection, after: datetime) -> datetime | None:
    """When the next standing visit begins after a moment; None when nothing is ahead."""
    statement = sa.select(sa.func.min(appointments.c.start)).where(
        appointments.c.start >= after.timestamp(),
        appointments.c.standing == "stands",
        appointments.c.gone_at.is_(None),
    )
    found = conn.execute(statement).scalar()
    return datetime.fromtimestamp(found, tz=after.tzinfo) if found is not None else None
