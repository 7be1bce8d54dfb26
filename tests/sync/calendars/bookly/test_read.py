"""Reading Bookly: windows, single visits, what stands around a time, staff and their hours."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from sync.calendars import ReadFailed
from sync.calendars.bookly import BooklyReader
from sync.calendars.bookly.connect import Session
from sync.calendars.bookly.written import Asked
from sync.model import Ref, Side, Window
from tests.sync.calendars.bookly.salon import ANNA, BEN, CLASS, COLOUR, MADE, MARIA, THEO, YEAR, Salon, ref, utc


def keys(salon: Salon, window: Window, known: tuple[Ref, ...] = ()) -> list[str]:
    return [a.ref.key for a in salon.reader.snapshot(window, known).appointments]


# --- windows --------------------------------------------------------------------------------------------------------


def test_a_window_holds_its_start_and_not_its_end(salon: Salon) -> None:
    salon.visit("2026-12-01 09:59")
    first, last = salon.visit("2026-12-01 10:00"), salon.visit("2026-12-01 11:59")
    salon.visit("2026-12-01 12:00")
    window = Window(utc("2026-12-01 10:00"), utc("2026-12-01 12:00"))
    assert keys(salon, window) == [f"ca:{first}", f"ca:{last}"]


def test_a_window_is_in_absolute_time_on_the_night_the_clock_changes(salon: Salon) -> None:
    first = salon.visit("2027-11-07 01:30")
    assert keys(salon, Window(datetime(2027, 11, 7, 6, 30, tzinfo=UTC), datetime(2027, 11, 7, 7, tzinfo=UTC))) == [
        f"ca:{first}"
    ]
    assert keys(salon, Window(datetime(2027, 11, 7, 7, tzinfo=UTC), datetime(2027, 11, 8, tzinfo=UTC))) == []


def test_the_parts_of_a_compound_service_far_from_each_other_come_whole(salon: Salon) -> None:
    one, two = salon.row("2026-12-01 10:00"), salon.row("2026-12-20 10:30", 90, THEO, service_id=COLOUR)
    first = salon.client(one, ANNA, compound_token="tie")
    salon.client(two, ANNA, compound_token="tie")
    window = Window(utc("2026-12-01 00:00"), utc("2026-12-02 00:00"))
    (visit,) = salon.reader.snapshot(window).appointments
    assert (visit.ref.key, visit.units) == (f"compound:{first}", (str(one), str(two)))
    assert keys(salon, Window(utc("2026-12-20 00:00"), utc("2026-12-21 00:00"))) == []


def test_a_known_visit_that_left_the_window_is_read_again_and_shown_where_it_is(salon: Salon) -> None:
    line = salon.visit("2026-12-09 10:00")
    window = Window(utc("2026-12-01 00:00"), utc("2026-12-02 00:00"))
    assert keys(salon, window, (ref(f"ca:{line}"),)) == [f"ca:{line}"]
    assert keys(salon, window) == []


def test_a_known_visit_that_is_nowhere_stays_away(salon: Salon) -> None:
    line = salon.visit("2026-12-01 10:00")
    salon.remove("customer_appointments", line)
    assert f"ca:{line}" not in keys(salon, YEAR, (ref(f"ca:{line}"), ref("row:999999"), ref("compound:999999")))


def test_a_known_visit_appearing_between_the_two_reads_is_not_lost(
    salon: Salon, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is booked after the first read began: the read by id has to see it."""
    rows = Session.rows
    late: list[int] = []

    def and_then(session: Session, statement: sa.Select[Any]) -> list[Any]:
        found = rows(session, statement)
        if not late:
            late.append(0)
            late[0] = salon.visit("2026-12-01 10:00")
        return found

    reader = salon.reader
    reader.directory()
    monkeypatch.setattr(Session, "rows", and_then)
    upcoming = tuple(ref(f"ca:{n}") for n in range(1, 3000))
    assert [a.ref.key for a in reader.snapshot(YEAR, upcoming).appointments] == [f"ca:{late[0]}"]


