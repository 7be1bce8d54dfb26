"""Reconcile: find what is out of order, and bring the kept findings up to it."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Engine

from sync.decide.findings import find
from sync.model import Ref, Side, plain
from sync.rounds.view import around, view_around, whole_view
from sync.store import findings, keeping, mapping, mirror, pairs
from sync.store.connection import reading, writing
from sync.store.runs import side_read

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
        last, this = keeping.get(conn, SEEN, {}), _how_far(conn, now)
        scope = _scope(conn, last, this, now)
    if scope is None:
        done, this["whole_at"] = reconcile(engine, now), now.timestamp()
    else:
        counts = look_again(engine, scope, now)
        done = Reconciled(True, _sentence(_standing(engine, now), counts), asdict(counts))
        this["whole_at"] = last["whole_at"]
    if done.whole:
        with writing(engine) as conn:
            keeping.put(conn, SEEN, this, now)
    return done


def _how_far(conn: Connection, now: datetime) -> dict[str, Any]:
    """What is kept of a look: the changes it reached, when it was, how each side was read by then."""
    sides = {side.value: read for side in Side if (read := side_read(conn, side)) and read.whole_began_at}
    return {
        "at": now.timestamp(),
        "mirror": keeping.last_change(conn),
        "mapping": mapping.last_change(conn),
        "reads": {side: read.whole_began_at.timestamp() for side, read in sides.items() if read.whole_began_at},
        "withheld": [str(ref) for read in sides.values() for ref in read.withheld],
        "unmapped": [],
    }


def _scope(
    conn: Connection, last: dict[str, Any], this: dict[str, Any], now: datetime
) -> frozenset[tuple[Side, str]] | None:
    """What is to be looked at again; None for everything. `this` learns what is needed and not mapped."""
    if "at" not in last or last["mapping"] != this["mapping"] or last["reads"].keys() != this["reads"].keys():
        return None
    this["unmapped"] = sorted({*last["unmapped"], *_unmapped(conn, mirror.changed_since(conn, last["mirror"]))})
    if this["unmapped"] != last["unmapped"] or now.timestamp() - last["whole_at"] > WHOLE_EVERY.total_seconds():
        return None
    touched = _touched(conn, last, this)
    units = units_on(conn, touched, gone=True) | findings.units_about(conn, touched, now)
    return units | units_on(conn, around(conn, mirror.refs_on(conn, units) | touched))


def _touched(conn: Connection, last: dict[str, Any], this: dict[str, Any]) -> set[Ref]:
    """What changed since the last look; what was too young for it, or waited for the other side to be read; and what a
    calendar suddenly small withholds or withheld, when that is no longer the same."""
    judged = min([last["at"], *last["reads"].values()]) - GRACE.total_seconds()
    small = {*last["withheld"], *this["withheld"]} if last["withheld"] != this["withheld"] else ()
    return {
        *mirror.changed_since(conn, last["mirror"]),
        *pairs.changed_since(conn, last["mirror"]),
        *mirror.changed_lately(conn, judged),
        *(Ref.parse(name) for name in small),
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


def look_again(engine: Engine, scope: Collection[tuple[Side, str]], now: datetime) -> findings.MergeCounts:
    """Look only at these units and what is around them: after a click, in proportion to what changed."""
    units = frozenset(scope)
    with reading(engine) as conn:
        view = view_around(conn, now, units)
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
    return f"{said} {counts.closed} settled by themselves." if counts.closed else said
