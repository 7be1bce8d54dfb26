"""Bookly's digits and UTC, on both nights of a change of clocks and on all others."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sync.calendars.bookly.times import (
    SiteZone,
    ZoneUnknown,
    as_shown,
    digits_of,
    local,
    minutes_of_day,
    naive,
    same_rules,
    site_zone,
    span_utc,
    start_utc,
    zone_named,
)


def at(text: str) -> datetime:
    return datetime.fromisoformat(text)


CHICAGO = zone_named("America/Chicago")
ZONES = [CHICAGO, *map(zone_named, ("Europe/Dublin", "Australia/Lord_Howe", "Asia/Kolkata"))]
zones = st.sampled_from(ZONES)
moments = st.datetimes(at("2024-01-01"), at("2030-12-31")).map(lambda d: d.replace(microsecond=0, tzinfo=UTC))
digits = st.datetimes(at("2024-01-01"), at("2030-12-31")).map(lambda d: d.replace(microsecond=0))
lengths = st.integers(1, 48 * 60).map(lambda minutes: timedelta(minutes=minutes))


@given(digits, lengths, zones)
def test_a_visit_is_as_long_in_utc_as_its_digits_are(start: datetime, length: timedelta, zone: SiteZone) -> None:
    begins, ends = span_utc(start, start + length, zone)
    assert ends - begins == length


@given(moments, lengths, zones)
def test_what_is_written_has_the_digits_it_is_compared_by(start: datetime, length: timedelta, zone: SiteZone) -> None:
    written = digits_of(start, start + length, zone)
    again = digits_of(*span_utc(*written, zone), zone)
    assert again == written


@given(moments, lengths, zones)
def test_what_bookly_shows_is_what_was_written_but_for_the_second_pass(
    start: datetime, length: timedelta, zone: SiteZone
) -> None:
    shown_start, shown_end = as_shown(start, start + length, zone)
    assert shown_end - shown_start == length
    early = start - shown_start
    assert early == timedelta(0) or (early > timedelta(0) and local(start, zone) == local(shown_start, zone))


@given(digits, zones)
def test_digits_come_back_as_they_were_unless_they_do_not_exist(start: datetime, zone: SiteZone) -> None:
    back = local(start_utc(start, zone), zone)
    assert back == start or (timedelta(0) < back - start <= timedelta(hours=1))


def test_a_repeated_hour_is_read_as_its_first_pass() -> None:
    assert start_utc(at("2027-11-07 01:30"), CHICAGO) == at("2027-11-07T06:30Z")


def test_a_time_that_does_not_exist_rolls_forward() -> None:
    assert start_utc(at("2027-03-14 02:30"), CHICAGO) == at("2027-03-14T08:30Z")
    assert local(at("2027-03-14T08:30Z"), CHICAGO) == at("2027-03-14 03:30")


def test_an_hour_across_the_missing_one_stays_an_hour() -> None:
    assert span_utc(at("2027-03-14 01:30"), at("2027-03-14 02:30"), CHICAGO) == (
        at("2027-03-14T07:30Z"),
        at("2027-03-14T08:30Z"),
    )


def test_an_hour_into_the_repeated_one_stays_an_hour() -> None:
    assert span_utc(at("2027-11-07 00:30"), at("2027-11-07 01:30"), CHICAGO) == (
        at("2027-11-07T05:30Z"),
        at("2027-11-07T06:30Z"),
    )


def test_a_half_hour_change_of_clocks_is_known() -> None:
    lord_howe = zone_named("Australia/Lord_Howe")
    assert start_utc(at("2027-10-03 02:15"), lord_howe) == at("2027-10-02T15:45Z")


def test_the_second_pass_is_written_with_digits_that_read_as_the_first() -> None:
    second = at("2027-11-07T07:30Z")
    assert digits_of(second, second + timedelta(hours=1), CHICAGO) == (at("2027-11-07 01:30"), at("2027-11-07 02:30"))
    assert as_shown(second, second + timedelta(hours=1), CHICAGO)[0] == at("2027-11-07T06:30Z")


def test_parts_of_a_second_are_shut_too() -> None:
    start = at("2027-01-05T15:00:00.250+00:00")
    assert digits_of(start, start + timedelta(minutes=30), CHICAGO) == (
        at("2027-01-05 09:00"),
        at("2027-01-05 09:30:01"),
    )


@pytest.mark.parametrize(
    ("name", "offset", "zone", "fixed"),
    [
        ("America/Chicago", "0", "America/Chicago", False),
        ("America/Chicago", "-6", "America/Chicago", False),
        ("", "-6", "-06:00", True),
        ("", "5.5", "+05:30", True),
        (None, "-3.75", "-03:45", True),
        ("", "0", "+00:00", True),
    ],
)
def test_the_name_wins_and_an_offset_may_be_a_fraction(name: str, offset: str, zone: str, fixed: bool) -> None:
    found = site_zone(name, offset)
    assert (found.name, found.fixed) == (zone, fixed)
    assert same_rules(found, zone_named(zone))


@pytest.mark.parametrize(("name", "offset"), [("", ""), (None, None), ("", "abc"), ("Mars/Base", "1"), ("", "99")])
def test_a_zone_that_cannot_be_known_is_said_so(name: str | None, offset: str | None) -> None:
    with pytest.raises(ZoneUnknown):
        site_zone(name, offset)


def test_zones_are_compared_by_their_clocks() -> None:
    assert same_rules(zone_named("US/Central"), CHICAGO)
    assert same_rules(zone_named("+05:30"), zone_named("Asia/Kolkata"))
    assert not same_rules(site_zone("", "-6"), CHICAGO)


@pytest.mark.parametrize("value", ["0000-00-00 00:00:00", "soon", "2026-11-21T10:00:00Z", "0999-01-01 10:00:00"])
def test_what_is_no_local_time_is_refused(value: str) -> None:
    with pytest.raises(ValueError):
        naive(value)


@pytest.mark.parametrize(
    ("value", "minutes"),
    [
        ("09:30:00", 570),
        ("26:00:00", 1560),
        (timedelta(hours=26), 1560),
        (at("2026-01-01 08:15").time(), 495),
        (None, None),
    ],
)
def test_times_of_day_may_pass_midnight(value: object, minutes: int | None) -> None:
    assert minutes_of_day(value) == minutes
