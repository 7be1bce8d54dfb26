"""Every fault of the practice Square that can touch a pull or a write: no false missing, no second booking, and a
refusal only where nothing was written."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from itertools import product
from typing import Any

import pytest

from practice_salon.square.faults import EVERY, FAULTS, LISTS, VERSIONED, WRITES, makes_sense
from sync.calendars import OutcomeUnknown, ReadFailed, Stale, WriteRefused
from sync.calendars.square.write import SquareWriter
from sync.model import Client, Standing, Window, Write, Written
from tests.sync.calendars.square.conftest import Salon, at, ref

PULL_ROUTES = (
    "locations.list",
    "bookings.list",
    "bookings.bulk_retrieve_bookings",
    "bookings.team_member_profiles.list",
    "team_members.search",
    "catalog.search_items",
    "catalog.batch_get",
    "customers.bulk_retrieve_customers",
)
ROUND_A_WRITE = ("bookings.list", "bookings.bulk_retrieve_bookings", "catalog.batch_get")
PULL_FAULTS = [fault.name for fault in FAULTS if fault.routes in (EVERY, LISTS) or "locations.list" in fault.routes]
WRITE_FAULTS = [fault.name for fault in FAULTS if fault.routes in (EVERY, WRITES, VERSIONED)]
EVERYWHERE = [fault.name for fault in FAULTS if fault.routes == EVERY]
PLACE_FAULTS = [fault.name for fault in FAULTS if fault.routes in (EVERY, WRITES)]
WEEK = Window(at(-24), at(24 * 5))

HANGS = ("hang_before", "hang_after")
# Written about once, with a wait of two seconds, instead of on every route.
HANG_ROUTES = ("bookings.list", "bookings.bulk_retrieve_bookings")


def can_strike(name: str, route: str) -> bool:
    fault = next(fault for fault in FAULTS if fault.name == name)
    return makes_sense(fault, route) and (name not in HANGS or route in HANG_ROUTES)


def strike(salon: Salon, name: str, route: str, nth: int = 1) -> Any:
    salon.square.world.faults.clear()
    return salon.arm(name, route, nth, seconds=0.01 if name == "slow" else 30.0)


@pytest.mark.parametrize("name", PULL_FAULTS)
def test_no_fault_in_a_pull_makes_a_booking_missing(salon: Salon, name: str) -> None:
    with salon.square.world.change():
        salon.square.world.set_rules(page_cap=2)
    customer = salon.customer()["id"]
    made = [salon.book(hour, customer_id=customer) for hour in range(5)]
    salon.square.act("owner", "delete_service", item_id=salon.service()["item_variation_data"]["item_id"])
    known = tuple(ref(booking) for booking in made)
    far = salon.book(24 * 30, title=None)
    reader = salon.hasty()[0] if name in HANGS else salon.reader
    wanted = (*known, ref(far))
    usual = reader.snapshot(WEEK, wanted)
    struck = []
    for route in PULL_ROUTES:
        if not can_strike(name, route):
            continue
        armed = strike(salon, name, route)
        try:
            found = reader.snapshot(WEEK, wanted)
        except ReadFailed:
            pass
        else:
            assert found.appointments == usual.appointments, (name, route)
        struck.append(armed.fired)
    assert struck and all(struck)
    salon.square.world.faults.clear()
    salon.square.act("buyer", "cancel", booking_id=made[0]["id"])
    standings = {a.ref: a.standing for a in reader.snapshot(WEEK, wanted).appointments}
    assert standings[known[0]] is Standing.CANCELLED
    assert [standings[k] for k in wanted[1:]] == [Standing.STANDS] * 5


@pytest.mark.parametrize("name", [name for name in EVERYWHERE if name not in HANGS])
def test_no_fault_in_a_read_says_that_a_booking_is_gone(salon: Salon, name: str) -> None:
    booking = salon.book(1, customer_id=salon.customer()["id"])
    usual = salon.now(booking)
    for route in ("bookings.bulk_retrieve_bookings", "catalog.batch_get", "customers.bulk_retrieve_customers"):
        strike(salon, name, route)
        with suppress(ReadFailed):
            assert salon.now(booking) == usual
    for route in ("bookings.list", "catalog.batch_get"):
        strike(salon, name, route)
        with suppress(ReadFailed):
            assert salon.reader.around(salon.staff(), at(1), at(2)) == (usual,)


def carried_to_the_end(salon: Salon, writer: SquareWriter, write: Write, done: Callable[[], bool]) -> Written:
    """What the engine does with a write: settle what is unknown, and write again what for certain was not written."""
    result = None
    try:
        result = writer.write(write)
    except OutcomeUnknown:
        salon.square.world.faults.clear()
        result = writer.settle(write)
        assert (result is not None) == done()
    except WriteRefused:
        salon.square.world.faults.clear()
        assert not done()
    return writer.write(write) if result is None else result


@pytest.mark.parametrize("name", PLACE_FAULTS)
def test_no_fault_makes_a_second_booking_or_loses_one(salon: Salon, name: str) -> None:
    writer = salon.hasty()[1] if name in HANGS else salon.writer
    armed = strike(salon, name, "bookings.create")
    done = carried_to_the_end(salon, writer, salon.place(1), lambda: bool(salon.standing()))
    assert armed.fired == 1
    assert [ref(booking) for booking in salon.bookings()] == [done.ref]
    assert done.overlaps == () and done.appointment == salon.now(salon.bookings()[0])


@pytest.mark.parametrize("name", WRITE_FAULTS)
def test_no_fault_moves_twice_or_calls_a_move_that_happened_refused(salon: Salon, name: str) -> None:
    booking = salon.book(1)
    move = salon.move(booking, 4)
    changed_once(
        salon, name, "bookings.update", move, lambda: str(salon.bookings()[0]["start_at"]).endswith("T19:00:00Z")
    )


@pytest.mark.parametrize("name", WRITE_FAULTS)
def test_no_fault_cancels_twice_or_calls_a_cancel_that_happened_refused(salon: Salon, name: str) -> None:
    booking = salon.book(1)
    changed_once(salon, name, "bookings.cancel", salon.cancel(booking), lambda: not salon.standing())


def changed_once(salon: Salon, name: str, route: str, write: Write, done: Callable[[], bool]) -> None:
    """The only booking there is changes by one version, or not at all when somebody else was quicker."""
    (booking,) = salon.bookings()
    writer = salon.hasty()[1] if name in HANGS else salon.writer
    armed = strike(salon, name, route)
    if name.startswith("version_mismatch"):
        with pytest.raises(Stale):
            writer.write(write)
        assert not done()
    else:
        carried_to_the_end(salon, writer, write, done)
        assert done() and salon.bookings()[0]["version"] == booking["version"] + 1
    assert armed.fired == 1 and len(salon.bookings()) == 1


@pytest.mark.parametrize("name", [name for name in EVERYWHERE if name not in HANGS])
def test_no_fault_in_the_reads_round_a_write_hides_what_became_of_it(salon: Salon, name: str) -> None:
    for number, (route, nth) in enumerate(product(ROUND_A_WRITE, (1, 2))):
        strike(salon, name, route, nth)
        write = salon.place(number * 2, mark=f"slotkeeper:t1:{number}:1", key=f"k{number}")
        done = carried_to_the_end(salon, salon.writer, write, lambda n=number: len(salon.bookings()) == n + 1)  # type: ignore[misc]
        assert done.overlaps == ()
        assert len(salon.bookings()) == number + 1


@pytest.mark.parametrize("name", [n for n in WRITE_FAULTS if n not in HANGS and not n.startswith("version")])
def test_no_fault_makes_a_second_customer(salon: Salon, name: str) -> None:
    client = Client("9", "Tara Tully", "+13125550188", "tara.tully@mail.example")
    before = len(salon.square.world["customers"])
    for route in ("customers.search", "customers.create", "customers.bulk_retrieve_customers"):
        if can_strike(name, route):
            strike(salon, name, route)
            with suppress(WriteRefused, OutcomeUnknown):
                salon.writer.client_for(client, "t1:client:9")
    salon.square.world.faults.clear()
    assert salon.writer.client_for(client, "t1:client:9")
    assert len(salon.square.world["customers"]) == before + 1
