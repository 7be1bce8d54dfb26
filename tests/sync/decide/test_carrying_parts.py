"""What a hint leads to for a visit of several parts of which some were never shown, or are no longer there."""

from __future__ import annotations

from dataclasses import replace

from sync.decide.carrying import carry
from sync.model import End, StepKind
from tests.sync.decide.playing import cancelled, end, kinds, linked
from tests.sync.decide.test_carrying_on import FIRST, SECOND, WHOLE, when


def test_the_last_part_that_vanished_withdraws_nothing_though_the_others_were_cancelled() -> None:
    then = replace(WHOLE, parts=WHOLE.parts[1:], dropped=("1",))
    now = cancelled(replace(WHOLE, parts=WHOLE.parts[:1]))
    verdict = carry(when(WHOLE, now, SECOND, pair=linked(then, SECOND)))
    assert (end(verdict), verdict.steps) == ((End.CONFLICT, "vanished"), ())


def test_a_part_that_vanished_while_the_other_was_cancelled_withdraws_nothing() -> None:
    now = cancelled(replace(WHOLE, parts=WHOLE.parts[:1]))
    verdict = carry(when(WHOLE, now, FIRST, SECOND, pair=linked(WHOLE, FIRST, SECOND)))
    assert (end(verdict), verdict.steps) == ((End.CONFLICT, "vanished"), ())


def test_one_part_after_the_other_cancelled_withdraws_all_there_is() -> None:
    then = replace(WHOLE, parts=WHOLE.parts[1:], dropped=("1",))
    verdict = carry(when(WHOLE, cancelled(WHOLE), SECOND, pair=linked(then, SECOND)))
    assert (end(verdict), kinds(verdict)) == ((End.APPLIED, "standing"), [StepKind.WITHDRAW])


def test_what_was_cancelled_on_both_sides_is_no_question_though_a_part_of_it_vanished() -> None:
    now = cancelled(replace(WHOLE, parts=WHOLE.parts[:1]))
    verdict = carry(when(WHOLE, now, cancelled(FIRST), cancelled(SECOND), pair=linked(WHOLE, FIRST, SECOND)))
    assert (end(verdict), verdict.steps) == ((End.ALREADY_TRUE, "same_on_both"), ())


def test_what_was_shown_of_it_is_cancelled_in_square_while_the_other_part_never_was_is_a_question() -> None:
    """The maker of both bookings stopped after the first."""
    verdict = carry(when(FIRST, WHOLE, cancelled(FIRST), pair=linked(WHOLE, FIRST)))
    assert (end(verdict), verdict.steps) == ((End.CONFLICT, "changed"), ())


def test_one_booking_of_staff_that_a_person_linked_with_all_of_it_cancels_it_whole() -> None:
    by_hand = replace(FIRST, mark=None)
    verdict = carry(when(by_hand, WHOLE, cancelled(by_hand), pair=linked(WHOLE, by_hand)))
    assert (end(verdict), kinds(verdict)) == ((End.APPLIED, "standing"), [StepKind.CANCEL])
