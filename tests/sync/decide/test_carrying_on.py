"""What a hint leads to once both sides know the visit: one side changed is carried, both changed is a question."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from sync.decide.carrying import Verdict, carry
from sync.decide.case import Sight
from sync.model import Appointment, Client, End, Move, Pair, Reinstate, Side, Span, Standing, StepKind
from tests.sync.decide.boards import at, bookly, square
from tests.sync.decide.playing import (
    again,
    cancelled,
    end,
    group,
    kinds,
    linked,
    moved,
    our_booking,
    parts_of,
    places,
    seen,
    with_staff,
    written,
)

ANNA = bookly("1", at(10), made_at=at(7))
THERE = our_booking("S", at(10))
PAIR = linked(ANNA, THERE)
HOURS = timedelta(hours=3)


def when(name: Appointment, *appointments: Appointment, pair: Pair = PAIR, **more: Any) -> Sight:
    """Anna's visit and what Square shows of it, as these are now; everything was agreed before."""
    return seen(name, *appointments, pairs=[pair], **more)


def sides(verdict: Verdict) -> set[Side]:
    return {step.side for step in verdict.steps}


def spans(verdict: Verdict) -> list[tuple[str, datetime, datetime]]:
    return [
        (p.span.staff, p.span.start, p.span.end)
        for step in verdict.steps
        if step.after is not None
        for p in step.after.parts
    ]


def test_moved_on_the_website_it_moves_in_square() -> None:
    sight = when(ANNA, moved(ANNA, HOURS), THERE)
    verdict = carry(sight)
    assert (end(verdict), verdict.agree, spans(verdict)) == (
        (End.APPLIED, "time"), (ANNA.ref,), [("TM1", at(13), at(14))],
    )  # fmt: skip
    assert end(again(sight, verdict)) == (End.ALREADY_TRUE, "in_step")


def test_another_service_on_the_website_is_another_in_square() -> None:
    other = replace(ANNA, parts=(replace(ANNA.parts[0], service="2"),))
    verdict = carry(when(ANNA, other, THERE, board={"service_map": {"1": "VAR-CUT", "2": "VAR-BLOW"}}))
    assert end(verdict) == (End.APPLIED, "service")
    (step,) = verdict.steps
    assert isinstance(step.write, Move) and step.write.parts[0].service == "VAR-BLOW"


def test_moved_onto_somebody_in_square_it_is_a_question() -> None:
    verdict = carry(when(ANNA, moved(ANNA, HOURS), THERE, square("T", at(13, 30))))
    assert end(verdict) == (End.CONFLICT, "taken")


def test_cancelled_on_the_website_it_is_withdrawn_also_over_an_overlap() -> None:
    verdict = carry(when(ANNA, cancelled(ANNA), THERE, square("T", at(10, 30))))
    assert (end(verdict), kinds(verdict)) == ((End.APPLIED, "standing"), [StepKind.WITHDRAW])


def test_two_swapped_clients_do_not_wait_for_each_others_old_place() -> None:
    ben, bens = bookly("2", at(13), made_at=at(7)), our_booking("T", at(13))
    sight = seen(
        ANNA, moved(ANNA, HOURS), moved(ben, -HOURS), THERE, bens, pairs=[PAIR, replace(linked(ben, bens), visit=8)]
    )
    verdict = carry(sight)
    assert end(verdict) == (End.APPLIED, "time")
    (step,) = verdict.steps
    assert isinstance(step.write, Move) and bens.ref in step.write.ignoring


@pytest.mark.parametrize("standing", [Standing.OVER, Standing.WAITING])
def test_done_or_put_on_the_waiting_list_frees_nothing_in_square(standing: Standing) -> None:
    verdict = carry(when(ANNA, replace(ANNA, standing=standing), THERE))
    assert (end(verdict), verdict.steps) == ((End.ALREADY_TRUE, "in_step"), ())


def test_a_visit_that_is_done_follows_nothing_that_square_does_to_it() -> None:
    for there in (moved(THERE, HOURS), cancelled(THERE)):
        verdict = carry(when(THERE, replace(ANNA, standing=Standing.OVER), there))
        assert (end(verdict), verdict.steps) == ((End.ALREADY_TRUE, "not_carried"), ())


