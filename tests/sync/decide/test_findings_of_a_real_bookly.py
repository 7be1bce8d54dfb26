"""A running Bookly's own rows, whose planted truth is known: exactly its clashes, on whatever day one looks."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from practice_salon.bookly.load import load
from sync.calendars.bookly import BooklyReader, open_bookly
from sync.decide.findings import find
from sync.decide.view import View, WholeRead
from sync.model import Finding, Kind, Side, Snapshot, Window, people

SAMPLE = Path(__file__).parents[2] / "data" / "bookly-27.4-sample.json"
EVER = Window(datetime(1970, 1, 1, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC))
MADE = datetime(2026, 11, 21, 10, tzinfo=UTC)

DAYS = [MADE + timedelta(days=days) for days in (-300, 0, 1, 20, 3000)]


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Snapshot:
    url = f"sqlite:///{tmp_path_factory.mktemp('bookly') / 'bookly.db'}"
    load(url, SAMPLE)
    door = open_bookly(url)
    try:
        return BooklyReader(door).snapshot(EVER)
    finally:
        door.close()


def found_on(sample: Snapshot, now: datetime) -> tuple[Finding, ...]:
    """With Square read whole and empty."""
    return find(
        View(
            now=now,
            appointments={a.ref: a for a in sample.appointments},
            changed={a.ref: now for a in sample.appointments},
            people=people(sample.directory.staff, (), {}),
            services=sample.directory.services,
            reads=dict.fromkeys(Side, WholeRead(now, EVER)),
            timezone=sample.directory.timezone,
        )
    )


def units(found: tuple[Finding, ...], kind: Kind) -> set[tuple[int, ...]]:
    return {tuple(sorted(int(c.unit) for c in f.concerned)) for f in found if f.kind is kind}


@pytest.mark.parametrize("now", DAYS, ids=lambda day: day.date().isoformat())
def test_the_planted_truth_is_found_and_nothing_else_of_these_kinds(sample: Snapshot, now: datetime) -> None:
    facts = json.loads(SAMPLE.read_text())["meta"]["seed_facts"]
    found = found_on(sample, now)
    assert units(found, Kind.DOUBLE_BOOKING) == {tuple(sorted(pair)) for pair in facts["double_bookings"]}
    assert units(found, Kind.PADDING_CLASH) == {tuple(sorted(pair)) for pair in facts["padding_only_clash"]}
    assert units(found, Kind.OVER_CAPACITY) == {(row,) for row in facts["over_capacity_rows"]}


def test_the_padding_clash_is_ten_minutes_of_marias_afternoon(sample: Snapshot) -> None:
    (clash,) = (f for f in found_on(sample, MADE) if f.kind is Kind.PADDING_CLASH)
    assert (clash.staff, clash.detail["minutes"]) == ("Maria Alvarez", 10)
    assert (clash.start, clash.end) == (
        datetime(2026, 11, 25, 0, 5, tzinfo=UTC),
        datetime(2026, 11, 25, 0, 15, tzinfo=UTC),
    )


def test_everybody_with_visits_ahead_waits_to_be_matched_and_nothing_is_missing(sample: Snapshot) -> None:
    found = found_on(sample, MADE)
    ahead = {part.span.staff for a in sample.appointments if a.stands and a.parts and a.end > MADE for part in a.parts}
    active = {member.id for member in sample.directory.staff if member.active}
    assert {f.detail["id"] for f in found if f.kind is Kind.UNMAPPED_STAFF} == ahead & active
    assert not [f for f in found if f.kind in (Kind.MISSING_IN_SQUARE, Kind.DRIFT, Kind.SAME_VISIT)]
