"""What stands in a calendar and only shows visits that are elsewhere by now: passed by, and nobody else is."""

from __future__ import annotations

from dataclasses import replace

from sync.decide.plan import plan
from sync.model import Board, Choice, ChoiceKind, Kind, Move, Place, Ref, Side, Span
from tests.sync.decide.boards import at, board, bookly, finding, pair, square

ANNA = bookly("10", at(10))
OLD_PLACE = square("sq7", at(10))
"""In Square, where a visit stood that was moved in Bookly."""


def passed_by(there: Board) -> tuple[Ref, ...]:
    """Whom Anna's booking in Square passes by when she is sent across."""
    found = plan(Choice(ChoiceKind.SEND_ACROSS, ref=ANNA.ref), finding(Kind.MISSING_IN_SQUARE, ANNA), there)
    (step,) = found.steps
    assert isinstance(step.write, Place)
    return step.write.ignoring


def shown_at_ten(*owners_start: int) -> Board:
    ben = bookly("11", at(*owners_start))
    return board(ANNA, ben, OLD_PLACE, pairs=[pair(1, ben, OLD_PLACE)])


def test_the_old_place_of_a_visit_that_stands_elsewhere_is_passed_by() -> None:
    assert passed_by(shown_at_ten(14)) == (OLD_PLACE.ref,)


def test_what_shows_a_visit_that_stands_elsewhere_but_not_in_the_wanted_time_is_not_named() -> None:
    ben, later = bookly("11", at(14)), square("sq7", at(16))
    assert passed_by(board(ANNA, ben, later, pairs=[pair(1, ben, later)])) == ()


def test_who_was_booked_there_and_only_needs_the_room_for_a_padding_is_not_passed_by() -> None:
    padded = square("sq9", at(11))
    span = padded.parts[0].span
    before = Span(span.staff, span.start, span.end, at(10, 45), span.busy_end)
    there = replace(padded, parts=(replace(padded.parts[0], span=before),))
    assert passed_by(board(ANNA, there)) == ()


def test_what_shows_a_visit_that_stands_in_the_wanted_time_is_not_passed_by() -> None:
    anna = square("sq1", at(13))
    ben = bookly("11", at(10, 30))
    there = board(ANNA, anna, ben, OLD_PLACE, pairs=[pair(1, ANNA, anna), pair(2, ben, OLD_PLACE)])
    choice = Choice(ChoiceKind.TAKE_SIDE, ref=ANNA.ref, side=Side.BOOKLY)
    (step,) = plan(choice, finding(Kind.DRIFT, ANNA, anna), there).steps
    assert isinstance(step.write, Move)
    assert OLD_PLACE.ref not in step.write.ignoring
