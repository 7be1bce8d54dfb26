"""The loop is seen to be alive, and what it will run next is known from its first moment."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
import schedule
from sqlalchemy import Engine

from jobs import signs
from jobs.signs import Signs
from sync.converge.house import utc_now
from sync.store import keeping, runs
from sync.store.connection import open_store, reading


@pytest.fixture
def engine(tmp_path: Path) -> Engine:
    return open_store(f"sqlite:///{tmp_path}/store.db")


def test_when_each_job_runs_next_is_known_as_soon_as_it_is_planned(engine: Engine) -> None:
    clock = schedule.Scheduler()
    clock.every(60).seconds.do(lambda: None).tag("reconcile")
    before = utc_now()
    Signs(engine).planned(clock)
    with reading(engine) as conn:
        due = runs.planned_next(conn)
    assert list(due) == ["reconcile"]
    assert before + timedelta(seconds=59) < due["reconcile"] <= utc_now() + timedelta(seconds=60)


def test_a_loop_gives_a_sign_of_life_and_not_at_every_turn(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    now = utc_now()
    loop = Signs(engine)
    for seconds, seen in ((0, 0), (5, 0), (11, 11)):
        monkeypatch.setattr(signs, "utc_now", lambda seconds=seconds: now + timedelta(seconds=seconds))
        loop.alive()
        with reading(engine) as conn:
            ((name, at),) = keeping.beats(conn).items()
        assert name.startswith("jobs")
        assert abs(at - now - timedelta(seconds=seen)) < timedelta(milliseconds=1)
