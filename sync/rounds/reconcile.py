"""Reconcile: find what is out of order, and bring the kept findings up to it."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import asdict, dataclass, fields, replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Engine

from sync.decide.findings import find
from sync.model import Ref, Side, plain
from sync.rounds.view import around, view_around, whole_view
from sync.store import findings, keeping, mapping, mirror, pairs
from sync.store.connection import reading, writing
from sync.store.runs import side_read
from sync.store.under_way import under_way

GRACE = timedelta(minutes=3)
"""Longer than a difference must be old before it counts: what was read before this long ago is judged."""


WHOLE_EVERY = timedelta(hours=1)
SEEN = "reconciled"
"""Where it is kept how far the last look reached."""


@dataclass(frozen=True, slots=True)
class Reconciled:
    """How it went. Not whole when no side was ever read whole: then nothing is concluded."""

    whole: bool
    sentence: str
    counts: dict[str, int]


def reconcile(engine: Engine, now: datetime) -> Reconciled:
    """Look over everything that was read."""
    with reading(engine) as conn:
        if not any((read := side_read(conn, side)) and read.whole_began_at for side in Side):
            return Reconciled(False, "Neither calendar has been read yet, so nothing was concluded.", {})
        view = whole_view(conn, now)
    found = find(view)
    with writing(engine) as conn:
        counts = findings.merge(conn, found, None, now)
    return Reconciled(True, _sentence(_standing(engine, now), counts), asdict(counts))


def reconcile_changes(engine: Engine, now: datetime) -> Reconciled:
    """Look over what changed since the last look, in proportion to it; over everything once an hour, when people or
    services were mapped anew, and when something is needed for the first time that is mapped to nothing."""
    with reading(engine) as conn:
        last = _last(conn)
        this = _reached(conn, last, now)
        scope = _scope(conn, last, this) if last else None
    if scope is None:
        done, this = reconcile(engine, now), replace(this, whole_at=this.at)
    else:
        counts = look_again(engine, scope, now)
        done = Reconciled(True, _sentence(_standing(engine, now), counts), asdict(counts))
    if done.whole:
        with writing(engine) as conn:
            keeping.put(conn, SEEN, asdict(this), now)
    return done


@dataclass(frozen=True, slots=True)
class _Reached:
    """How far a look reached, as it is kept; times in seconds since 1970.

    at, whole_at: when it was, and the last one over everything. mirror, mapping: the changes it saw. reads: when the
    whole read of each side began. withheld: what a calendar suddenly small keeps back. unmapped: what is needed and
    mapped to nothing, since people or services were last mapped. under_way: what had a hint or a click on its way.
    """

    at: float
    whole_at: float
    mirror: int
    mapping: int
    reads: dict[str, float]
    withheld: list[str]
    unmapped: list[str]
    under_way: list[str]


def _last(conn: Connection) -> _Reached | None:
    """How far the last look reached; None where there was none, or another release kept it."""
    kept = keeping.get(conn, SEEN, {})
    return _Reached(**kept) if kept.keys() == {field.name for field in fields(_Reached)} else None


def _reached(conn: Connection, last: _Reached | None, now: datetime) -> _Reached:
    sides = {side.value: read for side in Side if (read := side_read(conn, side))}
    unmapped: set[str] = set()
    if last is not None and last.mapping == mapping.last_change(conn):
        unmapped = {*last.unmapped, *_unmapped(conn, mirror.changed_since(conn, last.mirror))}
    return _Reached(
        at=now.timestamp(),
        whole_at=last.whole_at if last else 0.0,
        mirror=keeping.last_change(conn),
        mapping=mapping.last_change(conn),
        reads={side: read.whole_began_at.timestamp() for side, read in sides.items() if read.whole_began_at},
        withheld=[str(ref) for read in sides.values() if read.whole_began_at for ref in read.withheld],
        unmapped=sorted(unmapped),
        under_way=sorted(str(ref) for ref in under_way(conn)),
    )


def _scope(conn: Connection, last: _Reached, this: _Reached) -> frozenset[tuple[Side, str]] | None:
    """What is to be looked at again; None for everything."""
    due = this.at - last.whole_at > WHOLE_EVERY.total_seconds()
    if due or (last.mapping, last.unmapped, {*last.reads}) != (this.mapping, this.unmapped, {*this.reads}):
        return None
    touched = _touched(conn, last, this)
    units = units_on(conn, touched, gone=True) | findings.units_about(conn, touched, this.at)
    return units | units_on(conn, around(conn, mirror.refs_on(conn, units) | touched))


def _touched(conn: Connection, last: _Reached, this: _Reached) -> set[Ref]:
    """What changed since the last look; what was too young for it, or waited for the other side to be read; what was on
    its way and no longer is, or is now; and what a calendar suddenly small withholds or withheld, when that is no
    longer the same."""
    judged = min([last.at, *last.reads.values()]) - GRACE.total_seconds()
    small = {*last.withheld, *this.withheld} if last.withheld != this.withheld else ()
    return {
        *mirror.changed_since(conn, last.mirror),
        *pairs.changed_since(conn, last.mirror),
        *mirror.changed_lately(conn, judged),
        *(Ref.parse(name) for name in small),
        *(Ref.parse(name) for name in {*last.under_way} ^ {*this.under_way}),
    }


def _unmapped(conn: Connection, refs: Collection[Ref]) -> set[str]:
    """The staff and services that these visits need and nobody has mapped, as "side:staff:id" or "side:service:id"."""
    staff, services = mapping.staff_map(conn), mapping.service_map(conn)
    known = {Side.BOOKLY: ({*staff}, {*services}), Side.SQUARE: ({*staff.values()}, {*services.values()})}
    found = set()
    for ref, appointment in mirror.load(conn, refs).items():
        people, things = known[ref.side]
        found |= {f"{ref.side}:staff:{p.span.staff}" for p in appointment.parts if p.span.staff not in people}
        found |= {f"{ref.side}:service:{p.service}" for p in appointment.parts if p.service and p.service not in things}
    return found


def _standing(engine: Engine, now: datetime) -> int:
    with reading(engine) as conn:
        return findings.count_open(conn, now)


def look_again(
    engine: Engine, scope: Collection[tuple[Side, str]], now: datetime, judged: Mapping[Ref, str] | None = None
) -> findings.MergeCounts:
    """Look only at these units and what is around them: after a click or a hint, in proportion to what changed.

    judged: what was just looked at live, on both sides, and left for a person, each with the reason: it is no longer on
    its way.
    """
    units = frozenset(scope)
    with reading(engine) as conn:
        view = view_around(conn, now, units)
        view = replace(view, judged={**view.judged, **(judged or {})})
    found = find(view, units)
    with writing(engine) as conn:
        return findings.merge(conn, found, units, now)


def units_of(engine: Engine, refs: Collection[Ref], *, gone: bool = False) -> frozenset[tuple[Side, str]]:
    """The units that these appointments are on; with `gone`, also those that they were on when last seen."""
    with reading(engine) as conn:
        return units_on(conn, refs, gone=gone)


def units_on(conn: Connection, refs: Collection[Ref], *, gone: bool = False) -> frozenset[tuple[Side, str]]:
    """The same, inside a read that is under way."""
    shown = mirror.load(conn, refs) | (mirror.last_shown(conn, refs) if gone else {})
    return frozenset((ref.side, unit) for ref, appointment in shown.items() for unit in appointment.units)


def report(engine: Engine, now: datetime) -> list[dict[str, Any]]:
    """What `jobs run reconcile --json` prints: every finding that stands, open or left.

    Each has `kind`, `staff` (name), `start`, `end` (ISO, UTC; of the overlap, else of the visit, else of the look),
    `past`, and `appointments`: a list of `channel` and `id`, empty where it is about no visit.
    """
    with reading(engine) as conn:
        kept = findings.all_in(conn, "open", "left")
    return [_reported(one, now) for one in kept]


def _reported(one: findings.Kept, now: datetime) -> dict[str, Any]:
    found = one.finding
    return {
        "kind": found.kind.value,
        "staff": found.staff,
        "start": plain(found.start),
        "end": plain(found.end),
        "past": bool(found.concerned) and found.end <= now,
        "appointments": [{"channel": c.side.value, "id": c.unit} for c in found.concerned],
    }


def _sentence(standing: int, counts: findings.MergeCounts) -> str:
    """What waits, and what this look changed: "3 things wait for an answer, 1 of them new." """
    waits = "thing waits" if standing == 1 else "things wait"
    new = f", {counts.opened} of them new" if 0 < counts.opened < standing else ""
    said = f"{standing} {waits} for an answer{new}." if standing else "Nothing waits for an answer."
    settled = f"{counts.closed} {'is' if counts.closed == 1 else 'are'} settled since the last look."
    return f"{said} {settled}" if counts.closed else said
