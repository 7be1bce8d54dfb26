"""What was agreed when something was placed, whatever became of it before its answer came."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from sync.decide.as_placed import as_placed
from sync.decide.differences import differences
from sync.model import Appointment, Place, PlacedPart, Side, Standing
from tests.sync.decide.boards import SQUARE_CUT, at, square

PLACED = square("sq", at(10))
PLACE = Place(Side.SQUARE, (PlacedPart("TM1", at(10), at(11), SQUARE_CUT),), mark="", label="", key="")


def test_what_stands_as_it_was_placed_was_agreed_as_the_side_shows_it() -> None:
    assert as_placed(PLACE, PLACED) is PLACED


def test_a_side_that_counts_in_whole_minutes_shows_it_as_it_was_placed() -> None:
    longer = replace(PLACE, parts=(replace(PLACE.parts[0], end=at(11) - timedelta(seconds=20)),))
    assert as_placed(longer, PLACED) is PLACED


@pytest.mark.parametrize(
    ("shown", "word"),
    [
        (square("sq", at(12)), "time"),
        (square("sq", at(10), staff="TM2"), "staff"),
        (square("sq", at(10), minutes=30), "time"),
        (replace(PLACED, standing=Standing.CANCELLED), "standing"),
    ],
)
def test_what_a_person_did_to_it_since_is_a_change(shown: Appointment, word: str) -> None:
    agreed = as_placed(PLACE, shown)
    assert agreed.stands and agreed.start == at(10)
    assert word in differences(agreed, shown)


def test_another_service_since_is_a_change() -> None:
    other = replace(PLACED, parts=(replace(PLACED.parts[0], service="VAR-OTHER"),))
    assert differences(as_placed(PLACE, other), other) == {"service"}


def test_a_part_taken_off_since_is_a_change() -> None:
    both = replace(PLACE, parts=(*PLACE.parts, PlacedPart("TM1", at(11), at(12), SQUARE_CUT)))
    assert "time" in differences(as_placed(both, PLACED), PLACED)
