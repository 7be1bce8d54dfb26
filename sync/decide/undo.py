"""Undo: a new plan towards what stood before, checked like any other plan."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from sync.decide.again import stand_again
from sync.decide.chairs import Standing, in_the_way, own_refs, person_spans, standing
from sync.decide.following import past_what_only_shows
from sync.decide.projection import NotMapped
from sync.decide.steps import Refused, cancelled, move_of, place_steps, withdrawn
from sync.model import (
    Appointment,
    Board,
    Choice,
    ChoiceKind,
    DoneStep,
    PlacedPart,
    Plan,
    Ref,
    Side,
    Step,
    StepKind,
)


@dataclass(frozen=True, slots=True)
class Case:
    """One step to be taken back, on this board. `clash` are the visits of the finding that had been settled."""

    one: DoneStep
    board: Board
    held: Standing
    clash: frozenset[Ref]


def undo(done: Sequence[DoneStep], board: Board, partners_in_the_clash: frozenset[Ref]) -> Plan:
    """The plan that leads back to what stood before `done`.

    The visits of the finding that was settled (`partners_in_the_clash`) and what shows them in the other calendar do
    not stand in the way: going back to the old clash is what undo means. Anybody else who has taken the time since
    does.
    """
    choice = Choice(ChoiceKind.UNDO)
    try:
        held = standing(board)
        clash = partners_in_the_clash.union(*(own_refs(board, ref) for ref in partners_in_the_clash))
        back = tuple(
            step
            for one in sorted(done, key=lambda one: one.step.projection)
            if one.step.kind in _REVERSED
            for step in _REVERSED[one.step.kind](Case(one, board, held, clash))
        )
        steps = past_what_only_shows(board, held, back)
    except Refused as refused:
        return Plan(choice, refused=refused.word, in_the_way=refused.by)
    except NotMapped as missing:
        return Plan(choice, refused=missing.word)
    tell = tuple(s.ref for s in steps if s.ref and not s.projection and s.kind in _HEARD)
    return Plan(choice, steps=steps, refused="" if steps else "nothing_to_do", tell=tell)


_HEARD = (StepKind.MOVE, StepKind.CANCEL, StepKind.REINSTATE, StepKind.PLACE_AGAIN)


def _move_back(case: Case) -> tuple[Step, ...]:
    before, now = case.one.step.before, _unchanged(case)
    if before is None:
        raise Refused("nothing_to_do")
    if before.start <= case.board.now:
        raise Refused("past")
    if not case.one.step.projection:
        _must_be_free(case, before)
    parts = tuple(PlacedPart(p.span.staff, p.span.start, p.span.end, p.service) for p in before.parts)
    ignoring = own_refs(case.board, now.ref) | case.clash
    write = move_of(now, parts, ignoring, even_if_taken=case.one.step.projection)
    after = replace(before, version=now.version)
    return (Step(StepKind.MOVE, now.ref.side, now.ref, now, after, write, case.one.step.projection),)


def _stand_again(case: Case) -> tuple[Step, ...]:
    before = case.one.step.before
    if before is None:
        raise Refused("nothing_to_do")
    if before.start <= case.board.now:
        raise Refused("past")
    _must_be_free(case, before)
    ignoring = tuple(sorted((own_refs(case.board, before.ref) | case.clash) - {before.ref}))
    now = before if before.ref.side is Side.SQUARE else _unchanged(case)
    return (stand_again(now, before, ignoring),)


def _cancel_again(case: Case) -> tuple[Step, ...]:
    """What was made to stand again is cancelled as it was; what the other side shows of it stays, as it did before."""
    now = _unchanged(case)
    _must_be_ahead(case, now)
    return (cancelled(now, projection=False),)


def _take_away(case: Case) -> tuple[Step, ...]:
    there = case.board.appointments.get(case.one.ref) if case.one.ref else None
    if there is None or not there.stands:
        return ()
    _must_be_ahead(case, there)
    return (withdrawn(there),)


def _show_again(case: Case) -> tuple[Step, ...]:
    """A projection that was withdrawn is put back from what its owner side will show; a booking in Square whose visit
    is gone where it was made, as it stood."""
    gone = case.one.step.before
    pair = case.board.pair_of(gone.ref) if gone else None
    if gone is None or pair is None:
        return ()
    _must_be_ahead(case, gone)
    owners = [a for p in pair.partners if p.ref.side is pair.owner and (a := case.board.appointments.get(p.ref))]
    if not owners:
        return _stand_again(case) if gone.ref.side is Side.SQUARE else ()
    visit = owners[-1]
    steps = place_steps(case.board, visit, range(len(visit.parts)), even_if_taken=True)
    return tuple(step for step in steps if step.after is not None and step.after.start == gone.start)


def _unlink(case: Case) -> tuple[Step, ...]:
    return (replace(case.one.step, kind=StepKind.UNLINK),)


def _reopen(case: Case) -> tuple[Step, ...]:
    return (replace(case.one.step, kind=StepKind.REOPEN),)


def _unchanged(case: Case) -> Appointment:
    """What stands now, if it is still what the step left behind: else somebody has changed it since."""
    one = case.one
    now = case.board.appointments.get(one.ref) if one.ref else None
    if now is None or one.answered is None or now.fingerprint != one.answered.fingerprint:
        raise Refused("changed")
    return now


def _must_be_ahead(case: Case, visit: Appointment) -> None:
    """Nothing is written about a visit whose end has passed."""
    if visit.end <= case.board.now:
        raise Refused("past")


def _must_be_free(case: Case, before: Appointment) -> None:
    blockers = in_the_way(case.held, person_spans(case.board, before), own_refs(case.board, before.ref) | case.clash)
    if blockers:
        raise Refused("taken", blockers)


_REVERSED: dict[StepKind, Callable[[Case], tuple[Step, ...]]] = {
    StepKind.MOVE: _move_back,
    StepKind.CANCEL: _stand_again,
    StepKind.REINSTATE: _cancel_again,
    StepKind.PLACE_AGAIN: _cancel_again,
    StepKind.PLACE: _take_away,
    StepKind.WITHDRAW: _show_again,
    StepKind.LINK: _unlink,
    StepKind.LEAVE: _reopen,
}
