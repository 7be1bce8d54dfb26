"""What a hint leads to on the whole road, in front of two real calendars: every history of ENGINE that a hint meets."""

from __future__ import annotations

from datetime import timedelta

import pytest
import sqlalchemy as sa

from practice_salon.bookly.door import Form
from practice_salon.people.standing import Standing
from sync.inbox.opening import open_crew
from sync.inbox.pausing import set_paused
from sync.model import Kind, Pair, Ref, Side, Source
from sync.store import hints, keeping, pairs
from sync.store.connection import reading, writing
from sync.store.hints import Hint
from tests.sync.converge.conftest import ANNA, BEN, Salon


def hinted(salon: Salon, *refs: Ref, version: int | None = None, minutes_ago: float = 0.0) -> tuple[Hint, ...]:
    """The hints about these, received then, after the crew has done what was due; in the order given."""
    received = salon.house.now() - timedelta(minutes=minutes_ago)
    with writing(salon.house.engine) as conn:
        ids = [hints.put(conn, ref, Source.WEBHOOK, received, version=version) for ref in refs]
    open_crew(salon.house).work_off()
    with reading(salon.house.engine) as conn:
        found = {hint.id: hint for hint in hints.some(conn, ids)}
    return tuple(found[number] for number in ids)


def end_of(salon: Salon, visit: Standing | Ref) -> tuple[str, str]:
    """How a hint about it ends, and why."""
    (hint,) = hinted(salon, visit if isinstance(visit, Ref) else ref_of(visit))
    return hint.state, hint.reason


def on_website(salon: Salon, hour: int = 11, minute: int = 0, form: Form = ANNA, stylist: int = 0) -> Standing:
    treat = salon.cut()
    return salon.people.books_on_website(salon.stylists(treat)[stylist], treat, salon.at(hour, minute), form)


def in_square(salon: Salon, hour: int = 11, minute: int = 0, form: Form = BEN, stylist: int = 0) -> Standing:
    treat = salon.cut()
    return salon.people.books_in_square(salon.stylists(treat)[stylist], treat, salon.at(hour, minute), form)


def ref_of(visit: Standing) -> Ref:
    return Ref(Side.SQUARE, str(visit.unit)) if visit.side == "square" else Ref(Side.BOOKLY, f"ca:{visit.seats[0]}")


def pair_of(salon: Salon, visit: Standing) -> Pair:
    with reading(salon.house.engine) as conn:
        (pair,) = pairs.pairs_of(conn, [ref_of(visit)])
    return pair


def shown(salon: Salon, visit: Standing) -> Ref:
    """What the other side shows of a visit that was carried there."""
    assert end_of(salon, visit) == ("applied", "shown")
    (partner,) = pair_of(salon, visit).current(ref_of(visit).side.other)
    return partner.ref


def row_of(salon: Salon, block: Ref) -> sa.Row[tuple[object, ...]] | None:
    return salon.rows().get(int(block.key.removeprefix("row:")))


def starts(salon: Salon) -> list[str]:
    return sorted(doc["start_at"] for doc in salon.bookings().values())


def utc(salon: Salon, hour: int, minute: int = 0) -> str:
    return salon.at(hour, minute).isoformat().replace("+00:00", "Z")


# --- made -----------------------------------------------------------------------------------------------------------


def test_a_website_visit_becomes_a_booking_with_its_client(salon: Salon) -> None:
    there = shown(salon, on_website(salon))
    booking = salon.bookings()[there.key]
    assert booking["customer_id"]
    assert booking["start_at"] == utc(salon, 11)


def test_what_asking_for_the_lock_took_is_kept_with_the_hint(salon: Salon) -> None:
    (hint,) = hinted(salon, ref_of(on_website(salon)))
    assert hint.state == "applied"
    assert hint.lock_ms > 0 and hint.leased_at is not None


def test_a_booking_in_square_becomes_a_block(salon: Salon) -> None:
    row = row_of(salon, shown(salon, in_square(salon)))
    assert row is not None and row.service_id is None


def test_our_own_echo_changes_nothing(salon: Salon) -> None:
    anna, ben = on_website(salon), in_square(salon, 14)
    ours = shown(salon, anna), shown(salon, ben)
    before = starts(salon), salon.rows()
    assert {hint.state for hint in hinted(salon, *ours)} == {"already_true"}
    assert (starts(salon), salon.rows()) == before


