"""Time in Bookly without a service: one question in all, and once it is answered, visits like any other."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from sync.decide.findings import find
from sync.decide.matching import suggest_services
from sync.decide.unmapped import OWN_TIME_KEY
from sync.model import OWN_TIME, Appointment, Finding, Kind, Service, Side
from tests.sync.decide.views import (
    SERVICE_MAP,
    SERVICES,
    at,
    block,
    bookly,
    keys,
    of_kind,
    only,
    pair,
    square,
    view,
)

NAMED = bookly("3", at(12), service=None)
"""A visit with a name of its own."""


def found(*appointments: Appointment, **more: Any) -> tuple[Finding, ...]:
    return find(view(*appointments, services=(*SERVICES, OWN_TIME), **more))


def test_all_time_without_a_service_is_one_question() -> None:
    one = only(found(block("1", at(10)), block("2", at(11)), NAMED), Kind.UNMAPPED_SERVICE)
    assert one.key == OWN_TIME_KEY
    assert (one.detail["id"], one.detail["visits_ahead"]) == ("own", 3)


def test_blocks_of_ours_and_copies_of_bookings_ask_nothing() -> None:
    booking = square("S", at(10))
    shown, copied = block("1", at(10), mark="slotkeeper:here:1:0"), block("2", at(14))
    ours = found(booking, shown, pairs=(pair(booking, shown),))
    copy = found(square("T", at(14)), copied)
    assert not of_kind(ours, Kind.UNMAPPED_SERVICE) and not of_kind(copy, Kind.UNMAPPED_SERVICE)
    assert not of_kind(found(block("1", at(2))), Kind.UNMAPPED_SERVICE)  # it is over
    linked = square("S", at(12))
    assert not of_kind(found(NAMED, linked, pairs=(pair(NAMED, linked),)), Kind.UNMAPPED_SERVICE)


def test_once_it_has_a_service_what_staff_shut_is_missing_in_square_like_any_visit() -> None:
    answered = {**SERVICE_MAP, OWN_TIME.id: "V2"}
    assert keys(of_kind(found(block("1", at(10)), service_map=answered), Kind.MISSING_IN_SQUARE)) == [
        "missing_in_square|bookly:1"
    ]
    assert not of_kind(found(block("1", at(10))), Kind.MISSING_IN_SQUARE)
    ours = block("1", at(10), mark="slotkeeper:here:1:0")
    assert not of_kind(found(ours, service_map=answered), Kind.MISSING_IN_SQUARE)


def there(key: str, name: str) -> Service:
    return Service(Side.SQUARE, key, name, 30)


def test_squares_service_for_nobody_in_particular_is_suggested() -> None:
    for name in ("Blocked time", "blocked time (Regular)", "Other"):
        (couple,) = suggest_services([OWN_TIME], [there("V1", "Cut"), there("V9", name)])
        assert (couple.bookly, couple.square, couple.by) == ("own", "V9", "use")


def test_where_two_could_be_meant_or_it_has_a_partner_nothing_is_suggested() -> None:
    assert suggest_services([OWN_TIME], [there("V8", "Other"), there("V9", "Blocked time")]) == ()
    other = Service(Side.BOOKLY, "7", "Other", 30)
    assert suggest_services([OWN_TIME, other], [there("V9", "Other")]) == ()
    assert suggest_services([replace(other, name="Cut")], [there("V9", "Blocked time")]) == ()
