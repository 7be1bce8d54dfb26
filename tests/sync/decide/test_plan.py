"""What a choice will do, step by step, and when it is refused."""

from __future__ import annotations

from dataclasses import replace

import pytest

from sync.decide.plan import plan
from sync.model import (
    Appointment,
    Cancel,
    Choice,
    ChoiceKind,
    Client,
    Kind,
    Move,
    Place,
    Plan,
    Ref,
    Reinstate,
    Side,
    Standing,
    Step,
    StepKind,
    Withdraw,
)
from tests.sync.decide.boards import BLOWOUT, SQUARE_CUT, at, block, board, bookly, finding, pair, square

ANNA = bookly("10", at(10))
BEN = square("sq1", at(10, 30))
CLASH = finding(Kind.DOUBLE_BOOKING, ANNA, BEN)


def moved(step: Step) -> Move:
    """The step's write, which must be a move."""
    assert isinstance(step.write, Move)
    return step.write


def put(step: Step) -> Place:
    """The step's write, which must be a placement."""
    assert isinstance(step.write, Place)
    return step.write


def after(step: Step) -> Appointment:
    """What will stand."""
    assert step.after is not None
    return step.after


def kinds(found: Plan) -> list[tuple[StepKind, Side]]:
    return [(step.kind, step.side) for step in found.steps]


def test_giving_a_website_client_to_another_stylist_moves_that_row_and_shows_her_in_square() -> None:
    found = plan(Choice(ChoiceKind.OTHER_STYLIST, ref=ANNA.ref, person="bookly:2"), CLASH, board(ANNA, BEN))
    assert kinds(found) == [(StepKind.MOVE, Side.BOOKLY), (StepKind.PLACE, Side.SQUARE)]
    there = found.steps[1].write
    assert isinstance(there, Place)
    assert (there.parts[0].staff, there.parts[0].start, there.even_if_taken) == ("TM2", at(10), False)
    write = found.steps[0].write
    assert isinstance(write, Move)
    assert (write.parts[0].staff, write.parts[0].start, write.seen) == ("2", at(10), ANNA.fingerprint)
    assert found.tell == (ANNA.ref,)


def test_a_square_client_who_moves_is_blocked_in_bookly_where_she_goes() -> None:
    found = plan(Choice(ChoiceKind.OTHER_TIME, ref=BEN.ref, start=at(13)), CLASH, board(ANNA, BEN))
    assert kinds(found) == [(StepKind.MOVE, Side.SQUARE), (StepKind.PLACE, Side.BOOKLY)]
    there = found.steps[1].write
    assert isinstance(there, Place)
    assert (there.parts[0].staff, there.parts[0].start, there.even_if_taken) == ("1", at(13), True)
    assert found.tell == (BEN.ref,)


def test_who_may_stand_on_the_other_side_already_is_moved_and_not_written_there_again() -> None:
    twin = bookly("12", at(10, 35), staff="3", clients=BEN.clients)
    found = plan(Choice(ChoiceKind.OTHER_TIME, ref=BEN.ref, start=at(13)), CLASH, board(ANNA, BEN, twin))
    assert kinds(found) == [(StepKind.MOVE, Side.SQUARE)]


def test_neither_a_cancelled_twin_nor_one_that_shows_another_visit_keeps_it_from_being_shown() -> None:
    twin = bookly("12", at(10, 35), staff="3", clients=BEN.clients)
    other = square("sq2", at(10, 35))
    choice = Choice(ChoiceKind.OTHER_TIME, ref=BEN.ref, start=at(13))
    off = board(ANNA, BEN, replace(twin, standing=Standing.CANCELLED))
    taken = board(ANNA, BEN, twin, other, pairs=[pair(1, twin, other)])
    for there in (off, taken):
        assert kinds(plan(choice, CLASH, there)) == [(StepKind.MOVE, Side.SQUARE), (StepKind.PLACE, Side.BOOKLY)]


def test_a_client_who_also_comes_later_that_day_is_shown_where_she_goes_all_the_same() -> None:
    later = bookly("12", at(16), clients=BEN.clients)
    found = plan(Choice(ChoiceKind.OTHER_TIME, ref=BEN.ref, start=at(13)), CLASH, board(ANNA, BEN, later))
    assert kinds(found) == [(StepKind.MOVE, Side.SQUARE), (StepKind.PLACE, Side.BOOKLY)]


