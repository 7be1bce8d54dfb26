"""The loop goes on through what passes."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, nullcontext
from datetime import UTC, datetime
from pathlib import Path
from types import ModuleType
from typing import cast

import pytest
from sqlalchemy import Connection, Engine

from jobs import loop, signs
from jobs.running import Job, Ran, Work
from jobs.turns import Ending
from sync.converge.house import utc_now
from sync.settings import Settings
from sync.store import runs
from sync.store.connection import open_store, reading, writing
from sync.store.trouble import StoreProblem


@pytest.fixture
def engine(tmp_path: Path) -> Engine:
    return open_store(f"sqlite:///{tmp_path}/store.db")


def fail_once(monkeypatch: pytest.MonkeyPatch, module: ModuleType, opens: str) -> None:
    """The next time that the store is opened there it is in trouble."""
    opened, failing = getattr(module, opens), [True]

    def fails(engine: Engine) -> AbstractContextManager[Connection]:
        if failing:
            failing.clear()
            raise StoreProblem("The disk that DATABASE_URL writes to is full: make room on it.")
        return cast(AbstractContextManager[Connection], opened(engine))

    monkeypatch.setattr(module, opens, fails)


PLACES = {"its sign of life": (signs, "writing"), "a look": (loop, "reading"), "taking it up": (loop, "writing")}


@pytest.mark.parametrize(("module", "opens"), PLACES.values(), ids=PLACES)
def test_a_store_in_trouble_for_a_moment_ends_no_loop(
    engine: Engine, monkeypatch: pytest.MonkeyPatch, module: ModuleType, opens: str
) -> None:
    ending, waited = Ending(), list[float]()

    def call(_work: Work) -> Ran:
        ending.asked = True
        return Ran(True, "Everything was tidied up.")

    with writing(engine) as conn:
        number = runs.ask(conn, "tidy", "Dana", utc_now())
    monkeypatch.setattr(loop, "JOBS", {"tidy": Job("tidy", 0, call)})
    monkeypatch.setattr(time, "sleep", waited.append)
    fail_once(monkeypatch, module, opens)
    with pytest.raises(KeyboardInterrupt):
        loop._keep_running(engine, Settings(), ending)
    with reading(engine) as conn:
        run = runs.get(conn, number)
    assert run is not None and run.state == "whole"
    assert waited[0] == loop.TROUBLE_SECONDS


@pytest.fixture
def in_chicago(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """This process's local time is Chicago's."""
    with monkeypatch.context() as patched:
        patched.setenv("TZ", "America/Chicago")
        time.tzset()
        yield
    time.tzset()


BEFORE, AFTER = (datetime(2026, 11, 1, hour, 30, tzinfo=UTC).timestamp() for hour in (6, 7))
"""Half past one in Chicago, and half past one once more an hour later: the clocks went back in between."""


def hours_by_local_time() -> int:
    """How many hours pass between the two by the time that the jobs' library goes by."""
    return time.localtime(AFTER).tm_hour - time.localtime(BEFORE).tm_hour


@pytest.mark.usefixtures("in_chicago")
def test_the_night_on_which_the_clocks_go_back_is_no_hour_longer_for_the_jobs(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    passed: list[int] = []

    def keep_running(*_: object) -> None:
        passed.append(hours_by_local_time())

    assert hours_by_local_time() == 0
    monkeypatch.setattr(loop, "_keep_running", keep_running)
    monkeypatch.setattr(loop, "watchers", lambda *_: nullcontext())
    loop.loop(engine, Settings())
    assert passed == [1]
    assert hours_by_local_time() == 0, "whoever called it has its own time again"
