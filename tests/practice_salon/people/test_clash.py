"""The clash that the practice salon begins with."""

from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa

from practice_salon.people.clash import WITHIN, Clash, make_clash
from practice_salon.people.opening import next_opening
from practice_salon.people.people import People
from practice_salon.people.play import forms
from practice_salon.shop import shop
from tests.practice_salon.people.conftest import TUESDAY_NOON, OpenSalon

CLIENTS = forms(shop(1))
HOURS = [TUESDAY_NOON.replace(hour=0) + timedelta(hours=hour, minutes=20) for hour in range(0, 24, 4)]
ODD_DAYS = [
    datetime(2026, 12, 25, 4, 30, tzinfo=UTC),  # the evening before a closed day
    datetime(2026, 12, 25, 18, 0, tzinfo=UTC),  # on it
    datetime(2026, 3, 8, 7, 59, tzinfo=UTC),  # a minute before the clocks go forward
    datetime(2026, 11, 1, 6, 30, tzinfo=UTC),  # in the hour that comes twice
]


def units(people: People) -> tuple[int, int]:
    """How many rows and bookings there are."""
    bookly = people.stage.site.bookly
    with people.stage.site.engine.connect() as connection:
        rows = connection.scalar(sa.select(sa.func.count()).select_from(bookly.appointments))
    now = people.stage.now()
    return rows or 0, len(people.stage.square.bookings(now - timedelta(days=2), now + timedelta(days=9)))


def is_real(people: People, clash: Clash) -> bool:
    """Both calendars show it: a website booking and a typed one, the same person, different clients, overlapping."""
    board = people.stage.look(clash.start, clash.end)
    one = next(s for s in board.standings if s.side == "bookly" and s.unit == clash.appointment)
    other = next(s for s in board.standings if s.side == "square" and s.unit == clash.booking)
    overlap = max(one.core[0], other.core[0]), min(one.core[1], other.core[1])
    different = bool(one.clients) and bool(other.clients) and not one.clients & other.clients
    return one.staff == other.staff and overlap == (clash.start, clash.end) and different


@pytest.mark.parametrize("now", [*HOURS, *ODD_DAYS], ids=str)
def test_at_any_hour_a_clash_is_made_within_the_next_two_opening_hours(open_salon: OpenSalon, now: datetime) -> None:
    people = open_salon(1, now)
    clash = make_clash(people, CLIENTS, 1)
    assert clash.made and is_real(people, clash)
    assert any(start <= clash.start < end for start, end in next_opening(people.stage, now, WITHIN))
    assert clash.start > now


def test_a_second_one_is_not_made_while_one_stands(people: People) -> None:
    first = make_clash(people, CLIENTS, 1)
    before = units(people)
    for seed in range(4):
        again = make_clash(people, CLIENTS, seed)
        assert not again.made
        assert (again.appointment, again.booking) == (first.appointment, first.booking)
    assert units(people) == before


def test_once_it_is_settled_another_one_is_made(people: People) -> None:
    first = make_clash(people, CLIENTS, 1)
    people.stage.square.act("staff", "cancel", booking_id=first.booking)
    second = make_clash(people, CLIENTS, 1)
    assert second.made and second.booking != first.booking and is_real(people, second)


def test_the_same_salon_and_hour_give_the_same_clash(open_salon: OpenSalon) -> None:
    first, second = (make_clash(open_salon(2), CLIENTS, 7) for _ in range(2))
    assert (first.staff, first.booking, first.start, first.end) == (
        second.staff,
        second.booking,
        second.start,
        second.end,
    )


@pytest.mark.parametrize("number", [1, 2, 3])
def test_another_stylist_is_free_for_one_of_the_two(open_salon: OpenSalon, number: int) -> None:
    people = open_salon(number)
    stage, clash = people.stage, make_clash(people, forms(shop(number)), number)
    board = stage.look(clash.start - timedelta(hours=3), clash.end + timedelta(hours=3))
    two = [s for s in board.standings if s.unit in (clash.appointment, clash.booking)]
    others = [chair for chair in stage.chairs if chair.bookly != two[0].staff]
    assert any(board.free(c.bookly, one.busy) and stage.works(c, one.busy) for c in others for one in two)


def test_where_everybody_is_busy_the_second_client_goes_onto_a_visit_that_is_there(open_salon: OpenSalon) -> None:
    people = open_salon(1, TUESDAY_NOON)
    (start, end), *_ = next_opening(people.stage, TUESDAY_NOON, WITHIN)
    for chair in people.stage.chairs:
        people.blocks_in_office(chair, start - timedelta(hours=4), 10 * 60)
    chair = people.stage.chairs[0]
    treat = people.stage.does(chair)[0]
    sold = people.books_in_office(chair, treat, start + timedelta(minutes=30), [CLIENTS[0]])
    before = units(people)
    clash = make_clash(people, CLIENTS, 1)
    assert clash.made and is_real(people, clash) and clash.end <= end + timedelta(hours=2)
    assert units(people) == (before[0], before[1] + 1)
    assert sold.staff is not None


def test_what_was_done_is_kept_as_the_truth(people: People) -> None:
    clash = make_clash(people, CLIENTS, 1)
    website, square = people.truth.deeds()
    assert (website.who, website.side, website.ids["appointment"]) == ("website", "bookly", (clash.appointment,))
    assert (square.who, square.side, square.ids["booking"]) == ("staff", "square", (clash.booking,))
