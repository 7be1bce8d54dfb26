"""The two nights on which the clocks change."""

from collections import Counter
from datetime import UTC, date, datetime, timedelta, timezone
from itertools import combinations
from zoneinfo import ZoneInfo

import pytest

from practice_salon import PracticeError
from practice_salon.people.nights import book_through, clock_changes
from practice_salon.people.play import forms
from practice_salon.people.standing import meet
from practice_salon.shop import shop
from tests.practice_salon.people.conftest import OpenSalon

CHICAGO = ZoneInfo("America/Chicago")
CLIENTS = forms(shop(1))


def test_the_nights_are_those_of_the_zone() -> None:
    assert clock_changes(CHICAGO, 2027) == (date(2027, 3, 14), date(2027, 11, 7))
    assert clock_changes(ZoneInfo("Europe/Lisbon"), 2026) == (date(2026, 3, 29), date(2026, 10, 25))
    with pytest.raises(PracticeError, match="do not change"):
        clock_changes(timezone(timedelta(hours=-6)), 2027)


@pytest.mark.parametrize("night", clock_changes(CHICAGO, 2027), ids=["forward", "back"])
def test_what_is_booked_through_the_night_stands_where_it_was_put(open_salon: OpenSalon, night: date) -> None:
    noon_before = datetime(night.year, night.month, night.day, 18, tzinfo=UTC) - timedelta(days=1)
    people = open_salon(1, noon_before)
    made = book_through(people, CLIENTS, night)
    assert Counter(one.side for one in made) == {"bookly": 4, "square": 6}
    board = people.stage.look(noon_before + timedelta(hours=9), noon_before + timedelta(hours=22))
    there = {(s.side, str(s.unit)): s.core for s in board.standings}
    assert all(there[one.side, str(one.unit)] == one.core for one in made)
    assert not [1 for a, b in combinations(made, 2) if a.staff == b.staff and meet(a.busy, b.busy)]


def test_the_hour_that_does_not_exist_rolls_forward(open_salon: OpenSalon) -> None:
    people = open_salon(1, datetime(2027, 3, 13, 18, tzinfo=UTC))
    cores = [one.core[0] for one in book_through(people, CLIENTS, date(2027, 3, 14)) if one.side == "bookly"]
    assert [f"{core:%H:%M}" for core in cores] == ["06:30", "07:30", "08:30", "08:30"]


def test_the_hour_that_comes_twice_is_the_first_in_bookly_and_both_in_square(open_salon: OpenSalon) -> None:
    people = open_salon(1, datetime(2027, 11, 6, 18, tzinfo=UTC))
    made = book_through(people, CLIENTS, date(2027, 11, 7))
    bookly = [f"{one.core[0]:%H:%M}" for one in made if one.side == "bookly"]
    square = [f"{one.core[0]:%H:%M}" for one in made if one.side == "square"]
    assert bookly == ["05:30", "06:30", "08:30", "09:30"]
    assert square[:3] == ["05:30", "06:30", "07:30"]