def test_a_moved_visit_whose_service_the_other_side_does_not_know_is_only_moved() -> None:
    odd = replace(ANNA, parts=(replace(ANNA.parts[0], service=BLOWOUT),))
    found = plan(Choice(ChoiceKind.OTHER_TIME, ref=odd.ref, start=at(13)), CLASH, board(odd, BEN))
    assert kinds(found) == [(StepKind.MOVE, Side.BOOKLY)]


def test_time_that_staff_shut_for_themselves_is_moved_and_shown_nowhere() -> None:
    lunch = block("90", at(10))
    found = plan(Choice(ChoiceKind.OTHER_TIME, ref=lunch.ref, start=at(13)), CLASH, board(lunch, BEN))
    assert kinds(found) == [(StepKind.MOVE, Side.BOOKLY)]


def test_what_the_other_side_shows_moves_with_the_visit_and_a_block_holds_the_busy_time() -> None:
    span = replace(BEN.parts[0].span, busy_end=at(11, 45))
    ben = replace(BEN, parts=(replace(BEN.parts[0], span=span),))
    shown = block("77", at(10, 30), 75)
    linked = pair(1, ben, shown)
    found = plan(
        Choice(ChoiceKind.OTHER_STYLIST, ref=ben.ref, person="bookly:2"), CLASH, board(ANNA, ben, shown, pairs=[linked])
    )
    assert kinds(found) == [(StepKind.MOVE, Side.SQUARE), (StepKind.MOVE, Side.BOOKLY)]
    first, second = (step.write for step in found.steps)
    assert isinstance(first, Move)
    assert isinstance(second, Move)
    assert (first.parts[0].staff, first.parts[0].end, first.version) == ("TM2", at(11, 30), 3)
    assert (second.parts[0].staff, second.parts[0].start, second.parts[0].end) == ("2", at(10, 30), at(11, 45))
    assert found.tell == (ben.ref,)


def test_a_stylist_who_is_taken_on_either_side_is_refused_and_who_is_in_the_way_is_named() -> None:
    other = square("sq9", at(10, 45), 15, staff="TM2")
    found = plan(Choice(ChoiceKind.OTHER_STYLIST, ref=ANNA.ref, person="bookly:2"), CLASH, board(ANNA, BEN, other))
    assert (found.refused, found.in_the_way) == ("taken", (other.ref,))


def test_a_visit_that_only_touches_is_not_in_the_way() -> None:
    other = square("sq9", at(11), 30, staff="TM2")
    found = plan(Choice(ChoiceKind.OTHER_STYLIST, ref=ANNA.ref, person="bookly:2"), CLASH, board(ANNA, BEN, other))
    assert not found.refused


def test_paddings_count_when_a_person_asks_for_a_time() -> None:
    other = square("sq9", at(11, 5), 30, staff="TM2")
    padded = replace(ANNA, parts=(replace(ANNA.parts[0], span=replace(ANNA.parts[0].span, busy_end=at(11, 15))),))
    found = plan(Choice(ChoiceKind.OTHER_STYLIST, ref=ANNA.ref, person="bookly:2"), CLASH, board(padded, BEN, other))
    assert found.refused == "taken"


def test_a_stylist_who_does_not_do_the_service_is_refused() -> None:
    anna = replace(ANNA, parts=(replace(ANNA.parts[0], service=BLOWOUT),))
    found = plan(Choice(ChoiceKind.OTHER_STYLIST, ref=anna.ref, person="bookly:2"), CLASH, board(anna, BEN))
    assert found.refused == "cannot_do_service"


def test_a_stylist_who_does_not_work_then_is_refused() -> None:
    late = bookly("10", at(16, 30))
    found = plan(Choice(ChoiceKind.OTHER_STYLIST, ref=late.ref, person="bookly:2"), CLASH, board(late, BEN))
    assert found.refused == "not_working"


def test_a_square_client_cannot_go_to_somebody_square_does_not_know() -> None:
    found = plan(Choice(ChoiceKind.OTHER_STYLIST, ref=BEN.ref, person="bookly:3"), CLASH, board(ANNA, BEN))
    assert found.refused == "not_mapped_staff"


def test_another_visits_old_block_is_not_in_the_way_where_its_own_side_shows_it_elsewhere() -> None:
    moved_away = square("sq2", at(15), staff="TM2")
    old_block = block("88", at(10), staff="2")
    there = board(ANNA, BEN, moved_away, old_block, pairs=[pair(2, moved_away, old_block)])
    found = plan(Choice(ChoiceKind.OTHER_STYLIST, ref=ANNA.ref, person="bookly:2"), CLASH, there)
    assert not found.refused