@pytest.mark.mariadb
def test_a_snapshot_sees_one_moment(mariadb_salon: Salon, monkeypatch: pytest.MonkeyPatch) -> None:
    """A booking that is made while the snapshot reads is not half in it."""
    salon = mariadb_salon
    line = salon.visit("2026-12-01 10:00")
    plain = Session.rows
    seen: list[int] = []

    def cancelling(session: Session, statement: sa.Select[Any]) -> list[Any]:
        if not seen:
            salon.set("customer_appointments", line, status="cancelled")
            salon.staff(9, "Noor Raman")
        seen.append(1)
        return plain(session, statement)

    reader = salon.reader
    monkeypatch.setattr(Session, "rows", cancelling)
    snapshot = reader.snapshot(YEAR)
    assert [a.status for a in snapshot.appointments] == ["approved"]
    assert "9" not in {member.id for member in snapshot.directory.staff}


def test_a_snapshot_says_when_it_began_and_how_far_it_is(salon: Salon) -> None:
    salon.visit("2026-12-01 10:00")
    told: list[tuple[int, int]] = []
    snapshot = salon.reader.snapshot(YEAR, progress=lambda done, total: told.append((done, total)))
    assert snapshot.began_at == salon.now and snapshot.window == YEAR
    assert told[-1] == (1, 1)


def test_reading_never_writes(salon: Salon) -> None:
    with salon.door().reading() as session, pytest.raises(sa.exc.OperationalError, match=r"(?i)read.?only"):
        session.connection.exec_driver_sql("DELETE FROM wp_bookly_appointments")


def test_a_removed_client_changes_the_fingerprint_and_nothing_else_does(salon: Salon) -> None:
    line = salon.visit("2026-12-01 10:00")
    before = salon.shown()[f"ca:{line}"].fingerprint
    salon.set("customer_appointments", line, status="pending", updated_at=MADE + timedelta(hours=1))
    assert salon.shown()[f"ca:{line}"].fingerprint == before
    salon.set("customer_appointments", line, number_of_persons=2)
    assert salon.shown()[f"ca:{line}"].fingerprint != before


# --- single visits --------------------------------------------------------------------------------------------------


def test_visits_are_read_by_any_of_their_names(salon: Salon) -> None:
    line, block = salon.visit("2026-12-01 10:00"), salon.row("2026-12-01 12:00", service_id=None)
    group = salon.row("2026-12-01 18:00", 60, service_id=CLASS)
    salon.client(group, BEN)
    names = [ref(f"ca:{line}"), ref(f"row:{block}"), ref(f"row:{group}"), ref("ca:99999")]
    found = salon.reader.read(names)
    assert list(found) == names
    assert [found[name] is not None for name in names] == [True, True, True, False]
    assert found == {**{a.ref: a for a in salon.shown().values()}, ref("ca:99999"): None}


def test_names_of_the_other_side_are_nobody_here(salon: Salon) -> None:
    square = Ref(Side.SQUARE, "abc")
    assert salon.reader.read([square, ref("oddity")]) == {square: None, ref("oddity"): None}


def test_a_row_that_is_there_and_makes_no_sense_is_not_gone(sqlite_salon: Salon) -> None:
    line = sqlite_salon.visit("2026-12-01 10:00")
    with sqlite_salon.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE wp_bookly_appointments SET start_date = '0000-00-00 00:00:00'")
    with pytest.raises(ReadFailed, match="its start makes no sense"):
        sqlite_salon.reader.read([ref(f"ca:{line}")])
    snapshot = sqlite_salon.reader.snapshot(YEAR, [ref(f"ca:{line}")])
    assert [name for name, _ in snapshot.unreadable] == [f"bookly/ca:{line}"]


# --- around ---------------------------------------------------------------------------------------------------------