def test_a_no_show_in_square_that_the_website_moves_gets_a_booking_anew() -> None:
    missed = replace(THERE, standing=Standing.OVER)
    verdict = carry(when(ANNA, moved(ANNA, HOURS), missed))
    assert (end(verdict), kinds(verdict), verdict.former) == (
        (End.APPLIED, "time"), [StepKind.PLACE], (THERE.ref,),
    )  # fmt: skip


def test_pending_and_approved_are_one() -> None:
    assert end(carry(when(ANNA, replace(ANNA, status="pending"), THERE))) == (End.ALREADY_TRUE, "in_step")


def test_what_is_over_is_left_alone_and_what_was_moved_out_of_the_past_is_a_question() -> None:
    late: dict[str, Any] = {"now": at(12)}
    assert end(carry(when(ANNA, cancelled(ANNA), THERE, **late))) == (End.ALREADY_TRUE, "past")
    assert end(carry(when(THERE, ANNA, moved(THERE, HOURS), **late))) == (End.CONFLICT, "past")
    assert end(carry(when(ANNA, moved(ANNA, -HOURS), THERE, now=at(9)))) == (End.CONFLICT, "past")


# --- changed in Square ----------------------------------------------------------------------------------------------


def test_moved_in_square_it_moves_on_the_website() -> None:
    sight = when(THERE, ANNA, with_staff(moved(THERE, HOURS), "TM2"))
    verdict = carry(sight)
    assert (end(verdict), verdict.agree, spans(verdict)) == (
        (End.APPLIED, "staff"), (THERE.ref,), [("2", at(13), at(14))],
    )  # fmt: skip
    assert end(again(sight, verdict)) == (End.ALREADY_TRUE, "in_step")


def test_moved_in_square_onto_another_visit_it_is_a_question() -> None:
    verdict = carry(when(THERE, ANNA, moved(THERE, HOURS), bookly("2", at(13))))
    assert end(verdict) == (End.CONFLICT, "taken")


def test_cancelled_in_square_it_is_cancelled_on_the_website() -> None:
    verdict = carry(when(THERE, ANNA, cancelled(THERE)))
    assert (end(verdict), kinds(verdict), verdict.former) == (
        (End.APPLIED, "standing"), [StepKind.CANCEL], (THERE.ref,),
    )  # fmt: skip


def longer(appointment: Appointment, minutes: int) -> Appointment:
    (part,) = appointment.parts
    span = Span.of(part.span.staff, part.span.start, part.span.end + timedelta(minutes=minutes))
    return replace(appointment, parts=(replace(part, span=span),))


def test_a_length_is_carried_only_when_it_changed() -> None:
    short = longer(ANNA, -15)
    pair = linked(short, THERE)  # linked by hand: fifteen minutes apart from the first
    assert spans(carry(when(THERE, short, moved(THERE, HOURS), pair=pair))) == [("1", at(13), at(13, 45))]
    assert spans(carry(when(THERE, short, longer(THERE, 30), pair=pair))) == [("1", at(10), at(11, 30))]


def test_half_a_minute_of_bookly_is_not_taken_for_a_change() -> None:
    odd = longer(ANNA, 0.5)  # type: ignore[arg-type]
    verdict = carry(when(THERE, odd, moved(THERE, HOURS), pair=linked(odd, THERE)))
    assert spans(verdict) == [("1", at(13), at(14) + timedelta(seconds=30))]


def test_another_service_in_square_is_a_question() -> None:
    other = replace(THERE, parts=(replace(THERE.parts[0], service="VAR-OTHER"),))
    assert end(carry(when(THERE, ANNA, other))) == (End.CONFLICT, "service")


def test_a_booking_that_vanished_from_square_cancels_nobody() -> None:
    assert end(carry(when(THERE, ANNA))) == (End.CONFLICT, "vanished")


