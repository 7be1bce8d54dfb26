"""Visits that stand on one side and are not on the other."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Set

from sync.decide.drift import SETTLING
from sync.decide.same_visit import is_own_time, is_somebodys
from sync.decide.shape import about, finding, first_person, unit_names
from sync.decide.view import View
from sync.model import OWN_TIME, Appointment, Concerned, Finding, Kind, Ref, Side

_KIND = {Side.BOOKLY: Kind.MISSING_IN_SQUARE, Side.SQUARE: Kind.MISSING_IN_BOOKLY}


def missing_findings(view: View, candidates: Iterable[Appointment], coupled: Set[Ref]) -> Iterator[Finding]:
    """One finding a unit for those of the candidates (they stand, are ahead, and have no partner) that can be said to
    be missing: their staff are mapped, and the other side was read whole after they changed, two minutes ago or more.

    Visits that share a unit share the finding.
    """
    by_units: dict[tuple[str, ...], list[Appointment]] = {}
    for appointment in sorted(candidates, key=lambda a: a.ref):
        somebody = is_somebodys(appointment) or _booked_again(view, appointment) or _goes_by_a_name(view, appointment)
        if appointment.ref not in coupled and somebody and _surely_missing(view, appointment):
            by_units.setdefault(tuple(unit_names(about(appointment))), []).append(appointment)
    for appointments in by_units.values():
        first = appointments[0]
        concerned: tuple[Concerned, ...] = about(*appointments)
        yield finding(view, _KIND[first.ref.side], concerned, first_person(view, first), first.start, first.end)


def _booked_again(view: View, appointment: Appointment) -> bool:
    """It carries our mark since we booked it again when a click was taken back, and it is the client's own visit all
    the same: nothing on the side that made the visit stands for it."""
    pair = view.pair_of(appointment.ref)
    if pair is None or appointment.anomaly is not None or not appointment.clients:
        return False
    return pair.owner is appointment.ref.side or not pair.current(pair.owner)


def _goes_by_a_name(view: View, appointment: Appointment) -> bool:
    """Staff shut it for themselves, and a person said which service of Square's stands for that."""
    sound = appointment.mark is None and appointment.anomaly is None
    return sound and is_own_time(appointment) and OWN_TIME.id in view.service_map


def _surely_missing(view: View, appointment: Appointment) -> bool:
    ref = appointment.ref
    if not all(view.is_mapped(ref.side, part.span.staff) for part in appointment.parts):
        return False
    if ref in view.judged:
        return True
    if ref in view.under_way:
        return False
    read = view.reads.get(ref.side.other)
    if read is None or not read.window.start <= appointment.start < read.window.end:
        return False
    changed = view.changed.get(ref)
    return changed is None or (view.now - changed >= SETTLING and read.began_at > changed)
