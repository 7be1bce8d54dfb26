"""Taking a read into the mirror: the snapshot of a side as a whole, or one appointment read live.

Every row knows when its read began, and each side when its last whole read did, so that reads may be committed in any
order: what an older one says about a row is passed over. Callers use these through `sync.store.mirror`.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from sync.model import Appointment, Ref, Side, Snapshot, Window, appointment_from, plain
from sync.store import keeping
from sync.store.connection import driver_of, from_json
from sync.store.directories import take_directory
from sync.store.rows import chunks, insert_all, named, ref_chunks, upsert
from sync.store.tables import appointments, sides, spans
from sync.store.times import When, seconds

LONGEST = "longest_span"
"""Kept: the longest stretch (seconds) any appointment ever had, paddings and gaps included; it bounds searches."""

_NOWHERE = 0.0  # the start and end of an appointment that shows no time


@dataclass(frozen=True, slots=True)
class SnapshotCounts:
    """What a snapshot did to the mirror. `held` were left as they were: withheld, or known from a newer read. `stirred`
    are those that were new, changed or gone."""

    new: int
    changed: int
    gone: int
    same: int
    held: int = 0
    stirred: frozenset[Ref] = field(default=frozenset(), compare=False)


class Known(NamedTuple):
    """What the mirror has of an appointment, without its content."""

    key: str
    start: float
    content_hash: str
    read_began_at: float
    gone_at: float | None


@dataclass(slots=True)
class _Sorted:
    fresh: list[Appointment] = field(default_factory=list)
    differing: list[Appointment] = field(default_factory=list)
    same: list[str] = field(default_factory=list)
    held: int = 0


def commit_snapshot(
    conn: Connection, snapshot: Snapshot, now: When, withheld: frozenset[Ref] = frozenset()
) -> SnapshotCounts:
    """Take a whole read of one side into the mirror.

    Rows of that side that start in the window and are not in the snapshot become gone, save those that are withheld or
    that the snapshot calls unreadable; a withheld one keeps what it showed, too. Rows known from a read that began
    later stay as they are. Directory, time zone and the time of the whole read are taken along.
    """
    began = seconds(snapshot.began_at)
    shown = {a.ref.key: a for a in snapshot.appointments}
    known = _known(conn, snapshot.side, shown, snapshot.window)
    last_whole = _last_whole(conn, snapshot.side)
    found = _sort(shown, known, began, withheld, last_whole)
    gone = _gone(snapshot, shown, known, withheld)
    writer = _Writer(conn, snapshot.side, began, seconds(now))
    changed = writer.write(found, gone)
    stirred = {*(a.ref for a in (*found.fresh, *changed)), *(Ref(snapshot.side, key) for key in gone)}
    take_directory(conn, snapshot.directory, snapshot.began_at)
    if last_whole is None or last_whole[0] <= began:
        _note_whole(conn, snapshot)
    same = len(found.same) + len(found.differing) - len(changed)
    return SnapshotCounts(len(found.fresh), len(changed), len(gone), same, found.held, frozenset(stirred))


def record(conn: Connection, ref: Ref, appointment: Appointment | None, read_began_at: When, now: When) -> bool:
    """Take one live read: what the side showed, or None where it has no such appointment. True when that was news."""
    began = seconds(read_began_at)
    known = _known(conn, ref.side, [ref.key])
    writer = _Writer(conn, ref.side, began, seconds(now))
    if appointment is not None:
        found = _sort({ref.key: appointment}, known, began, frozenset(), _last_whole(conn, ref.side))
        return bool(writer.write(found, [])) or bool(found.fresh)
    row = known.get(ref.key)
    if row is None:
        writer.bury(ref.key)
        return False
    if row.read_began_at > began:
        return False
    writer.write(_Sorted(same=[ref.key] if row.gone_at is not None else []), [ref.key] if row.gone_at is None else [])
    return row.gone_at is None


def hash_of(appointment: Appointment) -> str:
    """A hash of everything an appointment shows, status and version included."""
    return hashlib.blake2b(repr(appointment).encode(), digest_size=16).hexdigest()


# --- deciding -------------------------------------------------------------------------------------------------------


def _known(conn: Connection, side: Side, keys: Iterable[str], window: Window | None = None) -> dict[str, Known]:
    columns = [appointments.c[name] for name in Known._fields]
    mine = appointments.c.side == side
    found: dict[str, Known] = {}
    if window:
        start, end = seconds(window.start), seconds(window.end)
        inside = sa.or_(sa.and_(appointments.c.start >= start, appointments.c.start < end), _without_time())
        found = {row.key: Known(*row) for row in conn.execute(sa.select(*columns).where(mine, inside))}
    for chunk in chunks(key for key in keys if key not in found):
        places, given = named(chunk)
        these = f'SELECT {_KNOWN} FROM appointments WHERE side = :side AND "key" IN ({places})'
        rows = driver_of(conn).execute(these, {"side": side.value, **given}).fetchall()
        found.update((row[0], Known(*row)) for row in rows)
    return found


_KNOWN = ", ".join(f'"{name}"' for name in Known._fields)


def _without_time() -> sa.ColumnElement[bool]:
    return sa.and_(appointments.c.start == _NOWHERE, appointments.c.gone_at.is_(None))


def _sort(
    shown: Mapping[str, Appointment],
    known: Mapping[str, Known],
    began: float,
    withheld: frozenset[Ref],
    last_whole: tuple[float, float, float] | None,
) -> _Sorted:
    found = _Sorted()
    for key, appointment in shown.items():
        row = known.get(key)
        if (row and appointment.ref in withheld) or _is_known_better(row, appointment, began, last_whole):
            found.held += 1
        elif row is None:
            found.fresh.append(appointment)
        elif row.gone_at is None and row.content_hash == hash_of(appointment):
            found.same.append(key)
        else:
            found.differing.append(appointment)
    return found


def _is_known_better(
    row: Known | None, appointment: Appointment, began: float, last_whole: tuple[float, float, float] | None
) -> bool:
    """Whether a read that began later has told of it: the row's own, or a whole one that did not find it."""
    if row is not None and (row.read_began_at > began or row.gone_at is None):
        return row.read_began_at > began
    if last_whole is None:
        return False
    whole_began, start, end = last_whole
    return whole_began > began and start <= _start(appointment) < end