def test_what_was_cancelled_and_agreed_stands_again_for_no_move() -> None:
    gone = cancelled(ANNA)
    verdict = carry(when(THERE, gone, moved(THERE, HOURS), pair=linked(gone, THERE)))
    assert (end(verdict), verdict.steps) == ((End.CONFLICT, "not_agreed"), ())


# --- changed on both ------------------------------------------------------------------------------------------------


def test_changed_on_both_differently_is_a_question() -> None:
    for mine, theirs in (
        (moved(ANNA, HOURS), moved(THERE, 2 * HOURS)),
        (cancelled(ANNA), moved(THERE, HOURS)),
        (moved(ANNA, HOURS), cancelled(THERE)),
    ):
        verdict = carry(when(ANNA, mine, theirs))
        assert (end(verdict), verdict.steps) == ((End.CONFLICT, "both_changed"), ())


def test_changed_on_both_alike_is_agreed() -> None:
    for mine, theirs in ((moved(ANNA, HOURS), moved(THERE, HOURS)), (cancelled(ANNA), cancelled(THERE))):
        sight = when(ANNA, mine, theirs)
        verdict = carry(sight)
        assert (end(verdict), verdict.steps) == ((End.ALREADY_TRUE, "same_on_both"), ())
        assert end(again(sight, verdict))[0] is End.ALREADY_TRUE


def test_gone_here_and_cancelled_there_is_the_same() -> None:
    verdict = carry(when(ANNA, cancelled(THERE)))
    assert end(verdict) == (End.ALREADY_TRUE, "same_on_both")
    assert set(verdict.former) == {ANNA.ref, THERE.ref}


def test_what_was_never_agreed_is_a_question() -> None:
    pair = replace(PAIR, partners=(PAIR.partners[0], replace(PAIR.partners[1], agreed=None)))
    assert end(carry(when(THERE, ANNA, THERE, pair=pair))) == (End.CONFLICT, "not_agreed")


# --- who comes ------------------------------------------------------------------------------------------------------

BERG = Client("11", "Anna Berg", "+13125550111", "anna@mail.example")


def test_somebody_else_on_one_side_is_a_question() -> None:
    mine = replace(ANNA, clients=(BERG,))
    for name in ("Ida Berg", ""):
        daughter = replace(ANNA, clients=(replace(BERG, key="12", name=name),))
        assert end(carry(when(ANNA, daughter, THERE, pair=linked(mine, THERE)))) == (End.CONFLICT, "client")


def test_a_merged_profile_is_the_same_person() -> None:
    mine = replace(ANNA, clients=(BERG,))
    merged = replace(ANNA, clients=(replace(BERG, key="12"),))
    verdict = carry(when(ANNA, merged, THERE, pair=linked(mine, THERE)))
    assert (end(verdict), verdict.agree) == ((End.ALREADY_TRUE, "in_step"), (ANNA.ref,))
    later = carry(when(ANNA, moved(merged, HOURS), THERE, pair=linked(mine, THERE)))
    assert end(later) == (End.APPLIED, "time")


def test_once_paid_the_booking_gets_its_client() -> None:
    unpaid = replace(ANNA, unpaid=True)
    verdict = carry(when(ANNA, ANNA, THERE, pair=linked(unpaid, THERE)))
    assert end(verdict) == (End.APPLIED, "paid")
    (step,) = verdict.steps
    assert isinstance(step.write, Move) and step.write.names_client


# --- gone, and a calendar suddenly small ----------------------------------------------------------------------------


def test_a_vanished_website_visit_cancels_nobody() -> None:
    assert end(carry(when(ANNA, THERE))) == (End.CONFLICT, "vanished")


def test_one_that_somebody_meant_to_be_gone_is_withdrawn() -> None:
    sight = when(ANNA, THERE, meant=frozenset({ANNA.ref}))
    verdict = carry(sight)
    assert (end(verdict), kinds(verdict)) == ((End.APPLIED, "meant_to_be_gone"), [StepKind.WITHDRAW])
    assert ANNA.ref in verdict.former
    assert end(again(sight, verdict)) == (End.SUPERSEDED, "former")


