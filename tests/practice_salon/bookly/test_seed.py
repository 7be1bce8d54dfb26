"""The believable salon in Bookly's tables."""

import itertools
from collections import Counter
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import sqlalchemy as sa

from practice_salon import PracticeError
from practice_salon.bookly.seed import rows, seed
from practice_salon.bookly.tables import create, open_engine, tables
from practice_salon.shop import Shop, shop

Row = dict[str, Any]
NOW = datetime(2026, 5, 12, 15, 40, tzinfo=UTC)
TODAY = NOW.astimezone(ZoneInfo("America/Chicago")).date()
SEEDS = range(5)


def spans(shop: Shop, made: dict[str, list[Row]]) -> list[tuple[int, datetime, datetime, int]]:
    """(staff, busy from, busy until, id) of every row with a time, whoever is on it, paddings and extras included."""
    services = {service.key: service for service in shop.services}
    found = []
    for row in made["appointments"]:
        if row["start_date"] is None:
            continue
        service = services.get(row["service_id"])
        left, right = (service.padding_left_min, service.padding_right_min) if service else (0, 0)
        end = row["end_date"] + timedelta(seconds=row["extras_duration"], minutes=right)
        found.append((row["staff_id"], row["start_date"] - timedelta(minutes=left), end, row["id"]))
    return found


@pytest.mark.parametrize("number", SEEDS)
def test_nothing_meets_anything_else_paddings_included(number: int) -> None:
    salon = shop(number)
    taken = sorted(spans(salon, rows(salon, NOW)))
    for a, b in itertools.pairwise(taken):
        assert a[0] != b[0] or a[2] <= b[1], (a, b)


@pytest.mark.parametrize("number", SEEDS)
def test_everything_lies_within_that_persons_hours(number: int) -> None:
    salon = shop(number)
    for staff, start, end, row in spans(salon, rows(salon, NOW)):
        hours = salon.hours[staff][start.weekday()]
        assert hours is not None, row
        assert hours[0] <= f"{start:%H:%M}" and f"{end:%H:%M}" <= hours[1] and start.date() == end.date(), row


@pytest.mark.parametrize("number", SEEDS)
def test_three_months_are_filled_from_60_days_back_to_30_ahead(number: int) -> None:
    made = rows(shop(number), NOW)
    days = {row["start_date"].date() for row in made["appointments"] if row["start_date"]}
    assert min(days) - TODAY >= timedelta(days=-60) and max(days) - TODAY <= timedelta(days=30)
    assert len(days) > 80
    assert 800 < len(made["appointments"]) < 3000


def test_every_person_is_booked_today_or_off_today() -> None:
    salon = shop(1)
    booked = {staff for staff, start, _, _ in spans(salon, rows(salon, NOW)) if start.date() == TODAY}
    assert len(booked) >= 3
    assert booked <= {staff for staff, week in salon.hours.items() if week[TODAY.weekday()]}


@pytest.mark.parametrize("number", SEEDS)
def test_the_odd_rows_of_a_real_bookly_are_all_there(number: int) -> None:
    made = rows(shop(number), NOW)
    on_row = Counter(row["appointment_id"] for row in made["customer_appointments"])
    appointments = {row["id"]: row for row in made["appointments"]}
    statuses = Counter(row["status"] for row in made["customer_appointments"])
    assert {"approved", "pending", "done", "cancelled", "rejected"} <= set(statuses)
    assert any(row["service_id"] is None and on_row[row["id"]] == 0 for row in made["appointments"]), "a block"
    assert any(row["custom_service_name"] and on_row[row["id"]] for row in made["appointments"]), "a custom service"
    assert any(row["start_date"] is None for row in made["appointments"]), "a task"
    assert any(row["extras_duration"] for row in made["appointments"]), "extras"
    assert any(appointments[i]["service_id"] == 12 and n > 1 for i, n in on_row.items()), "a class"
    assert any(row["series_id"] for row in made["customer_appointments"]), "a series"
    assert max(Counter(row.get("compound_token") for row in made["customer_appointments"] if row.get("compound_token"))
               .values()) == 2  # fmt: skip
    assert any(row["staff_id"] and row["date"] > TODAY for row in made["holidays"]), "a day off ahead"


@pytest.mark.parametrize("number", SEEDS)
def test_no_row_holds_more_people_than_it_takes(number: int) -> None:
    salon = shop(number)
    made = rows(salon, NOW)
    capacity = {service.key: service.capacity for service in salon.services}
    service = {row["id"]: row["service_id"] for row in made["appointments"]}
    people: Counter[int] = Counter()
    for row in made["customer_appointments"]:
        people[row["appointment_id"]] += row["number_of_persons"] * (row["status"] in ("approved", "pending", "done"))
    assert all(count <= capacity.get(service[row], 1) for row, count in people.items())


def test_nobody_is_cancelled_done_or_made_after_now() -> None:
    made = rows(shop(2), NOW)
    now = NOW.astimezone(ZoneInfo("America/Chicago")).replace(tzinfo=None)
    ends = {row["id"]: row["end_date"] for row in made["appointments"]}
    for row in made["customer_appointments"]:
        assert row["created_at"] <= now and row["updated_at"] <= now, row["id"]
        assert row["status"] != "done" or ends[row["appointment_id"]] < now, row["id"]


def test_the_same_seed_and_day_give_the_same_rows_and_another_seed_others() -> None:
    assert rows(shop(1), NOW) == rows(shop(1), NOW)
    assert rows(shop(1), NOW)["appointments"] != rows(shop(2), NOW)["appointments"]


def test_seeding_again_replaces_the_rows_and_the_zone_is_set(either_url: str) -> None:
    seed(either_url, shop(1), NOW)
    count = seed(either_url, shop(2), NOW)
    engine, bookly = open_engine(either_url), tables()
    with engine.connect() as connection:
        assert connection.scalar(sa.select(sa.func.count()).select_from(bookly.appointments)) == count
        zone = sa.select(bookly.options.c.option_value).where(bookly.options.c.option_name == "timezone_string")
        assert connection.scalar(zone) == "America/Chicago"
        assert connection.scalar(sa.select(bookly.appointments.c.created_from).limit(1)) == "bookly"
    engine.dispose()


def test_a_salon_that_cannot_be_written_is_told_in_a_sentence() -> None:
    with pytest.raises(PracticeError, match="could not be written"):
        seed("mysql+pymysql://nobody@127.0.0.1:1/none", shop(1), NOW)


def test_a_yearly_closed_day_has_a_company_row_and_one_for_each_person() -> None:
    made = rows(shop(1), NOW)["holidays"]
    christmas = [row for row in made if row["date"] == date(2026, 12, 25)]
    assert [row["staff_id"] for row in christmas] == [None, 1, 2, 3, 4, 5, 6]
    assert {row["parent_id"] for row in christmas[1:]} == {christmas[0]["id"]}


def test_another_prefix_leaves_the_first_site_alone(sqlite_url: str) -> None:
    seed(sqlite_url, shop(1), NOW)
    seed(sqlite_url, shop(2), NOW, prefix="wp_2_")
    engine = open_engine(sqlite_url)
    bookly = create(engine)
    with engine.connect() as connection:
        name = connection.scalar(sa.select(bookly.staff.c.full_name).where(bookly.staff.c.id == 4))
    assert name == shop(1).staff[3].name
    engine.dispose()
