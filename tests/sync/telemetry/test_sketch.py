"""Sketches: percentiles within one percent, and adding up exactly in any order."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sync.telemetry.sketch import ACCURACY, SMALLEST, Sketch, quantiles

WANTED = (0.0, 0.25, 0.5, 0.95, 0.99, 1.0)
values = st.floats(0, 1e7, allow_nan=False) | st.floats(SMALLEST, 1.0)
samples = st.lists(values, min_size=1, max_size=60)


def sketch_of(sample: list[float]) -> Sketch:
    made = Sketch()
    for value in sample:
        made.add(value)
    return made


def exact(sample: list[float], quantile: float) -> float:
    return sorted(sample)[math.floor(quantile * (len(sample) - 1))]


def read(*blobs: bytes) -> list[float]:
    """The wanted quantiles of all blobs together."""
    found: list[float] = quantiles(np.zeros(len(blobs), np.intp), blobs, WANTED)[0].tolist()
    return found


@given(samples)
def test_every_percentile_is_within_one_percent_of_the_exact_one(sample: list[float]) -> None:
    for quantile, value in zip(WANTED, read(sketch_of(sample).to_bytes()), strict=True):
        true = exact(sample, quantile)
        assert abs(value - true) <= ACCURACY * true * (1 + 1e-9) + SMALLEST


@given(st.lists(samples, min_size=1, max_size=5), st.randoms())
def test_sketches_merged_in_any_order_equal_one_of_all(parts: list[list[float]], chance: object) -> None:
    whole = sketch_of([value for part in parts for value in part])
    chance.shuffle(parts)  # type: ignore[attr-defined]
    merged = Sketch()
    for part in parts:
        merged.merge(Sketch.from_bytes(sketch_of(part).to_bytes()))
    assert merged.to_bytes() == whole.to_bytes()
    assert read(*(sketch_of(part).to_bytes() for part in parts)) == read(whole.to_bytes())


@given(samples)
def test_what_is_kept_is_what_was_there(sample: list[float]) -> None:
    made = sketch_of(sample)
    again = Sketch.from_bytes(made.to_bytes())
    assert (again.count, again.sum) == (len(sample), made.sum)
    assert again.sum == pytest.approx(sum(sample), abs=1e-5)


@pytest.mark.parametrize("times", [1, 255, 256, 65_535, 65_536])
def test_counts_of_every_width_are_kept(times: int) -> None:
    made = Sketch()
    made.add(2.0)
    doubled = Sketch()
    for _ in range(times):
        doubled.merge(made)
    again = Sketch.from_bytes(doubled.to_bytes())
    assert (again.count, again.sum) == (times, 2.0 * times)


def test_counts_beyond_four_billion_are_kept_and_read_off() -> None:
    made = sketch_of([1.0, 3.0, 3.0])
    for _ in range(33):
        made.merge(made)
    again = Sketch.from_bytes(made.to_bytes())
    assert again.count == 3 * 2**33
    assert read(made.to_bytes(), made.to_bytes())[:3] == pytest.approx([1, 1, 3], rel=ACCURACY)


def test_each_row_is_read_off_by_itself() -> None:
    blobs = [sketch_of(sample).to_bytes() for sample in ([1.0, 1.0], [0.0], [100.0], [3.0])]
    found = quantiles(np.array([0, 1, 2, 2]), blobs, (0.0, 1.0))
    assert found == pytest.approx(np.array([[1, 1], [0, 0], [3, 100]]), rel=ACCURACY)


def test_a_row_without_a_value_has_none() -> None:
    assert np.isnan(quantiles(np.array([0]), [Sketch().to_bytes()], (0.5,))).all()
    assert quantiles(np.array([], np.intp), [], (0.5,)).shape == (0, 1)


@given(samples, st.floats(0.01, 1000))
def test_how_many_are_below_a_bound_is_right_within_the_accuracy(sample: list[float], bound: float) -> None:
    found = sketch_of(sample).below(bound)
    lowest = sum(value <= bound * (1 - 2.1 * ACCURACY) for value in sample)
    assert lowest <= found <= sum(value <= bound * (1 + 2.1 * ACCURACY) for value in sample)
    assert found >= sum(value <= bound for value in sample)


def test_clocks_that_disagree_make_no_negative_time() -> None:
    made = sketch_of([-3.0, 0.0, 1.0])
    assert (made.count, made.sum, read(made.to_bytes())[0]) == (3, 1.0, 0.0)


@pytest.mark.parametrize("odd", [math.inf, math.nan])
def test_what_is_no_number_is_refused(odd: float) -> None:
    with pytest.raises(ValueError, match="cannot be measured"):
        Sketch().add(odd)


@pytest.mark.parametrize("odd", [b"", b"\x02" + bytes(30), b"\x01\x03" + bytes(30), bytes(5)])
def test_a_blob_of_another_kind_is_refused(odd: bytes) -> None:
    with pytest.raises(ValueError, match="no sketch"):
        Sketch.from_bytes(odd)
