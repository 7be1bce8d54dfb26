"""Percentiles over time, from what several flushes left; old minutes go and their sums stay."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import Engine

from sync.store import sketches, tallies
from sync.store.connection import reading, writing
from sync.telemetry import names
from sync.telemetry.collecting import Telemetry
from sync.telemetry.percentiles import HOURS_KEPT, MINUTES_KEPT, by_label, percentiles, roll

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)


def took(store: Engine, at: datetime, *values: float, source: str = "webhook") -> None:
    telemetry = Telemetry()
    for value in values:
        telemetry.took(names.HINT_WHOLE, value, "square", source)
        telemetry.count(names.HINTS, "square", "applied")
    telemetry.flush(store, at)


def test_each_hour_has_its_percentiles_in_time_order(store: Engine) -> None:
    took(store, NOON + HOUR, *range(1, 101))
    took(store, NOON, 5.0)
    with reading(store) as conn:
        found = percentiles(conn, names.HINT_WHOLE, NOON, NOON + 2 * HOUR)
    assert found.at.tolist() == [NOON.timestamp(), (NOON + HOUR).timestamp()]
    assert found.count.tolist() == [1, 100]
    assert found.values[0].tolist() == pytest.approx([5, 5, 5], rel=0.01)
    assert found.values[1].tolist() == pytest.approx([50, 95, 99], rel=0.01)


def test_series_are_taken_together_or_one_is_asked_for(store: Engine) -> None:
    took(store, NOON, 1.0, 1.0, source="webhook")
    took(store, NOON, 9.0, source="poll")
    with reading(store) as conn:
        both = percentiles(conn, names.HINT_WHOLE, NOON, NOON + HOUR, wanted=(0.5, 1.0))
        polled = percentiles(conn, names.HINT_WHOLE, NOON, NOON + HOUR, ("square", "poll"), wanted=(0.5, 1.0))
        each = by_label(conn, names.HINT_WHOLE, NOON, NOON + HOUR, wanted=(1.0,))
    assert (both.count.tolist(), both.values[0].tolist()) == ([3], pytest.approx([1, 9], rel=0.01))
    assert (polled.count.tolist(), polled.values[0].tolist()) == ([1], pytest.approx([9, 9], rel=0.01))
    assert [(one.labels, one.count) for one in each] == [(("square", "poll"), 1), (("square", "webhook"), 2)]
    assert [one.values[0] for one in each] == pytest.approx([9, 1], rel=0.01)


def test_stretches_longer_than_the_grain_are_put_together(store: Engine) -> None:
    for minute in range(10):
        took(store, NOON + timedelta(minutes=minute), float(minute + 1))
    with reading(store) as conn:
        fives = percentiles(conn, names.HINT_WHOLE, NOON, NOON + HOUR, grain="minute", every=300.0, wanted=(1.0,))
        one = percentiles(conn, names.HINT_WHOLE, NOON, NOON + HOUR, grain="minute", every=float("inf"), wanted=(1.0,))
    assert (fives.count.tolist(), fives.values[:, 0].tolist()) == ([5, 5], pytest.approx([5, 10], rel=0.01))
    assert (one.count.tolist(), one.values[0, 0]) == ([10], pytest.approx(10, rel=0.01))


def test_only_what_was_asked_for_is_read(store: Engine) -> None:
    for hour in range(3):
        took(store, NOON + hour * HOUR, 1.0)
    with reading(store) as conn:
        found = percentiles(conn, names.HINT_WHOLE, NOON + HOUR, NOON + 2 * HOUR)
        nothing = percentiles(conn, names.EXPOSURE, NOON, NOON + 9 * HOUR)
    assert found.at.tolist() == [(NOON + HOUR).timestamp()]
    assert nothing.values.shape == (0, 3) and by_label_is_empty(store)


def by_label_is_empty(store: Engine) -> bool:
    with reading(store) as conn:
        return by_label(conn, names.EXPOSURE, NOON, NOON + HOUR) == ()


def test_old_minutes_go_and_hours_keep_what_was_in_them(store: Engine) -> None:
    old, recent = NOON - MINUTES_KEPT - HOUR, NOON - HOUR
    for at in (old, old + timedelta(minutes=5), recent):
        took(store, at, 1.0, 2.0)
    with reading(store) as conn:
        before = percentiles(conn, names.HINT_WHOLE, old - HOUR, NOON)
    with writing(store) as conn:
        assert roll(conn, NOON) == 4
    with reading(store) as conn:
        minutes = tallies.between(conn, "minute", "hints", old - HOUR, NOON)
        hours = tallies.between(conn, "hour", "hints", old - HOUR, NOON)
        after = percentiles(conn, names.HINT_WHOLE, old - HOUR, NOON)
        kept_minutes = sketches.between(conn, "minute", "hint_whole", old - HOUR, NOON)
    assert [one.value for one in minutes] == [2] and [one.amount for one in kept_minutes] == [2]
    assert [one.value for one in hours] == [4, 2]
    assert after.count.tolist() == before.count.tolist() == [4, 2]
    assert after.values.tolist() == before.values.tolist()


def test_old_hours_go_and_the_total_keeps_what_was_in_them(store: Engine) -> None:
    took(store, NOON - HOURS_KEPT - HOUR, 1.0)
    took(store, NOON, 2.0)
    with writing(store) as conn:
        roll(conn, NOON)
    with reading(store) as conn:
        assert [one.value for one in tallies.between(conn, "hour", "hints", 0.0, NOON + HOUR)] == [1]
        assert [one.value for one in tallies.total(conn)] == [2]
        assert [one.amount for one in sketches.total(conn)] == [2]
