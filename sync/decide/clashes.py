"""One chair, two visits: double bookings, padding clashes, and rows with more persons than they take."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import chain
from typing import NamedTuple

from sync.decide.diff import clashes
from sync.decide.overlaps import IntArray
from sync.decide.same_visit import Couple
from sync.decide.shape import finding
from sync.decide.sheets import Line, Sheet
from sync.decide.view import View
from sync.model import Appointment, Concerned, Finding, Kind, Ref, Side

Unit = tuple[Side, str]


def overlap_findings(
    view: View, bookly: Sheet, square: Sheet, couples: Iterable[Couple], settled: frozenset[Ref]
) -> Iterator[Finding]:
    """Double bookings and padding clashes between different visits on different units; past ones too.

    Two units meet in one finding: where any of their cores overlap it is a double booking, else a padding clash. The
    earliest overlap gives its times.
    """
    lines = bookly.lines + square.lines
    double, padding = clashes(bookly.rows, square.rows)
    same = _Sameness(view, couples)
    seen: set[tuple[Unit, Unit]] = set()
    for kind, pairs in ((Kind.DOUBLE_BOOKING, double), (Kind.PADDING_CLASH, padding)):
        met = _earliest(kind, pairs, lines, same)
        for units, meeting in met.items():
            if units not in seen:
                yield _overlap(view, kind, units, meeting, settled)
        seen |= met.keys()


def over_capacity_findings(view: View) -> Iterator[Finding]:
    """Bookly's rows on which more persons stand than the row takes; past ones too."""
    for (side, unit), appointments in view.units.items():
        standing = [a for a in appointments if a.stands]
        if side is not Side.BOOKLY or not standing:
            continue
        fullest = max(standing, key=lambda a: (len(a.units) == 1, a.unit_persons - a.capacity))
        persons = _persons_on(fullest, standing)
        if persons > fullest.capacity:
            span = next(part.span for part in fullest.parts if part.unit == unit)
            yield finding(
                view,
                Kind.OVER_CAPACITY,
                (Concerned(side, unit, tuple(a.ref for a in standing)),),
                view.person_id(side, span.staff),
                span.start,
                span.end,
                persons=persons,
                capacity=fullest.capacity,
            )


def _persons_on(fullest: Appointment, standing: Iterable[Appointment]) -> int:
    """How many stand on the unit. A visit on several units knows only of its fullest one: then its own are counted."""
    return fullest.unit_persons if len(fullest.units) == 1 else sum(a.persons for a in standing)


class _Meeting(NamedTuple):
    """Where two units overlap: a staff member's person id, from and to (UTC)."""

    start: datetime
    end: datetime
    person: str


@dataclass
class _Sameness:
    """Which appointments are one visit: partners of a pair, and couples that probably are."""

    view: View
    couples: Iterable[Couple]

    def __post_init__(self) -> None:
        self._couples = {frozenset((couple.bookly, couple.square)) for couple in self.couples}

    def one(self, first: Ref, second: Ref) -> bool:
        if first == second or frozenset((first, second)) in self._couples:
            return True
        pair = self.view.pair_of(first)
        return pair is not None and pair is self.view.pair_of(second)


def _earliest(
    kind: Kind, pairs: IntArray, lines: tuple[Line, ...], same: _Sameness
) -> dict[tuple[Unit, Unit], _Meeting]:
    met: dict[tuple[Unit, Unit], _Meeting] = {}
    for first, second in pairs.tolist():
        one, other = sorted((lines[first], lines[second]), key=lambda line: line.unit)
        if same.one(one.appointment.ref, other.appointment.ref):
            continue
        meeting = _meeting(kind, one, other, same.view)
        units = one.unit, other.unit
        met[units] = min(met.get(units, meeting), meeting)
    return met


def _meeting(kind: Kind, one: Line, other: Line, view: View) -> _Meeting:
    a, b = one.part.span, other.part.span
    person = view.person_id(one.appointment.ref.side, a.staff)
    if kind is Kind.DOUBLE_BOOKING:
        return _Meeting(max(a.start, b.start), min(a.end, b.end), person)
    return _Meeting(max(a.busy_start, b.busy_start), min(a.busy_end, b.busy_end), person)


def _overlap(view: View, kind: Kind, units: tuple[Unit, Unit], meeting: _Meeting, settled: frozenset[Ref]) -> Finding:
    length = int((meeting.end - meeting.start).total_seconds())
    return finding(
        view,
        kind,
        tuple(chain.from_iterable(_on_unit(view, unit, settled) for unit in units)),
        meeting.person,
        meeting.start,
        meeting.end,
        minutes=-(-length // 60),
    )


def _on_unit(view: View, unit: Unit, settled: frozenset[Ref]) -> Iterator[Concerned]:
    """The unit with the visits that hold it."""
    holding = [a.ref for a in view.units[unit] if a.stands and a.ref not in settled and not view.is_projection(a.ref)]
    yield Concerned(*unit, tuple(holding))
