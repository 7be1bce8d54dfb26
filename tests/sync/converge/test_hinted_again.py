"""Hints that come again: what was begun and not brought to its end; and time in Bookly without a service."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from practice_salon.people.standing import Standing
from practice_salon.square.catalog import add_service
from sync.calendars import CalendarWriter, WriteRefused
from sync.converge import House
from sync.inbox.opening import open_crew
from sync.model import OWN_TIME, Client, Kind, Place, Ref, Side, Source, Write, Written
from sync.rounds.first_start import confirm_suggestions
from sync.store import hints, mapping
from sync.store.connection import reading, writing
from sync.store.hints import Hint
from tests.sync.converge.conftest import ANNA, Salon
from tests.sync.converge.test_hinted import (
    end_of,
    hinted,
    in_square,
    on_website,
    pair_of,
    ref_of,
    row_of,
    shown,
    starts,
    utc,
)


class Hesitant:
    """A writer whose nth placement is refused, once, as by a database that is too busy."""

    def __init__(self, inner: CalendarWriter, nth: int = 1) -> None:
        self._inner, self.side, self._left = inner, inner.side, nth

    def write(self, write: Write) -> Written:
        if isinstance(write, Place):
            self._left -= 1
            if self._left == 0:
                raise WriteRefused("Too busy just now.")
        return self._inner.write(write)

    def settle(self, write: Write) -> Written | None:
        return self._inner.settle(write)

    def client_for(self, client: Client, key: str) -> str | None:
        return self._inner.client_for(client, key)


def hesitant(salon: Salon, side: Side, nth: int = 1) -> House:
    writers: Mapping[Side, CalendarWriter] = {**salon.house.writers, side: Hesitant(salon.house.writers[side], nth)}
    return replace(salon.house, writers=writers)


def tried(salon: Salon, house: House, ref: Ref) -> Hint:
    """The hint about it after one more try; nobody waits for the pause between two."""
    with writing(house.engine) as conn:
        now = house.now()
        number = hints.put(conn, ref, Source.WEBHOOK, now, due_at=now, asked_by="Dana")
    open_crew(house).work_off()
    with reading(house.engine) as conn:
        found = hints.get(conn, number)
    assert found is not None
    return found


def test_a_booking_whose_block_was_refused_once_is_blocked_on_the_next_try(salon: Salon) -> None:
    ben, house = in_square(salon), hesitant(salon, Side.BOOKLY)
    assert (first := tried(salon, house, ref_of(ben))).state == "waiting" and first.attempts == 1
    assert tried(salon, house, ref_of(ben)).state == "applied"
    (block,) = pair_of(salon, ben).current(Side.BOOKLY)
    assert row_of(salon, block.ref) is not None


def test_a_website_visit_that_square_refused_once_gets_one_booking(salon: Salon) -> None:
    anna, house = on_website(salon), hesitant(salon, Side.SQUARE)
    assert tried(salon, house, ref_of(anna)).state == "waiting"
    assert tried(salon, house, ref_of(anna)).state == "applied"
    assert starts(salon) == [utc(salon, 11)]


def test_the_second_part_that_was_refused_once_goes_across_on_the_next_try(salon: Salon) -> None:
    (compound, *_), chairs = salon.people.stage.compounds, salon.people.stage.chairs
    booked = salon.people.books_parts_on_website(max(chairs, key=lambda c: len(c.skills)), compound, salon.at(9), ANNA)
    ref = Ref(Side.BOOKLY, f"compound:{min(booked.customer_appointments)}")
    house = hesitant(salon, Side.SQUARE, nth=2)
    assert tried(salon, house, ref).state == "waiting"
    assert len(salon.bookings()) == 1
    assert tried(salon, house, ref).state == "applied"
    assert len(salon.bookings()) == len(booked.appointments)
    assert tried(salon, house, ref).reason == "in_step"


# --- what is over where a person had put it -------------------------------------------------------------------------


def not_come(salon: Salon, visit: Standing, booking: str) -> int:
    """Staff move what shows a visit in Square, and then nobody comes; which version says so."""
    salon.square.act("staff", "move", booking_id=booking, start_at=salon.at(15).isoformat())
    salon.square.act("staff", "no_show", booking_id=booking)
    salon.pull()
    return 2


def test_moved_in_square_and_not_come_there_it_is_moved_on_the_website_though_a_read_had_shown_it(salon: Salon) -> None:
    anna = on_website(salon)
    booking = shown(salon, anna)
    version = not_come(salon, anna, booking.key)
    (hint,) = hinted(salon, booking, version=version)
    assert (hint.state, hint.reason) == ("applied", "time")
    assert salon.rows()[int(anna.unit)].start_date.endswith("15:00:00")
    (again,) = hinted(salon, booking)
    assert (again.state, again.reason) == ("already_true", "in_step")


def test_moved_in_square_and_not_come_there_its_block_goes_with_it_though_a_read_had_shown_it(salon: Salon) -> None:
    ben = in_square(salon)
    block = shown(salon, ben)
    (hint,) = hinted(salon, ref_of(ben), version=not_come(salon, ben, str(ben.unit)))
    assert (hint.state, hint.reason) == ("applied", "time")
    row = row_of(salon, block)
    assert row is not None and row.start_date.endswith("15:00:00")


# --- time in Bookly without a service -------------------------------------------------------------------------------


def lunch(salon: Salon, hour: int = 13) -> tuple[Standing, Ref]:
    chair = salon.stylists(salon.cut())[0]
    shut = salon.people.blocks_in_office(chair, salon.at(hour), 30)
    return shut, Ref(Side.BOOKLY, f"row:{shut.unit}")


def chosen(salon: Salon) -> str:
    """A person says which service of Square's stands for such time."""
    variation = salon.cut().variation
    assert variation is not None
    with writing(salon.house.engine) as conn:
        mapping.confirm_services(conn, {OWN_TIME.id: variation}, "Dana", salon.house.now())
    return variation


