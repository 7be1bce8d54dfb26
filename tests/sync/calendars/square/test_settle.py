"""What became of a write to Square whose answer nobody heard."""

from __future__ import annotations

import pytest

from sync.calendars import OutcomeUnknown, Stale, WriteRefused
from sync.model import Standing
from tests.sync.calendars.square.conftest import Salon, at, ref


def test_settling_a_place_that_was_carried_out_finds_it_and_makes_no_second(salon: Salon) -> None:
    salon.arm("server_error_after_write", "bookings.create")
    with pytest.raises(OutcomeUnknown):
        salon.writer.write(salon.place())
    done = salon.writer.settle(salon.place())
    assert done is not None and done.overlaps == ()
    assert [ref(b) for b in salon.bookings()] == [done.ref]
    assert salon.calls("bookings.create") == 1, "it was looked for by its mark first"


def test_settling_a_place_that_the_list_does_not_show_yet_asks_again_under_its_key(salon: Salon) -> None:
    salon.arm("server_error_after_write", "bookings.create")
    with pytest.raises(OutcomeUnknown):
        salon.writer.write(salon.place())
    salon.arm("list_empty", "bookings.list")
    done = salon.writer.settle(salon.place())
    assert done is not None
    assert [ref(b) for b in salon.bookings()] == [done.ref]
    assert salon.calls("bookings.create") == 2


def test_settling_a_place_that_never_arrived_makes_it_now(salon: Salon) -> None:
    salon.arm("reset_before", "bookings.create")
    with pytest.raises(OutcomeUnknown):
        salon.writer.write(salon.place())
    assert salon.bookings() == []
    assert salon.writer.settle(salon.place()) is not None
    assert len(salon.bookings()) == 1


def test_settling_a_place_shows_a_booking_that_was_cancelled_meanwhile_as_cancelled(salon: Salon) -> None:
    salon.arm("reset_after", "bookings.create")
    with pytest.raises(OutcomeUnknown):
        salon.writer.write(salon.place())
    salon.square.act("staff", "cancel", booking_id=salon.bookings()[0]["id"])
    done = salon.writer.settle(salon.place())
    assert done is not None and done.appointment is not None
    assert done.appointment.standing is Standing.CANCELLED
    assert len(salon.bookings()) == 1


def test_settling_a_place_whose_service_was_edited_meanwhile_finds_it_by_its_mark(salon: Salon) -> None:
    salon.arm("reset_after", "bookings.create")
    with pytest.raises(OutcomeUnknown):
        salon.writer.write(salon.place())
    salon.square.act("owner", "bump_catalog", service_variation_id=salon.service()["id"])
    done = salon.writer.settle(salon.place())
    assert done is not None and done.ref == ref(salon.bookings()[0])
    assert len(salon.bookings()) == 1


def test_a_place_that_square_declines_and_that_nobody_finds_was_not_written(salon: Salon) -> None:
    wanted = salon.place(client="NOBODY")
    assert salon.writer.settle(wanted) is None
    assert salon.bookings() == []


def test_a_key_used_for_another_visit_is_never_taken_for_this_one(salon: Salon) -> None:
    salon.writer.write(salon.place(1))
    with pytest.raises(OutcomeUnknown):
        salon.writer.settle(salon.place(5, mark="slotkeeper:t1:8:1"))
    assert len(salon.bookings()) == 1


def test_a_token_turned_away_settles_nothing(salon: Salon) -> None:
    salon.arm("token_expired", "bookings.create")
    with pytest.raises(OutcomeUnknown) as raised:
        salon.writer.settle(salon.place())
    assert raised.value.setting == "SQUARE_ACCESS_TOKEN"


@pytest.mark.parametrize(("fault", "applied"), [("reset_after", True), ("reset_before", False)])
def test_settling_a_move_compares_what_stands_with_what_was_wanted(salon: Salon, fault: str, applied: bool) -> None:
    booking = salon.book(1)
    move = salon.move(booking, 3)
    salon.arm(fault, "bookings.update")
    with pytest.raises(OutcomeUnknown):
        salon.writer.write(move)
    done = salon.writer.settle(move)
    assert (done is not None) is applied
    assert salon.calls("bookings.update") == 1
    if done is not None and done.appointment is not None:
        assert done.appointment.start == at(3)


@pytest.mark.parametrize(("fault", "applied"), [("reset_after", True), ("reset_before", False)])
def test_settling_a_cancel_looks_and_never_cancels_again(salon: Salon, fault: str, applied: bool) -> None:
    booking = salon.book(1)
    cancel = salon.cancel(booking)
    salon.arm(fault, "bookings.cancel")
    with pytest.raises(OutcomeUnknown):
        salon.writer.write(cancel)
    assert (salon.writer.settle(cancel) is not None) is applied
    assert salon.calls("bookings.cancel") == 1


def test_settling_what_somebody_else_changed_since_is_stale(salon: Salon) -> None:
    booking = salon.book(1)
    move, cancel = salon.move(booking, 3), salon.cancel(booking)
    salon.square.act("staff", "move", booking_id=booking["id"], start_at="2026-03-02T19:00:00Z")
    for write in (move, cancel):
        with pytest.raises(Stale):
            salon.writer.settle(write)


def test_a_look_that_fails_after_the_write_leaves_the_outcome_open_and_settling_closes_it(salon: Salon) -> None:
    salon.arm("error_500", "bookings.list", nth=2)
    with pytest.raises(OutcomeUnknown):
        salon.writer.write(salon.place())
    done = salon.writer.settle(salon.place())
    assert done is not None and len(salon.bookings()) == 1


def test_a_look_that_fails_before_the_write_writes_nothing(salon: Salon) -> None:
    salon.arm("error_500", "bookings.list")
    with pytest.raises(WriteRefused, match="Nothing was written"):
        salon.writer.write(salon.place())
    assert salon.calls("bookings.create") == 0
