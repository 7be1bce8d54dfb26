from __future__ import annotations

from datetime import timedelta

from sqlalchemy import Engine

from dashboard.running import running
from dashboard.salon import salon
from sync.settings import settings
from sync.store import runs
from sync.store.connection import reading, writing
from tests.dashboard.small_store import NOW


def _next(engine: Engine, job: str) -> str:
    with reading(engine) as conn:
        shown = running(conn, salon(conn, settings(), NOW))
    return next(one.next for one in shown.jobs if one.name == job)


def test_a_job_says_when_it_runs_next_once_the_loop_has_planned_it(small_store: Engine) -> None:
    assert _next(small_store, "pull-square") == "It runs by itself while Slotkeeper is started."
    with writing(small_store) as conn:
        runs.plan_next(conn, {"pull-square": NOW + timedelta(minutes=4)}, NOW)
    assert _next(small_store, "pull-square").endswith("in 4 minutes.")


def test_a_time_that_has_passed_is_not_called_the_next(small_store: Engine) -> None:
    with writing(small_store) as conn:
        runs.plan_next(conn, {"pull-square": NOW - timedelta(minutes=4)}, NOW)
    assert _next(small_store, "pull-square") == "It runs by itself while Slotkeeper is started."


def test_a_job_that_never_ran_is_neither_whole_nor_broken(small_store: Engine) -> None:
    with writing(small_store) as conn:
        number = runs.start(conn, "pull-square", "Dana", NOW)
        runs.end(conn, number, whole=False, sentence="Square is down.", counts={}, setting="", now=NOW)
    with reading(small_store) as conn:
        shown = {one.name: one for one in running(conn, salon(conn, settings(), NOW)).jobs}
    assert (shown["pull-square"].ran, shown["pull-square"].whole) == (True, False)
    assert (shown["pull-bookly"].ran, shown["pull-bookly"].last) == (False, "Has not run yet.")