def test_a_calendar_suddenly_small_takes_and_moves_nothing() -> None:
    small: dict[str, Any] = {"withheld": frozenset({ANNA.ref}), "meant": frozenset({ANNA.ref})}
    assert end(carry(when(ANNA, THERE, **small))) == (End.CONFLICT, "calendar_small")
    for name in (ANNA, THERE):  # whichever end of the visit the hint names
        verdict = carry(when(name, moved(ANNA, HOURS), THERE, withheld=frozenset({ANNA.ref})))
        assert (end(verdict), verdict.steps) == ((End.CONFLICT, "calendar_small"), ())


# --- parts and classes ----------------------------------------------------------------------------------------------

WHOLE = replace(ANNA, parts=parts_of(ANNA, bookly("2", at(11, 30), staff="2")))
FIRST, SECOND = our_booking("S1", at(10)), our_booking("S2", at(11, 30), staff="TM2")
PARTS = linked(WHOLE, FIRST, SECOND)


def test_one_part_moved_on_the_website_moves_its_booking_alone() -> None:
    verdict = carry(when(WHOLE, moved(WHOLE, HOURS, 1), FIRST, SECOND, pair=PARTS))
    assert (end(verdict), written(verdict)) == ((End.APPLIED, "time"), {SECOND.ref})


def test_one_part_cancelled_on_the_website_withdraws_its_booking_alone() -> None:
    one_left = replace(WHOLE, parts=WHOLE.parts[:1], dropped=("2",))
    verdict = carry(when(WHOLE, one_left, FIRST, SECOND, pair=PARTS))
    assert (kinds(verdict), written(verdict)) == ([StepKind.WITHDRAW], {SECOND.ref})


def test_one_part_that_vanished_withdraws_nothing_though_the_other_is_done() -> None:
    for standing in (Standing.STANDS, Standing.OVER):
        one_left = replace(WHOLE, parts=WHOLE.parts[:1], standing=standing)
        assert carry(when(WHOLE, one_left, FIRST, SECOND, pair=PARTS)).steps == ()


def test_one_part_cancelled_is_withdrawn_though_the_other_is_done_by_now() -> None:
    one_left = replace(WHOLE, parts=WHOLE.parts[:1], dropped=("2",), standing=Standing.OVER)
    sight = when(WHOLE, one_left, FIRST, SECOND, pair=PARTS)
    verdict = carry(sight)
    assert (kinds(verdict), written(verdict)) == ([StepKind.WITHDRAW], {SECOND.ref})
    assert again(sight, verdict).steps == ()


def test_one_part_moved_in_square_moves_that_part() -> None:
    verdict = carry(when(SECOND, WHOLE, FIRST, moved(SECOND, HOURS), pair=PARTS))
    assert spans(verdict) == [("1", at(10), at(11)), ("2", at(14, 30), at(15, 30))]


def test_one_part_cancelled_in_square_is_a_question_and_all_of_them_cancel_the_visit() -> None:
    some = carry(when(SECOND, WHOLE, FIRST, cancelled(SECOND), pair=PARTS))
    assert (end(some), some.steps) == ((End.CONFLICT, "changed"), ())
    everything = carry(when(SECOND, WHOLE, cancelled(FIRST), cancelled(SECOND), pair=PARTS))
    assert (kinds(everything), written(everything)) == ([StepKind.CANCEL], {WHOLE.ref})


def test_one_of_a_class_cancelling_changes_its_note_only() -> None:
    five, four = group(ANNA, 5), group(ANNA, 4)
    verdict = carry(when(five, four, THERE, pair=linked(five, THERE)))
    assert end(verdict) == (End.APPLIED, "persons")
    (step,) = verdict.steps
    assert isinstance(step.write, Move) and "4 persons" in (step.write.note or "")
    assert spans(verdict) == [("TM1", at(10), at(11))]


def test_a_class_cancelled_in_square_is_a_question() -> None:
    five = group(ANNA, 5)
    verdict = carry(when(THERE, five, cancelled(THERE), pair=linked(five, THERE)))
    assert end(verdict) == (End.CONFLICT, "class_needs_people")


# --- linked by hand, made in Square ---------------------------------------------------------------------------------

