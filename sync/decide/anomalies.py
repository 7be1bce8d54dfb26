"""What is wrong with a row itself, or with a calendar as a whole."""

from __future__ import annotations

from collections.abc import Iterator, Set
from datetime import timedelta

from sync.decide.shape import about, finding, first_person, key_of, times
from sync.decide.view import View
from sync.model import Appointment, Concerned, Finding, Kind, Ref, Side, Standing

GRACE = timedelta(seconds=30)
"""Bookly writes the row first and the client a moment later: until then there is nothing to report."""


BLOCK_CHANGED = "block_changed"
"""A block that staff change again as often as it is put back (ENGINE, "Ownership")."""


def anomaly_findings(view: View, coupled: Set[Ref]) -> Iterator[Finding]:
    """One finding a unit for appointments ahead that cannot be taken at their word: a row with something wrong in
    itself, a status never seen before, a mark of ours that we know nothing of, a visit that vanished."""
    wrong: dict[tuple[Side, str], tuple[str, Appointment]] = {}
    known = [*view.appointments.values(), *(view.vanished[ref] for ref in view.vanished if _alone(view, ref))]
    for appointment in sorted(known, key=lambda a: a.ref):
        what = _what(view, appointment, coupled)
        if what and _is_ahead(view, appointment):
            units = appointment.units or (appointment.ref.key,)
            wrong.setdefault((appointment.ref.side, units[0]), (what, appointment))
    for (side, unit), (what, appointment) in wrong.items():
        start, end = times(appointment, appointment.made_at or view.now)
        concerned = about(appointment) or (Concerned(side, unit, (appointment.ref,)),)
        gone = {appointment.ref: appointment} if appointment.ref in view.vanished else None
        yield finding(view, Kind.ANOMALY, concerned, first_person(view, appointment), start, end, gone=gone, what=what)


def calendar_small_findings(view: View) -> Iterator[Finding]:
    """One finding a side whose absences and moves are withheld because the calendar was suddenly small."""
    for side, refs in sorted(view.withheld.items()):
        if not refs:
            continue
        there = [view.appointments[ref] for ref in sorted(refs) if ref in view.appointments]
        starts = [a.start for a in there if a.parts] or [view.now]
        ends = [a.end for a in there if a.parts] or [view.now]
        yield finding(
            view,
            Kind.ANOMALY,
            about(*there),
            "",
            min(starts),
            max(ends),
            key=key_of(Kind.ANOMALY, "calendar_small", side.value),
            what="calendar_small",
            side=side.value,
            count=len(refs),
        )


def _what(view: View, appointment: Appointment, coupled: Set[Ref]) -> str:
    ref = appointment.ref
    if ref in view.vanished and ref not in view.appointments:
        return "vanished"
    if appointment.anomaly == "service_without_client" and _young(view, appointment):
        return ""
    if appointment.anomaly:
        return appointment.anomaly
    if appointment.standing is Standing.UNKNOWN:
        return "unknown_status"
    if appointment.stands and any(part.span.end <= part.span.start for part in appointment.parts):
        return "not_positive_length"
    if view.judged.get(ref) == BLOCK_CHANGED and ref.side is Side.BOOKLY and appointment.mark is not None:
        return BLOCK_CHANGED
    stray = appointment.mark is not None and appointment.stands and view.pair_of(ref) is None and ref not in coupled
    return "stray_mark" if stray else ""


def _young(view: View, appointment: Appointment) -> bool:
    changed = view.changed.get(appointment.ref)
    return changed is not None and view.now - changed < GRACE


def _is_ahead(view: View, appointment: Appointment) -> bool:
    """What was wrong with a day gone by is nobody's concern any more; a row without a time has no day."""
    _, end = times(appointment, view.now)
    return end >= view.now


def _alone(view: View, ref: Ref) -> bool:
    """Not there, and without a partner that stands, which would show it as drift."""
    pair = view.pair_of(ref)
    partners = [view.appointments.get(p.ref) for p in pair.current(ref.side.other)] if pair else []
    return ref not in view.appointments and not any(a is not None and a.stands for a in partners)