def test_another_time_keeps_the_length_and_may_not_lie_in_the_past() -> None:
    found = plan(Choice(ChoiceKind.OTHER_TIME, ref=ANNA.ref, start=at(12)), CLASH, board(ANNA, BEN))
    assert after(found.steps[0]).end == at(13)
    early = plan(Choice(ChoiceKind.OTHER_TIME, ref=ANNA.ref, start=at(9)), CLASH, board(ANNA, BEN, now=at(9, 30)))
    assert early.refused == "past"


def test_a_visit_that_is_over_is_left_in_peace() -> None:
    found = plan(Choice(ChoiceKind.CANCEL, ref=ANNA.ref), CLASH, board(ANNA, BEN, now=at(12)))
    assert found.refused == "past"


def test_cancelling_sets_a_status_and_withdraws_what_the_other_side_shows() -> None:
    shown = square("sq5", at(10))
    found = plan(Choice(ChoiceKind.CANCEL, ref=ANNA.ref), CLASH, board(ANNA, BEN, shown, pairs=[pair(1, ANNA, shown)]))
    assert [type(step.write) for step in found.steps] == [Cancel, Withdraw]
    assert found.tell == (ANNA.ref,)


def test_cancelling_what_is_shown_cancels_the_visit_where_it_was_made() -> None:
    shown = square("sq5", at(10))
    found = plan(Choice(ChoiceKind.CANCEL, ref=shown.ref), CLASH, board(ANNA, shown, pairs=[pair(1, ANNA, shown)]))
    assert [step.ref for step in found.steps] == [ANNA.ref, shown.ref]


def test_sending_across_makes_a_booking_with_the_mapped_service() -> None:
    found = plan(Choice(ChoiceKind.SEND_ACROSS, ref=ANNA.ref), finding(Kind.MISSING_IN_SQUARE, ANNA), board(ANNA))
    write = found.steps[0].write
    assert isinstance(write, Place)
    assert (write.side, write.parts[0].staff, write.parts[0].service) == (Side.SQUARE, "TM1", SQUARE_CUT)
    assert found.tell == ()


def test_a_square_booking_is_blocked_in_bookly_even_over_an_overlap() -> None:
    found = plan(Choice(ChoiceKind.SEND_ACROSS, ref=BEN.ref), finding(Kind.MISSING_IN_BOOKLY, BEN), board(ANNA, BEN))
    assert isinstance(found.steps[0].write, Place)
    assert found.steps[0].write.even_if_taken


def test_a_website_visit_that_overlaps_in_square_is_not_sent_by_itself() -> None:
    found = plan(Choice(ChoiceKind.SEND_ACROSS, ref=ANNA.ref), finding(Kind.MISSING_IN_SQUARE, ANNA), board(ANNA, BEN))
    assert found.refused == "taken"


def test_a_visit_under_way_is_still_sent_and_one_that_is_over_is_not() -> None:
    choice = Choice(ChoiceKind.SEND_ACROSS, ref=ANNA.ref)
    lost = finding(Kind.MISSING_IN_SQUARE, ANNA)
    assert kinds(plan(choice, lost, board(ANNA, now=at(10, 30)))) == [(StepKind.PLACE, Side.SQUARE)]
    assert plan(choice, lost, board(ANNA, now=at(11))).refused


def test_nothing_is_sent_twice() -> None:
    shown = square("sq5", at(10))
    there = board(ANNA, shown, pairs=[pair(1, ANNA, shown)])
    found = plan(Choice(ChoiceKind.SEND_ACROSS, ref=ANNA.ref), finding(Kind.MISSING_IN_SQUARE, ANNA), there)
    assert found.refused == "nothing_to_do"


def test_showing_both_places_each_where_it_is_not() -> None:
    found = plan(Choice(ChoiceKind.SHOW_BOTH), CLASH, board(ANNA, BEN))
    assert kinds(found) == [(StepKind.PLACE, Side.SQUARE), (StepKind.PLACE, Side.BOOKLY)]
    assert all(put(step).even_if_taken for step in found.steps)


def test_a_class_goes_across_without_a_client_and_with_its_head_count() -> None:
    people = tuple(Client(str(n), f"Guest {n}") for n in range(3))
    group = replace(
        bookly("10", at(10)), ref=Ref(Side.BOOKLY, "row:10"), is_class=True, clients=people, persons=3, capacity=6
    )
    found = plan(Choice(ChoiceKind.SEND_ACROSS, ref=group.ref), finding(Kind.MISSING_IN_SQUARE, group), board(group))
    assert "3 persons" in put(found.steps[0]).note


