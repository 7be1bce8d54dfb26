"""Undo: back to what stood before, unless somebody has taken the time or changed the visit since."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from sync.decide.plan import plan
from sync.decide.steps import withdrawn
from sync.decide.undo import undo
from sync.model import (
    Appointment,
    Board,
    Choice,
    ChoiceKind,
    DoneStep,
    Kind,
    Move,
    Place,
    Plan,
    Reinstate,
    Side,
    Standing,
    StepKind,
)
from tests.sync.decide.boards import at, block, board, bookly, finding, pair, square

ANNA = bookly("10", at(10))
BEN = square("sq1", at(10, 30))
CLASH = finding(Kind.DOUBLE_BOOKING, ANNA, BEN)
BOTH = frozenset({ANNA.ref, BEN.ref})


def left_behind(done: list[DoneStep]) -> Appointment:
    """What the first step left standing."""
    assert done[0].answered is not None
    return done[0].answered


def carried_out(choice: Choice, there: Board) -> list[DoneStep]:
    found = plan(choice, CLASH, there)
    return [DoneStep(step, step.ref, step.after) for step in found.steps]


def test_a_moved_client_goes_back_even_though_the_old_clash_comes_back() -> None:
    done = carried_out(Choice(ChoiceKind.OTHER_TIME, ref=ANNA.ref, start=at(14)), board(ANNA, BEN))
    back = undo(done, board(left_behind(done), BEN), BOTH)
    write = back.steps[0].write
    assert isinstance(write, Move)
    assert write.parts[0].start == at(10)
    assert BEN.ref in write.ignoring
    assert back.tell == (ANNA.ref,)


def test_undo_is_refused_when_somebody_else_has_the_old_time() -> None:
    done = carried_out(Choice(ChoiceKind.OTHER_TIME, ref=ANNA.ref, start=at(14)), board(ANNA, BEN))
    newcomer = square("sq7", at(10))
    back = undo(done, board(left_behind(done), BEN, newcomer), BOTH)
    assert (back.refused, back.in_the_way) == ("taken", (newcomer.ref,))


def test_undo_is_refused_when_the_visit_was_changed_since() -> None:
    done = carried_out(Choice(ChoiceKind.OTHER_TIME, ref=ANNA.ref, start=at(14)), board(ANNA, BEN))
    assert undo(done, board(bookly("10", at(15)), BEN), BOTH).refused == "changed"


def test_undo_is_refused_once_the_old_time_has_come() -> None:
    done = carried_out(Choice(ChoiceKind.OTHER_TIME, ref=ANNA.ref, start=at(14)), board(ANNA, BEN))
    assert undo(done, board(left_behind(done), BEN, now=at(10)), BOTH).refused == "past"


def test_a_cancelled_website_client_stands_again_as_before() -> None:
    done = carried_out(Choice(ChoiceKind.CANCEL, ref=ANNA.ref), board(ANNA, BEN))
    back = undo(done, board(left_behind(done), BEN), BOTH)
    assert isinstance(back.steps[0].write, Reinstate)
    assert (back.steps[0].write.status, back.steps[0].write.ignoring) == ("approved", (BEN.ref,))


def test_a_cancelled_square_client_gets_a_new_booking_since_the_old_one_is_final() -> None:
    done = carried_out(Choice(ChoiceKind.CANCEL, ref=BEN.ref), board(ANNA, BEN))
    back = undo(done, board(ANNA, replace(BEN, standing=Standing.CANCELLED)), BOTH)
    write = back.steps[0].write
    assert isinstance(write, Place)
    assert write.ignoring == (ANNA.ref,)
    assert (write.side, write.client, back.steps[0].kind) == (Side.SQUARE, BEN.clients[0].key, StepKind.PLACE_AGAIN)


def stood_again(now: datetime) -> Plan:
    """Anna was cancelled on the website and made to stand again, as Square shows her; then that is taken back."""
    off, shown = replace(ANNA, standing=Standing.CANCELLED, status="cancelled"), square("sq5", at(10))
    there = board(off, shown, pairs=[pair(1, off, shown)])
    choice = Choice(ChoiceKind.TAKE_SIDE, ref=off.ref, side=Side.SQUARE)
    done = [DoneStep(step, off.ref, ANNA) for step in plan(choice, finding(Kind.DRIFT, off, shown), there).steps]
    return undo(done, board(ANNA, shown, pairs=[pair(1, ANNA, shown)], now=now), frozenset({off.ref, shown.ref}))


def test_who_was_made_to_stand_again_is_cancelled_again_and_is_to_be_told() -> None:
    back = stood_again(at(8))
    assert [(step.kind, step.ref) for step in back.steps] == [(StepKind.CANCEL, ANNA.ref)]
    assert back.tell == (ANNA.ref,)


def test_who_was_made_to_stand_again_is_cancelled_only_before_the_end() -> None:
    assert [stood_again(now).refused for now in (at(10, 30), at(11))] == ["", "past"]


def test_what_was_shown_is_withdrawn_and_only_that() -> None:
    done = carried_out(Choice(ChoiceKind.SHOW_BOTH), board(ANNA, BEN))
    shown = square("sq9", at(10))
    done = [DoneStep(done[0].step, shown.ref, shown)]
    back = undo(done, board(ANNA, BEN, shown, pairs=[pair(1, ANNA, shown)]), BOTH)
    assert [(step.kind, step.ref) for step in back.steps] == [(StepKind.WITHDRAW, shown.ref)]


def test_what_shows_the_clash_and_what_only_shows_somebody_elsewhere_are_both_passed_by() -> None:
    bens_block, cleo, old = block("77", at(10, 30)), bookly("11", at(15)), square("sq7", at(10, 30))
    pairs = [pair(1, BEN, bens_block), pair(2, cleo, old)]
    done = carried_out(Choice(ChoiceKind.CANCEL, ref=ANNA.ref), board(ANNA, BEN, bens_block, pairs=pairs[:1]))
    write = undo(done, board(left_behind(done), BEN, bens_block, pairs=pairs[:1]), BOTH).steps[0].write
    assert isinstance(write, Reinstate)
    assert set(write.ignoring) == {BEN.ref, bens_block.ref}
    done = carried_out(Choice(ChoiceKind.CANCEL, ref=BEN.ref), board(ANNA, BEN))
    off = replace(BEN, standing=Standing.CANCELLED)
    again = undo(done, board(ANNA, off, cleo, old, pairs=pairs[1:]), BOTH).steps[0].write
    assert isinstance(again, Place)
    assert set(again.ignoring) == {ANNA.ref, old.ref}


def taken_away(shown: Appointment, there: Board) -> Plan:
    """Undo of a step that took `shown` away."""
    step = withdrawn(shown)
    return undo([DoneStep(step, shown.ref, None)], there, frozenset())


def test_of_a_visit_in_two_parts_only_the_part_that_was_taken_away_is_put_back() -> None:
    parts = (*ANNA.parts, *bookly("10", at(13)).parts)
    long = replace(ANNA, parts=parts)
    second = square("sq6", at(13))
    back = taken_away(second, board(long, pairs=[pair(1, long, square("sq5", at(10)), second)]))
    (step,) = back.steps
    assert isinstance(step.write, Place)
    assert step.write.parts[0].start == at(13)


def test_what_was_taken_away_is_put_back_only_before_its_end() -> None:
    shown = square("sq5", at(10))
    linked = [pair(1, ANNA, shown)]
    assert [taken_away(shown, board(ANNA, pairs=linked, now=now)).refused for now in (at(10, 30), at(11))] == [
        "",
        "past",
    ]


def test_a_block_whose_client_is_gone_in_square_is_not_put_back() -> None:
    shown = block("77", at(10, 30))
    assert taken_away(shown, board(pairs=[pair(1, BEN, shown)])).refused == "nothing_to_do"


def test_a_finding_that_was_left_is_opened_again() -> None:
    done = carried_out(Choice(ChoiceKind.LEAVE), board(ANNA, BEN))
    assert [step.kind for step in undo(done, board(ANNA, BEN), BOTH).steps] == [StepKind.REOPEN]