def test_around_shows_whose_busy_time_meets_and_not_who_only_touches(salon: Salon) -> None:
    line = salon.visit("2026-12-01 10:00", 30)  # busy until 10:45
    around = salon.reader.around
    assert [a.ref.key for a in around(str(MARIA), utc("2026-12-01 10:30"), utc("2026-12-01 10:40"))] == [f"ca:{line}"]
    assert around(str(MARIA), utc("2026-12-01 10:45"), utc("2026-12-01 11:00")) == ()
    assert around(str(MARIA), utc("2026-12-01 09:00"), utc("2026-12-01 10:00")) == ()
    assert around(str(THEO), utc("2026-12-01 10:00"), utc("2026-12-01 10:30")) == ()
    assert around("nobody", utc("2026-12-01 10:00"), utc("2026-12-01 10:30")) == ()


def test_around_leaves_out_what_does_not_stand(salon: Salon) -> None:
    row = salon.row("2026-12-01 10:00")
    for status in ("cancelled", "done", "waitlisted", "rejected"):
        salon.client(row, status=status)
    assert salon.reader.around(str(MARIA), utc("2026-12-01 10:00"), utc("2026-12-01 10:30")) == ()


def test_around_finds_what_began_days_before(salon: Salon) -> None:
    block = salon.row("2026-12-01 08:00", 14 * 24 * 60, service_id=None, custom_service_name="Away")
    found = salon.reader.around(str(MARIA), utc("2026-12-10 10:00"), utc("2026-12-10 10:30"))
    assert [a.ref.key for a in found] == [f"row:{block}"]


# --- staff and services ---------------------------------------------------------------------------------------------


def hours(salon: Salon, staff: int = MARIA) -> tuple[tuple[int, str, str], ...]:
    return next(m for m in salon.reader.directory().staff if m.id == str(staff)).hours


def shift(salon: Salon, day_index: int, start: str | None, end: str | None, **more: Any) -> int:
    return salon.add(
        "staff_schedule_items", staff_id=MARIA, day_index=day_index, start_time=start, end_time=end, **more
    )


def test_sunday_is_day_one_a_day_without_a_start_is_off_and_breaks_are_cut_out(salon: Salon) -> None:
    sunday = shift(salon, 1, "10:00:00", "16:00:00")
    shift(salon, 2, None, None)
    saturday = shift(salon, 7, "08:00:00", "26:00:00")
    for item, start, end in ((sunday, "12:30:00", "13:00:00"), (saturday, "08:00:00", "09:00:00")):
        salon.add("schedule_item_breaks", staff_schedule_item_id=item, start_time=start, end_time=end)
    assert hours(salon) == ((5, "09:00", "26:00"), (6, "10:00", "12:30"), (6, "13:00", "16:00"))


def test_hours_by_location_do_not_count_where_there_are_general_ones(sqlite_salon: Salon) -> None:
    shift(sqlite_salon, 3, "09:00:00", "17:00:00")
    shift(sqlite_salon, 3, "12:00:00", "20:00:00", location_id=2)
    assert hours(sqlite_salon) == ((1, "09:00", "17:00"),)


def test_hours_of_staff_in_another_zone_are_shown_on_the_salons_clock(sqlite_salon: Salon) -> None:
    sqlite_salon.set("staff", MARIA, time_zone="America/New_York")
    shift(sqlite_salon, 2, "00:30:00", "10:00:00")
    assert hours(sqlite_salon) == ((6, "23:30", "33:00"),)


def test_archived_staff_are_listed_and_not_active(sqlite_salon: Salon) -> None:
    sqlite_salon.staff(5, "Old Hand", visibility="archive")
    active = {member.name: member.active for member in sqlite_salon.reader.directory().staff}
    assert active == {"Maria Alvarez": True, "Theo Grant": True, "Old Hand": False}


