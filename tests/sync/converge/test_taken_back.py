"""Every choice taken back: both calendars stand as before, and the card is there again. And what stays half done says
how to do the rest by hand."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from sync.model import Choice, ChoiceKind, Kind, Side
from sync.rounds.reconcile import reconcile
from sync.store.board import load_board
from sync.store.connection import reading
from sync.store.findings import Kept
from sync.wording.outcomes import result
from sync.wording.scene import scene_of
from tests.sync.converge.conftest import ANNA, BEN, NOON, Salon
from tests.sync.converge.stories import (
    apart,
    asked,
    called_off_in_square,
    called_off_on_the_website,
    clash,
    meeting,
    sent,
    shown_clash,
    square_visit,
    twins,
    website_visit,
)

CASES: dict[str, tuple[Callable[[Salon], Kept], ChoiceKind, Side | None]] = {
    "another stylist, in Bookly": (clash, ChoiceKind.OTHER_STYLIST, Side.BOOKLY),
    "another stylist, in Square": (clash, ChoiceKind.OTHER_STYLIST, Side.SQUARE),
    "another time, in Bookly": (clash, ChoiceKind.OTHER_TIME, Side.BOOKLY),
    "another time, in Square": (clash, ChoiceKind.OTHER_TIME, Side.SQUARE),
    "another stylist, in both": (shown_clash, ChoiceKind.OTHER_STYLIST, Side.BOOKLY),
    "another time, in both": (shown_clash, ChoiceKind.OTHER_TIME, Side.SQUARE),
    "cancelled in both, Bookly's client": (shown_clash, ChoiceKind.CANCEL, Side.BOOKLY),
    "cancelled in both, Square's client": (shown_clash, ChoiceKind.CANCEL, Side.SQUARE),
    "both shown": (clash, ChoiceKind.SHOW_BOTH, None),
    "left": (clash, ChoiceKind.LEAVE, None),
    "sent across to Square": (lambda s: website_visit(s)[1], ChoiceKind.SEND_ACROSS, None),
    "sent across to Bookly": (lambda s: square_visit(s)[1], ChoiceKind.SEND_ACROSS, None),
    "linked": (twins, ChoiceKind.LINK, None),
    "told apart": (twins, ChoiceKind.LEAVE, None),
    "Bookly's value taken": (apart, ChoiceKind.TAKE_SIDE, Side.BOOKLY),
    "Square's value taken": (apart, ChoiceKind.TAKE_SIDE, Side.SQUARE),
    "cancelled on the website, and it is": (called_off_on_the_website, ChoiceKind.TAKE_SIDE, Side.BOOKLY),
    "cancelled on the website, and stands": (called_off_on_the_website, ChoiceKind.TAKE_SIDE, Side.SQUARE),
    "cancelled in Square, and it is": (called_off_in_square, ChoiceKind.TAKE_SIDE, Side.SQUARE),
    "cancelled in Square, and stands": (called_off_in_square, ChoiceKind.TAKE_SIDE, Side.BOOKLY),
}


def stands(salon: Salon) -> tuple[list[Any], list[Any], list[str]]:
    """Who stands where in both calendars, and what is open; ids left out, a booking made anew has another."""
    rows = [
        (row.staff_id, row.service_id, row.start_date, row.end_date)
        for row in salon.rows().values()
        if row.service_id is None or row.id in _held(salon)
    ]
    bookings = [
        (doc["start_at"], doc["appointment_segments"][0]["team_member_id"], doc.get("customer_id"))
        for doc in salon.bookings().values()
    ]
    return sorted(rows, key=str), sorted(bookings, key=str), sorted(one.finding.kind for one in salon.found())


def _held(salon: Salon) -> set[int]:
    with salon.site.engine.connect() as conn:
        seats = salon.site.bookly.customer_appointments
        return set(
            conn.scalars(seats.select().with_only_columns(seats.c.appointment_id).where(seats.c.status != "cancelled"))
        )


@pytest.mark.parametrize("name", CASES)
def test_what_was_chosen_can_be_taken_back(salon: Salon, name: str) -> None:
    arrange, kind, side = CASES[name]
    kept = arrange(salon)
    before = stands(salon)
    request = salon.ask(kept, salon.first(kept, kind, side))
    assert salon.ended(request, work=True).state == "done"
    salon.pull()
    assert stands(salon) != before
    undone = salon.undo(kept, request)
    assert undone.state == "done", undone
    salon.pull()
    assert stands(salon) == before


def test_what_stays_half_done_is_said_with_how_to_do_the_rest_by_hand(salon: Salon) -> None:
    """Anna is cancelled on the website's side; then Square's token is taken back."""
    kept = shown_clash(salon)
    salon.square.arm("token_revoked", "bookings.cancel")
    outcome = salon.click(kept, salon.first(kept, ChoiceKind.CANCEL, Side.BOOKLY), who="Priya")
    assert (outcome.state, len(outcome.done), len(outcome.left)) == ("half", 1, 1)
    refs = [ref for concerned in kept.finding.concerned for ref in concerned.refs]
    with reading(salon.house.engine) as conn:
        board = load_board(conn, NOON, NOON, NOON + timedelta(days=2), refs)
    said = result(outcome, scene_of(board))
    assert "Square" in said
    assert ANNA.name in said
    assert "by hand" in said.lower() or "yourself" in said.lower(), said
    assert len(salon.bookings()) == 2, "in Square she still stands"


def later(salon: Salon) -> None:
    """Both calendars read, and long enough looked at that a difference counts."""
    salon.pull()
    reconcile(salon.house.engine, NOON + timedelta(minutes=10))


def test_a_visit_deleted_where_it_was_made_has_an_answer_that_can_be_taken_back(salon: Salon) -> None:
    anna = sent(salon, website_visit(salon))
    salon.people.deletes_in_office(anna)
    later(salon)
    (kept,) = salon.found()
    assert kept.finding.kind is Kind.DRIFT
    assert [choice.kind for choice in salon.offered(kept)] == [ChoiceKind.TAKE_SIDE, ChoiceKind.LEAVE]
    assert len(salon.bookings()) == 1, "nothing is carried by itself"
    request = salon.ask(kept, salon.first(kept, ChoiceKind.TAKE_SIDE, Side.BOOKLY))
    assert salon.ended(request, work=True).state == "done"
    later(salon)
    assert not salon.bookings()
    assert not salon.found()
    assert salon.undo(kept, request).state == "done"
    later(salon)
    assert [doc["start_at"] for doc in salon.bookings().values()] == [salon.at(11).isoformat().replace("+00:00", "Z")]
    assert [one.finding.kind for one in salon.found()] == [Kind.MISSING_IN_BOOKLY]


def test_a_square_client_booked_again_by_undo_is_still_said_to_be_missing_in_bookly(salon: Salon) -> None:
    kept = clash(salon)
    assert len(salon.found(Kind.MISSING_IN_BOOKLY)) == 1
    request = salon.ask(kept, salon.first(kept, ChoiceKind.CANCEL, Side.SQUARE))
    assert salon.ended(request, work=True).state == "done"
    assert salon.undo(kept, request).state == "done"
    later(salon)
    (missing,) = salon.found(Kind.MISSING_IN_BOOKLY)
    assert salon.click(missing, salon.first(missing, ChoiceKind.SEND_ACROSS)).state == "done"


def test_what_is_over_is_not_taken_back(salon: Salon) -> None:
    _, kept = website_visit(salon)
    carried = asked(salon, kept, ChoiceKind.SEND_ACROSS)
    assert salon.ended(carried, work=True).state == "done"
    request = salon.ask(kept, Choice(ChoiceKind.UNDO), undo_of=carried)
    salon.work(replace(salon.house, clock=lambda: NOON + timedelta(days=3)))
    outcome = salon.ended(request)
    assert (outcome.state, outcome.word) == ("refused", "past")
    assert len(salon.bookings()) == 1


def test_time_shut_by_hand_is_left_to_whoever_shut_it_and_the_sentence_says_so(salon: Salon) -> None:
    treat = salon.cut()
    chair = salon.stylists(treat)[0]
    ben = salon.people.books_in_square(chair, treat, salon.at(11), BEN)
    salon.people.blocks_in_office(chair, salon.at(11), 30)
    salon.pull()
    (kept,) = salon.found(Kind.SAME_VISIT)
    assert salon.click(kept, salon.first(kept, ChoiceKind.LINK)).state == "done"
    salon.people.cancels_in_square(ben)
    later(salon)
    (kept,) = salon.found()
    outcome = salon.click(kept, salon.first(kept, ChoiceKind.TAKE_SIDE, Side.SQUARE))
    refs = [ref for concerned in kept.finding.concerned for ref in concerned.refs]
    with reading(salon.house.engine) as conn:
        board = load_board(conn, NOON, NOON, NOON + timedelta(days=2), refs)
    assert result(outcome, scene_of(board)) == (
        "Not done. This time was shut in Bookly by hand: take it away there, by hand too."
    )
    assert len(salon.rows()) == 1


def test_a_cancelled_client_stands_again_after_undo(salon: Salon) -> None:
    anna, _ = meeting(salon)
    (kept,) = salon.found(Kind.DOUBLE_BOOKING)
    request = salon.ask(kept, salon.first(kept, ChoiceKind.CANCEL, Side.BOOKLY))
    assert salon.ended(request, work=True).state == "done"
    assert salon.status(anna.seats[0]) == "cancelled"
    assert not salon.found(Kind.DOUBLE_BOOKING)
    assert salon.undo(kept, request).state == "done"
    assert salon.status(anna.seats[0]) != "cancelled"
    assert salon.found(Kind.DOUBLE_BOOKING)


def test_a_moved_client_goes_back_after_undo(salon: Salon) -> None:
    anna, _ = meeting(salon)
    before = salon.rows()[int(anna.unit)]
    (kept,) = salon.found(Kind.DOUBLE_BOOKING)
    request = salon.ask(kept, salon.first(kept, ChoiceKind.OTHER_TIME, Side.BOOKLY))
    assert salon.ended(request, work=True).state == "done"
    assert salon.rows()[int(anna.unit)].start_date != before.start_date
    assert salon.undo(kept, request).state == "done"
    assert salon.rows()[int(anna.unit)].start_date == before.start_date


def test_a_cancelled_square_client_gets_a_new_booking_after_undo(salon: Salon) -> None:
    _, ben = meeting(salon)
    (kept,) = salon.found(Kind.DOUBLE_BOOKING)
    request = salon.ask(kept, salon.first(kept, ChoiceKind.CANCEL, Side.SQUARE))
    assert salon.ended(request, work=True).state == "done"
    assert not salon.bookings()
    assert salon.undo(kept, request).state == "done"
    (again,) = salon.bookings().values()
    assert again["id"] != ben.unit
