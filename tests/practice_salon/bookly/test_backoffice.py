"""What staff do in Bookly's back end, and what it leaves in the tables and in the log."""

from datetime import timedelta

import pytest

from practice_salon import PracticeError
from tests.practice_salon.bookly.small_salon import (
    ANNA,
    BEN,
    BLOWOUT,
    CARLA,
    CLASS,
    CUT,
    MARIA,
    NOW_LOCAL,
    THEO,
    Salon,
    at,
    cut_at,
)  # fmt: skip

BOTH_UPDATED = [("update", "appointments"), ("update", "customer_appointments")]


def test_staff_may_book_over_anything(either_salon: Salon) -> None:
    either_salon.website.book(cut_at("10:00"), ANNA)
    either_salon.forget_log()
    booked = either_salon.office.book(MARIA, CUT, at("10:15"), [BEN])
    assert either_salon.one("customer_appointments", booked.customer_appointments[0])["created_from"] == "backend"
    assert either_salon.log() == [("create", "appointments"), ("create", "customer_appointments")]


def test_staff_cannot_put_more_on_one_row_than_it_takes(salon: Salon) -> None:
    with pytest.raises(PracticeError, match="takes 1 at most"):
        salon.office.book(MARIA, CUT, at("10:00"), [ANNA, BEN])
    assert len(salon.office.book(MARIA, CLASS, at("10:00"), [ANNA, BEN]).customer_appointments) == 2


def test_a_move_keeps_both_ids_and_touches_only_the_appointments_stamp(either_salon: Salon) -> None:
    booked = either_salon.website.book(cut_at("10:00"), ANNA)
    either_salon.forget_log()
    either_salon.now += timedelta(hours=1)
    either_salon.office.move(booked.appointments[0], at("15:00"))
    row = either_salon.one("appointments", booked.appointments[0])
    assert (row["start_date"], row["end_date"]) == (at("15:00"), at("15:45"))
    assert row["updated_at"] == NOW_LOCAL + timedelta(hours=1)
    seat = either_salon.one("customer_appointments", booked.customer_appointments[0])
    assert seat["updated_at"] == NOW_LOCAL
    assert either_salon.log() == BOTH_UPDATED


def test_saving_with_no_change_leaves_every_stamp(salon: Salon) -> None:
    booked = salon.website.book(cut_at("10:00"), ANNA)
    salon.now += timedelta(hours=1)
    salon.office.move(booked.appointments[0], at("10:00"))
    salon.office.set_status(booked.customer_appointments[0], "approved")
    assert {row["updated_at"] for row in salon.rows("appointments")} == {NOW_LOCAL}
    assert {row["updated_at"] for row in salon.rows("customer_appointments")} == {NOW_LOCAL}


def test_another_person_or_service_keeps_both_ids(salon: Salon) -> None:
    booked = salon.website.book(cut_at("10:00"), ANNA)
    salon.forget_log()
    salon.office.change_staff(booked.appointments[0], THEO)
    assert salon.log() == BOTH_UPDATED
    salon.office.change_service(booked.appointments[0], BLOWOUT)
    row = salon.one("appointments", booked.appointments[0])
    assert (row["staff_id"], row["service_id"], row["end_date"]) == (THEO, BLOWOUT, at("10:30"))


def test_marking_done_frees_the_slot_and_sets_the_clients_stamps(salon: Salon) -> None:
    booked = salon.website.book(cut_at("10:00"), ANNA)
    salon.forget_log()
    salon.now += timedelta(days=1)
    salon.office.set_status(booked.customer_appointments[0], "done")
    seat = salon.rows("customer_appointments")[0]
    assert (seat["status"], seat["status_changed_at"]) == ("done", NOW_LOCAL + timedelta(days=1))
    assert salon.log() == BOTH_UPDATED
    assert salon.website.check(cut_at("10:00"))