def test_the_echo_of_our_own_write_asks_square_nothing(salon: Salon) -> None:
    booking = shown(salon, on_website(salon))
    (echo,) = hinted(salon, booking, version=0)
    (asked,) = hinted(salon, booking)
    assert (echo.state, echo.reason, echo.calls) == ("already_true", "in_step", 0)
    assert (asked.state, asked.calls > 0) == ("already_true", True)


def test_a_version_told_of_twice_is_looked_at(salon: Salon) -> None:
    """Square's messages may carry a body from before the change that they are about."""
    ben = in_square(salon)
    shown(salon, ben)
    (first,), (second,) = hinted(salon, ref_of(ben), version=0), hinted(salon, ref_of(ben), version=0)
    assert (first.calls, second.calls > 0) == (0, True)


def test_a_hint_that_comes_twice_is_carried_once(salon: Salon) -> None:
    anna = on_website(salon)
    shown(salon, anna)
    assert end_of(salon, anna) == ("already_true", "in_step")
    assert len(salon.bookings()) == 1


def test_a_hint_about_nothing_ends_harmlessly(salon: Salon) -> None:
    assert end_of(salon, Ref(Side.BOOKLY, "ca:999999")) == ("already_true", "not_there")
    assert end_of(salon, Ref(Side.SQUARE, "nosuchbooking")) == ("already_true", "not_there")


def test_a_square_booking_is_blocked_also_over_an_overlap(salon: Salon) -> None:
    on_website(salon)
    assert row_of(salon, shown(salon, in_square(salon, 11, 15))) is not None
    assert salon.found(Kind.DOUBLE_BOOKING)


def test_a_website_visit_that_overlaps_in_square_is_a_question(salon: Salon) -> None:
    in_square(salon, 11, 15)
    assert end_of(salon, on_website(salon)) == ("conflict", "taken")
    assert len(salon.bookings()) == 1
    assert salon.found(Kind.DOUBLE_BOOKING)


def test_what_stood_before_writing_was_switched_on_crosses_only_by_a_click(salon: Salon) -> None:
    anna = on_website(salon)
    with writing(salon.house.engine) as conn:
        keeping.set_writes(conn, True, "Dana", salon.at(9))
    assert end_of(salon, anna) == ("conflict", "before_writing")
    assert not salon.bookings()
    assert salon.found(Kind.MISSING_IN_SQUARE)


def test_what_was_typed_into_both_by_hand_is_never_sent(salon: Salon) -> None:
    anna, twin = on_website(salon), in_square(salon, 11, 5, ANNA)
    assert {hint.reason for hint in hinted(salon, ref_of(anna), ref_of(twin))} == {"same_visit"}
    assert len(salon.bookings()) == 1
    assert salon.found(Kind.SAME_VISIT) and not salon.found(Kind.DOUBLE_BOOKING)


def test_two_of_one_chair_at_two_times_are_both_carried(salon: Salon) -> None:
    ends = hinted(salon, ref_of(on_website(salon, 11)), ref_of(on_website(salon, 15, form=BEN)))
    assert [hint.state for hint in ends] == ["applied", "applied"]
    assert starts(salon) == [utc(salon, 11), utc(salon, 15)]


# --- changed --------------------------------------------------------------------------------------------------------


def test_a_website_visit_that_moves_moves_in_square(salon: Salon) -> None:
    anna = on_website(salon)
    shown(salon, anna)
    salon.people.moves_in_office(anna, salon.at(15))
    assert end_of(salon, anna) == ("applied", "time")
    assert starts(salon) == [utc(salon, 15)]


def test_a_booking_that_moves_takes_its_block_along(salon: Salon) -> None:
    ben = in_square(salon)
    block = shown(salon, ben)
    salon.people.moves_in_square(ben, salon.at(15))
    assert end_of(salon, ben) == ("applied", "time")
    row = row_of(salon, block)
    assert row is not None and "15:00:00" in str(row.start_date)


def test_another_stylist_crosses(salon: Salon) -> None:
    anna = on_website(salon)
    shown(salon, anna)
    other = salon.stylists(salon.cut())[1]
    salon.people.gives_away_in_office(anna, other)
    assert end_of(salon, anna) == ("applied", "staff")
    (booking,) = salon.bookings().values()
    assert booking["appointment_segments"][0]["team_member_id"] == other.square


