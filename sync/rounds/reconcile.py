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
from sync.store import findings, mirror
from sync.store.connection import reading, writing
from sync.store.runs import side_read

GRACE = timedelta(minutes=3)
"""Longer than a difference must be old before it counts: what was read before this long ago is judged."""


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


def look_again(engine: Engine, scope: Collection[tuple[Side, str]], now: datetime) -> None:
    """Look only at these units and what is around them: after a click, in proportion to what changed."""
    units = frozenset(scope)
    with reading(engine) as conn:
        view = view_around(conn, now, units)
    found = find(view, units)
    with writing(engine) as conn:
        findings.merge(conn, found, units, now)


def units_of(engine: Engine, refs: Collection[Ref]) -> frozenset[tuple[Side, str]]:
    """The units that these appointments are on."""
    with reading(engine) as conn:
        shown = mirror.load(conn, refs)
    return frozenset((ref.side, unit) for ref, appointment in shown.items() for unit in appointment.units)


def report(engine: Engine, now: datetime) -> list[dict[str, Any]]:
    """What `jobs run reconcile --json` prints: every finding that stands, open or left."""
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
        "past": found.end <= now,
        "appointments": [{"channel": c.side.value, "id": c.unit} for c in found.concerned],
        "state": one.state,
    }


def _sentence(found: int, opened: int, closed: int) -> str:
    if not found:
        return "Nothing is out of order."
    return f"{found} things are out of order; {opened} of them new. {closed} settled themselves."
