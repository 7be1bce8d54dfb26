"""What Bookly's rows mean: who takes the chair, when, and under which name."""

from __future__ import annotations

from datetime import timedelta

import pytest
import sqlalchemy as sa

from sync.model import Standing
from tests.sync.calendars.bookly.salon import ANNA, BEN, CLASS, COLOUR, CUT, MARIA, THEO, YEAR, Salon, utc


@pytest.mark.parametrize(
    ("status", "standing", "anomaly"),
    [
        ("approved", Standing.STANDS, None),
        ("pending", Standing.STANDS, None),
        ("cancelled", Standing.CANCELLED, None),
        ("rejected", Standing.CANCELLED, None),
        ("done", Standing.OVER, None),
        ("waitlisted", Standing.WAITING, None),
        ("misspelt", Standing.UNKNOWN, "unknown_status"),
    ],
)
def test_each_status_word_has_its_standing(
    sqlite_salon: Salon, status: str, standing: Standing, anomaly: str | None
) -> None:
    line = sqlite_salon.client(sqlite_salon.row("2026-12-01 10:00"), status=status)
    shown = sqlite_salon.shown()[f"ca:{line}"]
    assert (shown.standing, shown.status, shown.anomaly) == (standing, status, anomaly)


def test_a_customers_booking_is_known_by_its_own_id_and_carries_who_comes(salon: Salon) -> None:
    row = salon.row("2026-12-01 10:00", 30)
    line = salon.client(row)
    visit = salon.shown()[f"ca:{line}"]
    assert (visit.start, visit.end) == (utc("2026-12-01 10:00"), utc("2026-12-01 10:30"))
    assert visit.units == (str(row),) and visit.parts[0].service == str(CUT) and visit.parts[0].service_name == "Cut"
    client = visit.clients[0]
    assert (client.key, client.name, client.phone, client.email) == (
        str(ANNA), "Anna Abbott", "+13125550111", "anna@mail.example",
    )  # fmt: skip
    assert visit.made_at == utc("2026-11-01 09:00")
    assert (visit.persons, visit.capacity, visit.unit_persons, visit.is_class) == (1, 1, 1, False)


def test_names_are_put_together_where_only_first_and_last_are_kept(sqlite_salon: Salon) -> None:
    sqlite_salon.customer(7, "", first_name="Zoe", last_name="Tully")
    line = sqlite_salon.visit("2026-12-01 10:00", customer=7)
    assert sqlite_salon.shown()[f"ca:{line}"].clients[0].name == "Zoe Tully"


def test_paddings_lie_around_the_core_and_extras_within_it(salon: Salon) -> None:
    row = salon.row("2026-12-01 10:00", 90, service_id=COLOUR, extras_duration=20 * 60)
    line = salon.client(row)
    span = salon.shown()[f"ca:{line}"].parts[0].span
    assert (span.start, span.end) == (utc("2026-12-01 10:00"), utc("2026-12-01 11:50"))
    assert (span.busy_start, span.busy_end) == (utc("2026-12-01 09:50"), utc("2026-12-01 11:50"))


def test_a_block_is_known_by_its_row_and_has_no_padding(salon: Salon) -> None:
    row = salon.row(
        "2026-12-01 16:00", 60, service_id=None, custom_service_name="Dentist",
        internal_note="asked by phone\nslotkeeper:a1:9:0",
    )  # fmt: skip
    block = salon.shown()[f"row:{row}"]
    assert (block.standing, block.label, block.mark) == (Standing.STANDS, "Dentist", "slotkeeper:a1:9:0")
    assert block.clients == () and block.parts[0].service is None
    span = block.parts[0].span
    assert (span.start, span.end) == (span.busy_start, span.busy_end)


def test_a_client_without_a_service_is_a_visit_with_its_own_label(sqlite_salon: Salon) -> None:
    line = sqlite_salon.visit("2026-12-01 16:00", 60, service_id=None, custom_service_name="Wedding hair")
    visit = sqlite_salon.shown()[f"ca:{line}"]
    assert (visit.stands, visit.label, visit.capacity) == (True, "Wedding hair", 1)


def test_two_clients_on_one_row_are_two_visits_and_over_its_capacity(salon: Salon) -> None:
    row = salon.row("2026-12-01 10:00")
    lines = salon.client(row, ANNA), salon.client(row, BEN)
    shown = salon.shown()
    for line in lines:
        visit = shown[f"ca:{line}"]
        assert (visit.units, visit.unit_persons, visit.capacity) == ((str(row),), 2, 1)


