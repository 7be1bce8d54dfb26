"""What a choice will do, step by step, or the word for why it may not be done. Pure: the same for preview and for real.

Refusals: taken, past, changed, not_mapped_staff, not_mapped_service, cannot_do_service, not_working, nothing_to_do,
class_needs_people.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from sync.decide.chairs import (
    Standing,
    does,
    in_the_way,
    is_active,
    own_refs,
    owner_ref,
    person_spans,
    standing,
    works,
)
from sync.decide.following import follow, past_what_only_shows, renew_projection
from sync.decide.likeness import region_of
from sync.decide.linking import has_room
from sync.decide.projection import NotMapped
from sync.decide.same_visit import is_somebodys, perhaps_one
from sync.decide.showing import showing, shown_there
from sync.decide.steps import (
    Refused,
    cancel_steps,
    move_steps,
    place_steps,
    placements,
    withdraw_steps,
)
from sync.model import (
    Appointment,
    Board,
    Choice,
    ChoiceKind,
    Finding,
    Person,
    Plan,
    Ref,
    Side,
    Span,
    Step,
    StepKind,
)


@dataclass(frozen=True, slots=True)
class Case:
    """What a planner decides on. `held` is what stands on the board (`chairs.standing`)."""

    choice: Choice
    finding: Finding
    board: Board
    held: Standing


def plan(choice: Choice, finding: Finding, board: Board, held: Standing | None = None) -> Plan:
    """The plan of one choice for one finding on this board. Never raises: what cannot be done is `refused`.

    `held` is `standing(board)`, passed by callers who try many choices on one board.
    """
    try:
        case = Case(choice, finding, board, standing(board) if held is None else held)
        steps = _PLANNERS[choice.kind](case)
    except Refused as refused:
        return Plan(choice, refused=refused.word, in_the_way=refused.by)
    except NotMapped as missing:
        return Plan(choice, refused=missing.word)
    return Plan(choice, steps=past_what_only_shows(board, case.held, steps), tell=_to_tell(steps))


def _to_tell(steps: tuple[Step, ...]) -> tuple[Ref, ...]:
    """Clients whose own visit moves or falls away: no calendar tells them for certain."""
    return tuple(
        step.ref
        for step in steps
        if step.ref and not step.projection and step.kind in (StepKind.MOVE, StepKind.CANCEL, StepKind.PLACE_AGAIN)
    )


# --- moving ---------------------------------------------------------------------------------------------------


def _move(case: Case) -> tuple[Step, ...]:
    visit = _standing_visit(case.board, case.choice.ref)
    spans = moved_spans(case.board, visit, case.finding.person, case.choice.person, case.choice.start)
    person = case.board.person(case.choice.person) if case.choice.person else None
    if person is not None:
        _may_take(case.board, visit, person, spans)
    if min(span.start for span in spans) <= case.board.now:
        raise Refused("past")
    blockers = in_the_way(case.held, spans, own_refs(case.board, visit.ref))
    if blockers:
        raise Refused("taken", blockers)
    steps = move_steps(case.board, visit, spans)
    return (*steps, *_shown_there_too(case.board, visit, steps[0].after))


def _shown_there_too(board: Board, visit: Appointment, moved: Appointment | None) -> tuple[Step, ...]:
    """A visit that only its own side knows is shown on the other where it goes, so that the website or the shop does
    not sell that time again. Not where it may stand there already, and not for what is not mapped: those are findings
    of their own."""
    if moved is None or board.pair_of(visit.ref) or not is_somebodys(visit) or _may_stand_there(board, visit):
        return ()
    try:
        return place_steps(board, moved, range(len(moved.parts)), even_if_taken=moved.ref.side is Side.SQUARE)
    except NotMapped:
        return ()


def _may_stand_there(board: Board, visit: Appointment) -> bool:
    region = region_of(board.timezone)
    return any(
        a.stands and board.pair_of(ref) is None and perhaps_one(visit, a, region)
        for ref, a in board.appointments.items()
        if ref.side is visit.ref.side.other
    )


def moved_spans(
    board: Board, visit: Appointment, person: str, to_person: str | None, to_start: datetime | None
) -> tuple[Span, ...]:
    """The visit's spans by person after a move: `person`'s parts go to `to_person`, all parts shift to `to_start`."""
    by = to_start - visit.start if to_start else None
    spans = []
    for span in person_spans(board, visit):
        staff = to_person if to_person and (span.staff == person or len(visit.parts) == 1) else span.staff
        spans.append(span.moved(span.start + by if by else span.start, staff))
    return tuple(spans)


def _may_take(board: Board, visit: Appointment, person: Person, spans: tuple[Span, ...]) -> None:
    for part, before, after in zip(visit.parts, person_spans(board, visit), spans, strict=True):
        if after.staff == before.staff:
            continue
        if not does(board, person, visit.ref.side, part.service):
            raise Refused("cannot_do_service")
        if not is_active(person) or not works(board, person, after):
            raise Refused("not_working")


# --- cancelling, leaving, showing -------------------------------------------------------------------------------


def _cancel(case: Case) -> tuple[Step, ...]:
    visit = _standing_visit(case.board, case.choice.ref)
    return cancel_steps(case.board, visit)


def _leave(case: Case) -> tuple[Step, ...]:
    ref = case.finding.concerned[0].refs[0] if case.finding.concerned and case.finding.concerned[0].refs else None
    side = ref.side if ref else Side.BOOKLY
    return (Step(StepKind.LEAVE, side, ref, None, None),)


def _show_both(case: Case) -> tuple[Step, ...]:
    refs = dict.fromkeys(owner_ref(case.board, ref) for concerned in case.finding.concerned for ref in concerned.refs)
    steps = tuple(step for ref in refs for step in placements(case.board, ref, even_if_taken=True))
    if not steps:
        raise Refused("nothing_to_do")
    return steps


def _send(case: Case) -> tuple[Step, ...]:
    visit = _standing_visit(case.board, case.choice.ref)
    steps = placements(case.board, visit.ref, even_if_taken=visit.ref.side is Side.SQUARE)
    if not steps:
        raise Refused("nothing_to_do")
    if visit.ref.side is Side.BOOKLY:
        blockers = in_the_way(case.held, person_spans(case.board, visit), own_refs(case.board, visit.ref), cores=True)
        if blockers:
            raise Refused("taken", blockers)
    return steps


# --- linking, drift ---------------------------------------------------------------------------------------------


def _link(case: Case) -> tuple[Step, ...]:
    if case.choice.ref is None or case.choice.other is None or case.choice.ref.side is case.choice.other.side:
        raise Refused("nothing_to_do")
    first, second = (case.board.appointments.get(ref) for ref in (case.choice.ref, case.choice.other))
    if first is None or second is None or not (first.stands and second.stands):
        raise Refused("changed")
    linked = [one for one in (first, second) if case.board.pair_of(one.ref) is not None]
    if len(linked) > 1 or not all(has_room(case.board, one) for one in linked):
        raise Refused("changed")
    return (Step(StepKind.LINK, case.choice.ref.side, case.choice.ref, first, second),)


def _take_side(case: Case) -> tuple[Step, ...]:
    if case.choice.ref is None or case.choice.side is None:
        raise Refused("nothing_to_do")
    pair = case.board.pair_of(case.choice.ref)
    if pair is None:
        raise Refused("changed")
    owner = owner_ref(case.board, case.choice.ref)
    visit = case.board.appointments.get(owner)
    if visit is None:
        return _take_gone(case.board, owner, case.choice.side)
    there = showing(case.board, visit, shown_there(case.board, owner))
    steps = (
        renew_projection(case.board, visit, there)
        if case.choice.side is owner.side
        else follow(case.board, visit, there, case.held)
    )
    return steps or (Step(StepKind.ACCEPT, owner.side, owner, visit, visit),)


def _take_gone(board: Board, owner: Ref, side: Side) -> tuple[Step, ...]:
    """The side that made the visit no longer has it, and a person says that this is right: nobody shows it any more.

    The other answer is no plan of ours: nothing we may write brings a client's own visit back.
    """
    if side is not owner.side:
        raise Refused("changed")
    return (*withdraw_steps(board, owner), Step(StepKind.ACCEPT, side, owner, None, None))


def _is_real(case: Case) -> tuple[Step, ...]:
    """A person says that what vanished was meant: what the other side still shows of it is withdrawn."""
    ref = case.choice.ref or next((ref for c in case.finding.concerned for ref in c.refs), None)
    side = ref.side if ref else Side(case.finding.detail.get("side", Side.BOOKLY))
    accept = Step(StepKind.ACCEPT, side, ref, None, None)
    if ref is None or case.finding.detail.get("what") != "vanished":
        return (accept,)
    return (*withdraw_steps(case.board, ref), accept)


def _standing_visit(board: Board, ref: Ref | None) -> Appointment:
    """The visit a choice acts on, as its owner side shows it now."""
    visit = board.appointments.get(owner_ref(board, ref)) if ref else None
    if visit is None or not visit.stands:
        raise Refused("changed")
    if visit.end <= board.now:
        raise Refused("past")
    return visit


_PLANNERS: dict[ChoiceKind, Callable[[Case], tuple[Step, ...]]] = {
    ChoiceKind.OTHER_STYLIST: _move,
    ChoiceKind.OTHER_TIME: _move,
    ChoiceKind.LEAVE: _leave,
    ChoiceKind.SHOW_BOTH: _show_both,
    ChoiceKind.CANCEL: _cancel,
    ChoiceKind.SEND_ACROSS: _send,
    ChoiceKind.LINK: _link,
    ChoiceKind.TAKE_SIDE: _take_side,
    ChoiceKind.IS_REAL: _is_real,
}