def _gone(
    snapshot: Snapshot, shown: Mapping[str, Appointment], known: Mapping[str, Known], withheld: frozenset[Ref]
) -> list[str]:
    kept_back = {ref.key for ref in withheld if ref.side is snapshot.side}
    unreadable = {name.removeprefix(f"{snapshot.side}/") for name, _sentence in snapshot.unreadable}
    start, end, began = (seconds(t) for t in (snapshot.window.start, snapshot.window.end, snapshot.began_at))
    return [
        row.key
        for row in known.values()
        if row.gone_at is None
        and (start <= row.start < end or row.start == _NOWHERE)
        and row.read_began_at <= began
        and row.key not in shown
        and row.key not in kept_back
        and row.key not in unreadable
    ]


# --- writing --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Writer:
    conn: Connection
    side: Side
    began: float
    now: float

    def write(self, found: _Sorted, gone: list[str]) -> list[Appointment]:
        """Write what was sorted; those of the differing ones that really changed."""
        changed, touched = self._told_apart(found.differing)
        if found.fresh or changed or gone:
            change = keeping.next_change(self.conn)
            self._insert(found.fresh, change)
            self._update(changed, {"changed_at": self.now, "change": change, "gone_at": None})
            self._write_spans([*found.fresh, *changed], fresh=len(found.fresh))
            self._bid_farewell(gone, change)
        self._update(touched, {})
        self._read_again(found.same)
        return changed

    def bury(self, key: str) -> None:
        """Remember that an appointment never seen is not there, so that an older read cannot bring it in."""
        row = self._row(key, _NOWHERE, _NOWHERE, "unknown", None)
        seen = {"first_seen_at": self.now, "changed_at": self.now, "change": 0, "gone_at": self.now}
        insert_all(self.conn, appointments, [row | seen])

    def _told_apart(self, differing: list[Appointment]) -> tuple[list[Appointment], list[Appointment]]:
        """(changed, touched): a touched one differs only in the side's own word and number for what it shows."""
        before = stored(self.conn, (a.ref for a in differing))
        changed: list[Appointment] = []
        touched: list[Appointment] = []
        for appointment in differing:
            old = before.get(appointment.ref)
            same = old is not None and _matters(old) == _matters(appointment)
            (touched if same else changed).append(appointment)
        return changed, touched

    def _insert(self, fresh: list[Appointment], change: int) -> None:
        seen = {"first_seen_at": self.now, "changed_at": self.now, "change": change, "gone_at": None}
        insert_all(self.conn, appointments, [self._row_of(a) | seen for a in fresh])

    def _update(self, these: list[Appointment], also: Mapping[str, Any]) -> None:
        if not these:
            return
        rows = [{f"new_{name}": value for name, value in {**self._row_of(a), **also}.items()} for a in these]
        names = [name.removeprefix("new_") for name in rows[0] if name not in ("new_side", "new_key")]
        statement = appointments.update().where(
            appointments.c.side == sa.bindparam("new_side"), appointments.c.key == sa.bindparam("new_key")
        )
        self.conn.execute(statement.values({name: sa.bindparam(f"new_{name}") for name in names}), rows)

    def _read_again(self, keys: list[str]) -> None:
        if keys:
            one = sa.and_(appointments.c.side == self.side, appointments.c.key == sa.bindparam("of"))
            statement = appointments.update().where(one).values(read_began_at=self.began)
            self.conn.execute(statement, [{"of": key} for key in keys])

    def _bid_farewell(self, keys: list[str], change: int) -> None:
        for chunk in chunks(keys):
            these = sa.and_(appointments.c.side == self.side, appointments.c.key.in_(chunk))
            values = {"gone_at": self.now, "changed_at": self.now, "change": change, "read_began_at": self.began}
            self.conn.execute(appointments.update().where(these).values(values))
        self._drop_spans(keys)

    def _drop_spans(self, keys: Iterable[str]) -> None:
        for chunk in chunks(keys):
            self.conn.execute(spans.delete().where(spans.c.side == self.side, spans.c.key.in_(chunk)))

    def _write_spans(self, these: list[Appointment], fresh: int) -> None:
        self._drop_spans(a.ref.key for a in these[fresh:])
        rows = [row for a in these for row in _span_rows(a)]
        insert_all(self.conn, spans, rows)
        longest = max((row["busy_end"] - row["busy_start"] for row in rows), default=0.0)
        longest = max([longest, *(_end(a) - _start(a) for a in these)])
        if longest > float(keeping.get(self.conn, LONGEST, 0.0)):
            keeping.put(self.conn, LONGEST, longest, self.now)

    def _row_of(self, a: Appointment) -> dict[str, Any]:
        row = self._row(a.ref.key, _start(a), _end(a), a.standing, plain(a))
        named = {"fingerprint": a.fingerprint, "content_hash": hash_of(a), "version": a.version, "mark": a.mark}
        return row | named

    def _row(self, key: str, start: float, end: float, standing: str, content: Any) -> dict[str, Any]:
        return {
            "side": self.side,
            "key": key,
            "standing": standing,
            "start": start,
            "end": end,
            "fingerprint": "",
            "content_hash": "",
            "version": None,
            "mark": None,
            "content": content,
            "read_began_at": self.began,
        }


