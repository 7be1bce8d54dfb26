"""What the mirror and the pairs say is out of step, asked in SQL: a minute's look must not read a whole calendar."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection

from sync.model import Ref, Side
from sync.store.rows import chunks
from sync.store.tables import appointments, partners
from sync.store.times import When, moment, seconds


@dataclass(frozen=True, slots=True)
class Apart:
    """An appointment that shows something else than was agreed, or that nobody linked. `state` is another text for
    another difference. `visit` is None where it is in none. changed_at: when it last changed, by what we know (UTC)."""

    ref: Ref
    state: str
    visit: int | None
    changed_at: datetime


def changed_partners(conn: Connection, now: When) -> tuple[Apart, ...]:
    """Current partners of visits that have not ended and that show something else than was agreed, or are gone."""
    same = sa.and_(appointments.c.side == partners.c.side, appointments.c.key == partners.c.key)
    gone = appointments.c.gone_at.is_not(None)
    differs = sa.or_(gone, appointments.c.fingerprint != partners.c.agreed_fingerprint)
    statement = (
        sa.select(
            partners.c.side,
            partners.c.key,
            partners.c.visit,
            partners.c.agreed_fingerprint,
            appointments.c.fingerprint,
            appointments.c.changed_at,
            gone.label("gone"),
        )
        .join(appointments, same)
        .where(partners.c.current, appointments.c.end > seconds(now), differs)
        .order_by(partners.c.side, partners.c.key)
    )
    return tuple(
        Apart(
            Ref(Side(row.side), row.key),
            f"{'gone' if row.gone else row.fingerprint}|{row.agreed_fingerprint}",
            row.visit,
            moment(row.changed_at),
        )
        for row in conn.execute(statement)
    )


def unlinked(conn: Connection, now: When, first_seen_after: When) -> tuple[Apart, ...]:
    """What stands, has not ended, carries no mark of ours, was first seen after then and never was in a visit."""
    statement = (
        _alone(*(appointments.c[name] for name in ("side", "key", "fingerprint", "changed_at")), ever=True)
        .where(appointments.c.end > seconds(now), appointments.c.first_seen_at > seconds(first_seen_after))
        .order_by(appointments.c.side, appointments.c.key)
    )
    return tuple(
        Apart(Ref(Side(row.side), row.key), row.fingerprint, None, moment(row.changed_at))
        for row in conn.execute(statement)
    )


def alone_since(conn: Connection, side: Side, now: When, after: When, before: When) -> tuple[Ref, ...]:
    """What stands alone on a side, has not ended, and last changed after `after` and not after `before`."""
    statement = _alone(appointments.c.key, ever=False).where(
        appointments.c.side == side,
        appointments.c.end > seconds(now),
        appointments.c.changed_at >= seconds(after),
        appointments.c.changed_at <= seconds(before),
    )
    return tuple(Ref(side, key) for key in conn.execute(statement).scalars())


def partners_of(conn: Connection, visits: Iterable[int]) -> dict[int, frozenset[Ref]]:
    """The current partners of these visits."""
    found: dict[int, frozenset[Ref]] = {}
    for some in chunks(visits):
        these = sa.select(partners).where(partners.c.visit.in_(some), partners.c.current)
        for row in conn.execute(these):
            found[row.visit] = found.get(row.visit, frozenset()) | {Ref(Side(row.side), row.key)}
    return found


def _alone(*columns: sa.Column[Any], ever: bool) -> sa.Select[Any]:
    linked = sa.and_(partners.c.side == appointments.c.side, partners.c.key == appointments.c.key)
    linked = linked if ever else sa.and_(linked, partners.c.current)
    return (
        sa.select(*columns)
        .outerjoin(partners, linked)
        .where(
            partners.c.visit.is_(None),
            appointments.c.gone_at.is_(None),
            appointments.c.standing == "stands",
            appointments.c.mark.is_(None),
        )
    )
