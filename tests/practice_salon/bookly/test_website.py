"""What clients do on the website, and what it leaves in the tables."""

from datetime import timedelta
from itertools import pairwise

import pytest
import sqlalchemy as sa

from practice_salon import PracticeError
from practice_salon.bookly.door import Choice, Form, SlotTaken
from tests.practice_salon.bookly.small_salon import (
    ANNA,
    BEN,
    BLOWOUT,
    CARLA,
    CLASS,
    COLOUR,
    MARIA,
    NOW_LOCAL,
    PACKAGE,
    THEO,
    Salon,
    at,
    cut_at,
    small_salon,
)  # fmt: skip


def test_a_booking_writes_an_appointment_a_client_and_two_log_lines(either_salon: Salon) -> None:
    booked = either_salon.website.book(cut_at("10:00"), ANNA)
    row = either_salon.one("appointments", booked.appointments[0])
    assert (row["start_date"], row["end_date"], row["created_at"]) == (at("10:00"), at("10:45"), NOW_LOCAL)
    seat = either_salon.one("customer_appointments", booked.customer_appointments[0])
    assert (seat["status"], seat["created_from"], seat["status_changed_at"]) == ("approved", "frontend", None)
    assert len(seat["token"]) == 32
    assert either_salon.log() == [("create", "appointments"), ("create", "customer_appointments")]


def test_the_second_client_is_refused_when_the_first_was_quicker(salon: Salon) -> None:
    salon.website.book(cut_at("10:00"), ANNA)
    with pytest.raises(SlotTaken):
        salon.website.book(cut_at("10:30"), BEN)
    assert len(salon.rows("appointments")) == 1


def test_two_clients_who_both_checked_first_are_both_booked_onto_one_row(either_salon: Salon) -> None:
    assert either_salon.website.check(cut_at("10:00")) and either_salon.website.check(cut_at("10:00"))
    first = either_salon.website.write(cut_at("10:00"), ANNA)
    second = either_salon.website.write(cut_at("10:00"), BEN)
    assert first.appointments == second.appointments
    assert [seat["status"] for seat in either_salon.rows("customer_appointments")] == ["approved", "approved"]


def test_the_race_also_leaves_two_overlapping_rows(salon: Salon) -> None:
    assert salon.website.check(cut_at("10:00")) and salon.website.check(cut_at("10:15"))
    salon.website.write(cut_at("10:00"), ANNA)
    salon.website.write(cut_at("10:15"), BEN)
    assert [row["start_date"] for row in salon.rows("appointments")] == [at("10:00"), at("10:15")]


def test_a_cancelled_row_is_used_again_by_the_next_client(salon: Salon) -> None:
    anna = salon.website.book(cut_at("10:00"), ANNA)
    salon.website.cancel(anna.customer_appointments[0])
    salon.forget_log()
    ben = salon.website.book(cut_at("10:00"), BEN)
    assert ben.appointments == anna.appointments
    assert ben.customer_appointments != anna.customer_appointments
    assert salon.log() == [("create", "customer_appointments")]


def test_a_cancel_changes_the_status_and_only_the_clients_stamp(salon: Salon) -> None:
    booked = salon.website.book(cut_at("10:00"), ANNA)
    salon.forget_log()
    salon.now += timedelta(hours=1)
    salon.website.cancel(booked.customer_appointments[0])
    seat, row = salon.rows("customer_appointments")[0], salon.rows("appointments")[0]
    later = NOW_LOCAL + timedelta(hours=1)
    assert (seat["status"], seat["status_changed_at"], seat["updated_at"]) == ("cancelled", later, later)
    assert row["updated_at"] == NOW_LOCAL
    assert salon.log() == [("update", "customer_appointments")]


def test_where_the_site_deletes_on_cancel_the_last_client_takes_the_row_along(salon: Salon) -> None:
    salon.option("bookly_appointment_cancel_action", "delete")
    booked = salon.website.book(cut_at("10:00"), ANNA)
    salon.forget_log()
    salon.website.cancel(booked.customer_appointments[0])
    assert salon.rows("appointments") == [] and salon.rows("customer_appointments") == []
    assert salon.log() == [("delete", "customer_appointments"), ("delete", "appointments")]
    assert '"full_name"' not in str(salon.rows("log")[0]["details"])


def test_one_of_two_in_a_class_leaves_and_the_row_stays(salon: Salon) -> None:
    salon.option("bookly_appointment_cancel_action", "delete")
    anna = salon.website.book(Choice(MARIA, CLASS, at("14:00")), ANNA)
    ben = salon.website.book(Choice(MARIA, CLASS, at("14:00")), BEN)
    assert anna.appointments == ben.appointments
    salon.website.cancel(anna.customer_appointments[0])
    assert len(salon.rows("appointments")) == 1 and len(salon.rows("customer_appointments")) == 1


def test_a_client_is_known_by_phone_and_gets_the_name_from_the_form(salon: Salon) -> None:
    mother = salon.website.book(cut_at("10:00"), ANNA)
    daughter = salon.website.book(cut_at("14:00"), Form("Lena Abbott", "lena@mail.example", ANNA.phone))
    assert daughter.customer == mother.customer
    assert [row["full_name"] for row in salon.rows("customers")] == ["Lena Abbott"]


def test_where_no_phone_is_asked_for_the_mail_decides(salon: Salon) -> None:
    salon.option("bookly_cst_required_phone", "0")
    first = salon.website.book(cut_at("10:00"), ANNA)
    second = salon.website.book(cut_at("14:00"), Form("A. Abbott", ANNA.email, ""))
    assert second.customer == first.customer


