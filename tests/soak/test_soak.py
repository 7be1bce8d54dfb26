"""A long run at ten times a busy salon's traffic: memory and the write-ahead log stay bounded, and the books agree.

`SOAK_SECONDS` says for how long (an hour), `SOAK_SPEED` how much faster than usual people act: at 10 somebody books,
moves or cancels every three seconds, which is in an hour what a busy salon has in ten days.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median

import pytest

from tests.soak.salon import Salon, busy_salon

SECONDS = float(os.environ.get("SOAK_SECONDS") or 3600)
SPEED = float(os.environ.get("SOAK_SPEED") or 10)
WARM = min(300.0, SECONDS * 0.4)
"""What a process has loaded and cached by then it needs; from then on it must not grow."""
EVERY = 2.0
GROWTH = 1.05
LOG_BYTES = 32 * 1024 * 1024
"""SQLite folds its log back after 4 MB when nobody reads; a page that reads for long keeps it from that for a while."""
REST_SECONDS = 300.0
WATCHED = ("intake", "worker")

pytestmark = [pytest.mark.soak, pytest.mark.timeout(SECONDS + 1800)]


@dataclass
class Seen:
    """What was read every few seconds: (seconds, kilobytes) by process, and the log's sizes in bytes."""

    memory: dict[str, list[tuple[float, int]]] = field(default_factory=lambda: {name: [] for name in WATCHED})
    logs: list[int] = field(default_factory=list)

    def look(self, salon: Salon, at: float) -> None:
        for name, kept in self.memory.items():
            kept.append((at, salon.memory(name)))
        self.logs.append(salon.log())

    def grown(self, name: str) -> tuple[float, float]:
        """Kilobytes around the end of the warm-up, and in the last minute."""
        kept = self.memory[name]
        span = min(60.0, SECONDS / 6)
        return _median(kept, WARM, WARM + span), _median(kept, kept[-1][0] - span, kept[-1][0])


def _median(kept: Iterable[tuple[float, int]], begin: float, end: float) -> float:
    return float(median(kb for at, kb in kept if begin <= at <= end))


def test_an_hour_of_traffic_leaves_nothing_behind_but_what_it_should(
    tmp_path: Path, record_property: Callable[[str, object], None]
) -> None:
    seen, pause = Seen(), threading.Event()
    with busy_salon(tmp_path, SPEED) as salon:
        for step in range(int(SECONDS / EVERY)):
            seen.look(salon, step * EVERY)
            pause.wait(EVERY)
        salon.people.close()
        _rest(salon, pause)
        salon.engine.close()
        told = [*_figures(salon, seen)]
    record_property("soak", "\n".join(told))
    for name in WATCHED:
        before, after = seen.grown(name)
        assert after <= before * GROWTH, f"{name} grew from {before:.0f} to {after:.0f} kB"
    assert max(seen.logs) <= LOG_BYTES
    assert salon.said("database is locked") == 0
    assert _counted_hints(salon) == _hints(salon)
    assert _sketched(salon) == _sources(salon)
    assert _counted_deliveries(salon) == _deliveries(salon)
    assert sum(_hints(salon).values()) > SECONDS * SPEED / 60, "hardly anything was carried"


def _rest(salon: Salon, pause: threading.Event) -> None:
    """Until everything that was told of is carried."""
    for _ in range(int(REST_SECONDS / EVERY)):
        if not salon.rows("select 1 from hints where state in ('waiting', 'working')"):
            return
        pause.wait(EVERY)
    raise AssertionError(f"hints are still open after {REST_SECONDS:.0f} s without people")


Counts = dict[str, int]


def _counts(rows: Iterable[tuple[object, ...]]) -> Counts:
    return {str(label): int(str(count)) for label, count in rows if count}


def _counted_hints(salon: Salon) -> Counts:
    return _tally(salon, "hints")


def _counted_deliveries(salon: Salon) -> Counts:
    return _tally(salon, "deliveries")


def _tally(salon: Salon, name: str) -> Counts:
    return _counts(salon.rows(f"select label, value from tallies where grain = 'total' and name = '{name}'"))


def _sketched(salon: Salon) -> Counts:
    return _counts(salon.rows("select label, count from sketches where grain = 'total' and name = 'hint_whole'"))


def _hints(salon: Salon) -> Counts:
    return _counts(salon.rows("select side || '|' || state, count(*) from hints where ended_at is not null group by 1"))


def _sources(salon: Salon) -> Counts:
    return _counts(
        salon.rows("select side || '|' || source, count(*) from hints where ended_at is not null group by 1")
    )


def _deliveries(salon: Salon) -> Counts:
    return _counts(salon.rows("select side || '|' || status, count(*) from deliveries group by 1"))


def _figures(salon: Salon, seen: Seen) -> Iterable[str]:
    yield f"{SECONDS:.0f} s at speed {SPEED:g}"
    for name in WATCHED:
        before, after = seen.grown(name)
        sizes = f"{before / 1024:.1f} MB after {WARM:.0f} s, {after / 1024:.1f} MB at the end"
        yield f"memory of {name}: {sizes} ({(after / before - 1) * 100:+.1f} %)"
    yield f"write-ahead log: {max(seen.logs) / 1024 / 1024:.1f} MB at most"
    yield f"database is locked: {salon.said('database is locked')} times"
    counted, listed = _counted_deliveries(salon), _deliveries(salon)
    yield f"deliveries, counted / listed: {sum(counted.values())} / {sum(listed.values())}"
    yield f"hints ended, counted / in the inbox: {sum(_counted_hints(salon).values())} / {sum(_hints(salon).values())}"
    yield f"hints by end: {_hints(salon)}"
