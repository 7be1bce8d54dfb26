"""A month of hourly percentiles: read off the sketches that are kept, beside the same from ten million raw rows.

Both lie in SQLite. The raw rows are read the fastest way we know (the bare driver, time order, numpy); the sketches the
way the screens read them. Every percentile of both is compared.
"""

from __future__ import annotations

import sqlite3
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Engine

from bench.measure import seconds, table
from sync.store import sketches
from sync.store.connection import open_store, reading, writing
from sync.telemetry import names
from sync.telemetry.percentiles import USUAL, percentiles
from sync.telemetry.sketch import Sketch

ROWS = 10_000_000
HOURS = 30 * 24
BEGIN = datetime(2026, 11, 1, tzinfo=UTC)
LEAST_FASTER, MOST_ERROR = 400.0, 0.01
"""The goals: how many times faster, and the largest relative error."""

Values = NDArray[np.float64]
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Month:
    """The same month twice: raw rows in a file of their own, sketches in a store."""

    raw: Path
    engine: Engine


def run(rows: int = ROWS, hours: int = HOURS) -> Iterator[str]:
    """The report, line by line as it is measured."""
    yield f"Percentiles of {hours:,} hours: sketches beside {rows:,} raw rows"
    with tempfile.TemporaryDirectory() as folder:
        month = Month(Path(folder) / "raw.db", open_store(f"sqlite:///{Path(folder) / 'store.db'}"))
        fill(month, rows, hours)
        from_rows, slow = _timed(1, lambda: raw_percentiles(month.raw, hours))
        from_sketches, fast = _timed(5, lambda: sketched_percentiles(month.engine, hours))
        sizes = [month.raw.stat().st_size, sum(_blob_sizes(month.engine, hours))]
        month.engine.dispose()
    error = float(np.max(np.abs(from_sketches / from_rows - 1)))
    yield table(
        ("way", "time", "kept"),
        [
            ["raw rows", seconds(slow), f"{sizes[0] / 1e6:.3g} MB"],
            ["sketches", seconds(fast), f"{sizes[1] / 1e6:.3g} MB"],
        ],
    )
    yield ""
    yield table(("goal", "figure", "wanted", ""), _goals(slow / fast, error))


def _goals(faster: float, error: float) -> list[list[str]]:
    met = ["met" if faster >= LEAST_FASTER else "MISSED", "met" if error <= MOST_ERROR * (1 + 1e-9) else "MISSED"]
    return [
        ["times faster", f"{faster:.3g}", f"at least {LEAST_FASTER:g}", met[0]],
        ["largest relative error", f"{error:.3%}", f"at most {MOST_ERROR:.0%}", met[1]],
    ]


def _timed(times: int, call: Callable[[], T]) -> tuple[T, float]:
    """What it gives, and the shortest time it took, in seconds of processor time."""
    took = []
    for _ in range(times):
        began = time.process_time()
        found = call()
        took.append(time.process_time() - began)
    return found, min(took)


# --- the two ways -----------------------------------------------------------------------------------------------------


def raw_percentiles(file: Path, hours: int) -> Values:
    """p50, p95 and p99 of each hour from every row."""
    connection = sqlite3.connect(file)
    found = np.empty((hours, len(USUAL)))
    try:
        for hour in range(hours):
            at = BEGIN.timestamp() + 3600 * hour
            asked = connection.execute("SELECT seconds FROM took WHERE at >= ? AND at < ?", (at, at + 3600))
            sample = np.fromiter((row[0] for row in asked), np.float64)
            found[hour] = np.quantile(sample, USUAL, method="lower")
    finally:
        connection.close()
    return found


def sketched_percentiles(engine: Engine, hours: int) -> Values:
    """The same, as a screen asks for it."""
    with reading(engine) as conn:
        return percentiles(conn, names.HINT_WHOLE, BEGIN, BEGIN + timedelta(hours=hours)).values


# --- filling ----------------------------------------------------------------------------------------------------------


def fill(month: Month, rows: int, hours: int) -> None:
    """The same durations into both: two seconds in the middle, with a long tail, and another scale every hour."""
    chance = np.random.default_rng(7)
    connection = sqlite3.connect(month.raw)
    connection.executescript("PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; CREATE TABLE took (at, seconds);")
    each = rows // hours
    for hour in range(hours):
        sample = chance.lognormal(0.7, 1.0, each) * (1 + hour % 24 / 8)
        at = BEGIN.timestamp() + 3600 * hour
        ats = np.sort(chance.uniform(at, at + 3599, each))
        connection.executemany("INSERT INTO took VALUES (?, ?)", zip(ats.tolist(), sample.tolist(), strict=True))
        _keep(month.engine, at, sample)
    connection.executescript("CREATE INDEX by_time ON took (at, seconds);")
    connection.commit()
    connection.close()


def _keep(engine: Engine, at: float, sample: Values) -> None:
    sketch = Sketch()
    for value in sample.tolist():
        sketch.add(value)
    series = names.HINT_WHOLE.name, names.HINT_WHOLE.label("square", "webhook")
    with writing(engine) as conn:
        sketches.put(conn, "hour", at, {series: (sketch.count, sketch.to_bytes())})


def _blob_sizes(engine: Engine, hours: int) -> Iterator[int]:
    with reading(engine) as conn:
        until = BEGIN + timedelta(hours=hours)
        yield from (len(kept.blob) for kept in sketches.between(conn, "hour", names.HINT_WHOLE.name, BEGIN, until))
