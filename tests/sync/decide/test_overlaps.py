"""The search for overlaps against the plainest way to look for them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sync.decide import overlaps
from sync.decide.overlaps import Columns, IntArray, busy_times, cores, cores_and_paddings, overlapping


class Row(NamedTuple):
    staff: int
    unit: int
    start: int
    length: int
    before: int = 0
    after: int = 0

    @property
    def end(self) -> int:
        return self.start + self.length

    @property
    def core(self) -> tuple[int, int]:
        return self.start, self.end

    @property
    def busy(self) -> tuple[int, int]:
        return self.start - self.before, self.end + self.after


def columns(rows: Iterable[Row], base: int = 1_790_000_000) -> Columns:
    rows = list(rows)

    def of(*values: int) -> IntArray:
        return np.array(values, np.int64)

    return Columns(
        staff=of(*(r.staff for r in rows)),
        unit=of(*(r.unit for r in rows)),
        start=of(*(base + r.core[0] for r in rows)),
        end=of(*(base + r.core[1] for r in rows)),
        busy_start=of(*(base + r.busy[0] for r in rows)),
        busy_end=of(*(base + r.busy[1] for r in rows)),
    )


def pairs(found: IntArray) -> list[frozenset[int]]:
    return [frozenset(pair) for pair in found.tolist()]


def meet(one: tuple[int, int], other: tuple[int, int]) -> bool:
    return one[0] < other[1] and other[0] < one[1]


def oracle(rows: list[Row]) -> tuple[set[frozenset[int]], set[frozenset[int]]]:
    """Every two rows looked at, one by one."""
    double, padding = set(), set()
    for i, a in enumerate(rows):
        for j in range(i):
            b = rows[j]
            if a.staff != b.staff or a.unit == b.unit:
                continue
            if meet(a.core, b.core):
                double.add(frozenset((i, j)))
            elif meet(a.busy, b.busy):
                padding.add(frozenset((i, j)))
    return double, padding


TIMES = st.integers(0, 40)
ROWS = st.lists(
    st.builds(
        Row,
        staff=st.integers(0, 2),
        unit=st.integers(0, 12),
        start=TIMES,
        length=st.integers(1, 20),
        before=st.integers(0, 5),
        after=st.integers(0, 5),
    ),
    max_size=40,
)


@given(rows=ROWS)
@settings(max_examples=300, deadline=None)
def test_it_finds_exactly_what_looking_at_every_two_rows_finds(rows: list[Row]) -> None:
    double, padding = cores_and_paddings(columns(rows))
    assert (set(pairs(double)), set(pairs(padding))) == oracle(rows)
    assert len(double) == len(set(pairs(double))) and len(padding) == len(set(pairs(padding)))


@given(rows=ROWS)
@settings(max_examples=100, deadline=None)
def test_cores_alone_and_busy_times_alone_agree_with_both_together(rows: list[Row]) -> None:
    table = columns(rows)
    double, padding = cores_and_paddings(table)
    assert set(pairs(cores(table))) == set(pairs(double))
    assert set(pairs(busy_times(table))) == set(pairs(double)) | set(pairs(padding))


@given(rows=ROWS, chunk=st.integers(1, 7))
@settings(max_examples=100, deadline=None)
def test_the_chunk_in_which_pairs_are_expanded_changes_nothing(rows: list[Row], chunk: int) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(overlaps, "CHUNK", chunk)
        double, padding = cores_and_paddings(columns(rows))
    assert (set(pairs(double)), set(pairs(padding))) == oracle(rows)


@given(rows=ROWS)
@settings(max_examples=100, deadline=None)
def test_codes_too_large_to_be_packed_give_the_same_answer(rows: list[Row]) -> None:
    table = columns(rows, base=0 if all(r.busy[0] >= 0 for r in rows) else 100)
    far = Columns(
        table.staff + (1 << 28), table.unit, table.start, table.end, table.busy_start, table.busy_end + (1 << 32)
    )
    near = Columns(table.staff, table.unit, table.start, table.end, table.busy_start, table.busy_end + (1 << 32))
    assert set(pairs(busy_times(far))) == set(pairs(busy_times(near)))


def test_the_way_for_large_codes_is_really_taken() -> None:
    rows = [Row(0, 0, 0, 10), Row(0, 1, 5, 10), Row(1, 2, 5, 10)]
    table = columns(rows, base=0)
    staff = np.where(table.staff == 1, (1 << 29) - 1, 0)
    end = np.where(table.staff == 1, (1 << 33) - 1, table.end)
    assert pairs(overlapping(staff, table.start, end, table.unit)) == [{0, 1}]


def test_intervals_that_touch_do_not_overlap() -> None:
    double, padding = cores_and_paddings(columns([Row(0, 0, 0, 60), Row(0, 1, 60, 60)]))
    assert len(double) == 0 and len(padding) == 0


def test_a_padding_from_either_side_makes_a_padding_clash_and_no_double_booking() -> None:
    double, padding = cores_and_paddings(columns([Row(0, 0, 0, 60, after=10), Row(0, 1, 65, 60)]))
    assert len(double) == 0 and pairs(padding) == [{0, 1}]


def test_paddings_that_only_touch_are_no_clash() -> None:
    double, padding = cores_and_paddings(columns([Row(0, 0, 0, 60, after=5), Row(0, 1, 70, 60, before=5)]))
    assert len(double) == 0 and len(padding) == 0


def test_one_unit_never_overlaps_itself() -> None:
    assert len(cores(columns([Row(0, 7, 0, 60), Row(0, 7, 0, 60), Row(0, 7, 30, 60)]))) == 0


def test_a_long_one_meets_all_the_short_ones_within_it_and_each_pair_comes_once() -> None:
    rows = [Row(0, 0, 0, 100), *(Row(0, n, n * 10, 5) for n in range(1, 9))]
    assert sorted(map(sorted, pairs(cores(columns(rows))))) == [[0, n] for n in range(1, 9)]


def test_three_in_one_chair_are_three_pairs() -> None:
    assert len(cores(columns([Row(0, 0, 0, 60), Row(0, 1, 10, 60), Row(0, 2, 20, 60)]))) == 3


def test_different_people_may_work_at_the_same_time() -> None:
    assert len(cores(columns([Row(0, 0, 0, 60), Row(1, 1, 0, 60)]))) == 0


def test_nothing_at_all_gives_nothing() -> None:
    double, padding = cores_and_paddings(columns([]))
    assert double.shape == padding.shape == (0, 2)


def test_the_one_that_starts_first_stands_in_front() -> None:
    assert cores(columns([Row(0, 0, 30, 60), Row(0, 1, 0, 60)])).tolist() == [[1, 0]]


@pytest.mark.parametrize("length", [0, -60])
def test_a_row_that_is_not_longer_than_nothing_is_refused(length: int) -> None:
    with pytest.raises(ValueError, match="longer than nothing"):
        cores_and_paddings(columns([Row(0, 0, 0, length, before=100, after=100)]))
    with pytest.raises(ValueError, match="end after it starts"):
        cores(columns([Row(0, 0, 0, length)]))


def test_a_busy_time_that_does_not_hold_its_core_is_refused() -> None:
    with pytest.raises(ValueError, match="within its busy time"):
        cores_and_paddings(columns([Row(0, 0, 0, 60, before=-5)]))


@pytest.mark.parametrize(
    "row", [Row(-1, 0, 0, 60), Row(1 << 40, 0, 0, 60), Row(0, 0, -100, 60), Row(0, 0, 1 << 33, 60)]
)
def test_codes_and_times_out_of_range_are_refused(row: Row) -> None:
    with pytest.raises(ValueError):
        cores(columns([row], base=0))


def test_columns_of_different_lengths_are_refused() -> None:
    one, two = np.array([0], np.int64), np.array([0, 1], np.int64)
    with pytest.raises(ValueError, match="length"):
        overlapping(one, two, two + 1, two)
