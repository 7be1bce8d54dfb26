"""People, services, their map and the time zone, which everything is decided with and which change seldom.

They are put together once a process and again when any of it changed, which one statement tells.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from threading import Lock
from typing import Any
from weakref import WeakKeyDictionary

import sqlalchemy as sa
from sqlalchemy import Connection, Engine

from sync.model import OWN_TIME, Person, Service, Side, StaffMember, people
from sync.store import keeping, mapping
from sync.store.directories import directory
from sync.store.tables import sides

_STAMP = (keeping.MAPPING_CHANGE, keeping.LISTS_CHANGE, keeping.PINNED_TIMEZONE)

Stamp = tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class Lists:
    """People joined by the confirmed staff map, the services of both sides, Bookly's service to Square's, the zone."""

    people: tuple[Person, ...]
    services: tuple[Service, ...]
    service_map: Mapping[str, str]
    timezone: str


_known: WeakKeyDictionary[Engine, tuple[Stamp, Lists]] = WeakKeyDictionary()
_turn = Lock()


def lists(conn: Connection) -> Lists:
    """The lists as they are now."""
    kept = keeping.some(conn, _STAMP)
    pinned = kept.get(keeping.PINNED_TIMEZONE)
    stamp = (*(kept.get(key) for key in _STAMP), None if pinned else _zone_shown(conn))
    with _turn:
        known = _known.get(conn.engine)
    if known is not None and known[0] == stamp:
        return known[1]
    fresh = _put_together(conn, str(pinned or stamp[-1] or "UTC"))
    with _turn:
        _known[conn.engine] = (stamp, fresh)
    return fresh


def listed(conn: Connection) -> tuple[dict[Side, tuple[StaffMember, ...]], tuple[Service, ...]]:
    """Each side's staff, and the services of both, as last listed, with Bookly's time without a service among them;
    nothing of a side never read."""
    found = {side: directory(conn, side) for side in Side}
    services = tuple(service for there in found.values() for service in there.services)
    own = (OWN_TIME,) if found[Side.BOOKLY].services else ()
    return {side: there.staff for side, there in found.items()}, services + own


def _put_together(conn: Connection, timezone: str) -> Lists:
    staff, services = listed(conn)
    return Lists(
        people(staff[Side.BOOKLY], staff[Side.SQUARE], mapping.staff_map(conn)),
        services,
        mapping.service_map(conn),
        timezone,
    )


def _zone_shown(conn: Connection) -> str | None:
    shown: str | None = conn.execute(sa.select(sides.c.timezone).where(sides.c.side == Side.BOOKLY)).scalar()
    return shown
