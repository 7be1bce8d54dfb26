"""A running Bookly's own rows beside an empty Square, by the commands as a person types them: its planted truth."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from practice_salon.bookly.load import load
from tests.jobs.looking import look_at
from tests.jobs.salon import SAMPLE, Salon, clashes, planted
from tests.jobs.shape import assert_shape

MADE = datetime(2026, 11, 21, 10, tzinfo=UTC)
DAYS = [MADE + timedelta(days=days) for days in (-1500, -31, 0, 1, 4, 20, 26, 60, 4000)]

EXPECTED = {
    ("double_booking", "Lena Fischer", "2026-11-22T19:45:00+00:00", "2026-11-22T20:00:00+00:00", (227, 412)),
    ("double_booking", "Lena Fischer", "2026-12-11T01:00:00+00:00", "2026-12-11T01:30:00+00:00", (308, 411)),
    ("double_booking", "Lena Fischer", "2026-12-17T19:45:00+00:00", "2026-12-17T20:00:00+00:00", (330, 410)),
    ("padding_clash", "Maria Alvarez", "2026-11-25T00:05:00+00:00", "2026-11-25T00:15:00+00:00", (228, 413)),
    ("over_capacity", "Dana Brooks", "2026-12-12T00:15:00+00:00", "2026-12-12T01:00:00+00:00", (310,)),
    ("over_capacity", "Priya Nair", "2026-12-15T23:30:00+00:00", "2026-12-16T00:30:00+00:00", (322,)),
}


def told(found: list[dict[str, Any]]) -> set[tuple[str, str, str, str, tuple[int, ...]]]:
    chosen = [one for one in found if one["kind"] in {"double_booking", "padding_clash", "over_capacity"}]
    return {
        (o["kind"], o["staff"], o["start"], o["end"], tuple(sorted(int(a["id"]) for a in o["appointments"])))
        for o in chosen
    }


def test_the_commands_as_typed_report_exactly_the_planted_truth(
    tmp_path: Path, empty_square: str, either_bookly: str
) -> None:
    salon = Salon(tmp_path, either_bookly, empty_square)
    salon.load_as_typed()
    found = salon.reconciled()
    assert_shape(found)
    assert clashes(found) == planted()
    assert told(found) == EXPECTED
    assert {a["channel"] for one in found for a in one["appointments"]} == {"bookly"}


def test_the_day_for_which_it_is_typed_changes_only_what_is_past(salon: Salon) -> None:
    salon.load()
    found = salon.reconciled("--now", "2026-12-15T23:45:00Z")
    assert_shape(found)
    assert told(found) == EXPECTED
    assert_past(found, datetime(2026, 12, 15, 23, 45, tzinfo=UTC))
    timeless = [one for one in found if not one["appointments"]]
    assert {one["kind"] for one in timeless} == {"unmapped_staff", "unmapped_service"}
    assert {one["staff"] for one in timeless if one["kind"] == "unmapped_staff"} >= {"Lena Fischer", "Maria Alvarez"}


def assert_past(found: list[dict[str, Any]], now: datetime) -> None:
    """Past is what ended by then; what is about no visit never is."""
    for one in found:
        assert one["past"] == (bool(one["appointments"]) and datetime.fromisoformat(one["end"]) <= now)


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> str:
    url = f"sqlite:///{tmp_path_factory.mktemp('bookly')}/bookly.db"
    load(url, SAMPLE)
    return url


@pytest.mark.parametrize("now", DAYS, ids=lambda day: day.date().isoformat())
def test_on_any_day_every_look_reports_the_same(sample: str, tmp_path: Path, now: datetime) -> None:
    for _ in range(2):
        done, found = look_at(sample, tmp_path, now)
        assert done.whole
        assert_shape(found)
        assert told(found) == EXPECTED
        assert_past(found, now)
