"""What a hint leads to for a visit that is over on one side: it still is where it is, and only that is carried."""

from __future__ import annotations

from dataclasses import replace

from sync.decide.carrying import carry
from sync.model import Appointment, End, Standing, StepKind
from tests.sync.decide.boards import at
from tests.sync.decide.playing import (
    again,
    cancelled,
    end,
    kinds,
    moved,
)
from tests.sync.decide.test_carrying_on import ANNA, HOURS, THERE, spans, when


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