def test_a_block_shuts_both_checks_and_has_nobody_on_it(salon: Salon) -> None:
    salon.office.block(MARIA, at("10:00"), 60, "Dentist")
    assert not salon.website.check(cut_at("10:30"))
    assert at("10:30") not in salon.website.times(MARIA, BLOWOUT, at("10:00").date())
    assert salon.rows("customer_appointments") == []


def test_deleting_logs_each_row_whole_and_the_client_first(salon: Salon) -> None:
    booked = salon.website.book(cut_at("10:00"), ANNA)
    salon.forget_log()
    salon.office.delete(booked.appointments[0])
    assert salon.log() == [("delete", "customer_appointments"), ("delete", "appointments")]
    assert '"start_date": "2026-06-03 10:00:00"' in salon.rows("log")[1]["details"]
    assert salon.rows("appointments") == []


def test_a_deleted_service_takes_everything_and_leaves_no_line(either_salon: Salon) -> None:
    either_salon.website.book(cut_at("10:00"), ANNA)
    either_salon.forget_log()
    either_salon.office.delete_service(CUT)
    assert either_salon.rows("appointments") == [] and either_salon.rows("customer_appointments") == []
    assert either_salon.rows("log") == []


def test_a_deleted_client_leaves_the_appointment_with_nobody_on_it(salon: Salon) -> None:
    booked = salon.website.book(cut_at("10:00"), ANNA)
    salon.forget_log()
    salon.now += timedelta(hours=1)
    salon.office.delete_client(booked.customer)
    assert salon.log() == [("delete", "customer_appointments")]
    row = salon.rows("appointments")[0]
    assert (row["internal_note"], row["updated_at"]) == ("Customer deleted", NOW_LOCAL)


def test_merged_clients_visits_change_hands_without_a_line_or_a_stamp(salon: Salon) -> None:
    anna = salon.website.book(cut_at("10:00"), ANNA)
    ben = salon.website.book(cut_at("14:00"), BEN)
    salon.forget_log()
    salon.now += timedelta(hours=1)
    salon.office.merge_clients(anna.customer, [ben.customer])
    assert {seat["customer_id"] for seat in salon.rows("customer_appointments")} == {anna.customer}
    assert {seat["updated_at"] for seat in salon.rows("customer_appointments")} == {NOW_LOCAL}
    assert salon.log() == []


def test_a_renamed_client_is_still_the_same(salon: Salon) -> None:
    booked = salon.website.book(cut_at("10:00"), ANNA)
    salon.office.rename_client(booked.customer, "Anna Barros", phone="+13125550199")
    row = salon.one("customers", booked.customer)
    assert (row["full_name"], row["last_name"], row["phone"]) == ("Anna Barros", "Barros", "+13125550199")
    assert row["email"] == ANNA.email


def test_a_series_is_a_row_a_week_tied_by_one_id(salon: Salon) -> None:
    salon.office.series(THEO, BLOWOUT, at("10:00"), 3, CARLA)
    assert [row["start_date"].day for row in salon.rows("appointments")] == [3, 10, 17]
    assert len({seat["series_id"] for seat in salon.rows("customer_appointments")}) == 1


def test_one_more_seat_may_overfill_a_row_and_taking_the_last_off_removes_it(salon: Salon) -> None:
    booked = salon.office.book(MARIA, CUT, at("10:00"), [ANNA])
    seat = salon.office.seat(booked.appointments[0], BEN)
    assert len(salon.rows("customer_appointments", appointment_id=booked.appointments[0])) == 2
    salon.office.unseat(seat)
    salon.office.unseat(booked.customer_appointments[0])
    assert salon.rows("appointments") == []


def test_archived_staff_are_still_booked_by_a_direct_request(salon: Salon) -> None:
    salon.office.archive_staff(THEO)
    assert salon.rows("staff", id=THEO)[0]["visibility"] == "archive"
    assert salon.website.check(cut_at("10:00", THEO))


def test_what_is_not_there_is_told_in_a_sentence(salon: Salon) -> None:
    with pytest.raises(PracticeError, match="There is no row 77 in wp_bookly_appointments"):
        salon.office.move(77, at("10:00"))
