"""The Events API: off by default, only what happened while on, 28 days, personal token only."""

from datetime import timedelta
from typing import Any

import pytest
from square.core.api_error import ApiError

from practice_salon.square.grants import add_grant
from practice_salon.square.times import stamp
from tests.practice_salon.square.conftest import MONDAY, ONCE, Salon

TUESDAY = MONDAY + timedelta(days=1)


def ids(client: Any, **query: Any) -> list[str]:
    found, cursor = [], None
    while True:
        more: dict[str, Any] = {"cursor": cursor} if cursor else {}
        page = client.events.search_events(limit=2, query=query or None, **more)
        found += [event.data.id for event in page.events or []]
        assert [meta.event_id for meta in page.metadata] == [event.event_id for event in page.events]
        cursor = page.cursor
        if cursor is None:
            return found


def book(salon: Salon, client: Any) -> str:
    return str(client.bookings.create(booking=salon.booking(TUESDAY)).booking.id)


def test_nothing_is_found_before_it_is_switched_on_nor_afterwards_of_the_time_before(salon: Salon, client: Any) -> None:
    book(salon, client)
    assert ids(client) == []
    client.events.enable_events()
    assert ids(client) == []
    made = book(salon, client)
    assert ids(client) == [f"{made}:0"]


def test_switching_off_hides_what_was_for_good(salon: Salon, client: Any) -> None:
    client.events.enable_events()
    book(salon, client)
    client.events.disable_events()
    assert ids(client) == []
    client.events.enable_events()
    assert ids(client) == []


def test_events_are_found_for_28_days(salon: Salon, client: Any) -> None:
    client.events.enable_events()
    made = book(salon, client)
    salon.square.advance(28 * 86_400 - 1)
    assert ids(client) == [f"{made}:0"]
    salon.square.advance(1)
    assert ids(client) == []


def test_filters_sorting_and_pages(salon: Salon, client: Any) -> None:
    client.events.enable_events()
    made = book(salon, client)
    for hours in range(4):
        salon.square.advance(3600)
        later = stamp(TUESDAY + timedelta(hours=hours))
        client.bookings.update(made, booking={"start_at": later})
    versions = [f"{made}:{version}" for version in range(5)]
    assert ids(client) == versions
    assert ids(client, sort={"order": "DESC"}) == versions[::-1]
    assert ids(client, filter={"event_types": ["booking.created"]}) == versions[:1]
    since = {"start_at": stamp(MONDAY + timedelta(hours=2)), "end_at": stamp(MONDAY + timedelta(hours=3))}
    assert ids(client, filter={"created_at": since}) == versions[2:4]
    assert ids(client, filter={"location_ids": ["LOTHER"]}) == []


@pytest.mark.parametrize("call", ["search_events", "enable_events", "disable_events"])
def test_an_oauth_token_is_refused(salon: Salon, call: str) -> None:
    add_grant(salon.square.world, "oauth")
    with pytest.raises(ApiError) as refused:
        getattr(salon.client("oauth").events, call)(request_options=ONCE)
    assert refused.value.status_code == 403


def test_the_types_are_listed(client: Any) -> None:
    assert "booking.updated" in client.events.list_event_types().event_types
    assert "booking.cancelled" not in client.webhooks.event_types.list().event_types
