"""A process that measures: it listens to every outside call, and adds to the store every few seconds."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from threading import Event, Thread

from sqlalchemy import Engine

from sync import logs
from sync.calendars.calls import listening_everywhere
from sync.store.trouble import StoreProblem
from sync.telemetry.collecting import Telemetry

FLUSH_EVERY = 5.0
"""Seconds: what a killed process takes with it, and how old the numbers of /metrics are at most."""


_current = Telemetry()


def current() -> Telemetry:
    """What this process measures with just now; outside of `measuring` nobody ever reads it."""
    return _current


@contextmanager
def measuring(engine: Engine, clock: Callable[[], datetime], every: float = FLUSH_EVERY) -> Iterator[Telemetry]:
    """Listen to every outside call of this process, and flush what is collected every so many seconds of the block and
    at its end. A store that cannot be written is logged and tried again."""
    global _current
    telemetry, over = Telemetry(), Event()
    before, _current = _current, telemetry

    def keep_flushing() -> None:
        while not over.wait(every):
            _flush(telemetry, engine, clock())

    thread = Thread(target=keep_flushing, name="telemetry", daemon=True)
    thread.start()
    try:
        with listening_everywhere(telemetry.call):
            yield telemetry
    finally:
        _current = before
        over.set()
        thread.join()
        _flush(telemetry, engine, clock())


def _flush(telemetry: Telemetry, engine: Engine, now: datetime) -> None:
    try:
        telemetry.flush(engine, now)
    except StoreProblem as error:
        logs.failed("telemetry_not_kept", error)