def test_a_reused_row_keeps_the_cancelled_client_and_the_new_one_apart(salon: Salon) -> None:
    row = salon.row("2026-12-01 10:00")
    anna, ben = salon.client(row, ANNA, "cancelled"), salon.client(row, BEN)
    shown = salon.shown()
    assert shown[f"ca:{anna}"].standing is Standing.CANCELLED
    assert shown[f"ca:{ben}"].stands and shown[f"ca:{ben}"].unit_persons == 1


def test_a_class_is_one_appointment_of_those_who_stand(salon: Salon) -> None:
    row = salon.row("2026-12-01 18:00", 60, service_id=CLASS)
    salon.client(row, ANNA, persons=2)
    salon.client(row, BEN, "pending", persons=3)
    salon.customer(3, "Carla Castell")
    salon.client(row, 3, "cancelled")
    shown = salon.shown()
    assert set(shown) == {f"row:{row}"}
    group = shown[f"row:{row}"]
    assert (group.is_class, group.stands, group.persons, group.unit_persons, group.capacity) == (True, True, 5, 5, 6)
    assert {client.name for client in group.clients} == {"Anna Abbott", "Ben Barros"}


def test_a_class_is_cancelled_only_when_everybody_is(sqlite_salon: Salon) -> None:
    row = sqlite_salon.row("2026-12-01 18:00", 60, service_id=CLASS)
    line = sqlite_salon.client(row, ANNA)
    sqlite_salon.client(row, BEN, "cancelled")
    assert sqlite_salon.shown()[f"row:{row}"].stands
    sqlite_salon.set("customer_appointments", line, status="rejected")
    assert sqlite_salon.shown()[f"row:{row}"].standing is Standing.CANCELLED


def test_capacity_is_that_of_the_staff_member_without_a_location(sqlite_salon: Salon) -> None:
    salon = sqlite_salon
    salon.add("staff_services", staff_id=MARIA, service_id=CUT, location_id=4, capacity_max=9)
    line = salon.visit("2026-12-01 10:00")
    assert salon.shown()[f"ca:{line}"].capacity == 1


def test_a_service_that_the_person_does_not_do_takes_one(sqlite_salon: Salon) -> None:
    sqlite_salon.service(8, "Piercing", 10)
    line = sqlite_salon.visit("2026-12-01 10:00", service_id=8)
    assert sqlite_salon.shown()[f"ca:{line}"].capacity == 1


def test_where_one_booking_fills_the_slot_a_second_is_over_capacity(sqlite_salon: Salon) -> None:
    salon = sqlite_salon
    salon.set("services", CLASS, one_booking_per_slot=1)
    row = salon.row("2026-12-01 18:00", 60, service_id=CLASS)
    salon.client(row, ANNA, persons=4)
    assert salon.shown()[f"row:{row}"].capacity == 6
    salon.client(row, BEN)
    group = salon.shown()[f"row:{row}"]
    assert group.unit_persons > group.capacity


def compound(
    salon: Salon, first_status: str = "approved", second_status: str = "approved"
) -> tuple[int, int, int, int]:
    """Cut 10:00 with Maria and Colour 10:30 with Theo as one service: (first row, second row, first id, second id)."""
    one, two = salon.row("2026-12-01 10:00"), salon.row("2026-12-01 10:30", 90, THEO, service_id=COLOUR)
    first = salon.client(one, ANNA, first_status, compound_token="tie", compound_service_id=9)
    second = salon.client(two, ANNA, second_status, compound_token="tie", compound_service_id=9)
    return one, two, first, second


def test_the_parts_of_a_compound_service_are_one_visit(salon: Salon) -> None:
    one, two, first, _ = compound(salon)
    shown = salon.shown()
    assert set(shown) == {f"compound:{first}"}
    visit = shown[f"compound:{first}"]
    assert visit.units == (str(one), str(two))
    assert [part.span.staff for part in visit.parts] == [str(MARIA), str(THEO)]
    assert (visit.start, visit.end) == (utc("2026-12-01 10:00"), utc("2026-12-01 12:00"))
    assert [client.name for client in visit.clients] == ["Anna Abbott"]


def test_a_cancelled_part_of_a_compound_service_takes_no_chair(salon: Salon) -> None:
    one, _, first, _ = compound(salon, second_status="cancelled")
    visit = salon.shown()[f"compound:{first}"]
    assert visit.stands and visit.units == (str(one),)


