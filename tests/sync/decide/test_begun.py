"""A plan that was begun and cut short: what of it came true since, and what was overtaken."""

from __future__ import annotations

from dataclasses import replace

import pytest

from sync.decide.begun import came_true, is_overtaken
from sync.decide.plan import plan
from sync.model import Appointment, Board, Choice, ChoiceKind, DoneStep, Kind, Standing, Step
from tests.sync.decide.boards import at, board, bookly, finding, pair, square

ANNA = bookly("10", at(10))
BEN = square("sq1", at(10, 30))
CLASH = finding(Kind.DOUBLE_BOOKING, ANNA, BEN)
MOVED = bookly("10", at(14))


def steps(there: Board) -> tuple[Step, ...]:
    """Anna is to come at two: in Bookly, then in Square."""
    found = plan(Choice(ChoiceKind.OTHER_TIME, ref=ANNA.ref, start=at(14)), CLASH, there).steps
    assert len(found) == 2
    return found


def shown(start_hour: int) -> Appointment:
    return square("sq5", at(start_hour))


def test_what_shows_the_visit_where_the_plan_wants_it_is_there_already() -> None:
    first, second = steps(board(ANNA, BEN))
    now = board(MOVED, BEN, shown(14), pairs=[pair(1, MOVED, shown(14))])
    assert came_true(first, now) == MOVED
    assert came_true(second, now) == shown(14)


def test_what_was_shown_before_and_was_moved_meanwhile_is_there_already() -> None:
    _, second = steps(board(ANNA, BEN, shown(10), pairs=[pair(1, ANNA, shown(10))]))
    assert came_true(second, board(MOVED, BEN, shown(14), pairs=[pair(1, MOVED, shown(14))])) == shown(14)


@pytest.mark.parametrize(
    "now",
    [
        board(MOVED, BEN),
        board(MOVED, BEN, shown(14)),
        board(MOVED, BEN, shown(15), pairs=[pair(1, MOVED, shown(15))]),
        board(
            MOVED,
            BEN,
            replace(shown(14), standing=Standing.CANCELLED),
            pairs=[pair(1, MOVED, replace(shown(14), standing=Standing.CANCELLED))],
        ),
    ],
    ids=["nowhere", "somebody else's", "at another time", "cancelled"],
)
def test_what_is_not_shown_so_is_still_to_be_done(now: Board) -> None:
    _, second = steps(board(ANNA, BEN))
    assert came_true(second, now) is None


def test_a_visit_that_stands_as_the_plan_left_it_is_not_overtaken() -> None:
    first, second = steps(board(ANNA, BEN))
    assert not is_overtaken(second, board(MOVED, BEN), [DoneStep(first, ANNA.ref, MOVED)])
    assert not is_overtaken(first, board(bookly("10", at(16)), BEN), [])


@pytest.mark.parametrize(
    "now",
    [bookly("10", at(16)), bookly("10", at(14), staff="2"), replace(MOVED, standing=Standing.CANCELLED), None],
    ids=["moved on", "somebody else's", "cancelled", "gone"],
)
def test_a_visit_that_no_longer_stands_where_the_plan_put_it_is_overtaken(now: Appointment | None) -> None:
    first, second = steps(board(ANNA, BEN))
    assert is_overtaken(second, board(*filter(None, (now, BEN))), [DoneStep(first, ANNA.ref, MOVED)])
