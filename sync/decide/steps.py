"""The steps that plans are made of: move, cancel, withdraw and place, each with the write it needs. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from sync.decide.chairs import own_refs
from sync.decide.projection import NotMapped, project, shown
from sync.decide.showing import showing, shown_there
from sync.model import (
    Appointment,
    Board,
    Cancel,
    Move,
    Part,
    PlacedPart,
    Ref,
    Side,
    Span,
    Step,
    StepKind,
    Withdraw,
)
from sync.model import Standing as StandingWord


class Refused(Exception):
    """The choice may not be carried out. `word` is one of the refusals listed in `plan`, `by` what is in the way."""

    def __init__(self, word: str, by: tuple[Ref, ...] = ()) -> None:
        super().__init__(word)
        self.word = word
        self.by = by


def move_steps(board: Board, visit: Appointment, spans: tuple[Span, ...]) -> tuple[Step, ...]:
    """Move the visit on its owner side, then what the other side shows of it. Raises NotMapped."""
    first = moved_step(board, visit, spans, range(len(visit.parts)), projection=False)
    there = showing(board, visit, shown_there(board, visit.ref))
    return (first, *(moved_step(board, partner, spans, numbers, projection=True) for partner, numbers in there.by))


def moved_step(
    board: Board,
    stood: Appointment,
    spans: tuple[Span, ...],
    which: Sequence[int],
    *,
    projection: bool,
    even_if_taken: bool = False,
) -> Step:
    """One appointment moved to those of `spans` (by person) that `which` numbers. Raises NotMapped."""
    side = stood.ref.side
    block = projection and not stood.clients and not stood.is_class
    parts = tuple(
        _placed_at(board, side, spans[number], part, busy=block and side is Side.BOOKLY)
        for number, part in zip(which, stood.parts, strict=True)
    )
    after = replace(stood, parts=tuple(_after(part, placed) for part, placed in zip(stood.parts, parts, strict=True)))
    write = move_of(stood, parts, own_refs(board, stood.ref), even_if_taken=even_if_taken)
    return Step(StepKind.MOVE, side, stood.ref, stood, after, write, projection)


def move_of(
    stood: Appointment, parts: tuple[PlacedPart, ...], ignoring: frozenset[Ref], *, even_if_taken: bool
) -> Move:
    """The write that gives `stood`, as it was seen, these parts; `ignoring` may stand in its way, and so may itself."""
    return Move(
        ref=stood.ref,
        parts=parts,
        key="",
        seen=stood.fingerprint,
        version=stood.version,
        from_units=stood.units,
        mark=stood.mark or "",
        even_if_taken=even_if_taken,
        ignoring=tuple(sorted(ignoring - {stood.ref})),
    )


def _placed_at(board: Board, side: Side, span: Span, part: Part, *, busy: bool) -> PlacedPart:
    """A part of `side` at a person's span, or at its busy time; whoever is not mapped on that side cannot take it."""
    person = board.person(span.staff)
    member = person.on(side) if person else None
    staff = member.id if member else span.staff.removeprefix(f"{side}:")
    if member is None and not span.staff.startswith(f"{side}:"):
        raise NotMapped("not_mapped_staff")
    start, end = (span.busy_start, span.busy_end) if busy else (span.start, span.end)
    return PlacedPart(staff, start, end, part.service)


def _after(part: Part, placed_part: PlacedPart) -> Part:
    span = part.span
    by = placed_part.start - span.start
    moved = Span(placed_part.staff, placed_part.start, placed_part.end, span.busy_start + by, span.busy_end + by)
    return replace(part, span=moved)


def cancel_steps(board: Board, visit: Appointment) -> tuple[Step, ...]:
    """Cancel a client's visit on its owner side, then withdraw what the other side shows of it."""
    return (cancelled(visit, projection=False), *withdraw_steps(board, visit.ref))


def cancelled(visit: Appointment, *, projection: bool) -> Step:
    """The step that cancels one client's appointment. Raises Refused for a class as a whole."""
    if visit.ref.side is Side.BOOKLY and visit.ref.key.startswith("row:"):
        raise Refused("class_needs_people")
    gone = replace(visit, standing=StandingWord.CANCELLED, status="cancelled")
    write = Cancel(visit.ref, key="", seen=visit.fingerprint, version=visit.version)
    return Step(StepKind.CANCEL, visit.ref.side, visit.ref, visit, gone, write, projection)


def withdraw_steps(board: Board, ref: Ref) -> tuple[Step, ...]:
    """Take away what the other side shows of the visit."""
    return tuple(withdrawn(there) for there in shown_there(board, ref) if there.stands)


def withdrawn(there: Appointment) -> Step:
    """The step that takes one projection away; a client's own row that was linked is cancelled instead."""
    if there.ref.side is Side.BOOKLY and there.clients:
        return cancelled(there, projection=True)
    write = Withdraw(there.ref, key="", version=there.version)
    return Step(StepKind.WITHDRAW, there.ref.side, there.ref, there, None, write, projection=True)


def placements(board: Board, ref: Ref, *, even_if_taken: bool) -> tuple[Step, ...]:
    """The steps that show a standing visit on the other side, where it is not shown yet."""
    visit = board.appointments.get(ref)
    if visit is None or not visit.stands or visit.end <= board.now or any(a.stands for a in shown_there(board, ref)):
        return ()
    return place_steps(board, visit, range(len(visit.parts)), even_if_taken=even_if_taken)


def place_steps(board: Board, visit: Appointment, numbers: Sequence[int], *, even_if_taken: bool) -> tuple[Step, ...]:
    """The steps that show these parts of a visit on the other side."""
    return tuple(
        Step(StepKind.PLACE, place.side, visit.ref, None, shown(board, visit, place, number), place, projection=True)
        for number, place in zip(numbers, project(board, visit, numbers, even_if_taken=even_if_taken), strict=True)
    )
