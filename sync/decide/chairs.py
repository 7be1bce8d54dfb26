"""Who is free when, who works then, who does what: questions about people's time, asked of a board."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta

from sync.model import Appointment, Board, Part, Person, Ref, Side, Span
from sync.model.zones import zone


def person_id(board: Board, side: Side, staff: str) -> str:
    """The person id of a side's staff id; "side:id" for somebody nobody has mapped."""
    person = board.person_of(side, staff)
    return person.id if person else f"{side}:{staff}"


def person_spans(board: Board, appointment: Appointment) -> tuple[Span, ...]:
    """The spans of an appointment with person ids in place of the side's staff ids."""
    return tuple(person_span(board, appointment.ref.side, part) for part in appointment.parts)


def person_span(board: Board, side: Side, part: Part) -> Span:
    span = part.span
    return Span(person_id(board, side, span.staff), span.start, span.end, span.busy_start, span.busy_end)


def own_refs(board: Board, ref: Ref) -> frozenset[Ref]:
    """A visit's appointments on both sides, former ones included."""
    pair = board.pair_of(ref)
    return frozenset({ref, *(partner.ref for partner in pair.partners)}) if pair else frozenset({ref})


def owner_ref(board: Board, ref: Ref) -> Ref:
    """Where a person made the visit that `ref` shows: itself, or the owner side's current partner."""
    pair = board.pair_of(ref)
    if pair is None or pair.owner is ref.side:
        return ref
    return next((partner.ref for partner in pair.current(pair.owner)), ref)


def is_projection(board: Board, ref: Ref) -> bool:
    """Whether `ref` is what we put there for a visit that stands on its owner side's end of the board."""
    owner = owner_ref(board, ref)
    appointment = board.appointments.get(owner)
    return owner != ref and appointment is not None


Standing = tuple[tuple[Ref, tuple[Span, ...]], ...]


def standing(board: Board) -> Standing:
    """What holds a chair on the board, each with its spans by person.

    Judged by the owner side: another visit's projection is not listed where its owner is on the board (ENGINE,
    "Overlaps": two swapped clients must not block each other by their old blocks).
    """
    return tuple(
        (ref, person_spans(board, appointment))
        for ref, appointment in sorted(board.appointments.items())
        if appointment.stands and not is_projection(board, ref)
    )


def in_the_way(
    held: Standing, wanted: Iterable[Span], ignoring: frozenset[Ref], *, cores: bool = False
) -> tuple[Ref, ...]:
    """Which of those that stand meet the wanted busy times (with `cores`, only the cores) of the same people."""
    spans = tuple(wanted)
    return tuple(
        ref
        for ref, theirs in held
        if ref not in ignoring and any(m.core_meets(t) if cores else m.busy_meets(t) for t in theirs for m in spans)
    )


def only_shown(
    board: Board, held: Standing, side: Side, wanted: Iterable[Span], own: frozenset[Ref]
) -> tuple[Ref, ...]:
    """What stands on `side` in the wanted times and only shows visits that are no longer there, or stand elsewhere, on
    their own side: projections out of step, which keep nobody out (ENGINE, "Overlaps")."""
    spans = tuple(wanted)
    real = in_the_way(held, spans, own, cores=True)
    return tuple(
        ref
        for ref, there in sorted(board.appointments.items())
        if ref.side is side
        and there.stands
        and ref not in own
        and is_projection(board, ref)
        and owner_ref(board, ref) not in real
        and any(mine.busy_meets(theirs) for mine in spans for theirs in person_spans(board, there))
    )


def does(board: Board, person: Person, side: Side, service: str | None) -> bool:
    """Whether this person performs the service, by the side's own list, else by its confirmed partner's on the other.

    A visit without a service (a custom one) can go to anybody.
    """
    if service is None:
        return True
    member = person.on(side)
    if member and member.services:
        return service in member.services
    other = person.on(side.other)
    return bool(other and other.services & mapped_services(board, side, service))


def mapped_services(board: Board, side: Side, service: str) -> frozenset[str]:
    """The other side's ids of a service, by the confirmed map."""
    if side is Side.BOOKLY:
        return frozenset({board.service_map[service]}) if service in board.service_map else frozenset()
    return frozenset(bookly for bookly, square in board.service_map.items() if square == service)


def is_active(person: Person) -> bool:
    """Whether somebody still works here: on every side that lists them."""
    return all(member.active for member in (person.bookly, person.square) if member)


def works(board: Board, person: Person, span: Span) -> bool:
    """Whether the core lies within the person's working hours. Without known hours the answer is no: never a guess."""
    return any(start <= span.start and span.end <= end for start, end in shifts(board, person, span.start))


def shifts(board: Board, person: Person, day: datetime) -> Iterator[tuple[datetime, datetime]]:
    """The stretches (UTC) that the person works on the salon's local day holding `day`, breaks left out."""
    member = person.bookly or person.square
    if member is None:
        return
    local = day.astimezone(zone(board.timezone))
    if local.date().isoformat() in member.days_off:
        return
    midnight = local.replace(hour=0, minute=0, second=0, microsecond=0, tzinfo=None)
    for weekday, opens, closes in member.hours:
        if weekday == local.weekday():
            yield _utc(board, midnight + _clock(opens)), _utc(board, midnight + _clock(closes))


def _utc(board: Board, naive: datetime) -> datetime:
    return naive.replace(tzinfo=zone(board.timezone)).astimezone(UTC)


def _clock(text: str) -> timedelta:
    hours, minutes = text.split(":")[:2]
    return timedelta(hours=int(hours), minutes=int(minutes))
