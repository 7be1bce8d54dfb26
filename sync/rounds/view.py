"""The view that findings are looked for in, put together from the store: whole, or what is around a few units."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta

from sqlalchemy import Connection

from sync.decide.view import Scope, View, WholeRead
from sync.model import Appointment, Pair, Ref, Side, people
from sync.store import findings, hints, mapping, mirror, pairs, runs
from sync.store.board import timezone_of
from sync.store.lists import listed
from sync.store.under_way import under_way

LATELY = timedelta(hours=1)
"""Changes older than this, and than each side's last whole read, are "long ago" to every rule."""


def whole_view(conn: Connection, now: datetime) -> View:
    """Both calendars as the mirror has them."""
    return _view(conn, now, mirror.load_all(conn), pairs.all_pairs(conn))


def view_around(conn: Connection, now: datetime, scope: Scope) -> View:
    """The units of `scope` and all that is connected with them: what their busy times meet, what those meet in turn,
    and the pairs of all and their partners; and what is withheld, which is one finding wherever it stands."""
    refs = around(conn, around(conn, mirror.refs_on(conn, scope)))
    refs |= _partners(conn, refs)
    refs |= {ref for side in Side if (read := runs.side_read(conn, side)) for ref in read.withheld}
    return _view(conn, now, mirror.load(conn, refs), pairs.pairs_of(conn, refs))


def around(conn: Connection, refs: Iterable[Ref]) -> set[Ref]:
    """These, the partners of their pairs, and whatever any of these meets: what one change may make another of."""
    found = set(refs)
    found |= _partners(conn, found)
    return found | mirror.refs_meeting(conn, found)


def _partners(conn: Connection, refs: Iterable[Ref]) -> set[Ref]:
    return {partner.ref for pair in pairs.pairs_of(conn, refs) for partner in pair.partners}


def _view(conn: Connection, now: datetime, shown: Mapping[Ref, Appointment], known: tuple[Pair, ...]) -> View:
    staff, services = listed(conn)
    reads = {side: read for side in Side if (read := runs.side_read(conn, side)) and read.whole_began_at}
    since = min([now - LATELY, *(read.whole_began_at for read in reads.values() if read.whole_began_at)])
    return View(
        now=now,
        appointments=shown,
        changed=mirror.changed_lately(conn, since),
        pairs=known,
        people=people(staff[Side.BOOKLY], staff[Side.SQUARE], mapping.staff_map(conn)),
        services=services,
        service_map=mapping.service_map(conn),
        clients=mapping.clients(conn),
        reads={s: WholeRead(r.whole_began_at, r.window) for s, r in reads.items() if r.whole_began_at and r.window},
        timezone=timezone_of(conn),
        told_apart=findings.told_apart(conn),
        judged=hints.left_for_people(conn, now - LATELY),
        under_way=under_way(conn),
        vanished=_vanished(known, shown),
        withheld={side: read.withheld for side, read in reads.items() if read.withheld},
    )


def _vanished(known: tuple[Pair, ...], shown: Mapping[Ref, Appointment]) -> dict[Ref, Appointment]:
    """Visits gone from the side that owns them, as last agreed: nobody is known to have meant it."""
    return {
        partner.ref: partner.agreed
        for pair in known
        for partner in pair.current(pair.owner)
        if partner.ref not in shown and partner.agreed is not None
    }