def test_time_that_staff_shut_is_asked_about_once_and_goes_across_once_somebody_says_as_what(salon: Salon) -> None:
    _, first = lunch(salon)
    _, second = lunch(salon, 15)
    for shut in (first, second):
        assert end_of(salon, shut) == ("conflict", "not_mapped_service")
    salon.pull()
    (kept,) = salon.found(Kind.UNMAPPED_SERVICE)
    assert (kept.finding.detail["id"], kept.finding.detail["visits_ahead"]) == ("own", 2)
    assert not salon.found(Kind.MISSING_IN_SQUARE)
    variation = chosen(salon)
    assert end_of(salon, first) == ("applied", "shown")
    (booking,) = salon.bookings().values()
    assert booking["appointment_segments"][0]["service_variation_id"] == variation
    assert "customer_id" not in booking and "Blocked" in booking["seller_note"]
    salon.pull()
    assert not salon.found(Kind.UNMAPPED_SERVICE)
    (missing,) = salon.found(Kind.MISSING_IN_SQUARE)
    assert missing.finding.concerned[0].refs == (second,)


def test_time_that_staff_shut_moves_in_square_when_it_moves_in_bookly(salon: Salon) -> None:
    chosen(salon)
    shut, ref = lunch(salon)
    assert end_of(salon, ref) == ("applied", "shown")
    salon.people.office.move(int(shut.unit), salon.people.stage.local(salon.at(16)))
    assert end_of(salon, ref) == ("applied", "time")
    assert starts(salon) == [utc(salon, 16)]


def test_a_visit_with_a_name_of_its_own_goes_across_with_its_client(salon: Salon) -> None:
    chosen(salon)
    chair = salon.stylists(salon.cut())[0]
    at = salon.people.stage.local(salon.at(11))
    booked = salon.people.office.book_custom(chair.bookly, at, 45, "Wedding trial", [ANNA])
    assert end_of(salon, Ref(Side.BOOKLY, f"ca:{booked.customer_appointments[0]}")) == ("applied", "shown")
    (booking,) = salon.bookings().values()
    assert booking["customer_id"] and "Wedding trial" in booking["seller_note"]
    assert booking["appointment_segments"][0]["duration_minutes"] == 45


def test_time_that_staff_shut_over_a_booking_is_a_question(salon: Salon) -> None:
    chosen(salon)
    in_square(salon, 13, 15)
    _, shut = lunch(salon)
    assert end_of(salon, shut) == ("conflict", "taken")
    assert len(salon.bookings()) == 1


def test_the_first_start_takes_squares_service_for_nobody_in_particular(salon: Salon) -> None:
    staff = [chair.square for chair in salon.people.stage.chairs if chair.square]
    made = add_service(salon.square.world, "Blocked time", 30, 0, staff)
    salon.pull()
    confirm_suggestions(salon.house)
    with reading(salon.house.engine) as conn:
        assert mapping.service_map(conn)[OWN_TIME.id] in str(made)
    _, shut = lunch(salon)
    assert end_of(salon, shut) == ("applied", "shown")