def test_linking_writes_nothing() -> None:
    twin = square("sq5", at(10, 5))
    found = plan(
        Choice(ChoiceKind.LINK, ref=ANNA.ref, other=twin.ref), finding(Kind.SAME_VISIT, ANNA, twin), board(ANNA, twin)
    )
    assert [(step.kind, step.write) for step in found.steps] == [(StepKind.LINK, None)]


def test_linking_what_is_already_linked_is_refused() -> None:
    twin, third = square("sq5", at(10, 5)), square("sq6", at(10))
    there = board(ANNA, twin, third, pairs=[pair(1, ANNA, third)])
    found = plan(Choice(ChoiceKind.LINK, ref=ANNA.ref, other=twin.ref), finding(Kind.SAME_VISIT, ANNA, twin), there)
    assert found.refused == "changed"


def test_taking_the_owner_sides_value_moves_what_the_other_side_shows() -> None:
    shown = square("sq5", at(14))
    there = board(ANNA, shown, pairs=[pair(1, ANNA, shown)])
    found = plan(Choice(ChoiceKind.TAKE_SIDE, ref=ANNA.ref, side=Side.BOOKLY), finding(Kind.DRIFT, ANNA, shown), there)
    assert kinds(found) == [(StepKind.MOVE, Side.SQUARE)]
    assert moved(found.steps[0]).parts[0].start == at(10)
    assert found.tell == ()


def test_taking_the_other_sides_value_moves_the_client_because_a_person_said_so() -> None:
    shown = square("sq5", at(14), staff="TM2")
    there = board(ANNA, shown, pairs=[pair(1, ANNA, shown)])
    found = plan(Choice(ChoiceKind.TAKE_SIDE, ref=ANNA.ref, side=Side.SQUARE), finding(Kind.DRIFT, ANNA, shown), there)
    assert kinds(found) == [(StepKind.MOVE, Side.BOOKLY)]
    assert (moved(found.steps[0]).parts[0].staff, moved(found.steps[0]).parts[0].start) == ("2", at(14))
    assert found.tell == (ANNA.ref,)


def test_what_vanished_is_put_back_over_an_overlap_in_bookly_only() -> None:
    block_gone = replace(block("77", at(10, 30)), standing=Standing.CANCELLED)
    booking_gone = replace(square("sq5", at(10)), standing=Standing.CANCELLED)
    there = board(ANNA, BEN, block_gone, booking_gone, pairs=[pair(1, ANNA, booking_gone), pair(2, BEN, block_gone)])
    for visit, anyway in ((BEN, True), (ANNA, False)):
        choice = Choice(ChoiceKind.TAKE_SIDE, ref=visit.ref, side=visit.ref.side)
        (step,) = plan(choice, finding(Kind.DRIFT, visit), there).steps
        assert put(step).even_if_taken is anyway


def padded_class() -> Appointment:
    """A class from ten to eleven with a quarter of an hour before and after."""
    span = replace(ANNA.parts[0].span, busy_start=at(9, 45), busy_end=at(11, 15))
    return replace(ANNA, ref=Ref(Side.BOOKLY, "row:10"), is_class=True, parts=(replace(ANNA.parts[0], span=span),))


@pytest.mark.parametrize("side", Side)
def test_a_booking_for_nobody_in_square_holds_the_time_of_the_class_without_its_paddings(side: Side) -> None:
    there, shown = padded_class(), square("sq5", at(14), clients=())
    found = plan(
        Choice(ChoiceKind.TAKE_SIDE, ref=there.ref, side=side),
        finding(Kind.DRIFT, there, shown),
        board(there, shown, pairs=[pair(1, there, shown)]),
    )
    (step,) = found.steps
    start = {Side.BOOKLY: at(10), Side.SQUARE: at(14)}[side]
    assert (moved(step).ref.side, moved(step).parts[0].start) == (side.other, start)
    assert moved(step).parts[0].end - start == at(11) - at(10)


def test_taking_the_owner_sides_value_puts_back_what_vanished() -> None:
    gone = replace(square("sq5", at(10)), standing=Standing.CANCELLED)
    there = board(ANNA, gone, pairs=[pair(1, ANNA, gone)])
    found = plan(Choice(ChoiceKind.TAKE_SIDE, ref=ANNA.ref, side=Side.BOOKLY), finding(Kind.DRIFT, ANNA, gone), there)
    assert kinds(found) == [(StepKind.PLACE, Side.SQUARE)]


