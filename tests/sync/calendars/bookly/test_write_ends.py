"""Cancelling, taking away and reinstating in Bookly; settling what was sent; and a database that fails."""

from __future__ import annotations

import pytest

from sync.calendars import OutcomeUnknown, ReadFailed, Stale, Taken, WriteRefused
from sync.calendars.bookly import BooklyReader
from sync.calendars.bookly.work import Work
from sync.calendars.bookly.write import BooklyWriter
from sync.model import Reinstate, Standing, Withdraw, Written
from tests.sync.calendars.bookly.salon import ANNA, BEN, CLASS, THEO, Salon, local, ref
from tests.sync.calendars.bookly.test_visits import compound
from tests.sync.calendars.bookly.writes import MARK, SITE_NOW, cancel, move, part, place, shown

# --- cancelling, taking back, reinstating ---------------------------------------------------------------------------


def test_cancelling_sets_a_status_and_deletes_nothing(salon: Salon) -> None:
    row = salon.row("2026-12-01 10:00")
    anna, ben = salon.client(row, ANNA, "pending"), salon.client(row, BEN)
    before = salon.rows("appointments")
    written = salon.writer.write(cancel(shown(salon, anna)))
    lines = salon.rows("customer_appointments")
    assert lines[anna]["status"] == "cancelled" and lines[ben]["status"] == "approved"
    assert lines[anna]["status_changed_at"] == lines[anna]["updated_at"] == SITE_NOW
    assert salon.rows("appointments") == before
    assert written.appointment and written.appointment.standing is Standing.CANCELLED


def test_cancelling_a_compound_service_cancels_each_part(salon: Salon) -> None:
    _, _, first, second = compound(salon)
    salon.writer.write(cancel(salon.shown()[f"compound:{first}"]))
    lines = salon.rows("customer_appointments")
    assert {lines[first]["status"], lines[second]["status"]} == {"cancelled"}


def test_a_class_is_not_cancelled_whole(salon: Salon) -> None:
    row = salon.row("2026-12-01 18:00", 60, service_id=CLASS)
    salon.client(row)
    with pytest.raises(WriteRefused, match="each client"):
        salon.writer.write(cancel(salon.shown()[f"row:{row}"]))


def test_a_block_of_ours_is_taken_away_and_a_second_time_is_as_good(salon: Salon) -> None:
    written = salon.writer.write(place())
    assert salon.writer.write(Withdraw(written.ref, "k")) == Written(written.ref, None)
    assert salon.rows("appointments") == {}
    assert salon.writer.write(Withdraw(written.ref, "k")) == Written(written.ref, None)


def test_only_a_row_with_our_mark_and_nobody_on_it_is_ever_deleted(salon: Salon) -> None:
    staffs_own = salon.row("2026-12-01 10:00", service_id=None, internal_note="dentist")
    taken = salon.row("2026-12-01 12:00", service_id=None, internal_note=MARK)
    salon.client(taken)
    for row in (staffs_own, taken):
        with pytest.raises(WriteRefused) as refused:
            salon.writer.write(Withdraw(ref(f"row:{row}"), "k"))
        assert isinstance(refused.value, Stale) == (row == taken)
    with pytest.raises(WriteRefused, match="block"):
        salon.writer.write(Withdraw(ref("ca:1"), "k"))
    assert len(salon.rows("appointments")) == 2


def test_a_cancelled_client_is_reinstated_where_the_chair_is_free(salon: Salon) -> None:
    line = salon.visit("2026-12-01 10:00")
    salon.set("customer_appointments", line, status="cancelled")
    gone = shown(salon, line)
    written = salon.writer.write(Reinstate(gone.ref, "k", gone.fingerprint, "pending"))
    assert salon.rows("customer_appointments")[line]["status"] == "pending"
    assert written.appointment and written.appointment.stands


def test_a_client_whose_row_went_to_somebody_else_is_not_reinstated(salon: Salon) -> None:
    row = salon.row("2026-12-01 10:00")
    anna, ben = salon.client(row, ANNA, "cancelled"), salon.client(row, BEN)
    gone = shown(salon, anna)
    with pytest.raises(Taken):
        salon.writer.write(Reinstate(gone.ref, "k", gone.fingerprint, "approved"))
    with pytest.raises(WriteRefused, match="status"):
        salon.writer.write(Reinstate(gone.ref, "k", gone.fingerprint, "done", ignoring=(ref(f"ca:{ben}"),)))


# --- settling -------------------------------------------------------------------------------------------------------


