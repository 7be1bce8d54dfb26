"""What is sent to Square, before it is sent."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sync.calendars import WriteRefused
from sync.calendars.marks import mark_in
from sync.calendars.square.bodies import LONGEST_NOTE, moved_fields, new_booking, note_with_mark, shows
from sync.calendars.square.bookings import Known, appointment_of, stamp
from sync.model import Place, PlacedPart, Side
from tests.sync.calendars.square.conftest import at

MARK = "slotkeeper:t1:7:1"


def part(minutes: float, *, start: float = 1, staff: str = "TM1") -> PlacedPart:
    return PlacedPart(staff, at(start), at(start) + timedelta(minutes=minutes), "V1", 5)


def place(*parts: PlacedPart, note: str = "") -> Place:
    return Place(Side.SQUARE, parts, MARK, "", "k", note=note)


def test_no_client_is_left_out_and_not_cleared() -> None:
    assert "customer_id" not in new_booking(place(part(30)), "L1", {})


def test_a_begun_minute_counts_full() -> None:
    body = new_booking(place(part(30.5)), "L1", {})
    assert body["appointment_segments"][0]["duration_minutes"] == 31


@pytest.mark.parametrize("minutes", [0, -5, 1501])
def test_a_length_that_square_does_not_take_is_refused(minutes: float) -> None:
    with pytest.raises(WriteRefused, match="1 to 1500") as raised:
        new_booking(place(part(minutes)), "L1", {})
    assert raised.value.permanent


def test_nothing_to_write_is_refused() -> None:
    with pytest.raises(WriteRefused, match="nothing to write"):
        new_booking(place(), "L1", {})


@given(st.text(max_size=2 * LONGEST_NOTE))
def test_a_note_of_any_length_keeps_the_mark(note: str) -> None:
    made = note_with_mark(note, MARK)
    assert len(made) <= LONGEST_NOTE
    assert mark_in(made) is not None and made.endswith(MARK)


@given(
    st.lists(
        st.tuples(st.sampled_from(["TM1", "TM2"]), st.integers(1, 200), st.integers(0, 40)), min_size=1, max_size=4
    ),
    st.integers(-600, 600),
    st.sampled_from(["TM1", "TM3"]),
)
def test_what_is_sent_for_a_move_makes_square_show_what_was_wanted(
    segments: list[tuple[str, int, int]], minutes: int, staff: str
) -> None:
    booking = {
        "id": "bk1",
        "status": "ACCEPTED",
        "start_at": stamp(at(0)),
        "appointment_segments": [
            {"team_member_id": who, "duration_minutes": length, "intermission_minutes": pause}
            for who, length, pause in segments
        ],
    }
    now = appointment_of(booking, Known())
    by = timedelta(minutes=minutes)
    wanted = [PlacedPart(staff, p.span.start + by, p.span.end + by) for p in now.parts]
    fields = moved_fields(booking, now, wanted, {})
    sent = fields.get("appointment_segments", booking["appointment_segments"])
    kept = zip(sent, segments, strict=True)
    moved = {**booking, **fields, "appointment_segments": [{**s, "intermission_minutes": g[2]} for s, g in kept]}
    assert shows(appointment_of(moved, Known()), wanted)
    assert moved_fields(moved, appointment_of(moved, Known()), wanted, {}) == {}


def test_a_plan_for_another_number_of_parts_is_refused() -> None:
    booking = {
        "id": "bk1",
        "start_at": stamp(at(1)),
        "appointment_segments": [{"team_member_id": "TM1", "duration_minutes": 30}],
    }
    with pytest.raises(WriteRefused, match="another number of parts"):
        moved_fields(booking, appointment_of(booking, Known()), [part(15), part(15, start=1.25)], {})
