"""The ways to settle a finding: their order, which is suggested, and that each can be carried out."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from sync.decide.choices import choices
from sync.decide.plan import plan
from sync.model import Choice, ChoiceKind, Kind, LeaveReason, Ref, Side, StepKind
from tests.sync.decide.boards import at, board, bookly, finding, pair, square

ANNA = replace(bookly("10", at(10)), made_at=at(1))
BEN = replace(square("sq1", at(10, 30)), made_at=at(2))
CLASH = finding(Kind.DOUBLE_BOOKING, ANNA, BEN)


def kinds(found: tuple[Choice, ...]) -> list[ChoiceKind]:
    return list(dict.fromkeys(choice.kind for choice in found))


def test_the_least_harm_comes_first_and_cancelling_comes_last() -> None:
    assert kinds(choices(CLASH, board(ANNA, BEN))) == [
        ChoiceKind.OTHER_STYLIST,
        ChoiceKind.OTHER_TIME,
        ChoiceKind.LEAVE,
        ChoiceKind.SHOW_BOTH,
        ChoiceKind.CANCEL,
    ]


def test_the_visit_made_last_is_the_one_to_give_way() -> None:
    first = choices(CLASH, board(ANNA, BEN))[0]
    assert (first.ref, first.person, first.suggested, first.why) == (BEN.ref, "bookly:2", True, "free_and_does")


def test_when_nobody_else_is_free_the_nearest_time_is_suggested() -> None:
    busy = [bookly("20", at(9), 480, staff="2"), bookly("30", at(9), 480, staff="3")]
    found = choices(CLASH, board(ANNA, BEN, *busy))
    assert found[0].kind is ChoiceKind.OTHER_TIME
    assert (found[0].start, found[0].why) == (at(11), "nearest_time")


def test_the_nearest_free_times_come_first() -> None:
    found = [c for c in choices(CLASH, board(ANNA, BEN)) if c.kind is ChoiceKind.OTHER_TIME and c.ref == ANNA.ref]
    assert [choice.start for choice in found] == [at(9, 30), at(9, 15), at(9)]


def test_a_cancellation_is_never_suggested_even_when_nothing_else_is_left() -> None:
    busy = [bookly("20", at(9), 480, staff="2"), bookly("30", at(9), 480, staff="3"), bookly("40", at(11, 30), 330)]
    crowded = board(replace(ANNA, parts=bookly("10", at(9), 150).parts), BEN, *busy)
    found = choices(CLASH, crowded)
    assert {c.kind for c in found if c.suggested} == set()
    assert ChoiceKind.CANCEL in kinds(found)


def test_showing_both_is_offered_only_while_one_of_them_is_not_shown() -> None:
    shown_anna, shown_ben = square("sq8", at(10)), bookly("90", at(10, 30))
    there = board(ANNA, BEN, shown_anna, shown_ben, pairs=[pair(1, ANNA, shown_anna), pair(2, BEN, shown_ben)])
    assert ChoiceKind.SHOW_BOTH not in kinds(choices(CLASH, there))


def test_over_capacity_offers_a_time_or_a_stylist_of_their_own_and_never_a_cancellation() -> None:
    second = replace(bookly("10", at(10)), ref=Ref(Side.BOOKLY, "ca:11"))
    full = finding(Kind.OVER_CAPACITY, ANNA, second)
    assert kinds(choices(full, board(ANNA, second))) == [
        ChoiceKind.OTHER_STYLIST,
        ChoiceKind.OTHER_TIME,
        ChoiceKind.LEAVE,
    ]


def test_a_missing_visit_can_be_sent_or_linked_to_what_is_there_or_left() -> None:
    near = square("sq4", at(11, 30))
    found = choices(finding(Kind.MISSING_IN_SQUARE, ANNA), board(ANNA, near))
    assert kinds(found) == [ChoiceKind.SEND_ACROSS, ChoiceKind.LINK, ChoiceKind.LEAVE]
    assert found[0].suggested


def test_drift_offers_each_sides_value() -> None:
    shown = square("sq5", at(14))
    found = choices(finding(Kind.DRIFT, ANNA, shown), board(ANNA, shown, pairs=[pair(1, ANNA, shown)]))
    assert [choice.side for choice in found] == [Side.BOOKLY, Side.SQUARE]
    assert not any(choice.suggested for choice in found)


def test_one_visit_in_both_calendars_is_linked_when_it_is_likely() -> None:
    twin = square("sq5", at(10, 5))
    likely = choices(finding(Kind.SAME_VISIT, ANNA, twin, likely=True), board(ANNA, twin))
    unsure = choices(finding(Kind.SAME_VISIT, ANNA, twin, likely=False), board(ANNA, twin))
    assert likely[0].suggested
    assert likely[0].kind is unsure[0].kind is ChoiceKind.LINK
    assert not unsure[0].suggested


def test_that_it_is_two_visits_is_a_word_for_what_looks_like_one_visit_only() -> None:
    twin = square("sq5", at(10, 5))
    here = choices(finding(Kind.SAME_VISIT, ANNA, twin, likely=True), board(ANNA, twin))
    assert [choice.reason for choice in here if choice.kind is ChoiceKind.LEAVE] == [LeaveReason.TWO_VISITS]
    assert LeaveReason.TWO_VISITS not in {choice.reason for choice in choices(CLASH, board(ANNA, BEN))}


@given(st.lists(st.tuples(st.integers(0, 31), st.integers(1, 8), st.sampled_from(["1", "2", "3"])), max_size=12))
def test_whatever_else_is_booked_every_choice_offered_can_be_carried_out_and_clashes_with_nobody(
    others: list[tuple[int, int, str]],
) -> None:
    rest = [bookly(str(50 + n), at(9, 15 * a), 15 * b, staff=s) for n, (a, b, s) in enumerate(others)]
    there = board(ANNA, BEN, *rest)
    taken = [part.span for other in rest for part in other.parts]
    for choice in choices(CLASH, there):
        found = plan(choice, CLASH, there)
        assert not found.refused
        moves = [step.after for step in found.steps if step.kind is StepKind.MOVE and step.side is Side.BOOKLY]
        assert not any(a.parts[0].span.core_meets(span) for a in moves if a for span in taken)