def test_a_client_who_was_typed_into_both_by_hand_is_cancelled_in_bookly_too_and_never_taken_away() -> None:
    gone = replace(square("sq5", at(10)), standing=Standing.CANCELLED)
    there = board(ANNA, gone, pairs=[pair(1, gone, ANNA)])
    found = plan(Choice(ChoiceKind.TAKE_SIDE, ref=gone.ref, side=Side.SQUARE), finding(Kind.DRIFT, ANNA, gone), there)
    (step,) = found.steps
    assert (step.kind, step.side, step.projection, type(step.write)) == (StepKind.CANCEL, Side.BOOKLY, True, Cancel)


def test_a_cancelled_website_visit_stands_again_where_a_person_says_that_square_is_right() -> None:
    off, shown = replace(ANNA, standing=Standing.CANCELLED, status="cancelled"), square("sq5", at(10))
    there = board(off, shown, pairs=[pair(1, off, shown)])
    (step,) = plan(
        Choice(ChoiceKind.TAKE_SIDE, ref=off.ref, side=Side.SQUARE), finding(Kind.DRIFT, off, shown), there
    ).steps
    assert isinstance(step.write, Reinstate)
    assert (step.side, step.write.ref, step.write.status, step.projection) == (Side.BOOKLY, off.ref, "approved", False)
    assert step.after is not None and step.after.stands


def test_a_cancelled_square_client_is_booked_anew_where_a_person_says_that_bookly_is_right() -> None:
    off, shown = replace(BEN, standing=Standing.CANCELLED), block("77", at(10, 30))
    there = board(off, shown, pairs=[pair(1, off, shown)])
    (step,) = plan(
        Choice(ChoiceKind.TAKE_SIDE, ref=off.ref, side=Side.BOOKLY), finding(Kind.DRIFT, off, shown), there
    ).steps
    assert (step.kind, step.side, step.ref) == (StepKind.PLACE_AGAIN, Side.SQUARE, off.ref)
    assert put(step).client == BEN.clients[0].key
    assert put(step).parts[0].start == at(10, 30)


def test_nobody_stands_again_where_somebody_else_sits_by_now() -> None:
    off, shown = replace(ANNA, standing=Standing.CANCELLED, status="cancelled"), square("sq5", at(10))
    there = board(off, shown, BEN, pairs=[pair(1, off, shown)])
    found = plan(Choice(ChoiceKind.TAKE_SIDE, ref=off.ref, side=Side.SQUARE), finding(Kind.DRIFT, off, shown), there)
    assert (found.refused, found.in_the_way) == ("taken", (BEN.ref,))


def test_taking_the_side_where_it_was_cancelled_cancels_the_client() -> None:
    gone = replace(square("sq5", at(10)), standing=Standing.CANCELLED)
    there = board(ANNA, gone, pairs=[pair(1, ANNA, gone)])
    found = plan(Choice(ChoiceKind.TAKE_SIDE, ref=ANNA.ref, side=Side.SQUARE), finding(Kind.DRIFT, ANNA, gone), there)
    assert kinds(found) == [(StepKind.CANCEL, Side.BOOKLY)]


def test_nobody_stands_again_whose_time_is_over() -> None:
    off, shown = replace(ANNA, standing=Standing.CANCELLED, status="cancelled"), square("sq5", at(10))
    choice, drift = Choice(ChoiceKind.TAKE_SIDE, ref=off.ref, side=Side.SQUARE), finding(Kind.DRIFT, off, shown)
    for now, refused in ((at(10, 59), ""), (at(11), "past")):
        assert plan(choice, drift, board(off, shown, pairs=[pair(1, off, shown)], now=now)).refused == refused


def test_what_is_taken_away_with_a_cancelled_visit_is_what_still_stands() -> None:
    off = replace(ANNA, standing=Standing.CANCELLED)
    first, second = replace(square("sq5", at(10)), standing=Standing.CANCELLED), square("sq6", at(10, 30))
    there = board(off, first, second, pairs=[pair(1, off, first, second)])
    found = plan(Choice(ChoiceKind.TAKE_SIDE, ref=off.ref, side=Side.BOOKLY), finding(Kind.DRIFT, off, second), there)
    assert [(step.kind, step.ref) for step in found.steps] == [(StepKind.WITHDRAW, second.ref)]
