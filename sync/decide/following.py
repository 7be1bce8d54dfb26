"""The two ends of a visit brought into step: the projection follows its owner side, or the other way round. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import timedelta

from sync.decide.again import stand_again
from sync.decide.chairs import (
    Standing,
    in_the_way,
    mapped_services,
    only_shown,
    own_refs,
    person_id,
    person_spans,
)
from sync.decide.projection import client_to_carry, head_count
from sync.decide.showing import Showing, shown_there
from sync.decide.steps import Refused, cancel_steps, moved_step, place_steps, withdrawn
from sync.model import Appointment, Board, Move, Part, Place, Reinstate, Side, Span, Step
from sync.model import Standing as StandingWord

SLACK = timedelta(minutes=1)
"""Square's lengths are whole minutes, Bookly's are seconds."""

APPROVED = "approved"
"""Bookly's word for a visit that a person wants to stand."""


def past_what_only_shows(board: Board, held: Standing, steps: Iterable[Step]) -> tuple[Step, ...]:
    """The steps with writes that pass by other visits' projections that are out of step: two clients swapped on one
    side must not wait for each other's old place on the other."""
    return tuple(_past(board, held, step) for step in steps)


def _past(board: Board, held: Standing, step: Step) -> Step:
    write = step.write
    if not isinstance(write, Place | Move | Reinstate) or step.after is None:
        return step
    own = frozenset(write.ignoring) | (own_refs(board, step.ref) if step.ref else frozenset())
    by = only_shown(board, held, step.side, person_spans(board, step.after), own)
    return replace(step, write=replace(write, ignoring=tuple(sorted({*write.ignoring, *by})))) if by else step


def renew_projection(
    board: Board, visit: Appointment, there: Showing, changed: frozenset[str] = frozenset()
) -> tuple[Step, ...]:
    """The owner side is right: show on the other side what it shows, no part more and none less.

    `changed`: in what the visit is another than when all was agreed; what a projection does not show by its times (how
    many come to a class, whose visit it is once it is paid) is written anew where it is among these.
    """
    if not visit.stands:
        return tuple(withdrawn(a) for a in shown_there(board, visit.ref) if a.stands)
    spans, anyway = person_spans(board, visit), visit.ref.side is Side.SQUARE
    moves = (
        _with_services(
            board,
            visit,
            numbers,
            moved_step(board, partner, spans, numbers, projection=True, even_if_taken=anyway),
            changed,
        )
        for partner, numbers in there.by
    )
    return (
        *(withdrawn(a) for a in there.surplus),
        *(step for step in moves if step.after != step.before or _says_more(step)),
        *place_steps(board, visit, there.unshown, even_if_taken=anyway),
    )


def _says_more(step: Step) -> bool:
    """Whether a move changes the client or the note of a booking in Square."""
    return isinstance(step.write, Move) and (step.write.names_client or step.write.note is not None)


def _with_services(
    board: Board, visit: Appointment, numbers: tuple[int, ...], step: Step, changed: frozenset[str]
) -> Step:
    """The step with the services that the visit has now, where the other side shows others; with its client and its
    head count, where these changed."""
    if step.side is Side.BOOKLY or not isinstance(step.write, Move) or step.after is None:
        return step  # a block has no service, and the service of a client's row in Bookly is never changed
    services = [
        _service_for(board, visit.parts[number], part.service)
        for number, part in zip(numbers, step.after.parts, strict=True)
    ]
    parts = tuple(replace(part, service=service) for part, service in zip(step.write.parts, services, strict=True))
    shown = tuple(replace(part, service=service) for part, service in zip(step.after.parts, services, strict=True))
    write = replace(
        step.write,
        parts=parts,
        names_client="paid" in changed and client_to_carry(visit) is not None,
        note=head_count(visit) if "persons" in changed else None,
    )
    return replace(step, write=write, after=replace(step.after, parts=shown))


def _service_for(board: Board, part: Part, shown: str | None) -> str | None:
    """Square's service for a part of Bookly: the one it shows, where that is right or nobody can say."""
    wanted = mapped_services(board, Side.BOOKLY, part.service) if part.service else frozenset()
    return shown if not wanted or shown in wanted else min(wanted)


def follow(
    board: Board, visit: Appointment, there: Showing, held: Standing, *, lengths: bool = False
) -> tuple[Step, ...]:
    """The other side is right, so the client's own visit follows it; with `lengths` in how long it takes, too."""
    if not there.by and not there.surplus:
        return cancel_steps(board, visit) if visit.stands else ()
    if not there.whole:  # Nothing we may write makes a part stand that its own side has not, or takes one away.
        raise Refused("changed")
    if not visit.stands:
        return (stands_after_all(board, visit, held),)
    spans = _spans_as_shown(board, visit, there, lengths=lengths)
    blockers = in_the_way(held, spans, own_refs(board, visit.ref), cores=True)
    if blockers:
        raise Refused("taken", blockers)
    step = moved_step(board, visit, spans, range(len(visit.parts)), projection=False)
    return (step,) if step.after != step.before else ()


def stands_after_all(board: Board, visit: Appointment, held: Standing) -> Step:
    """The visit was cancelled where it was made, and a person says that the other side, which still shows it, is right:
    it stands again at its own time."""
    if visit.end <= board.now:
        raise Refused("past")
    own = own_refs(board, visit.ref)
    blockers = in_the_way(held, person_spans(board, visit), own, cores=True)
    if blockers:
        raise Refused("taken", blockers)
    before = replace(visit, standing=StandingWord.STANDS, status=APPROVED)
    return stand_again(visit, before, tuple(sorted(own - {visit.ref})))


def _spans_as_shown(board: Board, visit: Appointment, there: Showing, *, lengths: bool) -> tuple[Span, ...]:
    """The visit's spans with the staff and start of what the other side shows; its own paddings stay, and its lengths
    unless `lengths` says otherwise.

    A block begins as its booking does: Square keeps time free only behind one.
    """
    spans = list(person_spans(board, visit))
    for partner, numbers in there.by:
        for number, part in zip(numbers, partner.parts, strict=True):
            person = person_id(board, partner.ref.side, part.span.staff)
            spans[number] = _lasting(spans[number].moved(part.span.start, person), part, lengths=lengths)
    return tuple(spans)


def _lasting(span: Span, shown: Part, *, lengths: bool) -> Span:
    more = (shown.span.end - shown.span.start) - (span.end - span.start)
    if not lengths or abs(more) < SLACK:
        return span
    return replace(span, end=span.end + more, busy_end=span.busy_end + more)
