"""Two calendars of any size as columns, made up and always the same: back to back days, now and then a clash."""

from __future__ import annotations

import numpy as np

from sync.decide.diff import PROJECTION, STANDS, UNLINKED, BoolArray, Rows
from sync.decide.overlaps import IntArray

NOW = 1_795_500_000  # 24 November 2026 in UTC
QUARTER = 900
VISITS_EACH = 400
"""A stylist's visits in the twenty days that are read."""


def calendars(count: int, seed: int = 11) -> tuple[Rows, Rows]:
    """(Bookly's rows, Square's rows), `count` each: nine in ten are linked and shown on both sides, owned by either;
    of these one in a hundred is a quarter of an hour later in Square. The others stand on one side only. About one
    visit in a hundred comes before the one ahead of it has gone."""
    rng = np.random.default_rng(seed)
    linked = count * 9 // 10
    staff, start, end, busy_end = _visits(rng, 2 * count - linked)
    from_square = rng.random(linked) < 0.5
    here, there = np.r_[0:count], np.r_[0:linked, count : len(staff)]
    bookly = _rows(staff, start, end, busy_end, here, from_square, first_unit=0)
    square = _rows(staff, start, end, busy_end, there, ~from_square, first_unit=count)
    blocks = np.flatnonzero(bookly.state & PROJECTION)
    bookly.end[blocks] = bookly.busy_end[blocks] = square.busy_end[blocks]
    late = np.flatnonzero(rng.random(linked) < 0.01)
    for column in (square.start, square.end, square.busy_start, square.busy_end):
        column[late] += QUARTER
    return bookly.where(rng.permutation(count)), square.where(rng.permutation(count))


def _visits(rng: np.random.Generator, count: int) -> tuple[IntArray, IntArray, IntArray, IntArray]:
    """Staff, start, end and end of the busy time of so many visits, each stylist's one after the other, in no order."""
    staff, place = np.divmod(rng.permutation(count), VISITS_EACH)
    early = np.where(rng.random(count) < 0.01, 3 * QUARTER, 0)
    start = NOW - 10 * 86_400 + place * 5 * QUARTER - early
    end = start + rng.choice([2 * QUARTER, 3 * QUARTER, 4 * QUARTER], count)
    return staff, start, end, end + rng.choice([0, 600], count, p=[0.8, 0.2])


def _rows(
    staff: IntArray,
    start: IntArray,
    end: IntArray,
    busy_end: IntArray,
    chosen: IntArray,
    projection: BoolArray,
    first_unit: int,
) -> Rows:
    """One side's rows; the first of them are linked, and those that are projections have no padding of their own."""
    linked = len(projection)
    visit = np.full(len(chosen), UNLINKED)
    visit[:linked] = np.arange(linked)
    state = np.full(len(chosen), STANDS)
    state[:linked] |= PROJECTION * projection
    busy = busy_end[chosen]
    busy[:linked] = np.where(projection, end[chosen[:linked]], busy[:linked])
    begins = start[chosen]
    units = np.arange(len(chosen)) + first_unit
    return Rows(staff[chosen], units, begins, end[chosen], begins.copy(), busy, visit, state)
