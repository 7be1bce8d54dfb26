"""What cannot be right: rows that make no sense, a calendar suddenly small."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from sync.decide.findings import find
from sync.model import Appointment, Client, Kind, Side, Standing
from tests.sync.decide.views import (
    BEN,
    HERE,
    NOW,
    THERE,
    at,
    bookly,
    keys,
    of_kind,
    pair,
    square,
    view,
)

MISSING = (Kind.MISSING_IN_SQUARE, Kind.MISSING_IN_BOOKLY)
SET_UP = (Kind.UNMAPPED_STAFF, Kind.UNMAPPED_SERVICE)


def anomalies(*appointments: Appointment, **more: object) -> list[str]:
    found = of_kind(find(view(*appointments, **more)), Kind.ANOMALY)
    return [f"{f.key}: {f.detail['what']}" for f in found]


def test_what_a_calendar_says_is_wrong_with_a_row_is_an_anomaly_and_not_missing() -> None:
    odd = bookly("1", at(10), anomaly="no_end")
    assert anomalies(odd) == ["anomaly|bookly:1: no_end"]
    assert not of_kind(find(view(odd)), *MISSING)


def test_a_row_without_a_client_has_half_a_minute_of_grace() -> None:
    odd = bookly("1", at(10), anomaly="service_without_client")
    assert anomalies(odd, changed={odd.ref: NOW - timedelta(seconds=29)}) == []
    assert anomalies(odd, changed={odd.ref: NOW - timedelta(seconds=30)}) == [
        "anomaly|bookly:1: service_without_client"
    ]


def test_a_status_never_seen_before_is_shown() -> None:
    assert anomalies(replace(square("S", at(10)), standing=Standing.UNKNOWN)) == ["anomaly|square:S: unknown_status"]


def test_a_visit_that_is_not_longer_than_nothing_is_an_anomaly_and_breaks_no_search() -> None:
    assert anomalies(bookly("1", at(10), minutes=0), bookly("2", at(9, 30), client=BEN)) == [
        "anomaly|bookly:1: not_positive_length"
    ]


def test_an_appointment_without_any_time_is_shown_and_breaks_nothing() -> None:
    task = replace(bookly("1", at(10)), parts=(), standing=Standing.UNKNOWN, anomaly="no_time")
    assert anomalies(task) == ["anomaly|bookly:ca:1: no_time"]


def test_what_was_wrong_with_a_day_gone_by_is_not_shown() -> None:
    assert anomalies(bookly("1", at(2), anomaly="no_end")) == []


def test_a_mark_of_ours_that_we_know_nothing_of_is_a_stray_and_clashes_with_nothing() -> None:
    stray = square("S", at(10), mark="slotkeeper:abc:1:0")
    found = find(view(stray, bookly("1", at(10), staff="1", client=Client("99", "Somebody Else"))))
    assert keys(found, *SET_UP) == ["anomaly|square:S", "missing_in_square|bookly:1"]


def test_a_vanished_website_visit_without_a_partner_is_an_anomaly() -> None:
    gone = bookly("1", at(10))
    assert anomalies(vanished={gone.ref: gone}) == ["anomaly|bookly:1: vanished"]


def test_a_vanished_website_visit_that_square_still_shows_is_drift_instead() -> None:
    found = find(view(THERE, pairs=(pair(HERE, THERE),), vanished={HERE.ref: HERE}))
    assert keys(found, *SET_UP) == ["drift|bookly:1|square:S"]


def test_a_calendar_suddenly_small_is_one_finding_that_lists_what_is_withheld() -> None:
    visits = [bookly(str(n), at(10 + n)) for n in range(3)]
    found = find(view(*visits, withheld={Side.BOOKLY: tuple(v.ref for v in visits), Side.SQUARE: ()}))
    one = next(f for f in found if f.kind is Kind.ANOMALY)
    assert one.key == "anomaly|calendar_small|bookly"
    assert (one.detail["what"], one.detail["count"], len(one.detail["visits"])) == ("calendar_small", 3, 3)
