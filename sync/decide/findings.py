"""All that is out of order in both calendars, from one view of them: pure, and the same for a whole salon or a part."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from itertools import chain

from sync.decide.anomalies import anomaly_findings, calendar_small_findings
from sync.decide.clashes import over_capacity_findings, overlap_findings
from sync.decide.diff import Differences, differences
from sync.decide.drift import drift_findings
from sync.decide.missing import missing_findings
from sync.decide.same_visit import Couple, couples, surplus
from sync.decide.shape import about, finding, first_person, seen_of
from sync.decide.sheets import Sheet, seconds, sheets
from sync.decide.unmapped import unmapped_service_findings, unmapped_staff_findings
from sync.decide.view import Scope, View, WholeRead
from sync.model import Appointment, Concerned, Finding, Kind, Pair, Ref

__all__ = ["Scope", "View", "WholeRead", "find", "seen_of"]


def find(view: View, scope: Scope | None = None) -> tuple[Finding, ...]:
    """Every finding of the view, by start and key; the key of each is its identity from run to run.

    With a `scope` only findings about those units come back, and the view need hold no more than those units, all that
    is connected with them (whatever their busy times meet, and what those meet in turn, with the pairs of all and the
    partners of these pairs), and all that is withheld. Unmapped staff and services then come only where the view
    brings their counts.
    """
    found_couples = couples(view)
    coupled = frozenset(chain.from_iterable((c.bookly, c.square) for c in found_couples))
    settled = surplus(view, found_couples) | _strays(view)
    bookly, square = sheets(view, settled)
    differ = differences(bookly.rows, square.rows, seconds(view.now))
    found = chain(
        overlap_findings(view, bookly, square, found_couples, settled),
        over_capacity_findings(view),
        missing_findings(view, _lonely(bookly, square, differ), coupled),
        drift_findings(view, _apart(view, bookly, square, differ)),
        (_same_visit(view, couple) for couple in found_couples),
        anomaly_findings(view, coupled),
    )
    about_units = (f for f in found if scope is None or _touches(f, scope))
    wide = _about_the_house(view, coupled) if scope is None else _of_the_house(view, scope)
    return tuple(sorted(_merged(view, chain(about_units, wide)), key=lambda f: (f.start, f.key)))


def _about_the_house(view: View, coupled: frozenset[Ref]) -> Iterator[Finding]:
    yield from calendar_small_findings(view)
    yield from unmapped_staff_findings(view)
    yield from unmapped_service_findings(view, coupled)


def _of_the_house(view: View, scope: Scope) -> Iterator[Finding]:
    yield from (f for f in calendar_small_findings(view) if _touches(f, scope))
    if view.staff_ahead is not None:
        yield from unmapped_staff_findings(view)
    if view.services_ahead is not None:
        yield from unmapped_service_findings(view)


def _strays(view: View) -> frozenset[Ref]:
    """Our own marks without a pair: no visits of their own."""
    return frozenset(ref for ref, a in view.appointments.items() if a.mark is not None and view.pair_of(ref) is None)


def _lonely(bookly: Sheet, square: Sheet, differ: Differences) -> tuple[Appointment, ...]:
    """Appointments that no row of the other side stands for."""
    lines = chain(
        (bookly.lines[row] for row in differ.missing_in_square.tolist()),
        (square.lines[row] for row in differ.missing_in_bookly.tolist()),
    )
    return tuple({line.appointment.ref: line.appointment for line in lines}.values())


def _apart(view: View, bookly: Sheet, square: Sheet, differ: Differences) -> tuple[Pair, ...]:
    """Pairs that are worth a closer look: some row of theirs differs or has no other end."""
    lines = chain(
        (bookly.lines[row] for row in differ.partners[:, 0].tolist()),
        (bookly.lines[row] for row in differ.unmet_in_square.tolist()),
        (square.lines[row] for row in differ.unmet_in_bookly.tolist()),
    )
    pairs = {pair.visit: pair for line in lines if (pair := view.pair_of(line.appointment.ref))}
    return tuple(pairs[visit] for visit in sorted(pairs))


def _same_visit(view: View, couple: Couple) -> Finding:
    one, other = view.appointments[couple.bookly], view.appointments[couple.square]
    return finding(
        view,
        Kind.SAME_VISIT,
        about(one, other),
        first_person(view, one),
        min(one.start, other.start),
        max(one.end, other.end),
        likely=couple.likely,
        by=couple.by,
        differs=list(couple.differs),
    )


def _touches(found: Finding, scope: Scope) -> bool:
    return any((concerned.side, concerned.unit) in scope for concerned in found.concerned)


def _merged(view: View, found: Iterable[Finding]) -> Iterator[Finding]:
    """One finding a key: visits that share a unit and a trouble share the finding."""
    by_key: dict[str, Finding] = {}
    for each in found:
        by_key[each.key] = _joined(view, by_key[each.key], each) if each.key in by_key else each
    yield from by_key.values()


def _joined(view: View, one: Finding, other: Finding) -> Finding:
    refs: dict[tuple[object, str], Concerned] = {(c.side, c.unit): c for c in one.concerned}
    for c in other.concerned:
        mine = refs.get((c.side, c.unit))
        refs[c.side, c.unit] = replace(c, refs=tuple(sorted({*c.refs, *mine.refs}))) if mine else c
    visits = [*one.detail["visits"], *(v for v in other.detail["visits"] if v not in one.detail["visits"])]
    return replace(
        one,
        concerned=tuple(refs.values()),
        seen=seen_of(a for c in refs.values() for ref in c.refs if (a := view.appointments.get(ref))),
        detail={**one.detail, "visits": sorted(visits, key=lambda v: (v["start"], v["ref"]))},
    )
