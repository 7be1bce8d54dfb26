"""The table of what a row written by somebody else does to Bookly's two checks, as seen in a running copy."""

from datetime import timedelta
from typing import Any

import pytest

from practice_salon.bookly.addons import install_custom_statuses
from practice_salon.bookly.door import Choice
from tests.practice_salon.bookly.small_salon import ANNA, BLOWOUT, CLASS, COLOUR, CUT, MARIA, NOW_LOCAL, THEO, Salon, at

# (what, row, clients' statuses, finder hides, final check refuses); the wish is a blowout of half an hour at 11:00.
WISHED = Choice(MARIA, BLOWOUT, at("11:00"))
PLAIN: dict[str, Any] = {"service_id": BLOWOUT}
PROBES: list[tuple[str, dict[str, Any], list[dict[str, Any]], bool, bool]] = [
    ("approved, service set", PLAIN, [{"status": "approved"}], True, True),
    ("pending, service set", PLAIN, [{"status": "pending"}], True, True),
    ("cancelled", PLAIN, [{"status": "cancelled"}], False, False),
    ("rejected", PLAIN, [{"status": "rejected"}], False, False),
    ("done", PLAIN, [{"status": "done"}], False, False),
    ("waitlisted", PLAIN, [{"status": "waitlisted"}], False, False),
    ("a word nobody knows", PLAIN, [{"status": "floating"}], False, False),
    ("nobody on it, no service: the block", {"service_id": None}, [], True, True),
    (
        "approved, custom service",
        {"service_id": None, "custom_service_name": "X"},
        [{"status": "approved"}],
        True,
        True,
    ),
    ("cancelled, no service: the ghost block", {"service_id": None}, [{"status": "cancelled"}], False, True),
    ("nobody on it, another service set", {"service_id": CUT}, [], True, False),
    ("nobody on it, the same service set", PLAIN, [], False, False),
    ("approved, nobody on it counts", PLAIN, [{"status": "approved", "number_of_persons": 0}], False, False),
    ("a class with a place left", {"service_id": CLASS}, [{"status": "approved"}], True, False),
    ("a full class", {"service_id": CLASS}, [{"status": "approved", "number_of_persons": 6}], True, True),
    ("an overlapping start", {**PLAIN, "start_date": at("10:45")}, [{"status": "approved"}], True, True),
    (
        "reached through its extras",
        {**PLAIN, "start_date": at("10:00"), "end_date": at("10:30"), "extras_duration": 2700},
        [{"status": "approved"}],
        True,
        True,
    ),
    (
        "reached through its padding",
        {"service_id": CUT, "start_date": at("10:00"), "end_date": at("10:50")},
        [{"status": "approved"}],
        True,
        True,
    ),
    ("touching", {**PLAIN, "start_date": at("10:30"), "end_date": at("11:00")}, [{"status": "approved"}], False, False),
    ("another person's", {**PLAIN, "staff_id": THEO}, [{"status": "approved"}], False, False),
    ("without an end", {**PLAIN, "end_date": None}, [{"status": "approved"}], False, False),
    ("without a time", {**PLAIN, "start_date": None, "end_date": None}, [{"status": "approved"}], False, False),
]


def put(salon: Salon, row: dict[str, Any], clients: list[dict[str, Any]]) -> int:
    """A row by plain SQL, 11:00 to 11:30 with Maria unless it says otherwise."""
    stamps = {"created_at": NOW_LOCAL, "updated_at": NOW_LOCAL}
    start = row.get("start_date", at("11:00"))
    end = start + timedelta(minutes=30) if start else None
    values = {"staff_id": MARIA, "start_date": start, "end_date": end, **stamps, **row}
    appointment = salon.insert("appointments", **values)
    for number, client in enumerate(clients):
        customer = salon.insert("customers", full_name=f"Client {number}", notes="", created_at=NOW_LOCAL)
        salon.insert("customer_appointments", appointment_id=appointment, customer_id=customer, **stamps, **client)
    return appointment


@pytest.mark.parametrize(("row", "clients", "hidden", "refused"), [p[1:] for p in PROBES], ids=[p[0] for p in PROBES])
def test_a_row_written_by_another_program_shuts_what_it_shut_in_a_running_bookly(
    salon: Salon, row: dict[str, Any], clients: list[dict[str, Any]], hidden: bool, refused: bool
) -> None:
    put(salon, row, clients)
    assert (at("11:00") not in salon.website.times(MARIA, BLOWOUT, at("11:00").date())) == hidden
    assert (not salon.website.check(WISHED)) == refused


def test_a_service_that_this_person_has_no_row_for_is_booked_on_top(salon: Salon) -> None:
    put(salon, {"staff_id": THEO, "service_id": COLOUR}, [{"status": "approved"}])
    assert at("11:00") not in salon.website.times(THEO, BLOWOUT, at("11:00").date())
    assert salon.website.check(Choice(THEO, BLOWOUT, at("11:00")))


def test_the_same_table_holds_on_both_databases(either_salon: Salon) -> None:
    put(either_salon, {"service_id": None}, [{"status": "cancelled"}])
    assert at("11:00") in either_salon.website.times(MARIA, BLOWOUT, at("11:00").date())
    assert not either_salon.website.check(WISHED)


def test_a_class_fills_up_with_persons_not_with_rows(salon: Salon) -> None:
    put(salon, {"service_id": CLASS, "end_date": at("12:00")}, [{"status": "approved", "number_of_persons": 4}])
    assert salon.website.check(Choice(MARIA, CLASS, at("11:00"), persons=2))
    assert not salon.website.check(Choice(MARIA, CLASS, at("11:00"), persons=3))


def test_one_booking_fills_the_slot_where_the_service_says_so(salon: Salon) -> None:
    with salon.site.engine.begin() as connection:
        services = salon.site.bookly.services
        connection.execute(services.update().where(services.c.id == CLASS).values(one_booking_per_slot=1))
    put(salon, {"service_id": CLASS, "end_date": at("12:00")}, [{"status": "approved"}])
    assert not salon.website.check(Choice(MARIA, CLASS, at("11:00")))


def test_a_custom_status_counts_as_its_add_on_says(salon: Salon) -> None:
    put(salon, PLAIN, [{"status": "arrived"}])
    assert salon.website.check(WISHED)
    install_custom_statuses(salon.site.engine, {"arrived": True, "no-show": False})
    assert not salon.website.check(WISHED)


def test_hours_breaks_and_days_off_bind_the_finder_and_not_the_final_check(salon: Salon) -> None:
    offered = salon.website.times(MARIA, BLOWOUT, at("11:00").date())
    assert offered[0] == at("09:00") and offered[-1] == at("17:30")
    assert at("11:30") in offered and at("11:45") not in offered and at("12:30") in offered
    assert salon.website.times(MARIA, BLOWOUT, at("11:00", "2026-07-04").date()) == []
    assert salon.website.times(MARIA, BLOWOUT, at("11:00", "2026-06-07").date()) == []
    for clock, day in (("12:00", "2026-06-03"), ("06:00", "2026-06-03"), ("11:00", "2026-07-04")):
        assert salon.website.check(Choice(MARIA, BLOWOUT, at(clock, day)))


def test_a_haircut_hides_the_blowouts_that_its_padding_reaches(salon: Salon) -> None:
    salon.website.book(Choice(MARIA, CUT, at("11:00")), ANNA)
    offered = salon.website.times(MARIA, BLOWOUT, at("11:00").date())
    assert at("10:30") in offered and at("10:45") not in offered and at("11:45") not in offered
    assert at("12:30") in offered
