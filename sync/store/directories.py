"""Who works on each side and what they do, as last listed."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from sync.model import Directory, Service, Side, StaffMember, plain
from sync.store import keeping
from sync.store.rows import upsert
from sync.store.tables import services, sides, staff
from sync.store.times import When, seconds


def take_directory(conn: Connection, directory: Directory, read_began_at: When) -> None:
    """Keep what a side lists. Who is no longer listed stays known as not active; an older list changes nothing."""
    began = seconds(read_began_at)
    for table, listed in ((staff, directory.staff), (services, directory.services)):
        _take(conn, table, listed, directory.side, began)


def directory(conn: Connection, side: Side) -> Directory:
    """The side's directory as last listed, those no longer listed included as not active. Empty, and without a time
    zone, while the side was never read whole."""
    timezone = conn.execute(sa.select(sides.c.timezone).where(sides.c.side == side)).scalar()
    return Directory(side, timezone or "", _members(conn, side), _services(conn, side))


def _take(
    conn: Connection, table: sa.Table, listed: Sequence[StaffMember] | Sequence[Service], side: Side, began: float
) -> None:
    newest = conn.execute(sa.select(sa.func.max(table.c.read_began_at)).where(table.c.side == side)).scalar()
    if newest is not None and newest > began:
        return
    before = _shown(conn, table, side)
    conn.execute(table.update().where(table.c.side == side).values(active=False))
    rows = [
        {
            "side": side,
            "id": one.id,
            "name": one.name,
            "active": one.active,
            "content": plain(one),
            "read_began_at": began,
        }
        for one in listed
    ]
    upsert(conn, table, rows)
    if _shown(conn, table, side) != before:
        keeping.count(conn, keeping.LISTS_CHANGE, began)


def _shown(conn: Connection, table: sa.Table, side: Side) -> list[tuple[Any, ...]]:
    rows = conn.execute(sa.select(table.c.id, table.c.active, table.c.content).where(table.c.side == side))
    return sorted((row.id, row.active, json.dumps(row.content, sort_keys=True)) for row in rows)


def _members(conn: Connection, side: Side) -> tuple[StaffMember, ...]:
    rows = conn.execute(sa.select(staff).where(staff.c.side == side).order_by(staff.c.id))
    return tuple(_member(row.content, row.active) for row in rows)


def _services(conn: Connection, side: Side) -> tuple[Service, ...]:
    rows = conn.execute(sa.select(services).where(services.c.side == side).order_by(services.c.id))
    return tuple(Service(**(row.content | {"side": side, "active": row.active})) for row in rows)


def _member(content: Mapping[str, Any], active: bool) -> StaffMember:
    lists = {
        "services": frozenset(content["services"]),
        "hours": tuple((day, start, end) for day, start, end in content["hours"]),
        "days_off": frozenset(content["days_off"]),
    }
    return StaffMember(**({**content} | lists | {"side": Side(content["side"]), "active": active}))
