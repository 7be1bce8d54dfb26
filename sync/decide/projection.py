"""What we would put on the other side for a visit: blocks in Bookly, bookings in Square."""

from __future__ import annotations

from collections.abc import Sequence

from sync.decide.chairs import mapped_services
from sync.model import OWN_TIME, Appointment, Board, Client, Part, Place, PlacedPart, Ref, Side, Span, Standing


class NotMapped(Exception):
    """A staff member or a service of the visit has no confirmed partner on the other side. `word` says which."""

    def __init__(self, word: str) -> None:
        super().__init__(word)
        self.word = word


def project(board: Board, visit: Appointment, numbers: Sequence[int], *, even_if_taken: bool) -> tuple[Place, ...]:
    """The placements that show these parts of `visit` (as its owner side has it) on the other side; one a part.

    Marks and keys are left empty: they are given when the intent is written. A Square booking's buffers are written
    into the block's own times, since a block without a service has no padding. Raises NotMapped.
    """
    side = visit.ref.side.other
    return tuple(
        Place(
            side=side,
            parts=(placed(board, visit.ref.side, visit.parts[number]),),
            mark="",
            label=block_label(visit, visit.parts[number]) if side is Side.BOOKLY else "",
            key="",
            note=note_for(visit, visit.parts[number]) if side is Side.SQUARE else "",
            even_if_taken=even_if_taken,
            part=number,
        )
        for number in numbers
    )


def placeable(board: Board, visit: Appointment, numbers: Sequence[int]) -> tuple[int, ...]:
    """Those of these parts whose staff are known on the other side."""
    return tuple(number for number in numbers if _partner(board, visit.ref.side, visit.parts[number]) is not None)


def _partner(board: Board, side: Side, part: Part) -> str | None:
    """Who does this part, by the other side's id."""
    person = board.person_of(side, part.span.staff)
    member = person.on(side.other) if person else None
    return member.id if member else None


def placed(board: Board, side: Side, part: Part) -> PlacedPart:
    """A part of `side` in the terms of the other side. Time in Bookly without a service goes by the one that a person
    chose for it."""
    staff = _partner(board, side, part)
    if staff is None:
        raise NotMapped("not_mapped_staff")
    if side is Side.SQUARE:
        return PlacedPart(staff, part.span.busy_start, part.span.busy_end)
    services = mapped_services(board, side, part.service or OWN_TIME.id)
    if not services:
        raise NotMapped("not_mapped_service")
    return PlacedPart(staff, part.span.start, part.span.end, min(services))


def shown(board: Board, visit: Appointment, place: Place, number: int) -> Appointment:
    """How the placement will stand, for the words of a preview."""
    part = place.parts[0]
    span = Span.of(part.staff, part.start, part.end)
    service = board.service(place.side, part.service) if part.service else None
    return Appointment(
        ref=Ref(place.side, f"new:{visit.ref.key}:{number}"),
        standing=Standing.STANDS,
        status="new",
        parts=(Part(span, "", part.service, service.name if service else place.label),),
        clients=visit.clients,
        persons=visit.persons,
        label=place.label,
    )


def block_label(visit: Appointment, part: Part) -> str:
    """What a block is called in Bookly's calendar, so that staff know whose time it is."""
    names = ", ".join(client.name for client in visit.clients if client.name)
    return " · ".join(text for text in ("Square", names, part.service_name) if text)[:255]


def note_for(visit: Appointment, part: Part) -> str:
    """What is noted on a booking in Square: how many come to a class, what time without a service is for."""
    return f"In Bookly: {what}" if part.service is None and (what := own_name(visit, part)) else head_count(visit)


def own_name(visit: Appointment, part: Part) -> str:
    """What staff called time without a service; nothing where they wrote a client's name there."""
    text = visit.label or part.service_name
    names = (word for client in visit.clients for word in client.name.casefold().split() if len(word) > 2)
    return "" if any(name in text.casefold() for name in names) else text


def head_count(visit: Appointment) -> str:
    """A class goes across without a client, the number of persons in its note."""
    return f"Class with {visit.persons} persons, kept in Bookly." if visit.is_class else ""


def client_to_carry(visit: Appointment) -> Client | None:
    """The client a Square booking is made for: the only one of a paid visit that is no class, else nobody."""
    return visit.clients[0] if len(visit.clients) == 1 and not visit.is_class and not visit.unpaid else None
