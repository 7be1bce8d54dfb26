"""The real client reads every answer into its own models, with no field left that it does not know."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from pydantic import BaseModel

from practice_salon.square.times import stamp
from tests.practice_salon.square.conftest import MONDAY, Salon

START = MONDAY + timedelta(days=1, hours=3)


def strangers(value: Any, where: str = "") -> Iterator[str]:
    """Names of fields that the models hold only because they let anything in."""
    if isinstance(value, BaseModel):
        yield from (f"{where}.{name}" for name in value.model_extra or {})
        for name in type(value).model_fields:
            yield from strangers(getattr(value, name), f"{where}.{name}")
    elif isinstance(value, dict):
        for key, inner in value.items():
            yield from strangers(inner, f"{where}[{key}]")
    elif isinstance(value, list):
        for inner in value:
            yield from strangers(inner, where)


def answers(salon: Salon, client: Any) -> Iterator[Any]:
    made = client.bookings.create(booking=salon.booking(START, seller_note="x"), idempotency_key="c")
    yield made
    salon.square.act("staff", "book", team_member_id=salon.staff(), start_at=stamp(START), duration_minutes=20)
    bookings, key, service = client.bookings, made.booking.id, salon.service()["id"]
    yield bookings.update(key, booking={"version": 0, "customer_note": "y"})
    yield bookings.list().response
    yield bookings.bulk_retrieve_bookings(booking_ids=[key, "nobody"])
    between = {"start_at": stamp(START), "end_at": stamp(START + timedelta(days=1))}
    yield bookings.search_availability(
        query={"filter": {"start_at_range": between, "segment_filters": [{"service_variation_id": service}]}}
    )
    yield bookings.cancel(key, booking_version=1)
    yield bookings.get_business_profile()
    yield bookings.location_profiles.list().response
    yield bookings.team_member_profiles.list().response
    yield bookings.bulk_retrieve_team_member_booking_profiles(team_member_ids=[salon.staff(), "nobody"])
    yield client.locations.list()
    yield client.merchants.get("me")
    yield client.team_members.search()
    yield client.catalog.search_items()
    yield client.catalog.batch_get(object_ids=[service], include_related_objects=True)
    yield client.customers.search()
    yield client.customers.bulk_retrieve_customers(customer_ids=[salon.customer(), "nobody"])
    hook = {"event_types": ["booking.created"], "notification_url": "https://salon.example/hooks"}
    yield client.webhooks.subscriptions.create(subscription=hook)
    yield client.webhooks.subscriptions.list().response
    client.events.enable_events()
    yield client.events.search_events()


def test_no_answer_holds_a_field_that_the_client_does_not_know(salon: Salon, client: Any) -> None:
    found = list(answers(salon, client))
    assert len(found) == 20
    assert [name for answer in found for name in strangers(answer, type(answer).__name__)] == []


def test_the_check_itself_sees_a_stranger(salon: Salon, client: Any) -> None:
    place = salon.square.world["locations"].values()[0]
    salon.square.world["locations"].put(place["id"], {**place, "timeZone": "UTC"})
    assert list(strangers(client.locations.list(), "list")) == ["list.locations.timeZone"]
