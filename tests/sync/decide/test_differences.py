"""What counts as changed on one side, and what does not."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from sync.decide.differences import differences
from sync.model import Appointment, Client, Span, Standing
from tests.sync.decide.boards import at, bookly, square
from tests.sync.decide.playing import cancelled, group, moved, parts_of, with_staff

ANNA = bookly("1", at(10))
BEN = square("S", at(10))


def padded(appointment: Appointment) -> Appointment:
    span = Span.of(appointment.parts[0].span.staff, at(10), at(11), after=timedelta(minutes=15))
    return replace(appointment, parts=(replace(appointment.parts[0], span=span),))


@pytest.mark.parametrize(
    ("now", "words"),
    [
        (ANNA, set()),
        (None, {"gone"}),
        (cancelled(ANNA), {"standing"}),
        (moved(ANNA, timedelta(seconds=1)), {"time"}),
        (with_staff(ANNA, "2"), {"staff"}),
        (replace(ANNA, parts=(replace(ANNA.parts[0], service="2"),)), {"service"}),
        (replace(ANNA, clients=(Client("other"),)), {"client"}),
        (replace(ANNA, clients=()), set()),
        (replace(ANNA, status="pending", label="Window seat", unit_persons=2, capacity=3), set()),
        (padded(ANNA), set()),
        *((replace(ANNA, standing=s), set()) for s in (Standing.OVER, Standing.WAITING, Standing.UNKNOWN)),
    ],
)
def test_a_website_visit_differs_in(now: Appointment | None, words: set[str]) -> None:
    assert differences(ANNA, now) == words


def test_nothing_agreed_is_unknown_and_cancelled_to_over_is_nothing() -> None:
    assert differences(None, ANNA) == {"unknown"}
    assert differences(cancelled(ANNA), replace(ANNA, standing=Standing.OVER)) == set()
    assert differences(cancelled(ANNA), ANNA) == {"standing"}
    assert differences(cancelled(ANNA), cancelled(moved(ANNA, timedelta(hours=1)))) == set()


def test_one_who_did_not_come_and_is_expected_again_differs_in_where_they_are() -> None:
    not_come = replace(BEN, standing=Standing.OVER)
    assert differences(not_come, BEN) == set()
    assert differences(not_come, moved(BEN, timedelta(hours=1))) == {"time"}


def test_the_time_that_square_keeps_free_behind_a_booking_counts() -> None:
    assert differences(BEN, padded(BEN)) == {"time"}


def test_a_class_differs_in_how_many_come_and_not_in_who() -> None:
    five = group(ANNA, 5)
    assert differences(five, group(ANNA, 4)) == {"persons"}
    others = replace(five, clients=tuple(Client(f"d{n}") for n in range(5)))
    assert differences(five, others) == set()


def test_once_paid_it_differs_and_once_unpaid_it_does_not() -> None:
    unpaid = replace(ANNA, unpaid=True)
    assert differences(unpaid, ANNA) == {"paid"}
    assert differences(ANNA, unpaid) == set()


def test_the_order_in_which_parts_are_listed_says_nothing() -> None:
    both = replace(ANNA, parts=parts_of(ANNA, bookly("2", at(11), staff="2")))
    assert differences(both, replace(both, parts=both.parts[::-1])) == set()
    assert differences(both, replace(both, parts=both.parts[:1])) == {"time", "staff", "service"}


BERG = Client("11", "Anna Berg", "(312) 555-0111", "anna@mail.example")


@pytest.mark.parametrize(
    ("merged", "words"),
    [
        (replace(BERG, key="12", email=""), set()),
        (replace(BERG, key="12", phone="+13125550111", name="Berg, Anna"), set()),
        (replace(BERG, key="12", phone="", name="Anna  Bergh"), set()),
        (replace(BERG, key="12", name="Ida Lund"), {"client"}),
        (replace(BERG, key="12", phone="+13125550199", email="other@mail.example"), {"client"}),
    ],
)
def test_a_merged_profile_is_the_same_person_where_name_and_phone_or_mail_agree(
    merged: Client, words: set[str]
) -> None:
    assert differences(replace(ANNA, clients=(BERG,)), replace(ANNA, clients=(merged,))) == words
