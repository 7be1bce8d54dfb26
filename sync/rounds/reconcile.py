"""Reconcile: find what is out of order, and bring the kept findings up to it."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Engine

from sync.decide.findings import find
from sync.model import Ref, Side, plain
from sync.rounds.view import view_around, whole_view
from sync.store import findings, keeping, mapping, mirror, pairs
from sync.store.connection import reading, writing
from sync.store.runs import side_read

GRACE = timedelta(minutes=3)
"""Longer than a difference must be old before it counts: what was read before this long ago is judged."""


WHOLE_EVERY = timedelta(hours=1)
SEEN = "reconciled"
"""Where it is kept up to which change the last look reached."""


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
    return Reconciled(True, _sentence(len(found), counts.opened, counts.closed), asdict(counts))


def reconcile_changes(engine: Engine, now: datetime) -> Reconciled:
    """Look over what changed since the last look, in proportion to it; over everything once an hour, or when people or
    services were mapped anew."""
    with reading(engine) as conn:
        seen = keeping.get(conn, SEEN, {})
        changes = {"mirror": keeping.last_change(conn), "mapping": mapping.last_change(conn)}
        whole_at = float(seen.get("whole_at", 0.0))
        if (
            not seen
            or seen["mapping"] != changes["mapping"]
            or now.timestamp() - whole_at > WHOLE_EVERY.total_seconds()
        ):
            scope = None
        else:
            touched = {*mirror.changed_since(conn, seen["mirror"]), *pairs.changed_since(conn, seen["mirror"])}
            scope = units_of(engine, touched | set(mirror.changed_lately(conn, now - GRACE)), gone=True)
    if scope is None:
        done, whole_at = reconcile(engine, now), now.timestamp()
    else:
        counts = look_again(engine, scope, now)
        done = Reconciled(True, _sentence(_standing(engine), counts.opened, counts.closed), asdict(counts))
    if done.whole:
        with writing(engine) as conn:
            keeping.put(conn, SEEN, {**changes, "whole_at": whole_at}, now)
    return done


def _standing(engine: Engine) -> int:
    with reading(engine) as conn:
        return findings.count_open(conn)


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


def _sentence(found: int, opened: int, closed: int) -> str:
    if not found:
        return "Nothing is out of order."
    return f"{found} things are out of order; {opened} of them new. {closed} settled themselves."
