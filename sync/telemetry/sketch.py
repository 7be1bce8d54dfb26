"""Durations in a few bytes: how many fell into each of ddsketch's log-scale buckets.

A bucket is two percent wide, so that what it stands for is within one percent of every value in it. Two sketches merge
by adding their counts, exactly and in any order. The library's own store keeps its counts in lists of floats and is
read through protobuf; a month of hours is read a hundred times faster from the plain integers kept here.
"""

from __future__ import annotations

from collections.abc import Sequence
from struct import Struct

import numpy as np
from ddsketch.mapping import LogarithmicMapping
from numpy.typing import NDArray

ACCURACY = 0.01
SMALLEST = 1e-9
"""What is smaller counts as nothing at all; so does what is below it, as clocks that disagree make it."""

VERSION = 1
MILLIONTHS = 1_000_000
_MAPPING = LogarithmicMapping(ACCURACY)
_HEAD = Struct("<BBiqq")  # version, bytes a count, the first bucket, values of nothing, the sum in millionths
_WIDTHS: dict[int, np.dtype[np.integer]] = {
    1: np.dtype("<u1"),
    2: np.dtype("<u2"),
    4: np.dtype("<u4"),
    8: np.dtype("<i8"),
}

Counts = NDArray[np.int64]


class Sketch:
    """Values of zero and above, in whatever unit; not safe for several threads."""

    __slots__ = ("_buckets", "_millionths", "_nothing")

    def __init__(self) -> None:
        self._buckets: dict[int, int] = {}
        self._nothing = 0
        self._millionths = 0

    def add(self, value: float) -> None:
        """One more value. Raises ValueError for one that is no number."""
        if not value < float("inf"):
            raise ValueError(f"{value} cannot be measured")
        if value < SMALLEST:
            self._nothing += 1
            return
        key = _MAPPING.key(value)
        self._buckets[key] = self._buckets.get(key, 0) + 1
        self._millionths += round(value * MILLIONTHS)

    def merge(self, other: Sketch) -> None:
        """Take in all that the other one holds."""
        for key, count in other._buckets.items():
            self._buckets[key] = self._buckets.get(key, 0) + count
        self._nothing += other._nothing
        self._millionths += other._millionths

    @property
    def count(self) -> int:
        """How many values."""
        return self._nothing + sum(self._buckets.values())

    @property
    def sum(self) -> float:
        """Of all values, each to the millionth."""
        return self._millionths / MILLIONTHS

    def below(self, bound: float) -> int:
        """How many values are at most `bound`, which is taken within the accuracy."""
        last = _MAPPING.key(bound)
        return self._nothing + sum(count for key, count in self._buckets.items() if key <= last)

    def to_bytes(self) -> bytes:
        """As it is kept."""
        if not self._buckets:
            return _HEAD.pack(VERSION, 1, 0, self._nothing, self._millionths)
        first, last = min(self._buckets), max(self._buckets)
        width = _width(max(self._buckets.values()))
        counts = np.zeros(last - first + 1, _WIDTHS[width])
        for key, count in self._buckets.items():
            counts[key - first] = count
        return _HEAD.pack(VERSION, width, first, self._nothing, self._millionths) + counts.tobytes()

    @classmethod
    def from_bytes(cls, blob: bytes) -> Sketch:
        """As `to_bytes` gave it. Raises ValueError for what is no sketch of ours."""
        made = cls()
        first, counts, made._nothing, made._millionths = _opened(blob)
        filled = np.flatnonzero(counts)
        made._buckets = dict(zip((filled + first).tolist(), counts[filled].tolist(), strict=True))
        return made


def _width(most: int) -> int:
    return next(width for width in _WIDTHS if most < 256**width)


def _opened(blob: bytes) -> tuple[int, NDArray[np.integer], int, int]:
    """(first bucket, counts from there on, values of nothing, sum in millionths)."""
    if len(blob) < _HEAD.size or blob[0] != VERSION or blob[1] not in _WIDTHS:
        raise ValueError("no sketch of this version")
    _, width, first, nothing, millionths = _HEAD.unpack_from(blob)
    return first, np.frombuffer(blob, _WIDTHS[width], offset=_HEAD.size), nothing, millionths


def quantiles(rows: NDArray[np.intp], blobs: Sequence[bytes], wanted: Sequence[float]) -> NDArray[np.float64]:
    """For each row number from 0 on, the wanted quantiles of the blobs of that row taken together; NaN where there is
    none. A quantile q of n values is the value that floor(q * (n - 1)) others come before, within the accuracy."""
    opened = [_opened(blob) for blob in blobs]
    amount = int(rows.max()) + 1 if len(rows) else 0
    nothing = np.bincount(rows, weights=[one[2] for one in opened], minlength=amount)
    low = min([one[0] for one in opened], default=0)
    high = max([one[0] + one[1].size for one in opened], default=0)
    filled: Counts = np.zeros((amount, max(1, high - low)), np.int64)
    for row, (first, counts, _, _) in zip(rows.tolist(), opened, strict=True):
        place = first - low
        filled[row, place : place + counts.size] += counts
    return _read_off(filled, nothing.astype(np.int64), low, wanted)


def _read_off(filled: Counts, nothing: Counts, low: int, wanted: Sequence[float]) -> NDArray[np.float64]:
    """One running sum over all rows, in which every quantile of every row is looked up at once."""
    amount, width = filled.shape
    running = filled.reshape(-1)
    np.cumsum(running, out=running)
    ends = running[width - 1 :: width]
    before_row = np.concatenate([np.zeros(1, np.int64), ends[:-1]])[:amount]
    totals = ends - before_row + nothing
    values = np.array([_MAPPING.value(low + number) for number in range(width)])
    found = np.full((amount, len(wanted)), np.nan)
    for column, quantile in enumerate(wanted):
        before = np.floor(quantile * (totals - 1)).astype(np.int64) - nothing
        place = np.searchsorted(running, before_row + before, side="right") - width * np.arange(amount)
        value = values[np.clip(place, 0, width - 1)]
        found[:, column] = np.where(totals == 0, np.nan, np.where(before < 0, 0.0, value))
    return found
