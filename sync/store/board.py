"""The board a choice is decided on, put together from the store."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime

from sqlalchemy.engine import Connection

from sync.model import Appointment, Board, Pair, Ref, Side
from sync.store import keeping, mapping, mirror, pairs
from sync.store.lists import Lists, lists


def load_board(conn: Connection, now: datetime, start: datetime, end: datetime, refs: Iterable[Ref]) -> Board:
    """Everything that stands on both sides with busy time meeting start..end; `refs`, and the partners of all of them,
    whatever their standing and time; the pairs of all these, the people, services and maps.

    People are joined by the confirmed staff map only; those no longer listed are among them as not active.
    """
    wanted = set(refs)
    near = mirror.meeting(conn, start, end)
    known = pairs.pairs_of(conn, {*near, *wanted})
    shown = near | mirror.load(conn, {*wanted, *(p.ref for pair in known for p in pair.partners)} - near.keys())
    keys = {side: {client.key for ref, a in shown.items() if ref.side is side for client in a.clients} for side in Side}
    return board_of(lists(conn), now, shown, known, mapping.clients(conn, keys[Side.BOOKLY], keys[Side.SQUARE]))


def board_of(
    known: Lists,
    now: datetime,
    appointments: Mapping[Ref, Appointment],
    linked: tuple[Pair, ...],
    clients: Mapping[str, str] | None = None,
) -> Board:
    """A board of these appointments and pairs, with the people, services and maps that are known."""
    return Board(
        now=now,
        timezone=known.timezone,
        people=known.people,
        services=known.services,
        service_map=known.service_map,
        appointments=appointments,
        pairs=linked,
        clients=clients or {},
    )


def timezone_of(conn: Connection) -> str:
    """The salon's zone: the pinned one, else what Bookly said last, else UTC while nothing was read."""
    return keeping.pinned_timezone(conn) or mirror.directory(conn, Side.BOOKLY).timezone or "UTC"
