"""The board: what is known around a finding, put together from the mirror for previews and choices."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy import Connection

from sync.model import Board, Ref, Service, Side, StaffMember, people
from sync.store import mapping, mirror, pairs
from sync.store.directories import directory
from sync.store.keeping import pinned_timezone
from sync.store.tables import sides


def load_board(conn: Connection, now: datetime, start: datetime, end: datetime, refs: Iterable[Ref]) -> Board:
    """Everything that stands on either side between `start` and `end`, `refs` and their partners whatever their state,
    the pairs of all these, and who works there. All from the mirror; times in UTC."""
    wanted = set(refs)
    near = {a.ref: a for a in mirror.appointments_between(conn, start, end) if a.stands}
    known = pairs.pairs_of(conn, wanted | set(near))
    named = wanted | {partner.ref for pair in known for partner in pair.partners}
    near.update(mirror.load(conn, named - set(near)))
    staff, services = listed(conn)
    return Board(
        now=now,
        timezone=timezone_of(conn),
        people=people(staff[Side.BOOKLY], staff[Side.SQUARE], mapping.staff_map(conn)),
        services=services,
        service_map=mapping.service_map(conn),
        appointments=near,
        pairs=known,
        clients=mapping.clients(conn),
    )


def listed(conn: Connection) -> tuple[dict[Side, tuple[StaffMember, ...]], tuple[Service, ...]]:
    """Each side's staff, and the services of both, as last listed; nothing of a side never read."""
    found = {side: directory(conn, side) for side in Side}
    staff = {side: there.staff if there else () for side, there in found.items()}
    return staff, tuple(service for there in found.values() if there for service in there.services)


def timezone_of(conn: Connection) -> str:
    """The salon's zone: the pinned one, else what a side last said, else UTC."""
    pinned = pinned_timezone(conn)
    if pinned:
        return pinned
    said = conn.execute(sa.select(sides.c.timezone).where(sides.c.timezone != "").order_by(sides.c.side)).scalar()
    return str(said or "UTC")
