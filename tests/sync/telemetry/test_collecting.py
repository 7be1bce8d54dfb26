"""What is collected is added to the store once, whoever else adds at the same time."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Event
from typing import NoReturn

import pytest
from sqlalchemy import Engine

from sync.calendars.calls import tell
from sync.model import Side
from sync.model.calls import Call
from sync.store import sketches, tallies
from sync.store.connection import StoreProblem, reading
from sync.store.tallies import LENGTHS, Grain
from sync.telemetry import collecting, names
from sync.telemetry.collecting import Telemetry
from sync.telemetry.running import measuring
from sync.telemetry.sketch import Sketch
from tests.sync.store.processes import run_together
from tests.sync.telemetry.measured import NOON, VALUES, measure, measure_and_flush

GRAINS: tuple[Grain, ...] = ("minute", "hour", "total")
WEBHOOK = "square|webhook"


def kept(store: Engine, grain: Grain) -> tuple[Sketch, int]:
    """The one sketch and the one count of that grain."""
    with reading(store) as conn:
        if grain == "total":
            found, counted = sketches.total(conn), tallies.total(conn)
        else:
            stretch = NOON.timestamp() - 3600, NOON.timestamp() + 3600
            found = sketches.between(conn, grain, names.HINT_WHOLE.name, *stretch)
            counted = tallies.between(conn, grain, names.LOCK_GRANTED.name, *stretch)
    ((blob, count),) = [(one.blob, one.amount) for one in found]
    sketch = Sketch.from_bytes(blob)
    assert sketch.count == count
    return sketch, counted[0].value


def as_if_measured(times: int) -> bytes:
    sketch = Sketch()
    for value in VALUES * times:
        sketch.add(value)
    return sketch.to_bytes()


def test_a_flush_adds_to_the_minute_the_hour_and_the_total(store: Engine) -> None:
    telemetry = Telemetry()
    for _ in range(3):
        measure(telemetry)
        telemetry.flush(store, NOON)
    for grain in GRAINS:
        sketch, counted = kept(store, grain)
        assert (sketch.to_bytes(), counted) == (as_if_measured(3), 3 * len(VALUES))


def test_each_minute_and_each_hour_has_its_own_row(store: Engine) -> None:
    telemetry = Telemetry()
    for after in (0, 40, 3600):
        telemetry.count(names.LOCK_GRANTED)
        telemetry.flush(store, NOON + timedelta(seconds=after))
    with reading(store) as conn:
        rows = {grain: tallies.between(conn, grain, "lock_granted", 0.0, NOON.timestamp() + 7200) for grain in LENGTHS}
    at = NOON.timestamp() - 30
    assert [(one.at - at, one.value) for one in rows["minute"]] == [(0, 1), (60, 1), (3600, 1)]
    assert [(one.at - at, one.value) for one in rows["hour"]] == [(0, 2), (3600, 1)]


def test_nothing_measured_writes_nothing(store: Engine) -> None:
    Telemetry().flush(store, NOON)
    with reading(store) as conn:
        assert (sketches.total(conn), tallies.total(conn)) == ((), ())


def test_processes_that_flush_at_once_add_up_exactly(store: Engine, store_url: str) -> None:
    assert run_together(2, measure_and_flush, store_url, 15) == [0, 0]
    for grain in GRAINS:
        sketch, counted = kept(store, grain)
        assert (sketch.to_bytes(), counted) == (as_if_measured(30), 30 * len(VALUES))


def test_threads_that_measure_while_others_flush_lose_nothing(store: Engine) -> None:
    telemetry = Telemetry()

    def work() -> None:
        for _ in range(10):
            measure(telemetry)
            telemetry.flush(store, NOON)

    with ThreadPoolExecutor(4) as threads:
        for done in [threads.submit(work) for _ in range(4)]:
            done.result(60)
    telemetry.flush(store, NOON)
    sketch, counted = kept(store, "total")
    assert (sketch.to_bytes(), counted) == (as_if_measured(40), 40 * len(VALUES))


def test_a_flush_that_failed_is_made_up_for_by_the_next(store: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_engine: Engine) -> NoReturn:
        raise StoreProblem("The disk is full.")

    telemetry = Telemetry()
    measure(telemetry)
    with monkeypatch.context() as patch:
        patch.setattr(collecting, "writing", full)
        with pytest.raises(StoreProblem):
            telemetry.flush(store, NOON)
    measure(telemetry)
    telemetry.flush(store, NOON)
    sketch, counted = kept(store, "hour")
    assert (sketch.to_bytes(), counted) == (as_if_measured(2), 2 * len(VALUES))


def test_a_value_that_a_label_does_not_know_makes_no_new_series(store: Engine) -> None:
    telemetry = Telemetry()
    for number in range(50):
        telemetry.took(names.CALL_MS, 1.0, "square", f"call {number}")
        telemetry.count(names.DELIVERIES, "square", str(700 + number))
    telemetry.flush(store, NOON)
    with reading(store) as conn:
        assert [one.label for one in sketches.total(conn)] == ["square|other"]
        assert [(one.label, one.value) for one in tallies.total(conn)] == [("square|other", 50)]


def test_every_label_fits_where_it_is_kept() -> None:
    for one in (*names.SKETCHES.values(), *names.TALLIES.values()):
        longest = sum(max(map(len, values)) for _, values in one.labels) + max(0, len(one.labels) - 1)
        assert longest <= 40 and len(one.name) <= 40


@pytest.mark.parametrize(
    ("status", "label"), [(0, "none"), (200, "2xx"), (429, "429"), (418, "4xx"), (503, "5xx"), (700, "none")]
)
def test_a_status_is_one_of_a_few(status: int, label: str) -> None:
    assert names.status_label(status) == label


def test_a_measure_with_too_few_values_for_its_labels_is_a_mistake() -> None:
    with pytest.raises(ValueError, match="zip"):
        names.CALLS.label("square")


def test_while_measuring_every_call_is_heard_and_kept_at_the_end(store: Engine) -> None:
    call = Call(Side.SQUARE, "get bookings", NOON, 120.0, "lost", 503)
    with measuring(store, lambda: NOON, every=3600.0):
        tell(call)
        with ThreadPoolExecutor(1) as other:
            other.submit(tell, call).result(10)
    tell(call)
    with reading(store) as conn:
        assert [(one.name, one.label, one.value) for one in tallies.total(conn)] == [("calls", "square|lost|5xx", 2)]
        assert [(one.name, one.label, one.amount) for one in sketches.total(conn)] == [
            ("call_ms", "square|get bookings", 2)
        ]


def test_while_measuring_it_is_flushed_now_and_then(store: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    flushed = Event()
    monkeypatch.setattr(Telemetry, "flush", lambda *_: flushed.set())
    with measuring(store, lambda: NOON, every=0.001):
        assert flushed.wait(30)


def test_a_store_that_cannot_be_written_stops_nobody(store: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    tried = Event()

    def fails(*_: object) -> None:
        tried.set()
        raise StoreProblem("The disk is full.")

    monkeypatch.setattr(Telemetry, "flush", fails)
    with measuring(store, lambda: NOON, every=0.001):
        assert tried.wait(30)
