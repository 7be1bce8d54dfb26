"""Visits that stand on one side and are not on the other."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Set

from sync.decide.drift import SETTLING
from sync.decide.same_visit import is_somebodys
from sync.decide.shape import about, finding, first_person, unit_names
from sync.decide.view import View
from sync.model import Appointment, Concerned, Finding, Kind, Ref, Side

_KIND = {Side.BOOKLY: Kind.MISSING_IN_SQUARE, Side.SQUARE: Kind.MISSING_IN_BOOKLY}


def missing_findings(view: View, candidates: Iterable[Appointment], coupled: Set[Ref]) -> Iterator[Finding]:
    """One finding a unit for those of the candidates (they stand, are ahead, and have no partner) that can be said to
    be missing: their staff are mapped, and the other side was read whole after they changed, two minutes ago or more.

    Visits that share a unit share the finding.
    """
    by_units: dict[tuple[str, ...], list[Appointment]] = {}
    for appointment in sorted(candidates, key=lambda a: a.ref):
        if appointment.ref not in coupled and is_somebodys(appointment) and _surely_missing(view, appointment):
            by_units.setdefault(tuple(unit_names(about(appointment))), []).append(appointment)
    for appointments in by_units.values():
        first = appointments[0]
        concerned: tuple[Concerned, ...] = about(*appointments)
        yield finding(view, _KIND[first.ref.side], concerned, first_person(view, first), first.start, first.end)


def _surely_missing(view: View, appointment: Appointment) -> bool:
    ref = appointment.ref
    if ref in view.under_way or not all(view.is_mapped(ref.side, part.span.staff) for part in appointment.parts):
        return False
    read = view.reads.get(ref.side.other)
    if read is None or not read.window.start <= appointment.start < read.window.end:
        return False
    changed = view.changed.get(ref)
    return changed is None or (view.now - changed >= SETTLING and read.began_at > changed)
