"""What buyers are offered, and two of them who want the same time."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import httpx
import pytest
from square.core.api_error import ApiError

from practice_salon.square.times import moment, stamp
from tests.practice_salon.square.conftest import MONDAY, ONCE, Salon

CHICAGO = ZoneInfo("America/Chicago")
DAY = timedelta(days=1)
TUESDAY = MONDAY.replace(hour=6) + DAY
"""Midnight in Chicago before the Tuesday."""


def week(salon: Salon, opens: str, closes: str, place: int = 0) -> None:
    """The person works so every day."""
    salon.square.act("owner", "set_hours", team_member_id=salon.staff(place), week=[[opens, closes]] * 7)


def offered(salon: Salon, client: Any, since: datetime = TUESDAY, place: int = 0, **more: Any) -> list[str]:
    """The local times offered of a half-hour service with that person in the day from then on."""
    segment = {
        "service_variation_id": salon.service()["id"],
        "team_member_id_filter": {"any": [salon.staff(place)]},
    }
    wanted = {
        "start_at_range": {"start_at": stamp(since), "end_at": stamp(since + DAY)},
        **(more or {"segment_filters": [segment], "location_id": salon.location()}),
    }
    found = client.bookings.search_availability(query={"filter": wanted}, request_options=ONCE).availabilities
    return [f"{moment(slot.start_at).astimezone(CHICAGO):%H:%M}" for slot in found or []]


def test_a_free_day_is_offered_in_quarter_hours_until_the_service_no_longer_fits(salon: Salon, client: Any) -> None:
    week(salon, "10:00", "11:15")
    assert offered(salon, client) == ["10:00", "10:15", "10:30", "10:45"]


@pytest.mark.parametrize(
    ("alignment", "expected"),
    [
        ("HALF_HOURLY", ["10:30", "11:00", "11:30"]),
        ("HOURLY", ["11:00"]),
        ("SERVICE_DURATION", ["10:10", "10:40", "11:10"]),
    ],
)
def test_starts_are_aligned_as_the_salon_wants_it(
    salon: Salon, client: Any, alignment: str, expected: list[str]
) -> None:
    week(salon, "10:10", "12:00")
    salon.square.world.set_rules(alignment=alignment)
    assert offered(salon, client) == expected


def test_bookings_with_gaps_and_transition_and_hidden_blocks_take_time_and_cancelled_ones_do_not(
    salon: Salon, client: Any
) -> None:
    week(salon, "10:00", "14:00")
    salon.square.world.set_rules(alignment="HALF_HOURLY")
    me, ten = salon.staff(), TUESDAY + timedelta(hours=10)
    segments = [
        {"team_member_id": me, "duration_minutes": 30, "intermission_minutes": 60},
        {"team_member_id": me, "duration_minutes": 30},
    ]
    booked = salon.square.act(
        "staff", "book", start_at=stamp(ten), segments=segments, transition_time_minutes=15
    )  # 10:00-10:30, free, 11:30-12:00 and 15 minutes
    salon.square.act("staff", "block", team_member_id=me, start_at=stamp(ten + timedelta(hours=3)), duration_minutes=30)
    assert offered(salon, client) == ["10:30", "11:00", "12:30", "13:30"]
    assert len(list(client.bookings.list())) == 1
    salon.square.act("staff", "cancel", booking_id=booked["booking"]["id"])
    assert offered(salon, client) == ["10:00", "10:30", "11:00", "11:30", "12:00", "12:30", "13:30"]


def test_lead_time_past_times_inactive_and_unskilled_people_are_not_offered(salon: Salon, client: Any) -> None:
    week(salon, "09:00", "10:30")
    today = MONDAY - timedelta(hours=9)
    assert offered(salon, client, today) == ["09:00", "09:15", "09:30", "09:45", "10:00"]
    salon.square.world.set_rules(min_lead_s=1800)
    assert offered(salon, client, today) == ["09:30", "09:45", "10:00"]
    assert offered(salon, client, today, place=2) == []
    salon.square.act("owner", "deactivate_team_member", team_member_id=salon.staff())
    assert offered(salon, client, today) == []


@pytest.mark.parametrize("night", [datetime(2026, 3, 8, 6, tzinfo=UTC), datetime(2026, 11, 1, 5, tzinfo=UTC)])
def test_on_the_days_the_clocks_change_the_salon_opens_by_its_own_clock(
    salon: Salon, client: Any, night: datetime
) -> None:
    week(salon, "10:00", "11:00")
    salon.square.advance((night - DAY - MONDAY).total_seconds())
    expected = ["10:00", "10:15", "10:30"]
    assert offered(salon, client, night) == expected


def test_a_booking_to_be_moved_is_not_in_its_own_way(salon: Salon, client: Any) -> None:
    week(salon, "10:00", "11:00")
    ten = TUESDAY + timedelta(hours=10)
    made = client.bookings.create(booking=salon.booking(ten)).booking
    assert offered(salon, client) == ["10:30"]
    assert offered(salon, client, booking_id=made.id) == ["10:00", "10:15", "10:30"]
    with pytest.raises(ApiError) as refused:
        offered(salon, client, booking_id=made.id, location_id=salon.location())
    assert refused.value.errors[0].code == "CONFLICTING_PARAMETERS"


def test_two_services_are_offered_one_after_the_other(salon: Salon, client: Any) -> None:
    week(salon, "10:00", "11:30")
    segments = [
        {
            "service_variation_id": salon.service(title)["id"],
            "team_member_id_filter": {"any": [salon.staff()]},
        }
        for title in ("Men's Haircut", "Kids' Haircut")
    ]
    assert offered(salon, client, segment_filters=segments) == ["10:00", "10:15", "10:30"]


@pytest.mark.parametrize("days", [0.9, 33.0])
def test_the_range_is_a_day_at_least_and_32_at_most(salon: Salon, client: Any, days: float) -> None:
    between = {"start_at": stamp(TUESDAY), "end_at": stamp(TUESDAY + timedelta(days=days))}
    wanted = {"start_at_range": between, "segment_filters": [{"service_variation_id": salon.service()["id"]}]}
    with pytest.raises(ApiError) as refused:
        client.bookings.search_availability(query={"filter": wanted}, request_options=ONCE)
    assert refused.value.errors[0].code == "INVALID_TIME_RANGE"


def test_of_many_buyers_who_want_one_time_at_once_exactly_one_gets_it(salon: Salon) -> None:
    week(salon, "10:00", "18:00")
    body = {
        "who": "buyer",
        "what": "book",
        "team_member_id": salon.staff(),
        "service_variation_id": salon.service()["id"],
        "start_at": stamp(TUESDAY + timedelta(hours=12)),
    }

    def book(_: int) -> int:
        return httpx.post(f"{salon.square.url}/practice/act", json=body, trust_env=False).status_code

    with ThreadPoolExecutor(8) as pool:
        statuses = sorted(pool.map(book, range(16)))
    assert statuses == [200] + [400] * 15
    assert len(salon.square.world["bookings"]) == 1
