"""Reading Square: whole or not at all."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest

from sync.calendars import ReadFailed
from sync.calendars.square.read import LIST_WINDOW, LONGEST_STRETCH, SquareReader, windows
from sync.model import Ref, Side, Standing, Window
from tests.sync.calendars.square.conftest import HORIZON, MONDAY, Salon, at, ref

LISTS = ["bookings.list", "team_members.search", "catalog.search_items"]


def test_a_snapshot_shows_every_booking_of_the_horizon_with_staff_service_and_client(salon: Salon) -> None:
    customer = salon.customer()
    early, late = salon.book(-24 * 91), salon.book(24 * 399, customer_id=customer["id"])
    found = salon.snapshot()
    assert [a.ref for a in found.appointments] == [ref(early), ref(late)]
    assert found.began_at == MONDAY
    shown = found.appointments[1]
    assert (shown.start, shown.end) == (at(24 * 399), at(24 * 399 + 0.5))
    assert (shown.parts[0].span.staff, shown.parts[0].service_name) == (salon.staff(), "Men's Haircut")
    assert shown.clients[0].name == f"{customer['given_name']} {customer['family_name']}"
    assert (shown.clients[0].phone, shown.clients[0].email) == (customer["phone_number"], customer["email_address"])


def test_what_starts_outside_the_window_is_not_in_the_snapshot(salon: Salon) -> None:
    inside = [salon.book(hours) for hours in (-1, 0, 2)][1]
    found = salon.snapshot(window=Window(at(0), at(2)))
    assert [a.ref for a in found.appointments] == [ref(inside)]


def test_cancelled_and_missed_bookings_are_listed_with_their_standing(salon: Salon) -> None:
    words = ["CANCELLED_BY_SELLER", "NO_SHOW", "PENDING", "ACCEPTED"]
    for hour, word in enumerate(words):
        salon.book(hour, status=word)
    standings = {a.status: a.standing for a in salon.snapshot().appointments}
    assert standings == {
        "CANCELLED_BY_SELLER": Standing.CANCELLED,
        "NO_SHOW": Standing.OVER,
        "PENDING": Standing.STANDS,
        "ACCEPTED": Standing.STANDS,
    }


def test_windows_stay_below_thirty_days_and_reach_over_each_other() -> None:
    parts = list(windows(HORIZON))
    assert all(part.end - part.start <= timedelta(days=30) for part in parts)
    assert parts[0].start < HORIZON.start and parts[-1].end > HORIZON.end
    assert all(after.start < before.end for before, after in pairwise(parts))


def test_windows_are_measured_in_utc_so_that_a_clock_change_never_makes_one_too_long() -> None:
    spring = Window(datetime(2026, 3, 1, 6, tzinfo=UTC), datetime(2026, 4, 15, 5, tzinfo=UTC))
    assert next(iter(windows(spring))).end - spring.start <= LIST_WINDOW + timedelta(minutes=1)


def test_a_window_with_nothing_in_it_is_no_window() -> None:
    assert list(windows(Window(MONDAY, MONDAY))) == []


def test_more_bookings_than_fit_a_page_are_all_found(salon: Salon) -> None:
    with salon.square.world.change():
        salon.square.world.set_rules(page_cap=3)
    made = {ref(salon.book(hour)) for hour in range(10)}
    assert {a.ref for a in salon.snapshot().appointments} == made


@pytest.mark.parametrize("route", LISTS)
def test_an_empty_page_in_the_middle_hides_nothing(salon: Salon, route: str) -> None:
    made = {ref(salon.book(hour)) for hour in range(6)}
    whole = salon.reader.directory()
    window = Window(at(-1), at(10))
    armed = salon.arm("list_empty_middle_page", route)
    found = salon.snapshot(window=window)
    assert armed.fired == 1
    assert {a.ref for a in found.appointments} == made
    assert {m.id for m in found.directory.staff} == {m.id for m in whole.staff}
    assert {s.id for s in found.directory.services} == {s.id for s in whole.services}


def test_a_row_left_out_of_the_list_is_read_by_its_id_before_it_counts_as_gone(salon: Salon) -> None:
    made = tuple(ref(salon.book(hour)) for hour in range(5))
    armed = salon.arm("list_missing_row", "bookings.list")
    found = salon.snapshot(made, Window(at(-1), at(10)))
    assert armed.fired == 1
    assert {a.ref for a in found.appointments} == set(made)


def test_a_list_that_shows_nothing_at_all_hides_no_known_booking(salon: Salon) -> None:
    made = tuple(ref(salon.book(hour)) for hour in range(5))
    armed = salon.arm("list_empty", "bookings.list", times=50)
    found = salon.snapshot(made)
    assert armed.fired > 1
    assert {a.ref for a in found.appointments} == set(made)


def test_a_known_booking_that_moved_out_of_the_window_is_shown_where_it_is_now(salon: Salon) -> None:
    booking = salon.book(1)
    salon.square.act("staff", "move", booking_id=booking["id"], start_at="2028-01-03T16:00:00Z")
    (found,) = salon.snapshot((ref(booking),)).appointments
    assert found.start == datetime(2028, 1, 3, 16, tzinfo=UTC)


def test_a_known_id_that_square_does_not_have_is_left_out(salon: Salon) -> None:
    booking = salon.book(1)
    found = salon.snapshot((ref(booking), Ref(Side.SQUARE, "gone"), Ref(Side.BOOKLY, "ca:4")))
    assert [a.ref for a in found.appointments] == [ref(booking)]


def test_known_ids_are_asked_for_fifty_at_a_time(salon: Salon) -> None:
    salon.snapshot(tuple(Ref(Side.SQUARE, f"gone{n}") for n in range(120)))
    assert salon.calls("bookings.bulk_retrieve_bookings") == 3


def elsewhere(salon: Salon, booking: dict[str, Any]) -> None:
    """The booking is one of the merchant's other salon's."""
    with salon.square.world.change():
        kept = salon.square.world["bookings"].get(booking["id"])
        assert kept is not None
        moved = {**kept, "booking": {**kept["booking"], "location_id": "ELSEWHERE"}}
        salon.square.world["bookings"].put(booking["id"], moved)


def test_a_booking_made_at_another_place_is_not_ours(salon: Salon) -> None:
    elsewhere(salon, salon.book(1))
    assert salon.snapshot().appointments == ()


@pytest.mark.parametrize("named_in_the_settings", [True, False])
def test_a_booking_of_another_place_that_is_asked_for_by_its_id_is_as_not_there(
    salon: Salon, named_in_the_settings: bool
) -> None:
    booking, ours = salon.book(1), salon.book(2)
    elsewhere(salon, booking)
    reader = SquareReader(salon.other_client(location=salon.location() if named_in_the_settings else ""))
    found = reader.read([ref(booking), ref(ours)])
    assert found[ref(booking)] is None and found[ref(ours)] is not None


def test_an_expired_cursor_starts_that_window_again(salon: Salon) -> None:
    with salon.square.world.change():
        salon.square.world.set_rules(page_cap=2)
    made = {ref(salon.book(hour)) for hour in range(5)}
    armed = salon.arm("cursor_expired", "bookings.list", times=2)
    assert {a.ref for a in salon.snapshot().appointments} == made
    assert armed.fired == 2


def test_cursors_that_expire_again_and_again_make_a_failed_read(salon: Salon) -> None:
    with salon.square.world.change():
        salon.square.world.set_rules(page_cap=2)
    for hour in range(5):
        salon.book(hour)
    salon.arm("cursor_expired", "bookings.list", times=99)
    with pytest.raises(ReadFailed):
        salon.snapshot()


def test_progress_is_told_window_by_window(salon: Salon) -> None:
    told: list[tuple[int, int]] = []
    salon.reader.snapshot(HORIZON, progress=lambda done, total: told.append((done, total)))
    assert told == [(n, 17) for n in range(1, 18)]


def test_read_gives_the_present_state_and_none_for_what_is_not_there(salon: Salon) -> None:
    booking, gone = salon.book(1), Ref(Side.SQUARE, "gone")
    found = salon.reader.read([ref(booking), gone, ref(booking)])
    assert set(found) == {ref(booking), gone}
    assert found[gone] is None
    assert found[ref(booking)] == salon.snapshot().appointments[0]


def test_a_booking_is_the_same_however_it_was_read(salon: Salon) -> None:
    booking = salon.book(1, customer_id=salon.customer()["id"])
    (listed,) = salon.snapshot().appointments
    assert salon.now(booking) == listed
    assert salon.reader.around(salon.staff(), at(1), at(2)) == (listed,)


def test_a_service_deleted_since_keeps_its_name_on_the_bookings_it_was_for(salon: Salon) -> None:
    booking = salon.book(1)
    item = salon.service()["item_variation_data"]["item_id"]
    salon.square.act("owner", "delete_service", item_id=item)
    (listed,) = salon.snapshot().appointments
    assert listed.parts[0].service_name == "Men's Haircut"
    assert salon.now(booking) == listed
    (service,) = [s for s in salon.snapshot().directory.services if s.name == "Men's Haircut"]
    assert not service.active


def test_a_booking_without_a_service_is_read(salon: Salon) -> None:
    found = salon.now(salon.book(1, title=None))
    assert (found.parts[0].service, found.anomaly, found.standing) == (None, None, Standing.STANDS)


def test_staff_missing_in_the_list_are_asked_for_by_id(salon: Salon) -> None:
    salon.book(1)
    salon.arm("list_empty", "team_members.search")
    assert [m.id for m in salon.snapshot().directory.staff] == [salon.staff()]


def test_around_finds_what_started_the_day_before_and_still_goes_on(salon: Salon) -> None:
    long_one = salon.book(-20, duration_minutes=1500)
    assert [a.ref for a in salon.reader.around(salon.staff(), at(1), at(2))] == [ref(long_one)]
    assert timedelta(minutes=1500) <= LONGEST_STRETCH


def test_around_looks_at_the_person_of_each_segment_and_at_busy_time(salon: Salon) -> None:
    first, second = salon.staff(0), salon.staff(1)
    booking = salon.book(
        1,
        segments=[
            {"team_member_id": first, "duration_minutes": 30, "intermission_minutes": 30},
            {"team_member_id": second, "duration_minutes": 30},
        ],
        transition_time_minutes=15,
    )
    around = salon.reader.around
    assert around(first, at(1.5), at(2)) == ()
    assert [a.ref for a in around(first, at(1), at(1.5))] == [ref(booking)]
    assert around(second, at(1), at(2)) == ()
    assert [a.ref for a in around(second, at(2.5), at(2.75))] == [ref(booking)]
    assert around(second, at(2.75), at(3)) == ()


def test_around_leaves_out_what_no_longer_stands(salon: Salon) -> None:
    salon.book(1, status="CANCELLED_BY_CUSTOMER")
    assert salon.reader.around(salon.staff(), at(0), at(3)) == ()


def test_the_directory_shows_who_does_what_and_no_hours(salon: Salon) -> None:
    found = salon.reader.directory()
    cut = salon.service()
    assert found.timezone == "America/Chicago"
    assert len(found.staff) == 6 and len(found.services) == 12
    assert all(m.hours == () and m.active for m in found.staff)
    able = {m.id for m in found.staff if cut["id"] in m.services}
    assert able == set(cut["item_variation_data"]["team_member_ids"])
    (service,) = [s for s in found.services if s.id == cut["id"]]
    assert (service.name, service.minutes, service.version) == ("Men's Haircut", 30, cut["version"])


def test_who_left_is_listed_as_not_active(salon: Salon) -> None:
    salon.square.act("owner", "deactivate_team_member", team_member_id=salon.staff(2))
    (member,) = [m for m in salon.reader.directory().staff if m.id == salon.staff(2)]
    assert not member.active
