"""The short look at Square: ids and versions of what starts soon, and nothing called gone before it was asked for."""

from __future__ import annotations

from datetime import timedelta

import pytest

from practice_salon.square.grants import add_grant
from sync.calendars import ReadFailed
from sync.calendars.square.read import SquareReader
from sync.model import Polled, Ref, Side, Window
from tests.sync.calendars.square.conftest import MONDAY, Salon, at, ref

SOON = Window(MONDAY - timedelta(days=1), MONDAY + timedelta(days=14))


def look(salon: Salon, *known: Ref) -> Polled:
    return salon.reader.poll(SOON, known)


def test_what_starts_soon_is_in_sight_by_id_and_version_and_by_nothing_else(salon: Salon) -> None:
    near, far = salon.book(2, customer_id=salon.customer()["id"]), salon.book(24 * 20)
    cancelled = salon.book(3, status="CANCELLED_BY_SELLER")
    before = salon.calls("customers.bulk_retrieve_customers"), salon.calls("catalog.batch_get")
    polled = look(salon)
    assert set(polled.stamps) == {ref(near), ref(cancelled)} and ref(far) not in polled.elsewhere
    assert polled.versions == {ref(near): 0, ref(cancelled): 0}
    assert polled.changed_at[ref(near)] == MONDAY
    assert (salon.calls("customers.bulk_retrieve_customers"), salon.calls("catalog.batch_get")) == before
    assert polled.shown([ref(near)])[ref(near)].start == at(2)


def test_every_change_raises_the_version(salon: Salon) -> None:
    booked = salon.book(2)
    first = look(salon).stamps[ref(booked)]
    salon.square.act("staff", "move", booking_id=booked["id"], start_at=at(4).isoformat())
    polled = look(salon)
    assert polled.stamps[ref(booked)] != first and polled.versions[ref(booked)] == 1


def test_what_is_no_longer_listed_is_asked_for_by_its_id(salon: Salon) -> None:
    moved, stays = salon.book(2), salon.book(3)
    salon.square.act("staff", "move", booking_id=moved["id"], start_at=at(24 * 40).isoformat())
    polled = look(salon, ref(moved), ref(stays), Ref(Side.SQUARE, "nobody"))
    assert set(polled.stamps) == {ref(stays)} and set(polled.elsewhere) == {ref(moved)}
    assert polled.versions[ref(moved)] == 1
    assert polled.gone == {Ref(Side.SQUARE, "nobody")}


def test_a_row_that_the_list_leaves_out_is_in_sight_all_the_same(salon: Salon) -> None:
    booked = salon.book(2)
    salon.arm("list_missing_row", "bookings.list")
    assert set(look(salon, ref(booked)).stamps) == {ref(booked)}


def test_the_list_is_read_on_behind_an_empty_page(salon: Salon) -> None:
    booked = [salon.book(hours) for hours in range(1, 6)]
    with salon.square.world.change():
        salon.square.world.set_rules(page_cap=2)
    salon.arm("list_empty_middle_page", "bookings.list")
    asked = salon.calls("bookings.bulk_retrieve_bookings")
    assert set(look(salon, *map(ref, booked)).stamps) == {ref(doc) for doc in booked}
    assert salon.calls("bookings.bulk_retrieve_bookings") == asked
    with salon.square.world.change():
        salon.square.world.set_rules(page_cap=100)


@pytest.mark.parametrize("route", ["bookings.list", "bookings.bulk_retrieve_bookings"])
def test_a_look_is_whole_or_fails(salon: Salon, route: str) -> None:
    salon.arm("error_503", route)
    with pytest.raises(ReadFailed):
        look(salon, Ref(Side.SQUARE, "nobody"))


def test_nothing_is_gone_for_a_token_that_sees_only_its_own(salon: Salon) -> None:
    booked = salon.book(2)
    scopes = frozenset({"APPOINTMENTS_READ", "MERCHANT_PROFILE_READ", "ITEMS_READ", "EMPLOYEES_READ", "CUSTOMERS_READ"})
    with salon.square.world.change():
        add_grant(salon.square.world, "partial", "oauth", scopes, "another-app")
    reader = SquareReader(salon.other_client("partial"))
    with pytest.raises(ReadFailed, match="APPOINTMENTS_ALL_READ"):
        reader.poll(SOON, [ref(booked)])
    assert not reader.poll(SOON, []).stamps


def test_a_booking_whose_version_nobody_tells_counts_by_its_content() -> None:
    from sync.calendars.square.read import polled

    doc = {"id": "b1", "start_at": "2026-03-02T16:00:00Z", "status": "ACCEPTED"}
    one, other = (polled(MONDAY, SOON, {"b1": d}, frozenset()) for d in (doc, {**doc, "status": "NO_SHOW"}))
    assert one.versions == {} and one.stamps != other.stamps


def test_nobody_can_mean_a_booking_to_vanish(salon: Salon) -> None:
    booked = salon.book(2)
    assert salon.reader.meant_to_be_gone([ref(booked)], {ref(booked): salon.now(booked)}) == frozenset()
