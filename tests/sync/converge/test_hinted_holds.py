"""What becomes of a hold when the visit reaches the mirror by whichever way: a pull, a neighbour's look, our write."""

from __future__ import annotations

from datetime import datetime, timedelta

from sync.decide.chairs import person_id
from sync.inbox.opening import open_crew
from sync.model import Ref, Side, Source, Span
from sync.model.holds import Hold, HoldState
from sync.store import hints, holds
from sync.store.board import load_board
from sync.store.connection import reading, writing
from tests.sync.converge.conftest import CLEO, NOON, Salon
from tests.sync.converge.test_hinted import end_of, in_square, in_their_eyes, on_website, ref_of, shown

HALF_AN_HOUR = timedelta(minutes=30)


def held(salon: Salon, start: datetime, made_at: datetime = NOON) -> str:
    """The first stylist's half hour from then on is kept for a client who pays; the hold's id."""
    chair = salon.stylists(salon.cut())[0]
    with writing(salon.house.engine) as conn:
        board = load_board(conn, NOON, start, start, ())
        person = person_id(board, Side.BOOKLY, str(chair.bookly))
        span = Span.of(person, start, start + HALF_AN_HOUR)
        return holds.make(conn, span, "checkout", made_at, timedelta(minutes=10)).id


def hold(salon: Salon, held: str) -> Hold:
    with reading(salon.house.engine) as conn:
        found = holds.get(conn, held)
    assert found is not None
    return found


def carry_one(salon: Salon, ref: Ref) -> None:
    """The hint about it alone: what it leads to is left for later."""
    with writing(salon.house.engine) as conn:
        hints.put(conn, ref, Source.WEBHOOK, salon.house.now())
    crew = open_crew(salon.house)
    (hint,) = crew.take(1)
    crew.see_to(hint)


def test_a_booking_that_a_pull_finds_first_makes_the_hold_in_its_time_lost(salon: Salon) -> None:
    kept = held(salon, salon.at(14))
    mia = in_square(salon, 14)
    salon.pull()
    ended = hold(salon, kept)
    assert (ended.state, ended.ref) == (HoldState.LOST, str(ref_of(mia)))


def test_the_clients_own_booking_that_a_pull_finds_first_consumes_the_hold(salon: Salon) -> None:
    kept = held(salon, salon.at(14))
    anna = on_website(salon, 14)
    salon.pull()
    ended = hold(salon, kept)
    assert (ended.state, ended.ref) == (HoldState.CONSUMED, str(ref_of(anna)))


def test_a_booking_met_by_the_look_around_another_visit_makes_the_hold_in_its_time_lost(salon: Salon) -> None:
    kept = held(salon, salon.at(14))
    mia, anna = in_square(salon, 14), on_website(salon, 15, form=CLEO)
    carry_one(salon, ref_of(anna))
    ended = hold(salon, kept)
    assert (ended.state, ended.ref) == (HoldState.LOST, str(ref_of(mia)))


def test_a_website_visit_that_staff_move_in_square_makes_the_hold_in_its_new_time_lost(salon: Salon) -> None:
    anna = on_website(salon, 11)
    booking = shown(salon, anna)
    kept = held(salon, salon.at(15), NOON + timedelta(minutes=5))
    salon.people.moves_in_square(in_their_eyes(salon, anna, booking), salon.at(15))
    salon.pull()
    assert hold(salon, kept).state is HoldState.HELD, "what only shows a visit keeps no time before it is carried"
    assert end_of(salon, booking) == ("applied", "time")
    ended = hold(salon, kept)
    assert (ended.state, ended.ref) == (HoldState.LOST, str(ref_of(anna)))


def test_a_booking_that_came_while_the_hold_was_granted_makes_it_lost_when_it_is_carried(salon: Salon) -> None:
    mia = in_square(salon, 14)
    salon.pull()
    kept = held(salon, salon.at(14))
    shown(salon, mia)
    assert hold(salon, kept).state is HoldState.LOST


def test_the_booking_that_shows_the_clients_own_visit_leaves_the_hold_to_that_visit(salon: Salon) -> None:
    kept = held(salon, salon.at(14))
    anna = on_website(salon, 14)
    shown(salon, anna)
    ended = hold(salon, kept)
    assert (ended.state, ended.ref) == (HoldState.CONSUMED, str(ref_of(anna)))
