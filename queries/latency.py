"""How long hints took, part by part, over time; and the exposure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta

import pandas as pd
from sqlalchemy.engine import Connection

from queries.register import Asked, named
from sync.store.tallies import LENGTHS, Grain
from sync.telemetry import names
from sync.telemetry.names import Measure
from sync.telemetry.percentiles import MINUTES_KEPT, Percentiles, by_label, percentiles

COLUMNS = ("at", "part", "count", "p50", "p95", "p99")
MOST_POINTS = 360
"""A stretch is drawn with at most so many points a line."""
EXPOSURE: Mapping[str, Measure] = {"exposure": names.EXPOSURE}


@named("latency", "How long hints took in that time (p50, p95, p99 in seconds), the whole and each part, over time.")
def latency(conn: Connection, asked: Asked) -> pd.DataFrame:
    """One row a stretch and part in which anything ended: minutes for two days back, hours beyond."""
    return over_time(conn, asked, names.PARTS)


@named("latency-parts", "How long hints took in that time (p50, p95, p99 in seconds), one row a part.")
def latency_parts(conn: Connection, asked: Asked) -> pd.DataFrame:
    """One row a part of which anything is known."""
    return in_all(conn, asked, names.PARTS)


@named("latency-sources", "How long hints took as a whole (p50, p95, p99 in seconds), by side and who told of them.")
def latency_sources(conn: Connection, asked: Asked) -> pd.DataFrame:
    """One row a side and source that any hint came from."""
    return by_labels(conn, asked, names.HINT_WHOLE, ("side", "source"))


@named("exposure", "How long a slot taken on one side could still be booked on the other, in seconds, over time.")
def exposure(conn: Connection, asked: Asked) -> pd.DataFrame:
    """One row a stretch in which anything was carried across."""
    return over_time(conn, asked, EXPOSURE)


def over_time(conn: Connection, asked: Asked, measures: Mapping[str, Measure]) -> pd.DataFrame:
    """p50, p95, p99 of each measure for each stretch of time; `at` is when the stretch begins."""
    found = []
    for part, measure in measures.items():
        found += [{"part": part, **row} for row in _rows(_read(conn, asked, measure, stretch(asked.since)))]
    frame = pd.DataFrame(found, columns=list(COLUMNS))
    frame["at"] = pd.to_datetime(frame["at"].astype("float64"), unit="s", utc=True).dt.as_unit("us")
    return frame


def in_all(conn: Connection, asked: Asked, measures: Mapping[str, Measure]) -> pd.DataFrame:
    """p50, p95, p99 of each measure over the whole time asked for."""
    found = []
    for part, measure in measures.items():
        found += [{"part": part, **row} for row in _rows(_read(conn, asked, measure, float("inf")))]
    return pd.DataFrame(found, columns=list(COLUMNS)).drop(columns="at")


def by_labels(conn: Connection, asked: Asked, measure: Measure, columns: Sequence[str]) -> pd.DataFrame:
    """p50, p95, p99 of each series of a measure over the whole time asked for, in the measure's unit."""
    size, since = _window(asked)
    found = by_label(conn, measure, since, asked.at + 1, grain=size)
    rows = [(*one.labels, one.count, *(round(value, 6) for value in one.values)) for one in found]
    return pd.DataFrame(rows, columns=[*columns, "count", "p50", "p95", "p99"])


def stretch(since: timedelta) -> float:
    """How long one point of a line stands for, in seconds: whole minutes or hours, few enough to be drawn."""
    steps = (60, 300, 900, 3600, 10_800, 21_600, 86_400)
    return float(next((step for step in steps if since.total_seconds() / step <= MOST_POINTS), steps[-1]))


def grain(since: timedelta) -> Grain:
    """Minutes as far back as they are kept, hours beyond."""
    return "minute" if since <= MINUTES_KEPT else "hour"


def _window(asked: Asked) -> tuple[Grain, float]:
    """The grain to read, and from when: a stretch that has begun before the time asked for counts as a whole."""
    size = grain(asked.since)
    return size, asked.back - asked.back % LENGTHS[size]


def _read(conn: Connection, asked: Asked, measure: Measure, every: float) -> Percentiles:
    size, since = _window(asked)
    return percentiles(conn, measure, since, asked.at + 1, every=every, grain=size)


def _rows(found: Percentiles) -> list[dict[str, float]]:
    return [
        {"at": at, "count": count, "p50": values[0], "p95": values[1], "p99": values[2]}
        for at, count, values in zip(
            found.at.tolist(), found.count.tolist(), found.values.round(6).tolist(), strict=True
        )
    ]
