"""All overlapping stretches of time per staff member, by sorting and searching.

Sorted by staff and start, the partners of a row are the rows that follow it up to the first one that starts at or after
its end: one search a row, exact for nested and many-way overlaps, and intervals that touch are left out.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

IntArray = npt.NDArray[np.int64]

TIME_BITS = 33  # seconds since 1970 fit until the year 2242
CHUNK = 1 << 20  # pairs expanded at a time: bounds the memory of a day on which everything overlaps everything


@dataclass(frozen=True, slots=True)
class Columns:
    """Rows to search, one a unit and stretch: six numpy int64 arrays of one length.

    staff and unit are codes from 0 up; the times are seconds since 1970 in UTC, each interval half open.
    The busy time holds the core. Rows of one unit never overlap each other.
    """

    staff: IntArray
    unit: IntArray
    start: IntArray
    end: IntArray
    busy_start: IntArray
    busy_end: IntArray

    def __len__(self) -> int:
        return len(self.staff)


def overlapping(staff: IntArray, start: IntArray, end: IntArray, unit: IntArray) -> IntArray:
    """Every two rows of different units whose intervals overlap for one staff member: an (m, 2) array of row numbers.

    Each pair comes once, the row that starts first in front. Raises ValueError where an interval is not longer than
    nothing, or a code or time is out of range.
    """
    _refuse(staff, start, end, unit)
    found = [
        np.stack((first, second), axis=1)[unit[first] != unit[second]] for first, second in _meeting(staff, start, end)
    ]
    return np.concatenate(found) if found else np.empty((0, 2), np.int64)


def cores(columns: Columns) -> IntArray:
    """Every two rows whose cores overlap; see `overlapping`."""
    return overlapping(columns.staff, columns.start, columns.end, columns.unit)


def busy_times(columns: Columns) -> IntArray:
    """Every two rows whose busy times overlap; see `overlapping`."""
    return overlapping(columns.staff, columns.busy_start, columns.busy_end, columns.unit)


def cores_and_paddings(columns: Columns) -> tuple[IntArray, IntArray]:
    """(rows whose cores overlap, rows of which only the busy times do), each an (m, 2) array of row numbers.

    One search serves both, since a busy time holds its core. Raises ValueError as `overlapping` does, and where a
    busy time does not hold its core.
    """
    if len(columns) and (
        bool((columns.end <= columns.start).any())
        or bool((columns.busy_start > columns.start).any())
        or bool((columns.busy_end < columns.end).any())
    ):
        raise ValueError("every core must be longer than nothing and lie within its busy time")
    pairs = busy_times(columns)
    first, second = pairs[:, 0], pairs[:, 1]
    meets = (columns.start[first] < columns.end[second]) & (columns.start[second] < columns.end[first])
    return pairs[meets], pairs[~meets]


def _refuse(staff: IntArray, start: IntArray, end: IntArray, unit: IntArray) -> None:
    if not len(staff) == len(start) == len(end) == len(unit):
        raise ValueError("the columns differ in length")
    if not len(staff):
        return
    if bool((end <= start).any()):
        raise ValueError("every interval must end after it starts")
    if int(start.min()) < 0 or int(end.max()) >> TIME_BITS:
        raise ValueError("times are seconds since 1970, up to the year 2242")
    if int(staff.min()) < 0 or int(staff.max()) >> (62 - TIME_BITS):
        raise ValueError("staff codes are numbers from 0 to half a billion")


def _meeting(staff: IntArray, start: IntArray, end: IntArray) -> Iterator[tuple[IntArray, IntArray]]:
    """Row numbers of meeting intervals, a bounded chunk at a time."""
    if len(staff) < 2:
        return
    order, key, end_key = _sorted_keys(staff, start, end)
    meets_next = np.flatnonzero(key[1:] < end_key[:-1])
    count = np.searchsorted(key, end_key[meets_next], "left") - meets_next - 1
    del end_key, key
    for low, high in _chunks(count):
        many = count[low:high]
        first = np.repeat(meets_next[low:high], many)
        second = np.arange(len(first)) - np.repeat(np.cumsum(many) - many, many) + first + 1
        yield order[first], order[second]


def _sorted_keys(staff: IntArray, start: IntArray, end: IntArray) -> tuple[IntArray, IntArray, IntArray]:
    """(order, key of staff and start, key of staff and end), all in the order of staff and start."""
    base = int(start.min())
    time_bits = (int(end.max()) - base).bit_length()
    row_bits = (len(staff) - 1).bit_length()
    if int(staff.max()).bit_length() + time_bits + row_bits > 62:
        return _sorted_keys_apart(staff, start, end)
    # Staff, start and row number in one integer: sorting values is several times faster than sorting row numbers.
    packed = staff << time_bits
    packed += start
    packed -= base
    packed <<= row_bits
    packed |= np.arange(len(staff))
    packed.sort()
    order = packed & ((1 << row_bits) - 1)
    packed >>= row_bits
    end_key = end[order]
    end_key -= base
    end_key += (packed >> time_bits) << time_bits
    return order, packed, end_key


def _sorted_keys_apart(staff: IntArray, start: IntArray, end: IntArray) -> tuple[IntArray, IntArray, IntArray]:
    """The same where staff, start and row number do not fit into 62 bits together."""
    key = (staff << TIME_BITS) + start
    order = np.argsort(key)
    return order, key[order], ((staff << TIME_BITS) + end)[order]


def _chunks(count: IntArray) -> Iterator[tuple[int, int]]:
    """Stretches of rows that expand to about CHUNK pairs each; at least one row a stretch."""
    total = np.cumsum(count)
    low = 0
    while low < len(count):
        done = int(total[low - 1]) if low else 0
        high = max(int(np.searchsorted(total, done + CHUNK, "right")), low + 1)
        yield low, high
        low = high
