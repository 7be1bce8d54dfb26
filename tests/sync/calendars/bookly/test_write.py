"""Writing Bookly: blocks, moves, cancellations, taking back, and what is refused."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest

from sync.calendars import Stale, Taken, WriteRefused
from sync.calendars.bookly.write import BooklyWriter
from sync.model import Move, Place, PlacedPart, Side, Written
from tests.sync.calendars.bookly.salon import ANNA, BEN, CLASS, COLOUR, CUT, MARIA, THEO, Salon, local, ref, utc
from tests.sync.calendars.bookly.test_visits import compound
from tests.sync.calendars.bookly.writes import MARK, SITE_NOW, cancel, digits, move, part, place, shown

# --- blocks ---------------------------------------------------------------------------------------------------------


def test_a_block_is_the_minimal_row_stamped_in_site_time(salon: Salon) -> None:
    written = salon.writer.write(place(note="Booked in Square"))
    (row,) = salon.rows("appointments").values()
    assert (row["service_id"], row["custom_service_name"], row["staff_id"]) == (None, "Square · Anna", MARIA)
    assert (row["start_date"], row["end_date"]) == (local("2026-12-01 10:00"), local("2026-12-01 10:45"))
    assert row["internal_note"] == f"Booked in Square\n{MARK}"
    assert row["created_at"] == row["updated_at"] == SITE_NOW
    assert salon.rows("customer_appointments") == {}
    assert written == Written(ref(f"row:{row['id']}"), salon.shown()[f"row:{row['id']}"])
    assert written.appointment and written.appointment.mark == MARK and written.appointment.stands


def test_a_block_is_refused_where_a_core_stands_and_paddings_do_not_stop_it(salon: Salon) -> None:
    salon.visit("2026-12-01 10:00", 30)  # busy until 10:45
    with pytest.raises(Taken, match=r"Tue 01 Dec, 10:00 to 10:30"):
        salon.writer.write(place("2026-12-01 10:29", "2026-12-01 11:00"))
    assert len(salon.rows("appointments")) == 1
    salon.writer.write(place("2026-12-01 10:30", "2026-12-01 11:00"))
    salon.writer.write(place("2026-12-01 10:00", "2026-12-01 10:30", THEO, mark="slotkeeper:a1:8:0"))
    assert len(salon.rows("appointments")) == 3


def test_what_people_did_is_blocked_over_an_overlap_which_is_reported(salon: Salon) -> None:
    line = salon.visit("2026-12-01 10:00", 30)
    written = salon.writer.write(place("2026-12-01 10:15", "2026-12-01 11:00", even_if_taken=True))
    assert written.overlaps == (ref(f"ca:{line}"),)
    assert salon.shown()[written.ref.key].stands


def test_the_visits_own_appointments_do_not_stand_in_its_way(salon: Salon) -> None:
    line = salon.visit("2026-12-01 10:00", 30)
    written = salon.writer.write(place(ignoring=(ref(f"ca:{line}"),)))
    assert written.overlaps == ()


@pytest.mark.parametrize("status", ["cancelled", "done", "waitlisted", "rejected"])
def test_what_does_not_stand_is_in_nobodys_way(sqlite_salon: Salon, status: str) -> None:
    sqlite_salon.client(sqlite_salon.row("2026-12-01 10:00"), status=status)
    assert sqlite_salon.writer.write(place()).overlaps == ()


def test_a_booking_that_bookly_is_just_writing_keeps_its_chair(salon: Salon) -> None:
    salon.row("2026-12-01 10:00", created_at=SITE_NOW - timedelta(seconds=2))
    with pytest.raises(Taken):
        salon.writer.write(place())


def test_a_booking_that_lost_its_client_long_ago_does_not(salon: Salon) -> None:
    salon.row("2026-12-01 10:00")
    assert salon.writer.write(place()).overlaps == ()


def test_the_same_block_is_not_written_twice(salon: Salon) -> None:
    first = salon.writer.write(place())
    again = salon.writer.write(place())
    assert again == first and len(salon.rows("appointments")) == 1


def test_a_block_in_the_second_pass_of_the_repeated_hour_is_compared_as_digits(salon: Salon) -> None:
    start = datetime(2027, 11, 7, 7, 30, tzinfo=UTC)
    written = salon.writer.write(
        Place(Side.BOOKLY, (PlacedPart(str(MARIA), start, start + timedelta(hours=1)),), MARK, "Square", "k")
    )
    row = int(written.ref.key.removeprefix("row:"))
    assert digits(salon, row)[1:] == (local("2027-11-07 01:30"), local("2027-11-07 02:30"))
    assert written.appointment and written.appointment.start == start - timedelta(hours=1)
    assert written.appointment.fingerprint == salon.shown()[f"row:{row}"].fingerprint


def test_a_long_label_is_cut_to_what_the_column_holds(salon: Salon) -> None:
    written = salon.writer.write(place(label="x" * 400))
    assert written.appointment and len(written.appointment.label) == 255


def test_a_block_for_nobody_bookly_knows_is_refused_for_good(salon: Salon) -> None:
    with pytest.raises(WriteRefused, match="not there any more") as refused:
        salon.writer.write(place(staff=77))
    assert refused.value.permanent


@pytest.mark.parametrize(
    "wrong",
    [
        place(mark="no mark"),
        Place(Side.BOOKLY, (), MARK, "", "k"),
        place("2026-12-01 10:00", "2026-12-01 10:00"),
        Place(Side.BOOKLY, (PlacedPart("TMabc", utc("2026-12-01 10:00"), utc("2026-12-01 11:00")),), MARK, "", "k"),
    ],
)
def test_a_block_that_makes_no_sense_is_refused_for_good(sqlite_salon: Salon, wrong: Place) -> None:
    with pytest.raises(WriteRefused) as refused:
        sqlite_salon.writer.write(wrong)
    assert refused.value.permanent and sqlite_salon.rows("appointments") == {}


def test_of_many_writers_at_once_one_gets_the_chair(salon: Salon) -> None:
    writers = [BooklyWriter(salon.door(), lambda: salon.now, lock_wait=20) for _ in range(6)]
    starts = ("10:00", "10:15", "10:30")

    def wish(number: int) -> Place:
        start = f"2026-12-01 {starts[number % 3]}"
        return place(start, "2026-12-01 11:00", mark=f"slotkeeper:a1:{number}:0")

    def attempt(number: int) -> bool:
        try:
            writers[number].write(wish(number))
        except Taken:
            return False
        return True

    with ThreadPoolExecutor(6) as pool:
        assert sorted(pool.map(attempt, range(6))) == [False] * 5 + [True]
    assert len(salon.rows("appointments")) == 1


# --- moves ----------------------------------------------------------------------------------------------------------


def test_a_client_alone_on_a_row_is_moved_with_it(salon: Salon) -> None:
    row = salon.row("2026-12-01 10:00")
    line = salon.client(row)
    written = salon.writer.write(move(shown(salon, line), part("2026-12-02 15:00", "2026-12-02 15:30", THEO)))
    assert digits(salon, row) == (THEO, local("2026-12-02 15:00"), local("2026-12-02 15:30"))
    assert salon.rows("appointments")[row]["updated_at"] == SITE_NOW
    assert salon.rows("customer_appointments")[line]["appointment_id"] == row
    assert written.ref == ref(f"ca:{line}") and written.appointment == shown(salon, line)


def test_a_moved_row_keeps_its_extras_out_of_its_end(salon: Salon) -> None:
    row = salon.row("2026-12-01 10:00", 90, service_id=COLOUR, extras_duration=20 * 60)
    line = salon.client(row)
    before = shown(salon, line)
    written = salon.writer.write(move(before, part("2026-12-02 10:00", "2026-12-02 11:50")))
    assert digits(salon, row) == (MARIA, local("2026-12-02 10:00"), local("2026-12-02 11:30"))
    assert written.appointment and written.appointment.end - written.appointment.start == before.end - before.start


@pytest.mark.parametrize("status", ["approved", "cancelled"])
def test_a_client_who_shares_a_row_gets_one_of_their_own(salon: Salon, status: str) -> None:
    row = salon.row("2026-12-01 10:00", location_id=4, staff_any=1, internal_note="about both")
    anna, ben = salon.client(row, ANNA), salon.client(row, BEN, status)
    salon.writer.write(move(shown(salon, anna), part("2026-12-01 14:00", "2026-12-01 14:30")))
    lines = salon.rows("customer_appointments")
    new = lines[anna]["appointment_id"]
    assert new != row and lines[ben]["appointment_id"] == row
    assert lines[anna]["updated_at"] == SITE_NOW and lines[anna]["status_changed_at"] is None
    assert digits(salon, row)[1] == local("2026-12-01 10:00")
    assert digits(salon, new) == (MARIA, local("2026-12-01 14:00"), local("2026-12-01 14:30"))
    made = salon.rows("appointments")[new]
    assert (made["service_id"], made["location_id"], made["staff_any"], made["internal_note"]) == (CUT, 4, 1, None)
    assert made["created_at"] == SITE_NOW


def test_a_client_may_not_be_moved_next_to_the_one_they_shared_a_row_with(salon: Salon) -> None:
    row = salon.row("2026-12-01 10:00")
    anna, _ = salon.client(row, ANNA), salon.client(row, BEN)
    with pytest.raises(Taken):
        salon.writer.write(move(shown(salon, anna), part("2026-12-01 10:15", "2026-12-01 10:45")))


def test_a_visit_may_be_moved_over_its_own_old_time(salon: Salon) -> None:
    line = salon.visit("2026-12-01 10:00")
    written = salon.writer.write(move(shown(salon, line), part("2026-12-01 10:15", "2026-12-01 10:45")))
    assert written.overlaps == () and shown(salon, line).start == utc("2026-12-01 10:15")


def test_a_move_is_refused_into_anothers_padding_or_with_its_own_into_another(salon: Salon) -> None:
    salon.visit("2026-12-01 12:00", 30, customer=BEN)
    anna = shown(salon, salon.visit("2026-12-01 10:00", 30))
    for wish in (part("2026-12-01 12:40", "2026-12-01 13:10"), part("2026-12-01 11:20", "2026-12-01 11:50")):
        with pytest.raises(Taken):
            salon.writer.write(move(anna, wish))
    salon.writer.write(move(anna, part("2026-12-01 11:15", "2026-12-01 11:45")))
    salon.writer.write(move(salon.shown()[anna.ref.key], part("2026-12-01 12:45", "2026-12-01 13:15")))


def test_a_move_over_an_overlap_is_done_where_it_is_wanted_and_reported(salon: Salon) -> None:
    ben = salon.visit("2026-12-01 12:00", customer=BEN)
    anna = shown(salon, salon.visit("2026-12-01 10:00"))
    written = salon.writer.write(move(anna, part("2026-12-01 12:00", "2026-12-01 12:30"), even_if_taken=True))
    assert written.overlaps == (ref(f"ca:{ben}"),)


def test_each_part_of_a_compound_service_goes_where_it_is_sent(salon: Salon) -> None:
    one, two, first, _ = compound(salon)
    visit = salon.shown()[f"compound:{first}"]
    parts = part("2026-12-03 10:00", "2026-12-03 10:30"), part("2026-12-03 10:30", "2026-12-03 12:00", THEO)
    written = salon.writer.write(move(visit, *parts))
    assert digits(salon, one) == (MARIA, local("2026-12-03 10:00"), local("2026-12-03 10:30"))
    assert digits(salon, two) == (THEO, local("2026-12-03 10:30"), local("2026-12-03 12:00"))
    assert written.ref == visit.ref and written.appointment and written.appointment.units == visit.units


def test_a_part_of_a_compound_service_that_shares_its_row_gets_one_of_its_own(salon: Salon) -> None:
    one, two, first, second = compound(salon)
    ben = salon.client(two, BEN)
    visit = salon.shown()[f"compound:{first}"]
    parts = part("2026-12-03 10:00", "2026-12-03 10:30"), part("2026-12-03 10:30", "2026-12-03 12:00", THEO)
    salon.writer.write(move(visit, *parts))
    lines = salon.rows("customer_appointments")
    assert lines[first]["appointment_id"] == one and lines[ben]["appointment_id"] == two
    assert lines[second]["appointment_id"] not in (one, two)
    assert salon.shown()[f"compound:{first}"].start == utc("2026-12-03 10:00")


def test_a_class_is_moved_whole(salon: Salon) -> None:
    row = salon.row("2026-12-01 18:00", 60, service_id=CLASS)
    lines = [salon.client(row, ANNA), salon.client(row, BEN, "cancelled")]
    group = salon.shown()[f"row:{row}"]
    salon.writer.write(move(group, part("2026-12-02 18:00", "2026-12-02 19:00")))
    assert digits(salon, row)[1] == local("2026-12-02 18:00")
    assert {salon.rows("customer_appointments")[line]["appointment_id"] for line in lines} == {row}


def test_a_block_of_ours_is_moved_into_a_padding_but_not_onto_a_core(salon: Salon) -> None:
    salon.visit("2026-12-01 12:00", 30)
    block = salon.writer.write(place()).appointment
    assert block
    with pytest.raises(Taken):
        salon.writer.write(move(block, part("2026-12-01 12:15", "2026-12-01 13:00")))
    salon.writer.write(move(block, part("2026-12-01 12:30", "2026-12-01 13:00")))
    assert salon.shown()[block.ref.key].mark == MARK


def test_a_move_onto_the_night_of_the_missing_hour_keeps_its_length_in_digits(salon: Salon) -> None:
    line = salon.visit("2026-12-01 10:00", 60)
    start = datetime(2027, 3, 14, 7, 30, tzinfo=UTC)
    wish = PlacedPart(str(MARIA), start, start + timedelta(hours=1))
    written = salon.writer.write(move(shown(salon, line), wish))
    row = salon.rows("customer_appointments")[line]["appointment_id"]
    assert digits(salon, row)[1:] == (local("2027-03-14 01:30"), local("2027-03-14 02:30"))
    assert written.appointment and written.appointment.end == start + timedelta(hours=1)


def test_a_service_is_never_changed(sqlite_salon: Salon) -> None:
    visit = shown(sqlite_salon, sqlite_salon.visit("2026-12-01 10:00"))
    other = PlacedPart(str(MARIA), utc("2026-12-01 12:00"), utc("2026-12-01 12:30"), service=str(COLOUR))
    with pytest.raises(WriteRefused, match="service"):
        sqlite_salon.writer.write(move(visit, other))


# --- what changed meanwhile -----------------------------------------------------------------------------------------


def test_nothing_is_moved_or_cancelled_that_is_no_longer_what_was_seen(salon: Salon) -> None:
    line = salon.visit("2026-12-01 10:00")
    visit = shown(salon, line)
    row = salon.rows("customer_appointments")[line]["appointment_id"]
    salon.set("appointments", row, start_date=local("2026-12-01 09:30"))
    for write in (move(visit, part("2026-12-02 10:00", "2026-12-02 10:30")), cancel(visit)):
        with pytest.raises(Stale, match="changed in Bookly"):
            salon.writer.write(write)
    assert digits(salon, row)[1] == local("2026-12-01 09:30")
    assert salon.rows("customer_appointments")[line]["status"] == "approved"


def test_what_is_gone_is_stale(salon: Salon) -> None:
    line = salon.visit("2026-12-01 10:00")
    visit = shown(salon, line)
    salon.remove("customer_appointments", line)
    with pytest.raises(Stale, match="no longer"):
        salon.writer.write(cancel(visit))


def test_other_parts_than_were_planned_are_stale(sqlite_salon: Salon) -> None:
    visit = shown(sqlite_salon, sqlite_salon.visit("2026-12-01 10:00"))
    wish = part("2026-12-02 10:00", "2026-12-02 10:30")
    with pytest.raises(Stale):
        sqlite_salon.writer.write(Move(visit.ref, (wish,), "k", visit.fingerprint, from_units=("999",)))
    with pytest.raises(Stale):
        sqlite_salon.writer.write(move(visit, wish, wish))
