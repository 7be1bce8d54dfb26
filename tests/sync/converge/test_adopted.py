"""What bears our mark and is in no visit joins the one it was made for, also where that was cancelled meanwhile."""

from __future__ import annotations

import sqlalchemy as sa

from practice_salon.people.standing import Standing
from sync.model import Kind, Ref, Side
from tests.sync.converge.conftest import Salon
from tests.sync.converge.test_hinted import end_of, in_square, on_website, shown, starts, utc
from tests.sync.converge.test_hinted_again import tried


def reinstated(salon: Salon, booking: Ref) -> Ref:
    """The booking that comes back in Square for a cancelled one, with all that was noted in it."""
    made = salon.square.act("staff", "reinstate", booking_id=booking.key)
    return Ref(Side.SQUARE, made["booking"]["id"])


def end_once_known(salon: Salon, ref: Ref) -> tuple[str, str]:
    """How its hint ends after it has joined its visit."""
    assert end_of(salon, ref) == ("waiting", "ours")
    hint = tried(salon, salon.house, ref)
    return hint.state, hint.reason


def cancelled_in_square(salon: Salon) -> tuple[Standing, Ref]:
    """Anna of the website was cancelled in Square, and Bookly has heard of it."""
    anna = on_website(salon)
    booking = shown(salon, anna)
    salon.square.act("staff", "cancel", booking_id=booking.key)
    assert end_of(salon, booking) == ("applied", "standing")
    assert salon.status(anna.seats[0]) == "cancelled"
    return anna, booking


def test_reinstated_in_square_after_the_cancellation_was_carried_she_stands_on_the_website_again(salon: Salon) -> None:
    anna, booking = cancelled_in_square(salon)
    back = reinstated(salon, booking)
    assert end_once_known(salon, back) == ("applied", "standing")
    assert salon.status(anna.seats[0]) == "approved"
    assert (end_of(salon, back), starts(salon)) == (("already_true", "in_step"), [utc(salon, 11)])


def test_reinstated_in_square_at_another_time_is_a_question(salon: Salon) -> None:
    anna, booking = cancelled_in_square(salon)
    back = reinstated(salon, booking)
    salon.square.act("staff", "move", booking_id=back.key, start_at=utc(salon, 15))
    assert end_once_known(salon, back) == ("conflict", "not_agreed")
    assert salon.status(anna.seats[0]) == "cancelled"
    assert salon.found(Kind.DRIFT)


def test_a_second_block_of_a_booking_that_was_cancelled_is_taken_away(salon: Salon) -> None:
    ben = in_square(salon)
    shown(salon, ben)
    rows = salon.site.bookly.appointments
    with salon.site.engine.connect() as conn:
        (row,) = conn.execute(sa.select(rows)).mappings()
    salon.people.cancels_in_square(ben)
    assert end_of(salon, ben) == ("applied", "standing")
    with salon.site.engine.begin() as conn:
        conn.execute(sa.insert(rows), {**row, "id": row["id"] + 100})
    copy = Ref(Side.BOOKLY, f"row:{row['id'] + 100}")
    assert end_once_known(salon, copy) == ("applied", "put_back")
    assert not salon.rows()