def stored(conn: Connection, refs: Iterable[Ref], *, gone: bool = False) -> dict[Ref, Appointment]:
    """What the mirror has of these; with `gone`, what it last had of those that are no longer there instead."""
    there, db = "gone_at IS NOT NULL" if gone else "gone_at IS NULL", driver_of(conn)
    found: dict[Ref, Appointment] = {}
    for side, keys in ref_chunks(refs):
        places, given = named(keys)
        these = f'SELECT content FROM appointments WHERE side = :side AND "key" IN ({places}) AND {there}'
        rows = db.execute(these, {"side": side.value, **given}).fetchall()
        made = (appointment_from(content) for row in rows if (content := from_json(db, row[0])))
        found.update((appointment.ref, appointment) for appointment in made)
    return found


def _matters(appointment: Appointment) -> Appointment:
    """The appointment without what changes by itself: the status word within one standing, Square's number."""
    return replace(appointment, status="", version=None, made_at=None)


def _start(appointment: Appointment) -> float:
    return seconds(appointment.start) if appointment.parts else _NOWHERE


def _end(appointment: Appointment) -> float:
    return seconds(appointment.end) if appointment.parts else _NOWHERE


def _span_rows(appointment: Appointment) -> list[dict[str, Any]]:
    return [
        {
            "side": appointment.ref.side,
            "key": appointment.ref.key,
            "part": number,
            "unit": part.unit,
            "staff": part.span.staff,
            "start": seconds(part.span.start),
            "end": seconds(part.span.end),
            "busy_start": seconds(part.span.busy_start),
            "busy_end": seconds(part.span.busy_end),
            "stands": appointment.stands,
        }
        for number, part in enumerate(appointment.parts)
    ]


# --- whole reads ----------------------------------------------------------------------------------------------------


def _last_whole(conn: Connection, side: Side) -> tuple[float, float, float] | None:
    """(began, window start, window end) of the newest whole read of the side."""
    asked = "SELECT whole_began_at, window_start, window_end FROM sides WHERE side = :side"
    row = driver_of(conn).execute(asked, {"side": side.value}).fetchone()
    return None if row is None or row[0] is None else (row[0], row[1], row[2])


def _note_whole(conn: Connection, snapshot: Snapshot) -> None:
    row = {
        "side": snapshot.side,
        "timezone": snapshot.directory.timezone,
        "whole_began_at": seconds(snapshot.began_at),
        "window_start": seconds(snapshot.window.start),
        "window_end": seconds(snapshot.window.end),
    }
    upsert(conn, sides, [row])
