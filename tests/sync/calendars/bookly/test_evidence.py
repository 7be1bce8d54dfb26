"""What shows that somebody meant a visit to vanish: Bookly's own log, and a booking that was never paid."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from typing import Any

import pytest

from practice_salon.bookly.backoffice import BackOffice
from practice_salon.bookly.journal import Site
from sync.calendars.bookly import BooklyReader
from sync.model import Appointment, Ref
from tests.sync.calendars.bookly.salon import BEN, CLASS, COLOUR, CUT, NOW, YEAR, Salon, local, ref


def office(salon: Salon) -> BackOffice:
    return BackOffice(Site(salon.engine, salon.tables, clock=lambda: NOW))


def last_shown(salon: Salon) -> dict[Ref, Appointment]:
    return {a.ref: a for a in salon.reader.snapshot(YEAR).appointments}


def meant(salon: Salon, shown: dict[Ref, Appointment]) -> set[str]:
    return {one.key for one in salon.reader.meant_to_be_gone(shown, shown)}


def log(salon: Salon, target: str, row: int, at: datetime | None = None, **details: Any) -> None:
    """A line as Bookly writes one when somebody deletes."""
    salon.add(
        "log",
        action="delete",
        target=f"wp_bookly_{target}",
        target_id=row,
        details=json.dumps({"id": row, "token": "secret", **details}),
        created_at=at or local("2026-11-21 11:59"),
    )


def test_what_staff_deleted_was_meant_and_what_a_cascade_took_was_not(salon: Salon) -> None:
    salon.visit("2026-12-01 10:00", service_id=CUT)
    salon.visit("2026-12-01 14:00", customer=BEN, service_id=COLOUR)
    shown = last_shown(salon)
    office(salon).delete(1)
    office(salon).delete_service(COLOUR)
    assert set(salon.reader.read(shown).values()) == {None}
    assert meant(salon, shown) == {"ca:1"}


def test_a_deleted_client_was_meant_and_a_restored_backup_was_not(salon: Salon) -> None:
    salon.visit("2026-12-01 10:00")
    salon.visit("2026-12-01 14:00", customer=BEN)
    shown = last_shown(salon)
    office(salon).delete_client(BEN)
    salon.remove("customer_appointments", 1)
    assert meant(salon, shown) == {"ca:2"}


def test_a_deleted_class_was_meant(salon: Salon) -> None:
    row = salon.row("2026-12-02 15:00", 60, service_id=CLASS)
    salon.client(row)
    shown = last_shown(salon)
    office(salon).delete(row)
    assert meant(salon, shown) == {f"row:{row}"}


def test_several_parts_were_meant_only_when_each_was_deleted(salon: Salon) -> None:
    rows = [salon.row(start, service_id=CUT) for start in ("2026-12-03 10:00", "2026-12-03 10:30")]
    for row in rows:
        salon.client(row, compound_token="together")
    salon.visit("2026-12-03 15:00", customer=BEN)
    shown = {r: a for r, a in last_shown(salon).items() if r == ref("compound:1")}
    office(salon).delete(rows[0])
    salon.remove("appointments", rows[1])
    assert meant(salon, shown) == set()
    log(salon, "customer_appointments", 2, appointment_id=str(rows[1]), compound_token="another")
    assert meant(salon, shown) == set()
    log(salon, "customer_appointments", 2, appointment_id=str(rows[1]), compound_token="together")
    assert meant(salon, shown) == {"compound:1"}


def test_an_online_booking_of_the_last_hour_that_was_never_paid_was_meant(salon: Salon) -> None:
    at = local("2026-11-21 11:30")
    payment = salon.add("payments", status="pending", type="stripe", total=30, paid=0, created_at=at, updated_at=at)
    for minute in (30, 0):
        made = local(f"2026-11-21 {11 if minute else 10}:{minute:02d}")
        salon.client(salon.row("2026-12-01 10:00"), payment_id=payment, created_at=made)
    shown = last_shown(salon)
    for line in (1, 2):
        salon.remove("customer_appointments", line)
    assert meant(salon, shown) == {"ca:1"}


def test_a_line_from_before_the_visit_was_made_is_about_an_earlier_row_of_that_number(salon: Salon) -> None:
    salon.visit("2026-12-01 10:00")
    shown = last_shown(salon)
    salon.remove("customer_appointments", 1)
    log(salon, "customer_appointments", 1, local("2026-11-01 07:00"))
    assert meant(salon, shown) == set()
    log(salon, "customer_appointments", 1)
    assert meant(salon, shown) == {"ca:1"}


@pytest.mark.parametrize("line", [{"action": "update"}, {"target": "wp_bookly_customers"}, {"target_id": 2}])
def test_other_lines_are_no_evidence(sqlite_salon: Salon, line: dict[str, Any]) -> None:
    sqlite_salon.visit("2026-12-01 10:00")
    shown = last_shown(sqlite_salon)
    sqlite_salon.remove("customer_appointments", 1)
    usual = {"action": "delete", "target": "wp_bookly_customer_appointments", "target_id": 1, "details": "no json"}
    sqlite_salon.add("log", created_at=local("2026-11-21 11:59"), **usual | line)
    assert meant(sqlite_salon, shown) == set()


def test_without_a_log_nothing_was_meant(sqlite_salon: Salon) -> None:
    sqlite_salon.visit("2026-12-01 10:00")
    shown = last_shown(sqlite_salon)
    office(sqlite_salon).delete(1)
    with sqlite_salon.engine.begin() as connection:
        connection.exec_driver_sql("DROP TABLE wp_bookly_log")
    reader = BooklyReader(sqlite_salon.door(), lambda: NOW + timedelta(minutes=1))
    assert reader.meant_to_be_gone(shown, shown) == frozenset()


def test_what_nobody_remembers_was_not_meant(sqlite_salon: Salon) -> None:
    assert sqlite_salon.reader.meant_to_be_gone([ref("ca:1")], {}) == frozenset()