BEN = square("S", at(10), made_at=at(7))
HIS = bookly("1", at(10), made_at=at(7, 30))
BY_HAND = linked(BEN, HIS)


def test_linked_by_hand_each_side_follows_the_other() -> None:
    there = carry(when(BEN, moved(BEN, HOURS), HIS, pair=BY_HAND))
    assert (end(there), sides(there), spans(there)) == (
        (End.APPLIED, "time"), {Side.BOOKLY}, [("1", at(13), at(14))],
    )  # fmt: skip
    back = carry(when(HIS, BEN, moved(HIS, HOURS), pair=BY_HAND))
    assert (end(back), sides(back), spans(back)) == ((End.APPLIED, "time"), {Side.SQUARE}, [("TM1", at(13), at(14))])


def test_linked_by_hand_a_client_is_cancelled_never_deleted() -> None:
    there = carry(when(BEN, cancelled(BEN), HIS, pair=BY_HAND))
    assert (kinds(there), written(there)) == ([StepKind.CANCEL], {HIS.ref})
    back = carry(when(HIS, BEN, cancelled(HIS), pair=BY_HAND))
    assert (kinds(back), written(back)) == ([StepKind.CANCEL], {BEN.ref})


def test_linked_by_hand_another_service_in_square_is_a_question() -> None:
    other = replace(BEN, parts=(replace(BEN.parts[0], service="VAR-OTHER"),))
    assert end(carry(when(BEN, other, HIS, pair=BY_HAND))) == (End.CONFLICT, "service")


def test_linked_by_hand_one_that_vanished_is_a_question() -> None:
    assert end(carry(when(HIS, BEN, pair=BY_HAND))) == (End.CONFLICT, "vanished")


def test_reinstated_in_bookly_a_cancelled_booking_is_made_anew() -> None:
    gone, his = cancelled(BEN), cancelled(HIS)
    verdict = carry(when(HIS, gone, HIS, pair=linked(gone, his)))
    assert (end(verdict), kinds(verdict)) == ((End.APPLIED, "standing"), [StepKind.PLACE_AGAIN])


def test_reinstated_on_the_website_after_square_said_no_is_a_status_again() -> None:
    ended = replace(PAIR, partners=(replace(PAIR.partners[0], agreed=cancelled(ANNA)),))
    verdict = carry(when(ANNA, ANNA, pair=ended))
    assert (end(verdict), len(places(verdict))) == ((End.APPLIED, "standing"), 1)
    assert not any(isinstance(step.write, Reinstate) for step in verdict.steps)


# --- the night that has an hour twice -------------------------------------------------------------------------------

TWICE = datetime(2026, 11, 1, 7, 30, tzinfo=UTC)
"""01:30 in Chicago for the second time: Bookly's digits can only mean the first."""


def test_the_second_pass_of_an_hour_settles_and_does_not_go_on_for_ever() -> None:
    night: dict[str, Any] = {"now": TWICE - timedelta(hours=20), "board": {"timezone": "America/Chicago"}}
    anna, there = moved(ANNA, TWICE - HOURS - ANNA.start), moved(THERE, TWICE - HOURS - THERE.start)
    sight = when(there, anna, moved(there, HOURS), pair=linked(anna, there), **night)
    verdict = carry(sight)
    assert end(verdict) == (End.APPLIED, "time")
    assert end(again(sight, verdict)) == (End.ALREADY_TRUE, "in_step")


def test_what_we_took_back_ourselves_goes_across_once_the_chair_is_free_and_is_a_question_until_then() -> None:
    alone = replace(PAIR, partners=tuple(replace(p, current=p.ref == ANNA.ref) for p in PAIR.partners))
    assert end(carry(when(ANNA, ANNA, pair=alone))) == (End.ALREADY_TRUE, "in_step"), "a person took it away"
    ours = replace(when(ANNA, ANNA, pair=alone), taken_back=True)
    assert end(carry(ours)) == (End.APPLIED, "shown")
    met = replace(when(ANNA, ANNA, square("B", at(10)), pair=alone), taken_back=True)
    assert end(carry(met)) == (End.CONFLICT, "taken")
