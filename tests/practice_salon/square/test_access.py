"""Who may do what: tokens, permissions, buyer-level and seller-level access, plans, API versions."""

from datetime import timedelta
from typing import Any

import pytest
from square.core.api_error import ApiError

from practice_salon.square.grants import ALL_SCOPES, BASE_SCOPES, SELLER_SCOPES, add_grant, revoke
from practice_salon.square.routes import ROUTES
from practice_salon.square.times import stamp
from tests.practice_salon.square.conftest import MONDAY, ONCE, Salon

TUESDAY = MONDAY + timedelta(days=1, hours=3)


def refused(call: Any, **kwargs: Any) -> tuple[int | None, object, object]:
    with pytest.raises(ApiError) as error:
        call(**kwargs, request_options=ONCE)
    return error.value.status_code, error.value.errors[0].category, error.value.errors[0].code


@pytest.fixture
def buyer(salon: Salon) -> Any:
    """A client of an application that was only given buyer-level permissions."""
    add_grant(salon.square.world, "buyer", "oauth", BASE_SCOPES, "sq0idp-buyer")
    return salon.client("buyer")


def test_a_wrong_token_is_refused(salon: Salon) -> None:
    call = salon.client("guess").locations.list
    assert refused(call) == (401, "AUTHENTICATION_ERROR", "UNAUTHORIZED")


def test_no_route_answers_without_a_token(salon: Salon) -> None:
    for route in ROUTES:
        path = route.path.replace("{", "").replace("}", "")
        answer = salon.http.request(route.method, path, headers={"authorization": ""}, json={})
        assert answer.status_code == 401, route.name


def test_an_expired_and_a_revoked_token_say_so(salon: Salon) -> None:
    world = salon.square.world
    add_grant(world, "short", expires_at=stamp(MONDAY + timedelta(days=30)))
    add_grant(world, "taken")
    salon.client("short").locations.list()
    salon.square.advance(30 * 86_400)
    revoke(world, "taken")
    assert refused(salon.client("short").locations.list)[::2] == (401, "ACCESS_TOKEN_EXPIRED")
    assert refused(salon.client("taken").locations.list)[::2] == (401, "ACCESS_TOKEN_REVOKED")


def test_a_missing_permission_is_refused_with_403(salon: Salon) -> None:
    add_grant(salon.square.world, "narrow", scopes=ALL_SCOPES - {"CUSTOMERS_READ"})
    client = salon.client("narrow")
    client.locations.list()
    assert refused(client.customers.search)[::2] == (403, "INSUFFICIENT_SCOPES")


def test_token_status_tells_the_scopes(salon: Salon) -> None:
    add_grant(salon.square.world, "narrow", scopes=SELLER_SCOPES)
    status = salon.client("narrow").o_auth.retrieve_token_status()
    assert status.scopes == sorted(SELLER_SCOPES)


def test_a_buyer_level_app_sees_only_what_it_booked_itself_and_not_who_made_it(
    salon: Salon, client: Any, buyer: Any
) -> None:
    others = client.bookings.create(booking=salon.booking(TUESDAY)).booking
    own = buyer.bookings.create(booking=salon.booking(TUESDAY, place=3)).booking
    assert [booking.id for booking in buyer.bookings.list()] == [own.id]
    assert own.source is None
    assert refused(buyer.bookings.get, booking_id=others.id)[::2] == (404, "NOT_FOUND")
    assert buyer.bookings.bulk_retrieve_bookings(booking_ids=[others.id]).bookings[others.id].booking is None
    assert {booking.id for booking in client.bookings.list()} == {others.id, own.id}


@pytest.mark.parametrize("status", [400, 409, 422])
def test_a_buyer_level_app_is_refused_on_a_taken_time_and_a_seller_level_app_is_not(
    salon: Salon, client: Any, buyer: Any, status: int
) -> None:
    salon.square.world.set_rules(taken_status=status)
    client.bookings.create(booking=salon.booking(TUESDAY))
    half_over = salon.booking(TUESDAY + timedelta(minutes=15))
    assert refused(buyer.bookings.create, booking=half_over)[0] == status
    assert client.bookings.create(booking=half_over).booking.status == "ACCEPTED"


def test_times_that_touch_do_not_refuse_a_buyer(salon: Salon, client: Any, buyer: Any) -> None:
    client.bookings.create(booking=salon.booking(TUESDAY))
    after = buyer.bookings.create(booking=salon.booking(TUESDAY + timedelta(minutes=30))).booking
    assert after.status == "ACCEPTED"


def test_a_buyer_level_app_cannot_move_its_booking_onto_another_but_may_stay(
    salon: Salon, client: Any, buyer: Any
) -> None:
    client.bookings.create(booking=salon.booking(TUESDAY))
    own = buyer.bookings.create(booking=salon.booking(TUESDAY + timedelta(hours=1))).booking
    assert refused(buyer.bookings.update, booking_id=own.id, booking={"start_at": stamp(TUESDAY)})[0] == 400
    assert buyer.bookings.update(own.id, booking={"customer_note": "late"}).booking.version == 1
    assert buyer.bookings.cancel(own.id).booking.status == "CANCELLED_BY_CUSTOMER"


def test_without_the_plan_seller_level_writes_fail_reads_do_not_and_the_profile_says_so(
    salon: Salon, client: Any, buyer: Any
) -> None:
    made = client.bookings.create(booking=salon.booking(TUESDAY)).booking
    salon.square.world.set_rules(seller_writes=False)
    assert client.bookings.get_business_profile().business_booking_profile.support_seller_level_writes is False
    expected = (403, "MERCHANT_SUBSCRIPTION_ERROR", "MERCHANT_SUBSCRIPTION_NOT_FOUND")
    assert refused(client.bookings.create, booking=salon.booking(TUESDAY)) == expected
    assert refused(client.bookings.update, booking_id=made.id, booking={"seller_note": "x"}) == expected
    assert refused(client.bookings.cancel, booking_id=made.id) == expected
    assert client.bookings.get(made.id).booking.version == 0
    assert buyer.bookings.create(booking=salon.booking(TUESDAY, place=3)).booking.version == 0


def test_where_bookings_need_acceptance_they_begin_pending(salon: Salon, client: Any) -> None:
    salon.square.world.set_rules(booking_policy="REQUIRES_ACCEPTANCE")
    made = client.bookings.create(booking=salon.booking(TUESDAY)).booking
    assert made.status == "PENDING"
    assert salon.square.act("staff", "accept", booking_id=made.id)["booking"]["status"] == "ACCEPTED"


@pytest.mark.parametrize(("version", "status"), [("2026-09-16", 200), ("soon", 400), ("2026-9-16", 400)])
def test_the_square_version_header_must_be_a_date(salon: Salon, version: str, status: int) -> None:
    answer = salon.http.get("/v2/locations", headers={"square-version": version})
    assert answer.status_code == status
    if status == 400:
        assert answer.json()["errors"][0]["code"] == "INVALID_SQUARE_VERSION_FORMAT"


def test_unknown_paths_methods_and_bodies_are_refused_in_squares_shape(salon: Salon) -> None:
    for answer, status, code in (
        (salon.http.get("/v2/nothing"), 404, "NOT_FOUND"),
        (salon.http.delete("/v2/bookings"), 405, "METHOD_NOT_ALLOWED"),
        (salon.http.post("/v2/bookings", content=b"{"), 400, "EXPECTED_JSON_BODY"),
        (salon.http.post("/v2/bookings", json=[1]), 400, "EXPECTED_JSON_BODY"),
    ):
        assert (answer.status_code, answer.json()["errors"][0]["code"]) == (status, code)
