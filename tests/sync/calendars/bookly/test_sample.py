"""The rows of a running Bookly, with what is known to be true of them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import combinations
from pathlib import Path

import pytest

from practice_salon.bookly.load import load
from sync.calendars.bookly import BooklyReader, open_bookly
from sync.model import Appointment, Snapshot, Standing, Window

SAMPLE = Path(__file__).parents[3] / "data" / "bookly-27.4-sample.json"
WINDOW = Window(datetime(2026, 6, 1, tzinfo=UTC), datetime(2027, 12, 31, tzinfo=UTC))
FACTS = json.loads(SAMPLE.read_text())["meta"]["seed_facts"]


@pytest.fixture
def sample(bookly_url: str) -> Iterator[Snapshot]:
    load(bookly_url, SAMPLE)
    door = open_bookly(bookly_url)
    yield BooklyReader(door, lambda: datetime(2026, 11, 21, 12, tzinfo=UTC)).snapshot(WINDOW)
    door.close()


def standing(sample: Snapshot) -> list[Appointment]:
    return [a for a in sample.appointments if a.stands]


def meeting(sample: Snapshot) -> tuple[list[list[int]], list[list[int]]]:
    """Pairs of rows whose cores meet, and pairs of which only the busy times do."""
    cores, paddings = [], []
    for one, other in combinations(standing(sample), 2):
        for a in one.parts:
            for b in other.parts:
                pair = sorted((int(a.unit), int(b.unit)))
                if a.unit != b.unit and a.span.core_meets(b.span):
                    cores.append(pair)
                elif a.unit != b.unit and a.span.busy_meets(b.span):
                    paddings.append(pair)
    return sorted(cores), paddings


def test_the_samples_clashes_are_what_was_planted_and_nothing_else(sample: Snapshot) -> None:
    cores, paddings = meeting(sample)
    assert cores == sorted(FACTS["double_bookings"])
    assert paddings == FACTS["padding_only_clash"]
    assert {int(a.units[0]) for a in standing(sample) if a.unit_persons > a.capacity} == set(
        FACTS["over_capacity_rows"]
    )
    assert sample.unreadable == ()


def test_the_samples_rows_are_known_under_the_right_names(sample: Snapshot) -> None:
    shown = {a.ref.key: a for a in sample.appointments}
    assert shown["row:415"].label == "Blocked: dentist" and shown["row:415"].clients == ()
    assert shown["row:415"].start == datetime(2026, 11, 25, 22, tzinfo=UTC)
    assert not any("419" in a.units for a in sample.appointments), "the task has no time"
    assert len([a for a in sample.appointments if a.is_class]) == FACTS["group_rows"]
    assert len([key for key in shown if key.startswith("compound:")]) == 4
    assert shown["ca:361"].standing is Standing.CANCELLED and shown["ca:436"].stands
    assert shown["ca:361"].units == shown["ca:436"].units == ("361",)


def test_the_samples_waiting_clients_keep_no_chair(sample: Snapshot) -> None:
    waiting = {int(a.units[0]) for a in sample.appointments if a.standing is Standing.WAITING}
    assert waiting == set(FACTS["waitlisted_on"])


def test_the_samples_staff_hours_and_holidays_are_read(sample: Snapshot) -> None:
    staff = {member.id: member for member in sample.directory.staff}
    assert not staff["6"].active and staff["5"].active
    assert (6, "10:00", "12:30") in staff["1"].hours and (6, "13:00", "16:00") in staff["1"].hours
    assert not any(weekday == 0 for weekday, *_ in staff["1"].hours), "closed on Mondays"
    assert staff["1"].days_off == {"2026-12-25"}
    assert staff["3"].days_off == {"2026-12-25", "2026-12-01"}
    assert staff["3"].services == {"6", "7"}
    services = {service.id: service for service in sample.directory.services}
    assert (services["3"].before_minutes, services["3"].after_minutes, services["3"].minutes) == (10, 15, 90)
    assert not services["9"].active, "a compound service never stands on a row"
    assert sample.directory.timezone == "America/Chicago"
