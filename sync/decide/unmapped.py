"""Staff and services of one side that nobody has matched with the other side's, where it matters."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Set

from sync.decide.likeness import region_of
from sync.decide.matching import Suggestion, suggest_services, suggest_staff
from sync.decide.shape import key_of
from sync.decide.view import View
from sync.model import OWN_TIME, Appointment, Finding, Kind, Part, Ref, Side, StaffMember, digest

OWN_TIME_KEY = key_of(Kind.UNMAPPED_SERVICE, f"{Side.BOOKLY}:{OWN_TIME.id}")
"""The one question about all time in Bookly without a service."""

Ahead = Mapping[tuple[Side, str], int]


def unmapped_staff_findings(view: View) -> Iterator[Finding]:
    """One finding for each active staff member without a confirmed partner who has visits ahead, or for whom the other
    side has somebody left to match. Two who are suggested for each other share one, Bookly's."""
    if not _both_read(view):
        return
    ahead = view.staff_ahead if view.staff_ahead is not None else _staff_ahead(view)
    lonely = {side: _unmapped(view, side) for side in Side}
    suggested = _by_id(suggest_staff(lonely[Side.BOOKLY], lonely[Side.SQUARE], view.region or region_of(view.timezone)))
    names = {(member.side, member.id): member.name for side in Side for member in lonely[side]}
    for side in Side:
        for member in lonely[side]:
            hint = suggested.get((side, member.id))
            count = ahead.get((side, member.id), 0)
            matters = count > 0 or bool(lonely[side.other])
            if matters and not (hint and side is Side.SQUARE):
                yield _finding(view, Kind.UNMAPPED_STAFF, side, member.id, member.name, count, hint, names)


def unmapped_service_findings(view: View, coupled: Set[Ref] = frozenset()) -> Iterator[Finding]:
    """One finding for each service without a confirmed partner that visits ahead need. Two that are suggested for each
    other share one, Bookly's. Time in Bookly without a service shares one in all, but for what Square has, and for
    what is `coupled`: that it probably has."""
    if not _both_read(view):
        return
    ahead = view.services_ahead if view.services_ahead is not None else _services_ahead(view, coupled)
    lonely = [s for s in view.services if not view.mapped_services(s.side, s.id)]
    bookly, square = ([s for s in lonely if s.side is side] for side in Side)
    suggested = _by_id(suggest_services(bookly, [s for s in square if s.active]))
    names = {(service.side, service.id): service.name for service in lonely}
    used = {(s.side, s.id) for s in lonely if ahead.get((s.side, s.id), 0)}
    for service in sorted(lonely, key=lambda s: (s.side, s.id)):
        place = (service.side, service.id)
        hint = suggested.get(place)
        shared = hint is not None and service.side is Side.SQUARE and (Side.BOOKLY, hint.bookly) in used
        if place in used and not shared:
            yield _finding(view, Kind.UNMAPPED_SERVICE, *place, service.name, ahead[place], hint, names)


def _finding(
    view: View,
    kind: Kind,
    side: Side,
    thing: str,
    name: str,
    count: int,
    hint: Suggestion | None,
    names: Mapping[tuple[Side, str], str],
) -> Finding:
    partner = hint.on(side.other) if hint else ""
    staff = kind is Kind.UNMAPPED_STAFF
    return Finding(
        key=key_of(kind, f"{side}:{thing}"),
        kind=kind,
        person=view.person_id(side, thing) if staff else "",
        staff=name if staff else "",
        start=view.now,
        end=view.now,
        concerned=(),
        seen=digest([side, thing, name, partner]),
        detail={
            "visits": [],
            "side": side.value,
            "id": thing,
            "name": name,
            "visits_ahead": count,
            "suggestion": {"id": partner, "name": names[side.other, partner], "by": hint.by} if hint else None,
        },
    )


def _both_read(view: View) -> bool:
    """A side that was never read has nobody yet to be matched with."""
    return all(side in view.reads for side in Side)


def _unmapped(view: View, side: Side) -> list[StaffMember]:
    members = [member for person in view.people if (member := person.on(side)) and person.on(side.other) is None]
    return sorted((member for member in members if member.active), key=lambda member: member.id)


def _by_id(suggestions: Iterable[Suggestion]) -> dict[tuple[Side, str], Suggestion]:
    return {(side, hint.on(side)): hint for hint in suggestions for side in Side}


def _staff_ahead(view: View) -> Ahead:
    return _ahead(view, lambda _, part: part.span.staff)


def _services_ahead(view: View, coupled: Set[Ref]) -> Ahead:
    def needed(appointment: Appointment, part: Part) -> str | None:
        ref, alone = appointment.ref, appointment.mark is None and view.pair_of(appointment.ref) is None
        own = ref.side is Side.BOOKLY and alone and ref not in coupled
        return part.service or (OWN_TIME.id if own else None)

    return _ahead(view, needed)


def _ahead(view: View, needed: Callable[[Appointment, Part], str | None]) -> Ahead:
    """How many visits ahead need each staff member or service."""
    count: Counter[tuple[Side, str]] = Counter()
    for ref, appointment in view.appointments.items():
        if appointment.stands and appointment.parts and appointment.end > view.now and not view.is_projection(ref):
            things = {needed(appointment, part) for part in appointment.parts}
            count.update((ref.side, thing) for thing in things if thing)
    return count