def test_a_task_without_a_time_is_no_appointment(salon: Salon) -> None:
    salon.client(salon.row(None))
    snapshot = salon.reader.snapshot(YEAR)
    assert snapshot.appointments == () and snapshot.unreadable == ()


@pytest.mark.parametrize(
    ("minutes", "anomaly"), [(None, "no_end"), (0, "not_positive_length"), (-30, "not_positive_length")]
)
def test_a_row_without_a_sensible_end_is_shown_and_takes_no_chair(
    salon: Salon, minutes: int | None, anomaly: str
) -> None:
    line = salon.visit("2026-12-01 10:00", minutes)  # type: ignore[arg-type]
    block = salon.row("2026-12-01 12:00", minutes, service_id=None)
    shown = salon.shown()
    for key in (f"ca:{line}", f"row:{block}"):
        assert (shown[key].standing, shown[key].anomaly) == (Standing.UNKNOWN, anomaly)
        span = shown[key].parts[0].span
        assert timedelta(0) < span.end - span.start <= timedelta(minutes=1)
    assert salon.reader.around(str(MARIA), utc("2026-12-01 09:00"), utc("2026-12-01 13:00")) == ()


def test_nobody_coming_takes_no_chair(salon: Salon) -> None:
    row = salon.row("2026-12-01 10:00")
    line = salon.client(row, persons=0)
    visit = salon.shown()[f"ca:{line}"]
    assert (visit.standing, visit.anomaly, visit.unit_persons) == (Standing.UNKNOWN, "no_persons", 0)


def test_a_service_without_a_client_is_an_anomaly_and_nobodys_chair(salon: Salon) -> None:
    row = salon.row("2026-12-01 10:00")
    shown = salon.shown()[f"row:{row}"]
    assert (shown.standing, shown.anomaly, shown.persons) == (Standing.UNKNOWN, "service_without_client", 0)


def test_an_unpaid_online_booking_is_told_from_one_paid_at_the_salon(salon: Salon) -> None:
    def paid(kind: str, status: str) -> int:
        return salon.add("payments", type=kind, status=status, total="10", paid="0",
                         created_at=utc("2026-11-01 09:00").replace(tzinfo=None),
                         updated_at=utc("2026-11-01 09:00").replace(tzinfo=None))  # fmt: skip

    online = salon.client(salon.row("2026-12-01 10:00"), payment_id=paid("stripe", "pending"))
    settled = salon.client(salon.row("2026-12-01 12:00"), payment_id=paid("stripe", "completed"))
    at_desk = salon.client(salon.row("2026-12-01 14:00"), payment_id=paid("local", "pending"))
    unpaid = {key: visit.unpaid for key, visit in salon.shown().items()}
    assert unpaid == {f"ca:{online}": True, f"ca:{settled}": False, f"ca:{at_desk}": False}


def test_custom_statuses_keep_the_chair_when_the_add_on_says_so(salon: Salon) -> None:
    with salon.engine.begin() as connection:
        connection.execute(sa.text("CREATE TABLE wp_bookly_custom_statuses (slug VARCHAR(80), busy INT)"))
        connection.execute(sa.text("INSERT INTO wp_bookly_custom_statuses VALUES ('arrived', 1), ('no-answer', 0)"))
    busy = salon.client(salon.row("2026-12-01 10:00"), status="arrived")
    free = salon.client(salon.row("2026-12-01 12:00"), status="no-answer")
    shown = salon.shown()
    assert shown[f"ca:{busy}"].stands
    assert (shown[f"ca:{free}"].standing, shown[f"ca:{free}"].anomaly) == (Standing.UNKNOWN, None)


def test_one_bad_row_never_stops_the_read(sqlite_salon: Salon) -> None:
    salon = sqlite_salon
    good, bad = salon.visit("2026-12-01 10:00"), salon.visit("2026-12-01 12:00")
    row = salon.rows("customer_appointments")[bad]["appointment_id"]
    with salon.engine.begin() as connection:
        connection.execute(sa.text("UPDATE wp_bookly_appointments SET end_date = 'Anna' WHERE id = :row"), {"row": row})
    snapshot = salon.reader.snapshot(YEAR)
    assert [a.ref.key for a in snapshot.appointments] == [f"ca:{good}"]
    ((name, sentence),) = snapshot.unreadable
    assert name == f"bookly/ca:{bad}"
    assert sentence == f"Appointment {row} in Bookly could not be understood: its end makes no sense."
