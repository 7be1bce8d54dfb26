"""The board a choice is decided on, put together from the store."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime

from sqlalchemy.engine import Connection

from sync.model import Appointment, Board, Ref, Service, Side, StaffMember, people
from sync.store import keeping, mapping, mirror, pairs


def load_board(conn: Connection, now: datetime, start: datetime, end: datetime, refs: Iterable[Ref]) -> Board:
    """Everything that stands on both sides with busy time meeting start..end; `refs`, and the partners of all of them,
    whatever their standing and time; the pairs of all these, the people, services and maps.

    People are joined by the confirmed staff map only; those no longer listed are among them as not active.
    """
    wanted = set(refs)
    wanted |= {partner.ref for pair in pairs.pairs_of(conn, wanted) for partner in pair.partners}
    near = mirror.meeting(conn, start, end)
    wanted |= {partner.ref for pair in pairs.pairs_of(conn, near) for partner in pair.partners}
    shown = near | mirror.load(conn, wanted)
    staff, services = listed(conn)
    return Board(
        now=now,
        timezone=timezone_of(conn),
        people=people(staff[Side.BOOKLY], staff[Side.SQUARE], mapping.staff_map(conn)),
        services=services,
        service_map=mapping.service_map(conn),
        appointments=shown,
        pairs=pairs.pairs_of(conn, {*shown, *wanted}),
        clients=_clients(conn, shown),
    )


def listed(conn: Connection) -> tuple[dict[Side, tuple[StaffMember, ...]], tuple[Service, ...]]:
    """Each side's staff, and the services of both, as last listed; nothing of a side never read."""
    found = {side: mirror.directory(conn, side) for side in Side}
    services = tuple(service for there in found.values() for service in there.services)
    return {side: there.staff for side, there in found.items()}, services


def timezone_of(conn: Connection) -> str:
    """The salon's zone: the pinned one, else what Bookly said last, else UTC while nothing was read."""
    return keeping.pinned_timezone(conn) or mirror.directory(conn, Side.BOOKLY).timezone or "UTC"


def _clients(conn: Connection, shown: Mapping[Ref, Appointment]) -> dict[str, str]:
    keys = {side: {client.key for ref, a in shown.items() if ref.side is side for client in a.clients} for side in Side}
    return mapping.clients(conn, keys[Side.BOOKLY], keys[Side.SQUARE])
