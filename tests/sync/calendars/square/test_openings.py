"""What Square offers buyers, read from the practice Square."""

from __future__ import annotations

from datetime import timedelta

import pytest

from practice_salon.square.times import stamp
from sync.calendars import ReadFailed
from sync.calendars.square.openings import SquareOpenings, offers_in, rules_in
from sync.model.holds import BookingRules, Offer
from tests.sync.calendars.square.conftest import Salon, at

SEARCH = "bookings.search_availability"


def test_offers_are_the_starts_a_buyer_may_have_with_their_length(salon: Salon) -> None:
    service = salon.service()["id"]
    openings = SquareOpenings(salon.client)
    found = openings.offers(salon.staff(), service, at(24), at(30))
    assert Offer(at(26), at(26.5)) in found
    assert list(found) == sorted(found, key=lambda offer: offer.start)
    salon.square.act("staff", "block", team_member_id=salon.staff(), start_at=stamp(at(26)), duration_minutes=30)
    assert Offer(at(26), at(26.5)) not in openings.offers(salon.staff(), service, at(24), at(30))
    assert Offer(at(27), at(27.5)) in openings.offers(salon.staff(), service, at(24), at(30))


def test_a_range_that_square_refuses_is_widened_or_cut(salon: Salon) -> None:
    openings, service = SquareOpenings(salon.client), salon.service()["id"]
    day = openings.offers(salon.staff(), service, at(24) + timedelta(microseconds=7), at(25))
    assert max(offer.start for offer in day) < at(48)
    assert openings.offers(salon.staff(), service, at(0), at(24 * 60))


def test_the_location_is_asked_for_once(salon: Salon) -> None:
    openings, service = SquareOpenings(salon.client), salon.service()["id"]
    for _ in range(2):
        openings.offers(salon.staff(), service, at(24), at(48))
    assert (salon.calls("locations.list"), salon.calls(SEARCH)) == (1, 2)


def test_the_rules_are_what_the_booking_profile_says(salon: Salon) -> None:
    found = SquareOpenings(salon.client).rules()
    assert found == BookingRules(True, timedelta(0), timedelta(days=366), False)


def test_a_search_that_fails_says_nothing(salon: Salon) -> None:
    salon.arm("error_503", SEARCH)
    with pytest.raises(ReadFailed):
        SquareOpenings(salon.client).offers(salon.staff(), salon.service()["id"], at(24), at(48))


@pytest.mark.parametrize(
    "row",
    [
        {},
        {"start_at": "2026-03-02T15:00:00Z"},
        {"start_at": "soon", "appointment_segments": [{"team_member_id": "TM", "duration_minutes": 30}]},
        {"start_at": "2026-03-02T15:00:00Z", "appointment_segments": [{"team_member_id": "TM"}]},
        {"start_at": "2026-03-02T15:00:00Z", "appointment_segments": [{"team_member_id": "X", "duration_minutes": 30}]},
    ],
)
def test_an_offer_that_lacks_something_is_none(row: dict[str, object]) -> None:
    assert list(offers_in(row, "TM")) == []


def test_what_the_profile_does_not_say_stays_unknown() -> None:
    assert rules_in({}) == BookingRules(True, None, None, False)
    settings = {"max_appointments_per_day_limit": 8, "min_booking_lead_time_seconds": 3600}
    said = rules_in({"booking_enabled": False, "business_appointment_settings": settings})
    assert said == BookingRules(False, timedelta(hours=1), None, True)
