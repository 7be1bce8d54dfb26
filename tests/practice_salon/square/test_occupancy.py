"""Who is busy when, against a plain minute-by-minute count."""

from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from practice_salon.square.acts import perform
from practice_salon.square.errors import SquareError
from practice_salon.square.occupancy import Busy, all_busy, occupied
from practice_salon.square.seed import empty_world
from practice_salon.square.state import World

ZERO = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
"""Seven in the morning in Chicago; the salon opens at nine."""

minutes = st.integers(0, 300)
segment = st.fixed_dictionaries(
    {"chair": st.integers(0, 1), "duration_minutes": st.integers(1, 90), "intermission_minutes": st.integers(0, 40)}
)


def at(minute: int) -> str:
    return (ZERO + timedelta(minutes=minute)).isoformat()


def two_chairs() -> tuple[World, list[str], str]:
    world = empty_world("America/Chicago", "occupancy", ZERO)
    staff = [perform(world, "owner", "add_team_member", {"name": name})["team_member"]["id"] for name in ("A", "B")]
    offer = {"title": "Cut", "minutes": 30, "team_member_ids": staff, "transition_minutes": 10}
    item = perform(world, "owner", "add_service", offer)["item"]
    return world, staff, item["item_data"]["variations"][0]["id"]


def taken_minutes(bookings: list[Any]) -> dict[str, set[int]]:
    """Every minute that a plain walk over the segments calls busy."""
    taken: dict[str, set[int]] = {}
    for booking in bookings:
        minute = round((datetime.fromisoformat(booking["start_at"]) - ZERO).total_seconds() / 60)
        parts = booking["appointment_segments"]
        for number, part in enumerate(parts):
            rest = booking["transition_time_minutes"] if number == len(parts) - 1 else 0
            length = part["duration_minutes"] + rest
            taken.setdefault(part["team_member_id"], set()).update(range(minute, minute + length))
            minute += part["duration_minutes"] + part.get("intermission_minutes", 0)
    return taken


def covered(busy: list[Busy]) -> dict[str, set[int]]:
    out: dict[str, set[int]] = {}
    for one in busy:
        first, last = (round((edge - ZERO).total_seconds() / 60) for edge in (one.start, one.end))
        out.setdefault(one.team_member_id, set()).update(range(first, last))
    return out


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(minutes, st.lists(segment, min_size=1, max_size=3), st.integers(0, 20)), max_size=4), minutes)
def test_a_buyer_gets_a_time_exactly_when_no_minute_of_it_is_taken_and_the_salon_is_open(
    booked: list[tuple[int, list[dict[str, int]], int]], wish: int
) -> None:
    world, staff, service = two_chairs()
    made = [
        perform(
            world,
            "staff",
            "book",
            {
                "start_at": at(start),
                "segments": [{**part, "team_member_id": staff[part["chair"]]} for part in parts],
                "transition_time_minutes": rest,
            },
        )["booking"]
        for start, parts, rest in booked
    ]
    taken = taken_minutes(made)
    assert covered(all_busy(world)) == taken
    wished = set(range(wish, wish + 40))
    free = min(wished) >= 180 and not wished & taken.get(staff[0], set())
    params = {"start_at": at(wish), "team_member_id": staff[0], "service_variation_id": service}
    try:
        got = bool(perform(world, "buyer", "book", params))
    except SquareError:
        got = False
    assert got == free


def test_only_pending_and_accepted_bookings_take_time() -> None:
    parts = [{"team_member_id": "T", "duration_minutes": 30}]
    booking = {"start_at": at(0), "appointment_segments": parts}
    statuses = ("PENDING", "ACCEPTED", "DECLINED", "CANCELLED_BY_CUSTOMER", "CANCELLED_BY_SELLER", "NO_SHOW")
    assert [bool(occupied({**booking, "status": status})) for status in statuses] == [True, True] + [False] * 4