def test_a_cancelled_website_visit_frees_the_chair_in_square(salon: Salon) -> None:
    anna = on_website(salon)
    shown(salon, anna)
    salon.people.cancels_in_office(anna)
    assert end_of(salon, anna) == ("applied", "standing")
    assert not salon.bookings()


def test_a_cancelled_booking_frees_the_chair_in_bookly(salon: Salon) -> None:
    ben = in_square(salon)
    block = shown(salon, ben)
    salon.people.cancels_in_square(ben)
    assert end_of(salon, ben) == ("applied", "standing")
    assert row_of(salon, block) is None


def test_a_late_word_of_a_former_partner_is_superseded(salon: Salon) -> None:
    anna = on_website(salon)
    first = shown(salon, anna)
    salon.people.cancels_in_office(anna)
    end_of(salon, anna)
    salon.people.sets_status(anna, "approved")
    assert end_of(salon, anna) == ("applied", "standing")
    assert end_of(salon, first) == ("superseded", "former")
    assert len(salon.bookings()) == 1


def test_done_in_bookly_cancels_nobody_in_square(salon: Salon) -> None:
    anna = on_website(salon)
    shown(salon, anna)
    salon.people.sets_status(anna, "done")
    assert end_of(salon, anna) == ("already_true", "in_step")
    assert len(salon.bookings()) == 1


def test_what_staff_move_in_square_moves_on_the_website(salon: Salon) -> None:
    anna = on_website(salon)
    booking = shown(salon, anna)
    salon.people.moves_in_square(in_their_eyes(salon, anna, booking), salon.at(15))
    assert end_of(salon, booking) == ("applied", "time")
    assert "15:00:00" in str(salon.rows()[int(anna.unit)].start_date)


def test_what_staff_cancel_in_square_is_cancelled_on_the_website(salon: Salon) -> None:
    anna = on_website(salon)
    booking = shown(salon, anna)
    salon.people.cancels_in_square(in_their_eyes(salon, anna, booking))
    assert end_of(salon, booking) == ("applied", "standing")
    assert salon.status(anna.seats[0]) == "cancelled"


def in_their_eyes(salon: Salon, visit: Standing, booking: Ref) -> Standing:
    """The booking that shows a website visit, as staff see it in Square."""
    doc = salon.bookings()[booking.key]
    return salon.people.booked_in_square(doc, "staff", "saw", visit.clients)


def test_changed_on_both_sides_differently_is_a_question(salon: Salon) -> None:
    anna = on_website(salon)
    booking = shown(salon, anna)
    salon.people.moves_in_square(in_their_eyes(salon, anna, booking), salon.at(15))
    salon.people.moves_in_office(anna, salon.at(16))
    assert end_of(salon, anna) == ("conflict", "both_changed")
    assert salon.found(Kind.DRIFT)


def test_changed_on_both_sides_alike_is_agreed(salon: Salon) -> None:
    anna = on_website(salon)
    booking = shown(salon, anna)
    salon.people.moves_in_square(in_their_eyes(salon, anna, booking), salon.at(15))
    salon.people.moves_in_office(anna, salon.at(15))
    assert end_of(salon, anna) == ("already_true", "same_on_both")
    assert end_of(salon, booking) == ("already_true", "in_step")


# --- blocks are only ever a projection ------------------------------------------------------------------------------


def change_row(salon: Salon, block: Ref, statement: str) -> None:
    with salon.site.engine.begin() as conn:
        conn.execute(sa.text(statement), {"id": int(block.key.removeprefix("row:"))})


def test_a_block_that_was_deleted_is_put_back(salon: Salon) -> None:
    ben = in_square(salon)
    block = shown(salon, ben)
    change_row(salon, block, "DELETE FROM wp_bookly_appointments WHERE id=:id")
    assert end_of(salon, block) == ("applied", "put_back")
    assert len(salon.bookings()) == 1
    (partner,) = pair_of(salon, ben).current(Side.BOOKLY)
    assert partner.ref != block and row_of(salon, partner.ref) is not None


def test_a_block_that_was_dragged_is_put_back_and_nothing_reaches_square(salon: Salon) -> None:
    ben = in_square(salon)
    block = shown(salon, ben)
    change_row(salon, block, "UPDATE wp_bookly_appointments SET staff_id = staff_id + 1 WHERE id=:id")
    assert end_of(salon, block) == ("applied", "put_back")
    row = row_of(salon, block)
    assert row is not None and row.staff_id == ben.staff
    assert starts(salon) == [utc(salon, 11)]


