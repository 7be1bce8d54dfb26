"""Percentiles of what was measured, over time, and forgetting what is old."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import timedelta

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Connection

from sync.store import sketches, tallies
from sync.store.tallies import LENGTHS, Grain
from sync.store.times import When, seconds
from sync.telemetry.names import Measure
from sync.telemetry.sketch import quantiles

USUAL = (0.5, 0.95, 0.99)
MINUTES_KEPT = timedelta(days=2)
HOURS_KEPT = timedelta(days=92)


@dataclass(frozen=True, slots=True)
class Percentiles:
    """One row a stretch in which anything was measured, in time order. `at`: when it begins, in seconds since 1970;
    `count`: how many values; `values`: a column for each of `wanted` (0.5 is the median), in the measure's unit."""

    at: NDArray[np.float64]
    count: NDArray[np.int64]
    values: NDArray[np.float64]
    wanted: tuple[float, ...]


def percentiles(
    conn: Connection,
    measure: Measure,
    since: When,
    until: When,
    label: Sequence[str] | None = None,
    *,
    every: float | None = None,
    grain: Grain = "hour",
    wanted: Collection[float] = USUAL,
) -> Percentiles:
    """Percentiles of what was measured in since..until, each stretch whole: `label` asks for one series (the values of
    the measure's labels), else all are taken together. `every`: how long a stretch is, in seconds, at least the grain;
    infinity makes one of all."""
    named = None if label is None else measure.label(*label)
    rows = sketches.between(conn, grain, measure.name, seconds(since), seconds(until), named)
    length = max(every or 0.0, LENGTHS.get(grain, 0.0))
    began = np.array([_beginning(row.at, length) for row in rows])
    at, places = np.unique(began, return_inverse=True)
    count = np.bincount(places, weights=[row.amount for row in rows]).astype(np.int64)
    found = quantiles(places, [row.blob for row in rows], tuple(wanted))
    return Percentiles(at, count, found, tuple(wanted))


@dataclass(frozen=True, slots=True)
class OfLabel:
    """What was measured of one series: the values of its labels, how many values, and the percentiles asked for."""

    labels: tuple[str, ...]
    count: int
    values: tuple[float, ...]


def by_label(
    conn: Connection,
    measure: Measure,
    since: When,
    until: When,
    *,
    grain: Grain = "hour",
    wanted: Collection[float] = USUAL,
) -> tuple[OfLabel, ...]:
    """Percentiles of each series of a measure over the whole of since..until, in the order of their labels."""
    rows = sketches.between(conn, grain, measure.name, seconds(since), seconds(until))
    labels = sorted({row.label for row in rows})
    number = {label: place for place, label in enumerate(labels)}
    places = np.array([number[row.label] for row in rows], np.intp)
    count = np.bincount(places, weights=[row.amount for row in rows]).astype(np.int64)
    found = quantiles(places, [row.blob for row in rows], tuple(wanted))
    return tuple(
        OfLabel(measure.values(label), int(count[place]), tuple(found[place].tolist()))
        for label, place in number.items()
    )


def _beginning(at: float, length: float) -> float:
    return 0.0 if length == float("inf") else at - at % length


def roll(conn: Connection, now: When) -> int:
    """Forget the minutes older than two days, which are in the hours as well, and the hours older than a quarter of a
    year, which are in the total. Needs a `writing` connection; returns how many rows went."""
    kept: dict[Grain, timedelta] = {"minute": MINUTES_KEPT, "hour": HOURS_KEPT}
    gone = 0
    for grain, how_long in kept.items():
        before = seconds(now) - how_long.total_seconds()
        gone += sketches.forget_before(conn, grain, before) + tallies.forget_before(conn, grain, before)
    return gone
