"""Bookings through the real client."""

from datetime import timedelta
from typing import Any

import pytest
from square.core.api_error import ApiError

from practice_salon.square.times import stamp
from tests.practice_salon.square.conftest import MONDAY, ONCE, Salon

TUESDAY = MONDAY + timedelta(days=1)


def book(salon: Salon, client: Any, key: str | None = None, **kwargs: Any) -> Any:
    """Creates a booking on Tuesday at nine, or as told."""
    body = salon.booking(TUESDAY, **kwargs)
    made = client.bookings.create(booking=body, idempotency_key=key, request_options=ONCE)
    return made.booking


def refusal(error: pytest.ExceptionInfo[ApiError]) -> tuple[int | None, object]:
    return error.value.status_code, error.value.errors[0].code


def test_a_new_booking_stands_at_version_zero_and_is_found_by_id_in_bulk_and_in_the_list(
    salon: Salon, client: Any
) -> None:
    made = book(salon, client, seller_note="from the web")
    assert (made.version, made.status, made.source) == (0, "ACCEPTED", "API")
    assert made.start_at == "2026-03-03T15:00:00Z"
    assert client.bookings.get(made.id).booking == made
    bulk = client.bookings.bulk_retrieve_bookings(booking_ids=[made.id, "nobody"]).bookings
    assert bulk[made.id].booking == made
    assert bulk["nobody"].errors[0].code == "NOT_FOUND"
    assert list(client.bookings.list(start_at_min=stamp(MONDAY), start_at_max=stamp(TUESDAY))) == [made]


def test_an_update_changes_what_is_sent_clears_what_is_null_and_leaves_the_rest(salon: Salon, client: Any) -> None:
    made = book(salon, client, seller_note="old", customer_note="mine")
    later = stamp(TUESDAY + timedelta(hours=3))
    changes = {"version": 0, "start_at": later, "seller_note": None}
    client.bookings.update(made.id, booking=changes)
    now = client.bookings.get(made.id).booking
    assert (now.version, now.start_at, now.seller_note, now.customer_note) == (1, later, None, "mine")
    assert now.appointment_segments == made.appointment_segments


def test_an_old_version_is_refused_and_no_version_overwrites(salon: Salon, client: Any) -> None:
    made = book(salon, client)
    client.bookings.update(made.id, booking={"seller_note": "a", "version": 0})
    for status in (409, 400):
        salon.square.world.set_rules(stale_status=status)
        with pytest.raises(ApiError) as refused:
            client.bookings.update(
                made.id,
                booking={"seller_note": "b", "version": 0},
                request_options=ONCE,
            )
        assert refused.value.status_code == status
    with pytest.raises(ApiError):
        client.bookings.cancel(made.id, booking_version=0, request_options=ONCE)
    blind = client.bookings.update(made.id, booking={"seller_note": "c"}).booking
    assert (blind.version, blind.seller_note) == (2, "c")


def test_a_cancelled_booking_is_final_and_still_listed(salon: Salon, client: Any) -> None:
    made = book(salon, client)
    gone = client.bookings.cancel(made.id, booking_version=0).booking
    assert (gone.status, gone.version, gone.start_at) == ("CANCELLED_BY_SELLER", 1, made.start_at)
    with pytest.raises(ApiError) as refused:
        client.bookings.update(made.id, booking={"seller_note": "x"}, request_options=ONCE)
    assert refusal(refused) == (400, "BAD_REQUEST")
    assert [booking.id for booking in client.bookings.list(start_at_min=stamp(MONDAY))] == [made.id]


def test_seller_level_access_books_over_another_and_at_night(salon: Salon, client: Any) -> None:
    first, second = book(salon, client), book(salon, client)
    assert first.id != second.id
    night = salon.booking(TUESDAY.replace(hour=8))
    made = client.bookings.create(booking=night).booking
    assert made.status == "ACCEPTED"


