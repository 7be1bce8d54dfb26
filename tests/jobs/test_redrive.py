"""The job that sends dead letters again: only when both calendars are well, and the worker hears of it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine

from jobs import redrive
from jobs.registry import JOBS
from jobs.running import Ran, Work, run
from sync.breakers.keeper import REDRIVE
from sync.inbox.waking import Bell
from sync.model import Breaker, BreakerState, End, Ref, Side, Source
from sync.settings import Settings
from sync.store import breakers, hints
from sync.store.connection import open_store, reading, writing

NOW = datetime(2026, 11, 21, 9, 0, tzinfo=UTC)
ANNA = Ref(Side.SQUARE, "anna")


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    made = open_store(f"sqlite:///{tmp_path}/store.db")
    with writing(made) as conn:
        hints.put(conn, ANNA, Source.WEBHOOK, NOW)
        (hint,) = hints.claim(conn, "worker", NOW, timedelta(seconds=90), 1)
        hints.finish(conn, hint, "worker", End.DEAD, "no_answer", NOW)
    yield made
    made.dispose()


def run_it(engine: Engine) -> Ran:
    return run(redrive.JOB, Work(engine, Settings(), NOW, lambda _done, _total: None), "the command line")


def test_what_died_while_a_calendar_was_down_goes_round_again_and_the_worker_is_woken(engine: Engine) -> None:
    bell = Bell(engine)
    ran = run_it(engine)
    assert (ran.whole, ran.counts, ran.sentence) == (
        True, {"sent": 1}, "1 letter was sent again, the soonest visit first.",
    )  # fmt: skip
    assert bell.wait(5)
    bell.close()
    with reading(engine) as conn:
        assert hints.open_refs(conn) == {ANNA}
    assert run_it(engine).sentence == "Nothing waited to be sent again."


def test_nothing_goes_round_while_one_is_down(engine: Engine) -> None:
    with writing(engine) as conn:
        breakers.change(conn, Side.BOOKLY, lambda _: Breaker(BreakerState.OPEN, 5, NOW, NOW), NOW)
    assert run_it(engine).sentence == "A calendar does not answer, so nothing is sent again yet."
    with reading(engine) as conn:
        assert hints.open_refs(conn) == frozenset()


def test_the_job_a_breaker_asks_for_is_there() -> None:
    assert JOBS[REDRIVE] is redrive.JOB