def test_a_block_put_back_three_times_within_an_hour_is_a_question(salon: Salon) -> None:
    ben = in_square(salon)
    block = shown(salon, ben)
    ends = []
    for _ in range(4):
        change_row(salon, block, "UPDATE wp_bookly_appointments SET staff_id = staff_id + 1 WHERE id=:id")
        ends.append(end_of(salon, block)[1])
    assert ends == ["put_back", "put_back", "put_back", "block_changed"]
    assert [one.finding.detail["what"] for one in salon.found(Kind.ANOMALY)] == ["block_changed"]


# --- gone -----------------------------------------------------------------------------------------------------------


def test_a_vanished_website_visit_cancels_nobody(salon: Salon) -> None:
    anna = on_website(salon)
    shown(salon, anna)
    with salon.site.engine.begin() as conn:
        conn.execute(sa.text("DELETE FROM wp_bookly_customer_appointments WHERE id=:id"), {"id": anna.seats[0]})
        conn.execute(sa.text("DELETE FROM wp_bookly_appointments WHERE id=:id"), {"id": anna.unit})
    assert end_of(salon, anna) == ("conflict", "vanished")
    assert len(salon.bookings()) == 1
    assert salon.found(Kind.DRIFT)


def test_ben_on_annas_row_does_not_inherit_her_booking(salon: Salon) -> None:
    anna = on_website(salon)
    shown(salon, anna)
    salon.people.cancels_in_office(anna)
    ben = on_website(salon, form=BEN)
    assert ben.unit == anna.unit
    ends = hinted(salon, ref_of(anna), ref_of(ben))
    assert [hint.state for hint in ends] == ["applied", "applied"]
    (booking,) = salon.bookings().values()
    assert pair_of(salon, ben).current(Side.SQUARE)[0].ref.key == booking["id"]


# --- swapped, paused, watched ---------------------------------------------------------------------------------------


def test_two_swapped_clients_do_not_wait_for_each_others_old_place(salon: Salon) -> None:
    anna, ben = on_website(salon, 11), on_website(salon, 15, form=BEN)
    shown(salon, anna)
    shown(salon, ben)
    salon.people.moves_in_office(anna, salon.at(13))
    salon.people.moves_in_office(ben, salon.at(11))
    salon.people.moves_in_office(anna, salon.at(15))
    assert [hint.state for hint in hinted(salon, ref_of(anna), ref_of(ben))] == ["applied", "applied"]
    assert starts(salon) == [utc(salon, 11), utc(salon, 15)]


def test_a_pause_keeps_the_hint_and_writes_nothing(salon: Salon) -> None:
    anna = on_website(salon)
    with writing(salon.house.engine) as conn:
        keeping.set_paused(conn, True, "Dana", salon.house.now())
    assert end_of(salon, anna) == ("waiting", "paused")
    assert not salon.bookings()


def test_a_version_that_is_not_shown_yet_is_waited_for(salon: Salon) -> None:
    ben = in_square(salon)
    (hint,) = hinted(salon, ref_of(ben), version=7)
    assert (hint.state, hint.reason, hint.attempts) == ("waiting", "not_shown_yet", 0)


@pytest.mark.parametrize(("minutes", "ends"), [(9, "not_shown_yet"), (11, "not_there")])
def test_a_booking_that_square_does_not_have_is_not_waited_for_for_ever(
    salon: Salon, minutes: float, ends: str
) -> None:
    """Square's test event names a booking that was made up."""
    (hint,) = hinted(salon, Ref(Side.SQUARE, "made-up"), version=0, minutes_ago=minutes)
    assert (hint.reason, hint.attempts) == (ends, 0)


def test_a_version_is_waited_for_as_long_as_a_lower_one_is_shown(salon: Salon) -> None:
    (hint,) = hinted(salon, ref_of(in_square(salon)), version=7, minutes_ago=600)
    assert (hint.state, hint.reason) == ("waiting", "not_shown_yet")


def test_what_waited_for_a_pause_goes_on_when_somebody_resumes(salon: Salon) -> None:
    anna = on_website(salon)
    for on in (True, False):
        with writing(salon.house.engine) as conn:
            set_paused(conn, on, "Dana", salon.house.now())
        (hint,) = hinted(salon, ref_of(anna))
    assert (hint.state, len(salon.bookings())) == ("applied", 1)
