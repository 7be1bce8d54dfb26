"""The mirror: our copy of both calendars, as last read. What is gone is kept, and handed out only where that is said.

`commit_snapshot` and `record` take reads in and need a `writing` connection; all else only reads.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any

import numpy as np
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from sync.model import Appointment, Ref, Side, Window, appointment_from
from sync.store import keeping
from sync.store.connection import driver_of, from_json
from sync.store.directories import directory, take_directory
from sync.store.prepared import Prepared
from sync.store.rows import named, ref_chunks
from sync.store.tables import appointments, spans, staff_map
from sync.store.taking import LONGEST, SnapshotCounts, commit_snapshot, record, stored
from sync.store.times import When, moment, seconds

__all__ = [
    "SnapshotCounts",
    "all_standing_columns",
    "appointments_between",
    "appointments_on_units",
    "changed_lately",
    "changed_since",
    "commit_snapshot",
    "count_ahead",
    "directory",
    "ending_after",
    "ever_shown",
    "gone_lately",
    "known_ahead",
    "known_refs",
    "known_until",
    "last_shown",
    "load",
    "load_all",
    "marked",
    "meeting",
    "record",
    "refs_meeting",
    "refs_on",
    "standing_around",
    "take_directory",
]

_THERE = appointments.c.gone_at.is_(None)


def load(conn: Connection, refs: Iterable[Ref]) -> dict[Ref, Appointment]:
    """The appointments of these names; those that are gone or were never seen are left out."""
    return stored(conn, refs)


def load_all(conn: Connection) -> dict[Ref, Appointment]:
    """Everything that is there on both sides."""
    return _loaded(conn)


def last_shown(conn: Connection, refs: Iterable[Ref]) -> dict[Ref, Appointment]:
    """What appointments that are gone showed last; those that are there, or were never seen, are left out."""
    return stored(conn, refs, gone=True)


def ever_shown(conn: Connection, refs: Iterable[Ref]) -> tuple[dict[Ref, Appointment], frozenset[Ref]]:
    """What these show, or showed last; and which of them are gone."""
    found, gone, db = {}, set(), driver_of(conn)
    for side, keys in ref_chunks(refs):
        places, given = named(keys)
        these = f'SELECT content, gone_at FROM appointments WHERE side = :side AND "key" IN ({places})'
        for content, gone_at in db.execute(these, {"side": side.value, **given}).fetchall():
            if shown := from_json(db, content):
                appointment = appointment_from(shown)
                found[appointment.ref] = appointment
                gone |= {appointment.ref} if gone_at is not None else set()
    return found, frozenset(gone)


def known_refs(conn: Connection, side: Side, window: Window) -> frozenset[Ref]:
    """What is there on a side and starts in the window, whatever its standing."""
    statement = sa.select(appointments.c.key).where(
        appointments.c.side == side,
        appointments.c.start >= seconds(window.start),
        appointments.c.start < seconds(window.end),
        _THERE,
    )
    return frozenset(Ref(side, key) for key in conn.execute(statement).scalars())


def known_until(conn: Connection, side: Side, since: When) -> frozenset[Ref]:
    """What is there on a side and ends after then, whatever its standing."""
    late = (appointments.c.side == side, appointments.c.end > seconds(since), _THERE)
    return frozenset(Ref(side, key) for key in conn.execute(sa.select(appointments.c.key).where(*late)).scalars())


def ending_after(conn: Connection, refs: Iterable[Ref], since: When) -> frozenset[Ref]:
    """Those of these that end after then, by what they show or, where they are gone, showed last."""
    found: set[Ref] = set()
    for side, keys in ref_chunks(refs):
        late = (appointments.c.side == side, appointments.c.key.in_(keys), appointments.c.end > seconds(since))
        found.update(Ref(side, key) for key in conn.execute(sa.select(appointments.c.key).where(*late)).scalars())
    return frozenset(found)


def known_ahead(conn: Connection, side: Side, now: When) -> dict[Ref, Appointment]:
    """What stands on a side and starts at `now` or after it: what a read is measured against before it is believed."""
    return _loaded(
        conn,
        appointments.c.side == side,
        appointments.c.standing == "stands",
        appointments.c.start >= seconds(now),
    )


def count_ahead(conn: Connection, side: Side, now: When) -> int:
    """How many stand on a side and start at `now` or after it."""
    ahead = sa.and_(appointments.c.side == side, appointments.c.standing == "stands", _THERE)
    counted = sa.select(sa.func.count()).select_from(appointments).where(ahead, appointments.c.start >= seconds(now))
    return int(conn.execute(counted).scalar() or 0)


def gone_lately(conn: Connection, side: Side, since: When) -> frozenset[Ref]:
    """What went from a side after then; a live read that found nothing where nothing was known does not count."""
    statement = sa.select(appointments.c.key).where(
        appointments.c.side == side, appointments.c.gone_at > seconds(since), appointments.c.change > 0
    )
    return frozenset(Ref(side, key) for key in conn.execute(statement).scalars())


def standing_around(conn: Connection, side: Side, staff: str, start: When, end: When) -> tuple[Appointment, ...]:
    """What stands for a staff member (the side's own id) with busy time meeting start..end, in time order."""
    return _in_order(load(conn, _meeting(conn, start, end, spans.c.side == side, spans.c.staff == staff)))


def meeting(conn: Connection, start: When, end: When) -> dict[Ref, Appointment]:
    """What stands on either side for anybody with busy time meeting start..end."""
    return load(conn, _meeting(conn, start, end))


def appointments_between(conn: Connection, start: When, end: When) -> tuple[Appointment, ...]:
    """Everything there on both sides, of any standing, whose time meets start..end, in time order."""
    first, last = seconds(start), seconds(end)
    begins, ends = appointments.c.start, appointments.c.end
    found = _loaded(
        conn,
        begins > first - _longest(conn) - 1,
        begins < last,
        sa.or_(ends > first, begins >= first),
    )
    return _in_order(found)


def refs_on(conn: Connection, units: Iterable[tuple[Side, str]]) -> set[Ref]:
    """Everything there, of any standing, on these units (Bookly's appointment rows, Square's bookings)."""
    found: set[Ref] = set()
    for side, names in ref_chunks(Ref(side, unit) for side, unit in units):
        places, given = named(names)
        there = f'SELECT DISTINCT "key" FROM spans WHERE side = :side AND unit IN ({places})'
        rows = driver_of(conn).execute(there, {"side": side.value, **given}).fetchall()
        found.update(Ref(side, row[0]) for row in rows)
    return found


def appointments_on_units(conn: Connection, units: Iterable[tuple[Side, str]]) -> dict[Ref, Appointment]:
    """Everything there, of any standing, on these units."""
    return load(conn, refs_on(conn, units))


def refs_meeting(conn: Connection, refs: Iterable[Ref]) -> set[Ref]:
    """What stands and meets the busy times of these for the same staff member, on either side (by the confirmed map);
    what of `refs` itself stands is among it."""
    twins = _twins(conn)
    stretches: dict[tuple[Side, str], list[tuple[float, float]]] = {}
    for row in _spans_of(conn, refs):
        for who in twins.get((row.side, row.staff), ((Side(row.side), row.staff),)):
            stretches.setdefault(who, []).append((row.busy_start, row.busy_end))
    longest = _longest(conn)
    wanted = [
        {"side": side, "staff": staff, "first": start, "last": end, "earliest": start - longest - 1}
        for (side, staff), times in stretches.items()
        for start, end in _joined(times)
    ]
    return {Ref(Side(row.side), row.key) for one in wanted for row in conn.execute(_MEETING, one)}


def marked(conn: Connection, but: Iterable[str]) -> tuple[Appointment, ...]:
    """What stands there with a mark of an installation other than these."""
    strange = [appointments.c.mark.not_like(f"slotkeeper:{installation}:%") for installation in but]
    found = _loaded(conn, appointments.c.mark.is_not(None), appointments.c.standing == "stands", *strange)
    return _in_order(found)


def changed_since(conn: Connection, change: int) -> tuple[Ref, ...]:
    """What was new, changed or gone after the change counter stood at `change`, oldest first."""
    statement = (
        sa.select(appointments.c.side, appointments.c.key)
        .where(appointments.c.change > change)
        .order_by(appointments.c.change, appointments.c.side, appointments.c.key)
    )
    return tuple(Ref(Side(row.side), row.key) for row in conn.execute(statement))


def changed_lately(conn: Connection, since: When) -> dict[Ref, datetime]:
    """When each appointment that changed since then did so, by what we know (UTC)."""
    columns = (appointments.c.side, appointments.c.key, appointments.c.changed_at)
    rows = conn.execute(sa.select(*columns).where(appointments.c.changed_at >= seconds(since), _THERE))
    return {Ref(Side(row.side), row.key): moment(row.changed_at) for row in rows}


def all_standing_columns(conn: Connection, since: When) -> dict[str, np.ndarray[Any, Any]]:
    """Every standing span whose busy time ends after `since`, as columns of equal length.

    side, key, unit, staff: texts; part: int64; start, end, busy_start, busy_end: float64, seconds since 1970.
    """
    names = ("side", "key", "part", "unit", "staff", "start", "end", "busy_start", "busy_end")
    statement = sa.select(*(spans.c[name] for name in names)).where(spans.c.stands, spans.c.busy_end > seconds(since))
    rows = conn.execute(statement).all()
    columns = list(zip(*rows, strict=True)) if rows else [()] * len(names)
    kinds: dict[str, type] = {"part": np.int64} | dict.fromkeys(names[5:], np.float64)
    return {name: np.array(col, kinds.get(name, np.str_)) for name, col in zip(names, columns, strict=True)}


# Built once: it is asked for each stretch of time, and building it anew would cost more than asking.
_MEETING = sa.select(spans.c.side, spans.c.key).where(
    spans.c.stands,
    spans.c.side == sa.bindparam("side"),
    spans.c.staff == sa.bindparam("staff"),
    spans.c.busy_start < sa.bindparam("last"),
    spans.c.busy_start > sa.bindparam("earliest"),
    spans.c.busy_end > sa.bindparam("first"),
)


_MET = (
    sa.select(spans.c.side, spans.c.key)
    .distinct()
    .where(
        spans.c.stands,
        spans.c.busy_start < sa.bindparam("last"),
        spans.c.busy_start > sa.bindparam("earliest"),
        spans.c.busy_end > sa.bindparam("first"),
    )
)
_NEAR = Prepared(_MET)


# --- helpers --------------------------------------------------------------------------------------------------------


def _meeting(conn: Connection, start: When, end: When, *also: sa.ColumnElement[bool]) -> list[Ref]:
    first, last = seconds(start), seconds(end)
    bounds = {"last": last, "earliest": first - _longest(conn) - 1, "first": first}
    rows = conn.execute(_MET.where(*also), bounds) if also else _NEAR.run(conn, bounds).fetchall()
    return [Ref(Side(side), key) for side, key in rows]


def _spans_of(conn: Connection, refs: Iterable[Ref]) -> Iterator[sa.Row[Any, Any, Any, Any]]:
    columns = (spans.c.side, spans.c.staff, spans.c.busy_start, spans.c.busy_end)
    for side, keys in ref_chunks(refs):
        yield from conn.execute(sa.select(*columns).where(spans.c.side == side, spans.c.key.in_(keys)))


def _twins(conn: Connection) -> dict[tuple[str, str], tuple[tuple[Side, str], ...]]:
    """Each mapped staff id of a side to both ids of that human being."""
    found: dict[tuple[str, str], tuple[tuple[Side, str], ...]] = {}
    for row in conn.execute(sa.select(staff_map.c.bookly, staff_map.c.square)):
        both = ((Side.BOOKLY, row.bookly), (Side.SQUARE, row.square))
        found.update({(side.value, name): both for side, name in both})
    return found


def _joined(times: list[tuple[float, float]]) -> list[tuple[float, float]]:
    """The stretches with those that meet made one."""
    joined: list[tuple[float, float]] = []
    for start, end in sorted(times):
        if joined and start <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(joined[-1][1], end))
        else:
            joined.append((start, end))
    return joined


def _longest(conn: Connection) -> float:
    return float(keeping.get(conn, LONGEST, 0.0))


def _loaded(conn: Connection, *where: sa.ColumnElement[bool]) -> dict[Ref, Appointment]:
    rows = conn.execute(sa.select(appointments.c.content).where(_THERE, *where))
    found = (appointment_from(row.content) for row in rows)
    return {appointment.ref: appointment for appointment in found}


def _in_order(found: dict[Ref, Appointment]) -> tuple[Appointment, ...]:
    """By start, then by name; one that shows no time comes first."""
    return tuple(sorted(found.values(), key=lambda a: (a.start.timestamp() if a.parts else 0.0, a.ref)))
