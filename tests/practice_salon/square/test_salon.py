"""Locations, team members, services with versions, and the seeds."""

from datetime import timedelta
from typing import Any

import pytest
from square.core.api_error import ApiError

from practice_salon.shop import shop
from practice_salon.square.errors import SquareError
from practice_salon.square.seed import empty_world, seeded_world
from practice_salon.square.server import running_square
from practice_salon.square.times import stamp
from tests.practice_salon.square.conftest import MONDAY, ONCE, Salon


def test_the_seeded_salon_has_the_shops_people_services_and_every_third_client(client: Any) -> None:
    built = shop(7)
    location = client.locations.list().locations[0]
    assert (location.timezone, location.status) == (built.timezone, "ACTIVE")
    people = client.team_members.search(query={"filter": {"status": "ACTIVE"}}).team_members
    named = {f"{person.given_name} {person.family_name}": person.id for person in people}
    assert set(named) == {person.name for person in built.staff}
    items = client.catalog.search_items(product_types=["APPOINTMENTS_SERVICE"]).items
    assert {item.item_data.name for item in items} == {service.title for service in built.services}
    for service in built.services:
        item = next(item for item in items if item.item_data.name == service.title)
        (variation,) = item.item_data.variations
        data = variation.item_variation_data
        assert data.service_duration == service.minutes * 60_000
        assert data.price_money.amount == service.price_cents
        able = {named[person.name] for person in built.staff if service.key in built.skills[person.key]}
        assert set(data.team_member_ids) == able
    known = {customer.email_address for customer in client.customers.list()}
    assert known == {person.email for person in built.clients[::3]}
    assert list(client.bookings.list()) == []


def test_the_same_shop_and_moment_give_the_same_world() -> None:
    def documents(seed: int) -> list[Any]:
        world = seeded_world(shop(seed), MONDAY)
        return [world[kind].items() for kind in ("team_members", "items", "customers", "locations")]

    assert documents(3) == documents(3)
    assert documents(3) != documents(4)


def test_the_clock_of_a_seeded_world_runs_from_its_beginning() -> None:
    world = seeded_world(shop(3), MONDAY)
    first = world.now()
    assert MONDAY <= first <= world.now() < MONDAY + timedelta(minutes=5)


def test_an_empty_salon_has_one_location_and_takes_staff_services_and_bookings(salon: Salon) -> None:
    with running_square(empty_world("Europe/Berlin")) as square:
        place = Salon(square, salon.stack)
        client = place.client()
        assert [spot.timezone for spot in client.locations.list().locations] == ["Europe/Berlin"]
        assert client.team_members.search().team_members == []
        assert client.catalog.search_items().items == []
        assert list(client.bookings.list()) == []
        member = square.act("owner", "add_team_member", name="Ines Petrov", email="ines@salon.example")["team_member"]
        square.act("owner", "add_service", title="Men's Haircut", minutes=30, team_member_ids=[member["id"]])
        square.act("owner", "add_customer", given_name="Ada")
        made = client.bookings.create(booking=place.booking(square.world.now())).booking
        assert made.appointment_segments[0].duration_minutes == 30
        profile = client.bookings.team_member_profiles.get(member["id"]).team_member_booking_profile
        assert profile.display_name == "Ines Petrov"


def test_two_empty_salons_never_share_ids() -> None:
    first, second = empty_world("UTC"), empty_world("UTC")
    assert first["locations"].items()[0][0] != second["locations"].items()[0][0]


def test_a_service_gets_a_higher_version_with_every_edit_and_keeps_it_until_then(salon: Salon, client: Any) -> None:
    before = salon.service()

    def fresh() -> Any:
        answer = client.catalog.batch_get(object_ids=[before["id"], "nothing"], include_related_objects=True)
        (variation,), (item,) = answer.objects, answer.related_objects
        assert item.id == variation.item_variation_data.item_id
        return variation

    assert fresh().version == before["version"]
    salon.square.act("owner", "bump_catalog", service_variation_id=before["id"], minutes=40, title="Cut")
    after = fresh()
    assert after.version > before["version"]
    assert after.item_variation_data.service_duration == 40 * 60_000
    changed = client.catalog.search(object_types=["ITEM"], begin_time=stamp(MONDAY - timedelta(seconds=1))).objects
    assert "Cut" in {item.item_data.name for item in changed}


def test_changes_are_found_by_their_time_and_deleted_services_only_when_asked_for(salon: Salon, client: Any) -> None:
    salon.square.advance(60)
    item = salon.service()["item_variation_data"]["item_id"]
    salon.square.act("owner", "delete_service", item_id=item)
    since = stamp(MONDAY + timedelta(seconds=30))
    assert not client.catalog.search(object_types=["ITEM"], begin_time=since).objects
    gone = client.catalog.search(object_types=["ITEM"], begin_time=since, include_deleted_objects=True).objects
    assert [(one.id, one.is_deleted) for one in gone] == [(item, True)]
    assert item not in {one.id for one in client.catalog.search_items().items}
    assert item not in {one.id for one in client.catalog.list(types="ITEM")}
    with pytest.raises(ApiError):
        client.catalog.object.get(item, request_options=ONCE)


def test_a_time_zone_can_be_changed_and_is_told_without_saying_what(salon: Salon, client: Any) -> None:
    salon.square.act("owner", "edit_location", timezone="Europe/Berlin")
    assert client.locations.get("main").location.timezone == "Europe/Berlin"
    event = salon.square.world["events"].values()[-1]["event"]
    assert (event["type"], event["data"]) == ("location.updated", {"type": "location", "id": salon.location()})
    with pytest.raises(SquareError):
        salon.square.act("owner", "edit_location", timezone="Moon/Tranquility")


def test_services_are_found_by_words_of_their_name(client: Any) -> None:
    items = client.catalog.search_items(text_filter="haircut women").items
    assert [item.item_data.name for item in items] == ["Women's Haircut"]


def test_someone_who_leaves_is_inactive_not_bookable_and_cannot_be_booked(salon: Salon, client: Any) -> None:
    gone = salon.staff()
    salon.square.act("owner", "deactivate_team_member", team_member_id=gone)
    active = client.team_members.search(query={"filter": {"status": "ACTIVE"}}).team_members
    assert gone not in {person.id for person in active}
    assert client.team_members.get(gone).team_member.status == "INACTIVE"
    bookable = client.bookings.team_member_profiles.list(bookable_only=True)
    assert gone not in {profile.team_member_id for profile in bookable}
    with pytest.raises(ApiError) as refused:
        client.bookings.create(booking=salon.booking(MONDAY), request_options=ONCE)
    assert refused.value.errors[0].code == "INVALID_VALUE"


def test_a_bookings_transition_time_is_that_of_its_last_service(salon: Salon, client: Any) -> None:
    plain = client.bookings.create(booking=salon.booking(MONDAY)).booking
    padded = client.bookings.create(booking=salon.booking(MONDAY, title="Women's Haircut")).booking
    assert (plain.transition_time_minutes, padded.transition_time_minutes) == (0, 15)


def test_profiles_of_unknown_people_and_places_are_not_found(client: Any) -> None:
    for call in (
        client.team_members.get,
        client.locations.get,
        client.customers.get,
        client.bookings.team_member_profiles.get,
        client.bookings.retrieve_location_booking_profile,
        client.merchants.get,
    ):
        with pytest.raises(ApiError) as refused:
            call("nobody", request_options=ONCE)
        assert refused.value.status_code == 404
