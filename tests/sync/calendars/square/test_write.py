"""Writing Square: once, with the version that was read, never over somebody unless it was wanted."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime

import httpx
import pytest

from sync.calendars import Stale, Taken, WriteRefused
from sync.calendars.square.client import open_square
from sync.calendars.square.read import SquareReader
from sync.calendars.square.write import SquareWriter
from sync.model import Appointment, Cancel, Move, Place, PlacedPart, Ref, Reinstate, Side, Standing, Withdraw
from tests.sync.calendars.square.conftest import Salon, at, ref


def test_a_placed_visit_stands_in_square_with_our_mark_and_the_fresh_version_of_its_service(salon: Salon) -> None:
    salon.square.act("owner", "bump_catalog", service_variation_id=salon.service()["id"])
    client = salon.customer()["id"]
    done = salon.writer.write(salon.place(client=client, note="Braids, 3 persons"))
    (booking,) = salon.bookings()
    assert booking["seller_note"] == "Braids, 3 persons\nslotkeeper:t1:7:1"
    assert (booking["customer_id"], booking["source"]) == (client, "API")
    segment = booking["appointment_segments"][0]
    assert segment["service_variation_version"] == salon.service()["version"]
    assert (segment["duration_minutes"], segment["team_member_id"]) == (30, salon.staff())
    assert done.appointment == salon.now(booking)
    assert (done.ref, done.overlaps) == (ref(booking), ())
    assert done.appointment.mark == "slotkeeper:t1:7:1"


def test_several_parts_that_follow_each_other_are_one_booking_with_segments(salon: Salon) -> None:
    service = str(salon.service()["id"])
    parts = (
        PlacedPart(salon.staff(0), at(1), at(1.5), service),
        PlacedPart(salon.staff(1), at(1.5), at(2.5), service),
    )
    salon.writer.write(Place(Side.SQUARE, parts, "slotkeeper:t1:7:1", "", "k"))
    (booking,) = salon.bookings()
    assert [s["duration_minutes"] for s in booking["appointment_segments"]] == [30, 60]


def test_the_same_place_written_twice_makes_one_booking(salon: Salon) -> None:
    first = salon.writer.write(salon.place())
    again = salon.writer.write(salon.place(ignoring=(first.ref,)))
    assert again.ref == first.ref
    assert len(salon.bookings()) == 1


def test_a_replayed_key_of_a_booking_cancelled_since_shows_it_as_cancelled(salon: Salon) -> None:
    first = salon.writer.write(salon.place())
    salon.square.act("staff", "cancel", booking_id=first.ref.key)
    again = salon.writer.write(salon.place())
    assert again.appointment is not None
    assert again.appointment.standing is Standing.CANCELLED


@pytest.mark.parametrize("hours", [0.75, 1, 1.25])
def test_a_place_over_somebody_is_refused_and_writes_nothing(salon: Salon, hours: float) -> None:
    salon.book(1)
    with pytest.raises(Taken):
        salon.writer.write(salon.place(hours))
    assert salon.calls("bookings.create") == 0


@pytest.mark.parametrize(("hours", "place"), [(0.5, 0), (1.5, 0), (1, 1)])
def test_a_place_beside_somebody_or_with_another_person_is_written(salon: Salon, hours: float, place: int) -> None:
    salon.book(1)
    assert salon.writer.write(salon.place(hours, place)).overlaps == ()


def test_padding_never_stops_a_place(salon: Salon) -> None:
    salon.book(1, transition_time_minutes=15)
    assert salon.writer.write(salon.place(1.5)).overlaps == ()


def test_a_place_over_what_it_ignores_is_written(salon: Salon) -> None:
    booking = salon.book(1)
    done = salon.writer.write(salon.place(1.25, ignoring=(ref(booking),)))
    assert done.overlaps == ()


def test_a_place_even_if_taken_is_written_and_names_what_it_overlaps(salon: Salon) -> None:
    booking = salon.book(1)
    salon.book(1, place=1)
    done = salon.writer.write(salon.place(1.25, even_if_taken=True))
    assert done.overlaps == (ref(booking),)


class Interrupted(SquareReader):
    """A reader in whose back somebody does something, right after the look before the write."""

    def __init__(self, salon: Salon, meanwhile: Callable[[], object]) -> None:
        super().__init__(salon.client)
        self._meanwhile: Callable[[], object] | None = meanwhile

    def chairs(self, start: datetime, end: datetime) -> tuple[Appointment, ...]:
        found = super().chairs(start, end)
        meanwhile, self._meanwhile = self._meanwhile, None
        if meanwhile is not None:
            meanwhile()
        return found


def test_what_slipped_in_between_the_look_and_the_write_is_found_by_the_look_afterwards(salon: Salon) -> None:
    writer = SquareWriter(salon.client, Interrupted(salon, lambda: salon.book(1.25)))
    done = writer.write(salon.place(1))
    (slipped,) = [ref(booking) for booking in salon.bookings() if ref(booking) != done.ref]
    assert done.overlaps == (slipped,)


def test_the_version_is_sent_so_that_what_staff_did_meanwhile_is_not_overwritten(salon: Salon) -> None:
    booking = salon.book(1)

    def staff_move() -> None:
        salon.square.act("staff", "move", booking_id=booking["id"], start_at="2026-03-02T22:00:00Z")

    writer = SquareWriter(salon.client, Interrupted(salon, staff_move))
    with pytest.raises(Stale):
        writer.write(salon.move(booking, 3))
    assert salon.calls("bookings.update") == 1
    assert salon.bookings()[0]["start_at"] == "2026-03-02T22:00:00Z"


def test_the_version_is_sent_with_a_cancel_too(salon: Salon) -> None:
    booking = salon.book(1)
    sent: list[object] = []

    def handler(request: httpx.Request) -> httpx.Response:
        if request.url.path.endswith("/cancel"):
            sent.append(json.loads(request.content))
        with httpx.Client(base_url=salon.square.url, trust_env=False) as onward:
            headers = {"authorization": "Bearer practice"}
            return onward.request(
                request.method, request.url.raw_path.decode(), content=request.content, headers=headers
            )

    client = open_square("http://square.example", "practice", transport=httpx.MockTransport(handler))
    SquareWriter(client, SquareReader(client)).write(salon.cancel(booking))
    assert sent == [{"booking_version": booking["version"], "idempotency_key": "cancel-1"}]


def test_a_gap_inside_one_booking_is_refused(salon: Salon) -> None:
    service = str(salon.service()["id"])
    parts = (PlacedPart(salon.staff(), at(1), at(2), service), PlacedPart(salon.staff(), at(3), at(4), service))
    with pytest.raises(WriteRefused, match="gap"):
        salon.writer.write(Place(Side.SQUARE, parts, "m", "", "k"))


def test_a_visit_without_a_service_of_squares_is_refused_with_a_sentence(salon: Salon) -> None:
    part = PlacedPart(salon.staff(), at(1), at(2))
    with pytest.raises(WriteRefused, match="needs a service"):
        salon.writer.write(Place(Side.SQUARE, (part,), "m", "", "k"))


def test_a_service_that_square_no_longer_offers_is_refused_with_a_sentence(salon: Salon) -> None:
    wanted = salon.place()
    salon.square.act("owner", "delete_service", item_id=salon.service()["item_variation_data"]["item_id"])
    with pytest.raises(WriteRefused, match="no longer offers"):
        salon.writer.write(wanted)
    assert salon.bookings() == []


def test_a_move_changes_the_start_and_leaves_the_segments_alone(salon: Salon) -> None:
    booking = salon.book(1, customer_note="fringe")
    done = salon.writer.write(salon.move(booking, 3))
    (now,) = salon.bookings()
    assert now["start_at"] == "2026-03-02T18:00:00Z"
    assert now["appointment_segments"] == booking["appointment_segments"]
    assert (now["customer_note"], now["version"]) == ("fringe", booking["version"] + 1)
    assert done.appointment == salon.now(now)


def test_a_move_to_another_person_keeps_the_service_and_its_version_as_booked(salon: Salon) -> None:
    booking = salon.book(1)
    salon.square.act("owner", "bump_catalog", service_variation_id=salon.service()["id"])
    salon.writer.write(salon.move(booking, 1, place=3))
    (now,) = salon.bookings()
    old, new = booking["appointment_segments"][0], now["appointment_segments"][0]
    assert new["team_member_id"] == salon.staff(3)
    names = ("service_variation_id", "service_variation_version", "duration_minutes")
    assert [new[name] for name in names] == [old[name] for name in names]


def test_a_move_to_another_service_takes_its_fresh_version(salon: Salon) -> None:
    booking, other = salon.book(1), salon.service("Beard Trim")
    move = salon.move(booking, 1)
    part = PlacedPart(salon.staff(), at(1), at(1.25), str(other["id"]))
    salon.writer.write(Move(move.ref, (part,), "k", move.seen, move.version))
    segment = salon.bookings()[0]["appointment_segments"][0]
    assert (segment["service_variation_id"], segment["service_variation_version"]) == (other["id"], other["version"])


def test_a_move_of_a_booking_without_a_service_is_carried_out(salon: Salon) -> None:
    booking = salon.book(1, title=None)
    salon.writer.write(salon.move(booking, 2, place=1))
    assert salon.bookings()[0]["appointment_segments"][0]["team_member_id"] == salon.staff(1)


def test_a_move_keeps_the_pause_inside_a_booking(salon: Salon) -> None:
    segments = [
        {"team_member_id": salon.staff(0), "duration_minutes": 30, "intermission_minutes": 30},
        {"team_member_id": salon.staff(1), "duration_minutes": 30},
    ]
    seen = salon.now(salon.book(1, segments=segments))
    parts = (PlacedPart(salon.staff(0), at(3), at(3.5)), PlacedPart(salon.staff(1), at(4), at(4.5)))
    done = salon.writer.write(Move(seen.ref, parts, "k", seen.fingerprint, seen.version))
    assert done.appointment is not None
    assert [p.span.start for p in done.appointment.parts] == [at(3), at(4)]
    closer = (parts[0], PlacedPart(salon.staff(1), at(3.5), at(4)))
    with pytest.raises(WriteRefused, match="pauses"):
        salon.writer.write(Move(seen.ref, closer, "k2", "", None))


def test_a_move_onto_itself_calls_nothing(salon: Salon) -> None:
    booking = salon.book(1)
    done = salon.writer.write(salon.move(booking, 1))
    assert salon.calls("bookings.update") == 0
    assert done.appointment == salon.now(booking)


def test_a_move_over_somebody_is_refused_but_never_because_of_itself(salon: Salon) -> None:
    booking = salon.book(1)
    salon.writer.write(salon.move(booking, 1.25))
    salon.book(3)
    with pytest.raises(Taken):
        salon.writer.write(salon.move(booking, 2.75, key="move-2"))
    assert salon.calls("bookings.update") == 1


def test_two_swap_their_times_when_each_ignores_the_other(salon: Salon) -> None:
    first, second = salon.book(1), salon.book(2)
    salon.writer.write(salon.move(first, 2, ignoring=(ref(second),)))
    done = salon.writer.write(salon.move(second, 1, key="move-2"))
    assert done.overlaps == ()


def test_a_move_of_what_was_changed_since_it_was_seen_is_stale(salon: Salon) -> None:
    booking = salon.book(1)
    move = salon.move(booking, 3)
    salon.square.act("staff", "move", booking_id=booking["id"], start_at="2026-03-02T19:00:00Z")
    with pytest.raises(Stale):
        salon.writer.write(move)
    assert salon.calls("bookings.update") == 0


@pytest.mark.parametrize("status", [400, 409])
@pytest.mark.parametrize("what", ["move", "cancel"])
def test_a_version_that_grew_just_before_the_call_is_stale_whatever_code_says_so(
    salon: Salon, what: str, status: int
) -> None:
    booking = salon.book(1)
    write = salon.move(booking, 3) if what == "move" else salon.cancel(booking)
    route = "bookings.update" if what == "move" else "bookings.cancel"
    armed = salon.arm(f"version_mismatch_{status}", route)
    with pytest.raises(Stale) as raised:
        salon.writer.write(write)
    assert armed.fired == 1 and salon.calls(route) == 1
    assert not raised.value.permanent


def test_a_move_of_a_cancelled_booking_is_refused(salon: Salon) -> None:
    booking = salon.book(1, status="CANCELLED_BY_CUSTOMER")
    with pytest.raises(WriteRefused, match="no longer stands"):
        salon.writer.write(salon.move(booking, 3))


def test_a_cancel_cancels_with_the_version_that_was_read(salon: Salon) -> None:
    booking, other = salon.book(1), salon.book(1.25)
    done = salon.writer.write(salon.cancel(booking))
    assert done.appointment is not None
    assert (done.appointment.standing, done.overlaps) == (Standing.CANCELLED, (ref(other),))
    assert [b["id"] for b in salon.standing()] == [other["id"]]


def test_a_cancel_of_what_is_cancelled_already_is_done_and_calls_nothing(salon: Salon) -> None:
    booking = salon.book(1)
    cancel = salon.cancel(booking)
    salon.square.act("buyer", "cancel", booking_id=booking["id"])
    done = salon.writer.write(cancel)
    assert done.appointment is not None
    assert done.appointment.status == "CANCELLED_BY_CUSTOMER"
    assert salon.calls("bookings.cancel") == 0


def test_a_cancel_of_what_moved_since_it_was_seen_is_stale_and_cancels_nothing(salon: Salon) -> None:
    booking = salon.book(1)
    cancel = salon.cancel(booking)
    salon.square.act("staff", "move", booking_id=booking["id"], start_at="2026-03-02T19:00:00Z")
    with pytest.raises(Stale):
        salon.writer.write(cancel)
    assert len(salon.standing()) == 1


def test_a_withdrawn_booking_is_cancelled_and_one_that_is_gone_was_withdrawn(salon: Salon) -> None:
    booking = salon.book(1)
    done = salon.writer.write(salon.withdraw(booking))
    assert done.appointment is not None and done.appointment.standing is Standing.CANCELLED
    gone = Ref(Side.SQUARE, "gone")
    assert salon.writer.write(Withdraw(gone, "k")).appointment is None
    with pytest.raises(WriteRefused):
        salon.writer.write(Cancel(gone, "k", ""))


def test_what_is_cancelled_in_square_cannot_be_reinstated(salon: Salon) -> None:
    booking = salon.book(1, status="CANCELLED_BY_SELLER")
    with pytest.raises(WriteRefused, match="final"):
        salon.writer.write(Reinstate(ref(booking), "k", "", "ACCEPTED"))


def test_a_plan_without_seller_level_writing_is_refused_for_good_and_says_so(salon: Salon) -> None:
    with salon.square.world.change():
        salon.square.world.set_rules(seller_writes=False)
    with pytest.raises(WriteRefused, match="Appointments Plus") as raised:
        salon.writer.write(salon.place())
    assert (raised.value.setting, raised.value.permanent) == ("SQUARE_ACCESS_TOKEN", True)
