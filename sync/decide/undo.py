"""Undo: a new plan towards what stood before, checked like any other plan."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from sync.decide.chairs import Standing, in_the_way, own_refs, person_spans, standing
from sync.decide.plan import Refused, withdrawn
from sync.decide.projection import NotMapped, project, shown
from sync.model import (
    Appointment,
    Board,
    Choice,
    ChoiceKind,
    DoneStep,
    Move,
    Place,
    PlacedPart,
    Plan,
    Ref,
    Reinstate,
    Side,
    Step,
    StepKind,
)


def undo(done: Sequence[DoneStep], board: Board, partners_in_the_clash: frozenset[Ref]) -> Plan:
    """The plan that leads back to what stood before `done`.

    The visits of the finding that was settled (`partners_in_the_clash`) do not stand in the way: going back to the old
    clash is what undo means. Anybody else who has taken the time since does.
    """
    choice = Choice(ChoiceKind.UNDO)
    try:
        held = standing(board)
        steps = tuple(
            step
            for one in sorted(done, key=lambda one: one.step.projection)
            for step in _REVERSED[one.step.kind](one, board, held, partners_in_the_clash)
        )
    except Refused as refused:
        return Plan(choice, refused=refused.word, in_the_way=refused.by)
    except NotMapped as missing:
        return Plan(choice, refused=missing.word)
    tell = tuple(s.ref for s in steps if s.ref and not s.projection and s.kind in _HEARD)
    return Plan(choice, steps=steps, refused="" if steps else "nothing_to_do", tell=tell)


_HEARD = (StepKind.MOVE, StepKind.REINSTATE, StepKind.PLACE_AGAIN)


def _move_back(one: DoneStep, board: Board, held: Standing, clash: frozenset[Ref]) -> tuple[Step, ...]:
    before, now = one.step.before, _unchanged(one, board)
    if before is None:
        raise Refused("nothing_to_do")
    if before.start <= board.now:
        raise Refused("past")
    if not one.step.projection:
        _must_be_free(board, before, held, clash)
    parts = tuple(PlacedPart(p.span.staff, p.span.start, p.span.end, p.service) for p in before.parts)
    write = Move(
        ref=now.ref,
        parts=parts,
        key="",
        seen=now.fingerprint,
        version=now.version,
        from_units=now.units,
        mark=now.mark or "",
        even_if_taken=one.step.projection,
        ignoring=tuple(sorted((own_refs(board, now.ref) | clash) - {now.ref})),
    )
    after = replace(before, version=now.version)
    return (Step(StepKind.MOVE, now.ref.side, now.ref, now, after, write, one.step.projection),)


def _stand_again(one: DoneStep, board: Board, held: Standing, clash: frozenset[Ref]) -> tuple[Step, ...]:
    before = one.step.before
    if before is None:
        raise Refused("nothing_to_do")
    if before.start <= board.now:
        raise Refused("past")
    _must_be_free(board, before, held, clash)
    ignoring = tuple(sorted((own_refs(board, before.ref) | clash) - {before.ref}))
    if before.ref.side is Side.SQUARE:
        return (_placed_again(before, ignoring),)
    now = _unchanged(one, board)
    write = Reinstate(before.ref, key="", seen=now.fingerprint, status=before.status, ignoring=ignoring)
    return (Step(StepKind.REINSTATE, Side.BOOKLY, before.ref, now, before, write),)


def _placed_again(before: Appointment, ignoring: tuple[Ref, ...]) -> Step:
    """A cancelled Square booking is final, so the client gets a new one with the same services and times."""
    write = Place(
        side=Side.SQUARE,
        parts=tuple(PlacedPart(p.span.staff, p.span.start, p.span.end, p.service) for p in before.parts),
        mark="",
        label="",
        key="",
        client=before.clients[0].key if before.clients else None,
        ignoring=ignoring,
    )
    return Step(StepKind.PLACE_AGAIN, Side.SQUARE, before.ref, None, before, write)


def _take_away(one: DoneStep, board: Board, held: Standing, clash: frozenset[Ref]) -> tuple[Step, ...]:
    there = board.appointments.get(one.ref) if one.ref else None
    return (withdrawn(there),) if there and there.stands else ()


def _show_again(one: DoneStep, board: Board, held: Standing, clash: frozenset[Ref]) -> tuple[Step, ...]:
    """A projection that was withdrawn is put back from what its owner side will show."""
    gone = one.step.before
    pair = board.pair_of(gone.ref) if gone else None
    if gone is None or pair is None:
        return ()
    owners = [a for p in pair.partners if p.ref.side is pair.owner and (a := board.appointments.get(p.ref))]
    if not owners:
        return ()
    visit = owners[-1]
    return tuple(
        Step(StepKind.PLACE, place.side, visit.ref, None, shown(board, visit, place, number), place, projection=True)
        for number, place in enumerate(project(board, visit, even_if_taken=True))
        if place.parts[0].start == gone.parts[0].span.start
    )


def _unlink(one: DoneStep, board: Board, held: Standing, clash: frozenset[Ref]) -> tuple[Step, ...]:
    return (replace(one.step, kind=StepKind.UNLINK),)


def _reopen(one: DoneStep, board: Board, held: Standing, clash: frozenset[Ref]) -> tuple[Step, ...]:
    return (replace(one.step, kind=StepKind.REOPEN),)


def _nothing(one: DoneStep, board: Board, held: Standing, clash: frozenset[Ref]) -> tuple[Step, ...]:
    return ()


def _unchanged(one: DoneStep, board: Board) -> Appointment:
    """What stands now, if it is still what the step left behind: else somebody has changed it since."""
    now = board.appointments.get(one.ref) if one.ref else None
    if now is None or one.answered is None or now.fingerprint != one.answered.fingerprint:
        raise Refused("changed")
    return now


def _must_be_free(board: Board, before: Appointment, held: Standing, clash: frozenset[Ref]) -> None:
    blockers = in_the_way(held, person_spans(board, before), own_refs(board, before.ref) | clash)
    if blockers:
        raise Refused("taken", blockers)


_REVERSED: dict[StepKind, Callable[[DoneStep, Board, Standing, frozenset[Ref]], tuple[Step, ...]]] = {
    StepKind.MOVE: _move_back,
    StepKind.CANCEL: _stand_again,
    StepKind.PLACE: _take_away,
    StepKind.PLACE_AGAIN: _nothing,
    StepKind.WITHDRAW: _show_again,
    StepKind.REINSTATE: _nothing,
    StepKind.LINK: _unlink,
    StepKind.UNLINK: _nothing,
    StepKind.LEAVE: _reopen,
    StepKind.REOPEN: _nothing,
    StepKind.ACCEPT: _nothing,
}
