"""What a hint leads to for a class, and for a visit that is not paid yet, in front of two real calendars."""

from __future__ import annotations

import sqlalchemy as sa

from practice_salon.bookly.door import Choice
from sync.model import Ref, Side
from tests.sync.converge.conftest import ANNA, BEN, Salon
from tests.sync.converge.test_hinted import end_of


def test_one_of_a_class_cancelling_changes_the_note_only(salon: Salon) -> None:
    treat = next(treat for treat in salon.people.stage.treats.values() if treat.capacity > 1 and treat.variation)
    chair = next(chair for chair in salon.people.stage.chairs if treat.bookly in chair.skills)
    first = salon.people.books_on_website(chair, treat, salon.at(11), ANNA)
    second = salon.people.books_on_website(chair, treat, salon.at(11), BEN)
    assert first.unit == second.unit
    group = Ref(Side.BOOKLY, f"row:{first.unit}")
    assert end_of(salon, group) == ("applied", "shown")
    (before,) = salon.bookings().values()
    assert "2 persons" in before["seller_note"] and "customer_id" not in before
    with salon.site.engine.begin() as conn:
        conn.execute(
            sa.text("UPDATE wp_bookly_customer_appointments SET status='cancelled' WHERE id=:id"),
            {"id": second.seats[-1]},
        )
    assert end_of(salon, group) == ("applied", "persons")
    (after,) = salon.bookings().values()
    assert "1 person" in after["seller_note"] and after["start_at"] == before["start_at"]
    assert end_of(salon, group) == ("already_true", "in_step")


def booked_online(salon: Salon) -> tuple[Ref, int]:
    """Anna on the website, at the gateway: the visit, and the number of her order."""
    treat = salon.cut()
    at = salon.people.stage.local(salon.at(11))
    booked = salon.people.stage.website.book_online(Choice(salon.stylists(treat)[0].bookly, treat.bookly, at), ANNA)
    assert booked.order is not None
    return Ref(Side.BOOKLY, f"ca:{booked.customer_appointments[0]}"), booked.order


def test_an_unpaid_visit_gets_its_client_once_it_is_paid(salon: Salon) -> None:
    anna, order = booked_online(salon)
    assert end_of(salon, anna) == ("applied", "shown")
    (booking,) = salon.bookings().values()
    assert "customer_id" not in booking
    salon.people.stage.website.paid(order)
    assert end_of(salon, anna) == ("applied", "paid")
    (booking,) = salon.bookings().values()
    assert booking["customer_id"]
    assert end_of(salon, anna) == ("already_true", "in_step")


def test_an_unpaid_visit_that_its_client_backs_out_of_is_withdrawn(salon: Salon) -> None:
    anna, order = booked_online(salon)
    end_of(salon, anna)
    salon.people.stage.website.back_out(order)
    assert end_of(salon, anna) == ("applied", "meant_to_be_gone")
    assert not salon.bookings()
