"""Charts over time: the marks, the holes, what an axis reaches."""

from __future__ import annotations

import math
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any

import plotly.graph_objects as go
import pytest

from dashboard.charts import spec
from dashboard.lines import MARKS, Line, Stretch, broken, durations, shares, size, stacked, tones

NINE = datetime.fromisoformat("2026-11-20T09:00")  # the salon's wall clock
MINUTE = timedelta(minutes=1)
HOUR = Stretch(NINE, NINE + timedelta(hours=1), MINUTE)


def _line(*values: float, gap: int = 0) -> Line:
    at = tuple(NINE + n * MINUTE + (timedelta(minutes=gap) if n else timedelta(0)) for n in range(len(values)))
    return Line("p95", "#000000", at, values)


def _axis(figure: go.Figure) -> dict[str, Any]:
    found: dict[str, Any] = spec(figure)["layout"]["yaxis"]
    return found


@pytest.mark.parametrize("values", [(0.004, 0.005), (1.0, 3.0), (50.0, 90_000.0), ()])
def test_the_lines_at_2_s_1_min_and_15_min_are_in_sight_whatever_was_measured(values: tuple[float, ...]) -> None:
    made = durations([_line(*values)], HOUR, dark=False)
    low, high = _axis(made)["range"]
    assert _axis(made)["type"] == "log"
    drawn = [shape["y0"] for shape in spec(made)["layout"]["shapes"]]
    assert drawn == [2.0, 60.0, 900.0]
    assert all(low < math.log10(at) < high for at in (*drawn, *values))
    words = [(note["text"], note["y"]) for note in spec(made)["layout"]["annotations"]]
    assert words == [(word, pytest.approx(math.log10(at))) for at, (_, word) in MARKS.items()]


def test_a_tick_is_never_written_over_a_mark() -> None:
    ticks = _axis(durations([_line(0.002, 500_000.0)], HOUR, dark=False))["tickvals"]
    assert {*MARKS} <= {*ticks}
    ordered = sorted(ticks)
    assert all(after / before > 1.4 for before, after in pairwise(ordered))


def test_a_line_has_a_hole_where_nothing_was_measured() -> None:
    line = _line(1.0, 2.0, 3.0, gap=10)
    at, values = broken(line.at, line.values, MINUTE)
    assert values == [1.0, None, 2.0, 3.0]
    assert at == sorted(at)
    assert broken(line.at[1:], line.values[1:], MINUTE)[1] == [2.0, 3.0]


def test_a_point_that_stands_alone_is_a_dot() -> None:
    line = _line(1.0, 2.0, 3.0, gap=10)
    (trace,) = spec(durations([line], HOUR, dark=False))["data"]
    assert [dot > 0 for dot in trace["marker"]["size"]] == [True, False, False, False]
    assert [said for said in trace["customdata"] if said] == ["1.0 s", "2.0 s", "3.0 s"]


def test_next_to_nothing_looks_like_next_to_nothing() -> None:
    assert _axis(shares([_line(0.001, 0.002)], HOUR, dark=True))["range"][1] == pytest.approx(0.05)
    assert _axis(shares([_line(0.5)], HOUR, dark=True))["range"][1] == pytest.approx(0.55)


def test_counts_have_whole_numbers_at_their_ticks() -> None:
    for most in (0, 1, 34, 1403):
        axis = _axis(size([NINE], [most], [0], HOUR, dark=False))
        assert axis["dtick"] == int(axis["dtick"]) >= 1
        assert axis["range"][1] > most
    counts = {"Granted": ("#000000", [3, 4]), "Busy": ("#FF0000", [1, 9])}
    assert _axis(stacked([NINE, NINE + MINUTE], counts, HOUR, dark=False))["range"][1] >= 13


def test_percentiles_and_parts_are_told_apart_in_either_theme() -> None:
    for dark in (False, True):
        colours = tones(dark)
        for group in (("p50", "p95", "p99"), ("source_delay", "wait", "lock", "calls", "own")):
            assert len({colours[name] for name in group}) == len(group)
