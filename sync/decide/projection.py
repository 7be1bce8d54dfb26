"""What we would put on the other side for a visit: blocks in Bookly, bookings in Square."""

from __future__ import annotations

from sync.decide.chairs import mapped_services
from sync.model import Appointment, Board, Client, Part, Place, PlacedPart, Ref, Side, Span, Standing


class NotMapped(Exception):
    """A staff member or a service of the visit has no confirmed partner on the other side. `word` says which."""

    def __init__(self, word: str) -> None:
        super().__init__(word)
        self.word = word


def project(board: Board, visit: Appointment, *, even_if_taken: bool) -> tuple[Place, ...]:
    """The placements that show `visit` (as its owner side has it) on the other side; one a part.

    Marks and keys are left empty: they are given when the intent is written. A Square booking's buffers are written
    into the block's own times, since a block without a service has no padding. Raises NotMapped.
    """
    side = visit.ref.side.other
    return tuple(
        Place(
            side=side,
            parts=(placed(board, visit.ref.side, part),),
            mark="",
            label=block_label(visit, part) if side is Side.BOOKLY else "",
            key="",
            note=head_count(visit) if side is Side.SQUARE else "",
            even_if_taken=even_if_taken,
        )
        for part in visit.parts
    )


def placed(board: Board, side: Side, part: Part) -> PlacedPart:
    """A part of `side` in the terms of the other side."""
    person = board.person_of(side, part.span.staff)
    member = person.on(side.other) if person else None
    if member is None:
        raise NotMapped("not_mapped_staff")
    if side is Side.SQUARE:
        return PlacedPart(member.id, part.span.busy_start, part.span.busy_end)
    services = mapped_services(board, side, part.service) if part.service else frozenset()
    if not services:
        raise NotMapped("not_mapped_service")
    return PlacedPart(member.id, part.span.start, part.span.end, min(services))


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


def head_count(visit: Appointment) -> str:
    """A class goes across without a client, the number of persons in its note."""
    return f"Class with {visit.persons} persons, kept in Bookly." if visit.is_class else ""


def client_to_carry(visit: Appointment) -> Client | None:
    """The client a Square booking is made for: the only one of a paid visit that is no class, else nobody."""
    return visit.clients[0] if len(visit.clients) == 1 and not visit.is_class and not visit.unpaid else None