def test_a_yearly_holiday_is_written_out_for_thirteen_months(sqlite_salon: Salon) -> None:
    salon = sqlite_salon
    date = datetime(2019, 12, 1, tzinfo=UTC).date()
    salon.add("holidays", staff_id=MARIA, date=date, repeat_event=1)
    salon.add("holidays", staff_id=MARIA, date=date.replace(year=2026, day=2), repeat_event=0)
    days = {m.name: m.days_off for m in salon.reader.directory().staff}
    assert days == {"Maria Alvarez": {"2026-12-01", "2026-12-02", "2027-12-01"}, "Theo Grant": frozenset()}


def test_a_company_holiday_is_its_staffs_rows_and_everybodys_where_there_are_none(sqlite_salon: Salon) -> None:
    salon = sqlite_salon
    date = datetime(2026, 12, 25, tzinfo=UTC).date()
    company = salon.add("holidays", staff_id=None, date=date, repeat_event=0)
    assert {m.days_off for m in salon.reader.directory().staff} == {frozenset({"2026-12-25"})}
    salon.add("holidays", staff_id=THEO, parent_id=company, date=date, repeat_event=0)
    days = {m.name: m.days_off for m in salon.reader.directory().staff}
    assert days == {"Maria Alvarez": frozenset(), "Theo Grant": {"2026-12-25"}}


# --- other Booklys --------------------------------------------------------------------------------------------------


def test_a_bookly_without_the_optional_tables_and_columns_is_read(sqlite_salon: Salon) -> None:
    salon = sqlite_salon
    line = salon.visit("2026-12-01 10:00")
    with salon.engine.begin() as connection:
        connection.exec_driver_sql("PRAGMA foreign_keys=OFF")
        connection.exec_driver_sql("PRAGMA legacy_alter_table=ON")
        for table in ("payments", "series", "holidays", "schedule_item_breaks", "staff_schedule_items", "log"):
            connection.exec_driver_sql(f"DROP TABLE wp_bookly_{table}")
        for column in ("compound_token", "status_changed_at"):
            connection.exec_driver_sql(f"ALTER TABLE wp_bookly_customer_appointments DROP COLUMN {column}")
        connection.exec_driver_sql("ALTER TABLE wp_bookly_services DROP COLUMN one_booking_per_slot")
    assert list(salon.shown()) == [f"ca:{line}"]
    assert salon.reader.directory().staff[0].hours == ()


def test_tables_that_change_under_a_reader_are_looked_at_anew(sqlite_salon: Salon) -> None:
    reader = sqlite_salon.reader
    sqlite_salon.visit("2026-12-01 10:00")
    reader.snapshot(YEAR)
    with sqlite_salon.engine.begin() as connection:
        connection.exec_driver_sql("ALTER TABLE wp_bookly_customer_appointments DROP COLUMN compound_token")
    with pytest.raises(ReadFailed, match="not what they were"):
        reader.snapshot(YEAR)
    assert len(reader.snapshot(YEAR).appointments) == 1


def test_secrets_are_never_selected(sqlite_salon: Salon, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []
    plain = Session.rows

    def noting(session: Session, statement: sa.Select[Any] | Asked) -> list[Any]:
        asked.append(str(statement.statement if isinstance(statement, Asked) else statement))
        return plain(session, statement)

    monkeypatch.setattr(Session, "rows", noting)
    sqlite_salon.visit("2026-12-01 10:00")
    sqlite_salon.shown()
    text = " ".join(asked)
    assert "customer_appointments" in text and "bookly_staff" in text
    for secret in (".token", "icalendar", "oauth", "google_data", "details", "stripe"):
        assert secret not in text


def test_a_lost_database_is_a_failed_read_and_no_empty_calendar(tmp_path: Path, sqlite_salon: Salon) -> None:
    reader: BooklyReader = sqlite_salon.reader
    sqlite_salon.visit("2026-12-01 10:00")
    (tmp_path / "bookly.db").write_bytes(b"not a database at all, only some text" * 40)
    for suffix in ("-wal", "-shm"):
        (tmp_path / f"bookly.db{suffix}").unlink(missing_ok=True)
    with pytest.raises(ReadFailed):
        reader.snapshot(YEAR)