def test_a_block_is_settled_by_its_mark_also_where_staff_dragged_it(salon: Salon) -> None:
    assert salon.writer.settle(place()) is None
    written = salon.writer.write(place())
    assert salon.writer.settle(place()) == written
    salon.set("appointments", int(written.ref.key[4:]), start_date=local("2026-12-01 08:00"))
    settled = salon.writer.settle(place())
    assert settled and settled.ref == written.ref
    assert salon.writer.settle(place(mark="slotkeeper:a1:7:00")) is None, "another mark that begins alike"


def test_a_move_is_settled_by_where_the_visit_stands(salon: Salon) -> None:
    visit = shown(salon, salon.visit("2026-12-01 10:00"))
    wish = move(visit, part("2026-12-02 10:00", "2026-12-02 10:30", THEO))
    assert salon.writer.settle(wish) is None
    written = salon.writer.write(wish)
    assert salon.writer.settle(wish) == written


def test_cancelling_taking_away_and_reinstating_are_settled_by_what_stands(salon: Salon) -> None:
    visit = shown(salon, salon.visit("2026-12-01 10:00"))
    block = salon.writer.write(place("2026-12-01 14:00", "2026-12-01 15:00"))
    away = Withdraw(block.ref, "k")
    assert (salon.writer.settle(cancel(visit)), salon.writer.settle(away)) == (None, None)
    again = Reinstate(visit.ref, "k", salon.writer.write(cancel(visit)).appointment.fingerprint, "approved")  # type: ignore[union-attr]
    salon.writer.write(away)
    assert salon.writer.settle(cancel(visit)) and salon.writer.settle(away) == Written(block.ref, None)
    assert salon.writer.settle(again) is None
    salon.writer.write(again)
    assert salon.writer.settle(again)


def test_settling_writes_nothing(salon: Salon) -> None:
    visit = shown(salon, salon.visit("2026-12-01 10:00"))
    before = salon.rows("appointments"), salon.rows("customer_appointments")
    for write in (place(), move(visit, part("2026-12-02 10:00", "2026-12-02 10:30")), cancel(visit)):
        salon.writer.settle(write)
    assert (salon.rows("appointments"), salon.rows("customer_appointments")) == before


# --- when the database fails ----------------------------------------------------------------------------------------


def test_a_failure_half_way_leaves_nothing_written(salon: Salon, monkeypatch: pytest.MonkeyPatch) -> None:
    """The new row is in, pointing the client to it fails: both are taken back."""
    row = salon.row("2026-12-01 10:00")
    anna, _ = salon.client(row, ANNA), salon.client(row, BEN)
    visit = shown(salon, anna)

    def refuse(*_: object) -> int:
        raise Stale("The visit was changed at this very moment.")

    monkeypatch.setattr(Work, "_changed", refuse)
    with pytest.raises(Stale):
        salon.writer.write(move(visit, part("2026-12-01 14:00", "2026-12-01 14:30")))
    assert list(salon.rows("appointments")) == [row]


def test_a_look_that_fails_after_the_write_leaves_it_to_be_settled(
    salon: Salon, monkeypatch: pytest.MonkeyPatch
) -> None:
    writer = salon.writer

    def unreadable(*_: object) -> None:
        raise ReadFailed("The connection to Bookly's database was lost.")

    monkeypatch.setattr("sync.calendars.bookly.write.read_around", unreadable)
    with pytest.raises(OutcomeUnknown):
        writer.write(place())
    monkeypatch.undo()
    settled = writer.settle(place())
    assert settled and settled.appointment == BooklyReader(salon.door()).read([settled.ref])[settled.ref]


def test_a_clock_changed_site_is_not_written_to(salon: Salon) -> None:
    writer = BooklyWriter(salon.door(timezone_expected="Europe/Dublin"), lambda: salon.now)
    with pytest.raises(WriteRefused, match="SALON_TIMEZONE") as refused:
        writer.write(place())
    assert refused.value.permanent and refused.value.setting == "SALON_TIMEZONE"
    assert salon.rows("appointments") == {}


def test_no_refusal_names_a_client(salon: Salon) -> None:
    salon.visit("2026-12-01 10:00")
    with pytest.raises(Taken) as refused:
        salon.writer.write(place())
    assert "Anna" not in str(refused.value)


def test_bookly_needs_no_customer_for_a_block(sqlite_salon: Salon) -> None:
    visit = shown(sqlite_salon, sqlite_salon.visit("2026-12-01 10:00"))
    assert sqlite_salon.writer.client_for(visit.clients[0], "k") is None