def test_an_idempotency_key_replays_the_first_answer_even_of_a_booking_cancelled_since(
    salon: Salon, client: Any
) -> None:
    made = book(salon, client, key="link-1")
    client.bookings.cancel(made.id)
    again = book(salon, client, key="link-1")
    assert (again.id, again.status, again.version) == (made.id, "ACCEPTED", 0)
    assert len(salon.square.world["bookings"]) == 1
    with pytest.raises(ApiError) as refused:
        book(salon, client, key="link-1", seller_note="another body")
    assert refusal(refused) == (400, "IDEMPOTENCY_KEY_REUSED")


def test_the_list_takes_31_days_at_most_and_defaults_to_the_next_31(salon: Salon, client: Any) -> None:
    past = salon.square.act("staff", "book", team_member_id=salon.staff(), start_at=stamp(MONDAY - timedelta(hours=1)),
                            duration_minutes=30)  # fmt: skip
    soon = book(salon, client)
    far = salon.booking(MONDAY + timedelta(days=31, minutes=1))
    client.bookings.create(booking=far)
    assert [booking.id for booking in client.bookings.list()] == [soon.id]
    assert past["booking"]["id"] != soon.id
    with pytest.raises(ApiError) as refused:
        client.bookings.list(
            start_at_min=stamp(MONDAY),
            start_at_max=stamp(MONDAY + timedelta(days=31, seconds=1)),
            request_options=ONCE,
        )
    assert refused.value.status_code == 400


@pytest.mark.parametrize("missing", ["location_id", "start_at", "appointment_segments"])
def test_a_booking_without_a_needed_field_is_refused(salon: Salon, client: Any, missing: str) -> None:
    body = {key: value for key, value in salon.booking(TUESDAY).items() if key != missing}
    with pytest.raises(ApiError) as refused:
        client.bookings.create(booking=body, request_options=ONCE)
    assert refusal(refused) == (400, "MISSING_REQUIRED_PARAMETER")


@pytest.mark.parametrize("missing", ["team_member_id", "service_variation_id", "service_variation_version"])
def test_a_segment_without_a_needed_field_is_refused(salon: Salon, client: Any, missing: str) -> None:
    body = salon.booking(TUESDAY)
    del body["appointment_segments"][0][missing]
    with pytest.raises(ApiError) as refused:
        client.bookings.create(booking=body, request_options=ONCE)
    assert refusal(refused) == (400, "MISSING_REQUIRED_PARAMETER")


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"seller_note": "x" * 4097}, "VALUE_TOO_LONG"),
        ({"customer_id": "nobody"}, "CUSTOMER_NOT_FOUND"),
        ({"location_id": "nowhere"}, "INVALID_VALUE"),
        ({"start_at": "2026-03-03T15:00:00"}, "INVALID_TIME"),
        ({"startAt": "2026-03-03T15:00:00Z"}, "UNKNOWN_BODY_PARAMETER"),
    ],
)
def test_a_wrong_field_is_refused_with_its_code(
    salon: Salon, client: Any, change: dict[str, object], code: str
) -> None:
    body = {**salon.booking(TUESDAY), **change}
    with pytest.raises(ApiError) as refused:
        client.bookings.create(booking=body, request_options=ONCE)
    assert refusal(refused) == (400, code)


def test_an_old_service_version_is_refused_on_create_and_let_stand_on_update(salon: Salon, client: Any) -> None:
    made = book(salon, client)
    old = salon.booking(TUESDAY)
    salon.square.act("owner", "bump_catalog", service_variation_id=salon.service()["id"])
    with pytest.raises(ApiError):
        client.bookings.create(booking=old, request_options=ONCE)
    segments = old["appointment_segments"]
    kept = client.bookings.update(made.id, booking={"appointment_segments": segments}).booking
    assert kept.version == 1


def test_the_location_of_a_booking_cannot_change(salon: Salon, client: Any) -> None:
    made = book(salon, client)
    with pytest.raises(ApiError) as refused:
        client.bookings.update(made.id, booking={"location_id": "LOTHER"}, request_options=ONCE)
    assert refusal(refused) == (400, "INVALID_VALUE")


def test_a_start_with_an_offset_is_kept_in_utc(salon: Salon, client: Any) -> None:
    made = book(salon, client, start_at="2026-03-03T09:30:00-06:00")
    assert made.start_at == "2026-03-03T15:30:00Z"
