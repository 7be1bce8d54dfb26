"""Collecting in memory, and adding what was collected to the store."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from threading import Lock

from sqlalchemy import Connection, Engine

from sync.model.calls import Call
from sync.store import sketches, tallies
from sync.store.connection import writing
from sync.store.sketches import Series
from sync.store.times import When
from sync.telemetry import names
from sync.telemetry.names import Measure
from sync.telemetry.sketch import Sketch


@dataclass(slots=True)
class Collected:
    """What was measured since the last flush: a sketch or a count for each series."""

    took: dict[Series, Sketch] = field(default_factory=dict)
    counted: Counter[Series] = field(default_factory=Counter)

    def add(self, other: Collected) -> None:
        for series, sketch in other.took.items():
            self.took.setdefault(series, Sketch()).merge(sketch)
        self.counted.update(other.counted)

    def __bool__(self) -> bool:
        return bool(self.took or self.counted)


class Telemetry:
    """Collects what one process measures. Safe for several threads; measuring never waits for the store."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._collected = Collected()

    def took(self, measure: Measure, value: float, *labels: str) -> None:
        """One more duration, in the unit of the measure."""
        series = measure.name, measure.label(*labels)
        with self._lock:
            self._collected.took.setdefault(series, Sketch()).add(value)

    def count(self, measure: Measure, *labels: str, by: int = 1) -> None:
        """So many more."""
        series = measure.name, measure.label(*labels)
        with self._lock:
            self._collected.counted[series] += by

    def call(self, call: Call) -> None:
        """An outside call: listens to `sync.calendars.calls`."""
        self.took(names.CALL_MS, call.ms, call.side, call.name)
        self.count(names.CALLS, call.side, call.outcome, names.status_label(call.status))

    def flush(self, engine: Engine, now: When) -> None:
        """Add what was collected to the rows of this minute and this hour, and to the total, in one short transaction.
        When that fails nothing is lost: the next flush adds it. Raises StoreProblem."""
        with self._lock:
            mine, self._collected = self._collected, Collected()
        if not mine:
            return
        try:
            with writing(engine) as conn:
                _add_sketches(conn, mine.took, now)
                tallies.add(conn, mine.counted, now)
        except BaseException:
            with self._lock:
                self._collected.add(mine)
            raise


def _add_sketches(conn: Connection, took: Mapping[Series, Sketch], now: When) -> None:
    """Writers take turns, so that nobody adds between our reading and our writing."""
    for grain, at in tallies.stretches(now) if took else ():
        there = sketches.of(conn, grain, at)
        blobs = {}
        for series, sketch in took.items():
            merged = Sketch.from_bytes(there[series]) if series in there else Sketch()
            merged.merge(sketch)
            blobs[series] = merged.count, merged.to_bytes()
        sketches.put(conn, grain, at, blobs)
