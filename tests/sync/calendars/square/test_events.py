"""Square's own list of events: paged by hand, this location's bookings, or a plain no."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest

from practice_salon.square.grants import add_grant
from sync.calendars import NotOffered, ReadFailed
from sync.calendars.square.events import events_since
from sync.calendars.square.read import SquareReader
from sync.model import Event
from tests.sync.calendars.square.conftest import MONDAY, Salon, at, ref


@pytest.fixture
def listed(salon: Salon) -> Iterator[Salon]:
    """A Square that lists what happens."""
    with salon.square.world.change():
        salon.square.world.set_rules(events_enabled=True)
    yield salon
    with salon.square.world.change():
        salon.square.world.set_rules(events_enabled=False, page_cap=100)


def told(salon: Salon) -> list[tuple[str, int | None]]:
    return [(one.ref.key, one.version) for one in salon.reader.events_since(MONDAY - timedelta(hours=1))]


def test_what_happened_is_told_with_booking_version_and_time(listed: Salon) -> None:
    booked = listed.book(2)
    listed.square.act("staff", "move", booking_id=booked["id"], start_at=at(4).isoformat())
    found = listed.reader.events_since(MONDAY - timedelta(hours=1))
    assert [(one.ref, one.version, one.at) for one in found] == [(ref(booked), n, MONDAY) for n in (0, 1)]
    assert len({one.event for one in found}) == 2


def test_only_what_happened_since_is_told(listed: Salon) -> None:
    listed.book(2)
    assert listed.reader.events_since(MONDAY + timedelta(seconds=1)) == ()


def test_every_page_is_read_also_behind_an_empty_one(listed: Salon) -> None:
    booked = [listed.book(hours)["id"] for hours in range(1, 6)]
    with listed.square.world.change():
        listed.square.world.set_rules(page_cap=2)
    listed.arm("list_empty_middle_page", "events.search_events")
    assert sorted(told(listed)) == sorted((key, 0) for key in booked)


def test_while_it_is_switched_off_nothing_is_told(salon: Salon) -> None:
    salon.book(2)
    assert told(salon) == []


def test_a_token_that_may_not_look_is_told_from_a_square_that_does_not_answer(listed: Salon) -> None:
    with listed.square.world.change():
        add_grant(listed.square.world, "granted")
    with pytest.raises(NotOffered):
        SquareReader(listed.other_client("granted")).events_since(MONDAY)
    listed.arm("error_503", "events.search_events")
    with pytest.raises(ReadFailed):
        told(listed)


def test_another_locations_bookings_and_other_things_are_none_of_ours(listed: Salon) -> None:
    booked = listed.book(2)
    assert events_since(listed.client, MONDAY - timedelta(hours=1), "LELSEWHERE") == ()
    found = events_since(listed.client, MONDAY - timedelta(hours=1), listed.location())
    assert [one.ref for one in found] == [ref(booked)] and isinstance(found[0], Event)