def test_new_bookings_wait_where_the_site_says_pending(salon: Salon) -> None:
    salon.option("bookly_appointment_default_status", "pending")
    salon.website.book(cut_at("10:00"), ANNA)
    assert salon.rows("customer_appointments")[0]["status"] == "pending"


def test_the_parts_of_a_compound_are_rows_tied_by_one_token(salon: Salon) -> None:
    booked = salon.website.book_parts(PACKAGE, MARIA, at("14:00"), ANNA)
    rows = salon.rows("appointments")
    assert [row["service_id"] for row in rows] == [BLOWOUT, COLOUR]
    assert rows[0]["end_date"] == rows[1]["start_date"]
    seats = salon.rows("customer_appointments")
    assert len({seat["compound_token"] for seat in seats}) == 1
    assert {seat["compound_service_id"] for seat in seats} == {PACKAGE}
    assert len(booked.appointments) == 2
    with pytest.raises(SlotTaken):
        salon.website.book_parts(PACKAGE, MARIA, at("13:30"), BEN)
    with pytest.raises(PracticeError, match="no parts"):
        salon.website.book_parts(BLOWOUT, THEO, at("13:30"), BEN)


def test_an_unpaid_booking_holds_the_slot_and_vanishes_without_a_line_when_the_client_backs_out(salon: Salon) -> None:
    booked = salon.website.book_online(cut_at("10:00"), ANNA)
    assert not salon.website.check(cut_at("10:00"))
    assert salon.rows("payments")[0]["status"] == "pending" and booked.order is not None
    salon.forget_log()
    salon.website.back_out(booked.order)
    assert salon.rows("appointments") == [] and salon.rows("customer_appointments") == []
    assert salon.rows("log") == [] and salon.rows("payments") == []


def test_a_payment_that_never_came_rejects_without_touching_a_stamp(salon: Salon) -> None:
    booked = salon.website.book_online(cut_at("10:00"), ANNA)
    assert booked.order is not None
    salon.forget_log()
    salon.now += timedelta(hours=2)
    salon.website.payment_timed_out(booked.order)
    seat = salon.rows("customer_appointments")[0]
    assert (seat["status"], seat["updated_at"], seat["status_changed_at"]) == ("rejected", NOW_LOCAL, None)
    assert [row["action"] for row in salon.rows("log")] == ["debug"]
    assert salon.website.check(cut_at("10:00"))


def test_a_payment_that_came_is_kept(salon: Salon) -> None:
    booked = salon.website.book_online(cut_at("10:00"), ANNA)
    assert booked.order is not None
    salon.website.paid(booked.order)
    assert [(row["status"], row["paid"]) for row in salon.rows("payments")] == [("completed", 65.0)]


def test_a_client_who_moves_gets_a_new_row_and_leaves_a_cancelled_one(salon: Salon) -> None:
    booked = salon.website.book(cut_at("10:00"), ANNA)
    moved = salon.website.move(booked.customer_appointments[0], at("15:00"))
    old, new = salon.rows("customer_appointments")
    assert (old["status"], new["status"]) == ("cancelled", "approved")
    assert new["id"] == moved.customer_appointments[0] and new["created_at"] == old["status_changed_at"]
    salon.website.book(cut_at("16:00"), BEN)
    with pytest.raises(SlotTaken):
        salon.website.move(moved.customer_appointments[0], at("16:15"))


def test_the_log_line_of_an_update_stands_before_the_update(salon: Salon) -> None:
    booked = salon.website.book(cut_at("10:00"), ANNA)
    statements: list[str] = []
    sa.event.listen(salon.site.engine, "before_cursor_execute", lambda *a: statements.append(a[2].split("(")[0]))
    salon.website.cancel(booked.customer_appointments[0])
    writes = [s.split()[:3] for s in statements if s.startswith(("INSERT", "UPDATE"))]
    assert [w[0] for w in writes] == ["INSERT", "UPDATE"]


def test_the_night_the_clocks_go_forward_offers_no_hour_that_does_not_exist(sqlite_url: str) -> None:
    salon = small_salon(sqlite_url, hours=dict.fromkeys(range(1, 8), ("00:00:00", "06:00:00")))
    night = at("00:00", "2027-03-14").date()
    offered = [f"{start:%H:%M}" for start in salon.website.times(THEO, BLOWOUT, night)]
    assert "01:30" in offered and "03:00" in offered
    assert not [clock for clock in offered if clock.startswith("02")]
    booked = salon.website.book(Choice(THEO, CLASS, at("01:30", "2027-03-14")), CARLA)
    assert salon.one("appointments", booked.appointments[0])["end_date"] == at("02:30", "2027-03-14")


def test_the_night_the_clocks_go_back_offers_the_repeated_hour_once(sqlite_url: str) -> None:
    salon = small_salon(sqlite_url, hours=dict.fromkeys(range(1, 8), ("00:00:00", "06:00:00")))
    salon.now = salon.now.replace(year=2027)
    offered = salon.website.times(THEO, BLOWOUT, at("00:00", "2027-11-07").date())
    assert len(offered) == len(set(offered))
    assert all(b - a == timedelta(minutes=15) for a, b in pairwise(offered))


def test_a_shift_past_midnight_is_offered_past_midnight(sqlite_url: str) -> None:
    salon = small_salon(sqlite_url, hours=dict.fromkeys(range(1, 8), ("20:00:00", "26:00:00")))
    assert salon.website.times(THEO, BLOWOUT, at("00:00").date())[-1] == at("01:30", "2026-06-04")


def test_nothing_is_offered_before_now(salon: Salon) -> None:
    salon.now += timedelta(hours=3, minutes=5)
    assert salon.website.times(THEO, BLOWOUT, NOW_LOCAL.date())[0] == at("12:30", "2026-06-01")
