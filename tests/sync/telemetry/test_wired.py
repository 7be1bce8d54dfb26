"""The processes that call the calendars measure it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import NoReturn

import pytest
from click.testing import CliRunner
from sqlalchemy import Engine

from jobs import loop as jobs_loop
from sync import __main__ as sync_commands
from sync.calendars.calls import tell
from sync.model import Side
from sync.model.calls import Call
from sync.settings import Settings, settings
from sync.store import tallies
from sync.store.connection import reading

CALL = Call(Side.SQUARE, "list bookings", datetime(2026, 11, 21, tzinfo=UTC), 120.0, "ok", 200)


@pytest.fixture(autouse=True)
def _this_store(store_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("DATABASE_URL", store_url)
    settings.cache_clear()
    yield
    settings.cache_clear()


def counted(store: Engine) -> list[tuple[str, int]]:
    with reading(store) as conn:
        return [(one.label, one.value) for one in tallies.total(conn)]


def test_the_loop_of_the_jobs_measures_its_calls(store: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    def calls_once(*_: object) -> NoReturn:
        tell(CALL)
        raise KeyboardInterrupt

    monkeypatch.setattr(jobs_loop, "_keep_running", calls_once)
    jobs_loop.loop(store, Settings())
    assert counted(store) == [("square|ok|2xx", 1)]


def test_the_worker_measures_its_calls(store: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    def works(*_: object) -> None:
        tell(CALL)

    monkeypatch.setattr(sync_commands, "open_house", lambda *_, **__: None)
    monkeypatch.setattr(sync_commands, "Ringer", lambda _: SimpleNamespace(ring=None))
    monkeypatch.setattr(sync_commands, "work_until", works)
    monkeypatch.setattr(sync_commands, "_stop_on_signals", lambda: None)
    done = CliRunner().invoke(sync_commands.sync, ["work"], catch_exceptions=False)
    assert (done.exit_code, counted(store)) == (0, [("square|ok|2xx", 1)])
