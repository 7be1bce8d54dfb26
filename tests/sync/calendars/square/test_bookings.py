"""A booking of Square's as an appointment: no call is made here."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from sync.calendars.square.bookings import Known, Unreadable, appointment_of, bare_id, instant, stamp
from sync.model import Client, Ref, Service, Side, Standing

TEN = datetime(2026, 3, 2, 16, 0, tzinfo=UTC)
CUT = Service(Side.SQUARE, "VAR-CUT", "Women's Haircut", 45, version=7)
KNOWN = Known({"VAR-CUT": CUT}, {"CUST-1": Client("CUST-1", "Anna Falk", "+13125550111", "anna.falk@mail.example")})


def segment(staff: str = "TM-1", minutes: int | None = 45, **more: Any) -> dict[str, Any]:
    found = {"team_member_id": staff, "duration_minutes": minutes, "service_variation_id": "VAR-CUT", **more}
    return {key: value for key, value in found.items() if value is not None}


def booking(*segments: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {
        "id": "bk1",
        "version": 3,
        "status": "ACCEPTED",
        "start_at": "2026-03-02T16:00:00Z",
        "created_at": "2026-02-01T09:30:00.123Z",
        "customer_id": "CUST-1",
        "appointment_segments": list(segments) or [segment()],
        **more,
    }


def at(minutes: int) -> datetime:
    return TEN + timedelta(minutes=minutes)


def test_one_segment_is_one_part_on_the_bookings_own_unit() -> None:
    found = appointment_of(booking(), KNOWN)
    assert found.ref == Ref(Side.SQUARE, "bk1")
    assert found.units == ("bk1",)
    assert (found.start, found.end, found.version) == (TEN, at(45), 3)
    assert [(part.service, part.service_name) for part in found.parts] == [("VAR-CUT", "Women's Haircut")]
    assert found.clients == (KNOWN.clients["CUST-1"],)
    assert found.made_at == datetime(2026, 2, 1, 9, 30, 0, 123000, tzinfo=UTC)
    assert found.anomaly is None


def test_segments_follow_each_other_with_an_intermission_as_a_gap_and_each_with_its_own_person() -> None:
    found = appointment_of(
        booking(segment("TM-1", 30, intermission_minutes=20), segment("TM-2", 40), segment("TM-1", 10)), KNOWN
    )
    assert [(part.span.staff, part.span.start, part.span.end) for part in found.parts] == [
        ("TM-1", TEN, at(30)),
        ("TM-2", at(50), at(90)),
        ("TM-1", at(90), at(100)),
    ]


def test_transition_time_pads_the_last_segment_only() -> None:
    found = appointment_of(booking(segment("TM-1", 30), segment("TM-2", 30), transition_time_minutes=15), KNOWN)
    assert [(part.span.busy_start, part.span.busy_end) for part in found.parts] == [(TEN, at(30)), (at(30), at(75))]
    assert found.end == at(60)


@pytest.mark.parametrize(
    ("word", "standing"),
    [
        ("PENDING", Standing.STANDS),
        ("ACCEPTED", Standing.STANDS),
        ("DECLINED", Standing.CANCELLED),
        ("CANCELLED_BY_CUSTOMER", Standing.CANCELLED),
        ("CANCELLED_BY_SELLER", Standing.CANCELLED),
        ("NO_SHOW", Standing.OVER),
    ],
)
def test_each_status_word_has_its_standing(word: str, standing: Standing) -> None:
    found = appointment_of(booking(status=word), KNOWN)
    assert (found.standing, found.status, found.anomaly) == (standing, word, None)


@pytest.mark.parametrize("word", ["CHECKED_IN", "", None, 5])
def test_a_status_never_seen_before_is_unknown(word: object) -> None:
    found = appointment_of(booking(status=word), KNOWN)
    assert (found.standing, found.anomaly) == (Standing.UNKNOWN, "unknown_status")


def test_a_segment_without_a_service_variation_still_takes_the_chair() -> None:
    found = appointment_of(booking({"team_member_id": "TM-1", "duration_minutes": 30}), KNOWN)
    assert found.standing is Standing.STANDS
    assert (found.parts[0].service, found.parts[0].service_name, found.end) == (None, "", at(30))


def test_a_missing_duration_is_the_services_own() -> None:
    found = appointment_of(booking(segment(minutes=None)), KNOWN)
    assert (found.end, found.anomaly, found.standing) == (at(45), None, Standing.STANDS)


def test_a_length_nobody_knows_is_shown_and_not_acted_on() -> None:
    found = appointment_of(booking(segment(minutes=None)), Known())
    assert (found.standing, found.anomaly) == (Standing.UNKNOWN, "no_end")
    assert appointment_of(booking(appointment_segments=None), KNOWN).anomaly == "no_end"


def test_a_segment_that_takes_no_time_is_named() -> None:
    assert appointment_of(booking(segment(minutes=0)), KNOWN).anomaly == "not_positive_length"


def test_a_segment_without_a_person_is_shown_and_not_acted_on() -> None:
    found = appointment_of(booking({"duration_minutes": 30}), KNOWN)
    assert (found.standing, found.anomaly) == (Standing.UNKNOWN, "no_staff")


def test_a_cancelled_booking_stays_cancelled_whatever_else_is_odd() -> None:
    found = appointment_of(booking({"duration_minutes": 30}, status="CANCELLED_BY_SELLER"), KNOWN)
    assert found.standing is Standing.CANCELLED


def test_every_field_but_id_and_start_may_be_absent() -> None:
    found = appointment_of({"id": "bk9", "start_at": "2026-03-02T16:00:00Z"}, Known())
    assert (found.version, found.made_at, found.clients, found.mark) == (None, None, (), None)


@pytest.mark.parametrize("start", [None, "", "tomorrow", "2026-03-02T16:00:00", 17, "0001-01-01T00:00:00+14:00"])
def test_a_booking_without_a_start_that_can_be_read_is_unreadable(start: object) -> None:
    with pytest.raises(Unreadable, match="start") as raised:
        appointment_of(booking(start_at=start), KNOWN)
    assert raised.value.key == "bk1"


def test_a_booking_without_an_id_is_unreadable() -> None:
    with pytest.raises(Unreadable, match="without an id"):
        appointment_of(booking(id=None), KNOWN)


def test_our_mark_is_found_in_the_sellers_note_and_nowhere_else() -> None:
    mark = "slotkeeper:k3:41:2"
    assert appointment_of(booking(seller_note=f"Braids\n{mark}"), KNOWN).mark == mark
    assert appointment_of(booking(customer_note=mark), KNOWN).mark is None


def test_an_unknown_customer_keeps_the_key() -> None:
    assert appointment_of(booking(customer_id="CUST-9"), KNOWN).clients == (Client("CUST-9"),)


def test_ids_come_bare_or_with_a_version() -> None:
    assert bare_id("i2id2g3enyspi7:0") == ("i2id2g3enyspi7", 0)
    assert bare_id("i2id2g3enyspi7") == ("i2id2g3enyspi7", None)
    assert bare_id("odd:name") == ("odd:name", None)


def test_timestamps_are_read_at_any_offset_and_written_in_utc() -> None:
    assert instant("2026-03-02T10:00:00-06:00") == TEN
    assert stamp(TEN) == "2026-03-02T16:00:00Z"
