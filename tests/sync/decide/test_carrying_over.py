"""What a hint leads to for a visit that is over on one side: it still is where it is, and only that is carried."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from sync.decide.carrying import carry
from sync.model import Appointment, End, Side, Standing, StepKind
from tests.sync.decide.boards import at, square
from tests.sync.decide.playing import (
    again,
    cancelled,
    end,
    kinds,
    linked,
    moved,
    parts_of,
    places,
    played,
    with_staff,
    written,
)
from tests.sync.decide.test_carrying_on import ANNA, FIRST, HOURS, PARTS, SECOND, THERE, WHOLE, spans, when


def over(appointment: Appointment) -> Appointment:
    return replace(appointment, standing=Standing.OVER, status="done")


def test_one_who_is_served_is_neither_cancelled_nor_shown_anew() -> None:
    for there in ([THERE], [cancelled(THERE)], []):
        assert carry(when(ANNA, over(ANNA), *there)).steps == ()


def test_one_who_was_moved_and_then_served_is_shown_where_they_were_served() -> None:
    sight = when(ANNA, over(moved(ANNA, HOURS)), THERE)
    verdict = carry(sight)
    assert (kinds(verdict), spans(verdict)) == ([StepKind.MOVE], [("TM1", at(13), at(14))])
    assert again(sight, verdict).steps == ()


def test_one_who_is_served_stays_where_staff_put_them_in_square() -> None:
    verdict = carry(when(ANNA, over(ANNA), moved(THERE, HOURS)))
    assert (end(verdict), verdict.steps) == ((End.ALREADY_TRUE, "not_carried"), ())


# --- what shows it is over --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("there", [moved(THERE, HOURS), with_staff(THERE, "TM2")], ids=["time", "staff"])
def test_moved_in_square_and_then_not_come_it_is_moved_on_the_website_as_if_the_move_had_been_told_of_first(
    there: Appointment,
) -> None:
    first, sight = carry(when(ANNA, ANNA, there)), when(ANNA, ANNA, over(there))
    verdict = carry(sight)
    assert (end(verdict), spans(verdict)) == (end(first), spans(first))
    assert kinds(verdict) == [StepKind.MOVE] and verdict.steps[0].side is Side.BOOKLY
    assert again(sight, verdict).changes_nothing


def test_moved_on_the_website_after_that_it_gets_a_booking_of_its_own() -> None:
    sight = when(ANNA, ANNA, over(moved(THERE, HOURS)))
    then = played(sight, carry(sight))
    anna = moved(then.board.appointments[ANNA.ref], HOURS)
    verdict = carry(replace(then, board=replace(then.board, appointments={**then.board.appointments, anna.ref: anna})))
    assert (kinds(verdict), spans(verdict), verdict.former) == (
        [StepKind.PLACE], [("TM1", at(16), at(17))], (THERE.ref,),
    )  # fmt: skip


def test_not_come_where_it_was_nothing_is_carried() -> None:
    assert carry(when(ANNA, ANNA, over(THERE))).steps == ()


@pytest.mark.parametrize(
    "others",
    [[ANNA, square("T", at(13, 30))], [moved(ANNA, HOURS * 2)], [cancelled(ANNA)]],
    ids=["onto somebody", "moved on the website too", "cancelled on the website"],
)
def test_moved_in_square_and_then_not_come_does_not_move_a_client(others: list[Appointment]) -> None:
    verdict = carry(when(ANNA, *others, over(moved(THERE, HOURS))))
    assert not [step for step in verdict.steps if step.side is Side.BOOKLY]


def test_a_part_that_nobody_shows_yet_is_shown_though_nobody_came_to_the_other() -> None:
    both = replace(ANNA, parts=parts_of(ANNA, moved(ANNA, timedelta(hours=1))))
    pair = linked(both, THERE)
    sight = when(both, both, over(THERE), pair=pair)
    verdict = carry(sight)
    assert (end(verdict), [place.part for place in places(verdict)]) == ((End.APPLIED, "shown"), [1])
    assert again(sight, verdict).steps == ()


def test_a_part_that_was_cancelled_is_withdrawn_though_staff_changed_the_other_that_is_served() -> None:
    for now, in_square, goes in (
        (replace(WHOLE, parts=WHOLE.parts[1:], dropped=("1",)), (FIRST, cancelled(SECOND)), FIRST),
        (replace(WHOLE, parts=WHOLE.parts[:1], dropped=("2",)), (moved(FIRST, HOURS), SECOND), SECOND),
    ):
        sight = when(WHOLE, over(now), *in_square, pair=PARTS)
        verdict = carry(sight)
        assert (end(verdict), kinds(verdict), written(verdict)) == (
            (End.APPLIED, "standing"), [StepKind.WITHDRAW], {goes.ref},
        )  # fmt: skip
        assert again(sight, verdict).steps == ()


def test_a_part_that_was_cancelled_stays_where_staff_put_it_in_square() -> None:
    now = over(replace(WHOLE, parts=WHOLE.parts[:1], dropped=("2",)))
    assert carry(when(WHOLE, now, FIRST, moved(SECOND, HOURS), pair=PARTS)).steps == ()
