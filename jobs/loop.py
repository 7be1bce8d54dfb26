"""The clock of the house: every job on its schedule, and at once what a button asks for."""

from __future__ import annotations

import logging
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager

import schedule
from sqlalchemy import Engine

from jobs.registry import JOBS
from jobs.running import SCHEDULE, Job, Work, give_up_lost, run
from jobs.signs import Signs
from jobs.turns import Ending, breaking_off, turn
from jobs.watching import watchers
from sync import logs
from sync.converge.house import utc_now
from sync.settings import Settings, WrongSettings
from sync.store import runs
from sync.store.connection import reading, writing
from sync.store.trouble import StoreProblem
from sync.telemetry.running import measuring

LOOK_EVERY = 0.5
"""Seconds between looks for a run that a person asked for: a button answers within a second."""
TROUBLE_SECONDS = 1.0
"""Seconds until a store that could not be used is asked again."""

TURN = 15.0
"""Seconds that a loop waits for the one before it to end."""


class AnotherLoop(Exception):
    """Another loop is at work on this store; `str(error)` is one plain sentence."""


def loop(engine: Engine, settings: Settings) -> None:
    """Run until SIGTERM or SIGINT; a run that is under way then is broken off and recorded so. A job that fails is
    logged and tried again at its next time. Raises AnotherLoop when there is one already."""
    with _universal_time(), breaking_off() as ending, turn(engine, "loop", TURN) as mine:
        if not mine:
            raise AnotherLoop("Another loop is running these jobs already; stop it first, or leave them to it.")
        try:
            with measuring(engine, utc_now), watchers(engine, settings):
                _keep_running(engine, settings, ending)
        except KeyboardInterrupt:
            logs.say("jobs_stopped")
        finally:
            _give_up_lost(engine)


@contextmanager
def _universal_time() -> Iterator[None]:
    """Within it this process's local time is UTC. `schedule` goes by local time, which on the night that the clocks go
    back has an hour twice: for that hour no job would be due."""
    before = os.environ.get("TZ")
    os.environ["TZ"] = "UTC"
    time.tzset()
    try:
        yield
    finally:
        del os.environ["TZ"]
        os.environ |= {"TZ": before} if before is not None else {}
        time.tzset()


def _keep_running(engine: Engine, settings: Settings, ending: Ending) -> None:
    _give_up_lost(engine)
    clock, signs = schedule.Scheduler(), Signs(engine)
    for job in JOBS.values():
        if job.every and not job.watching:
            due = clock.every(job.every).seconds
            due.do(_scheduled, job, due, engine, settings, signs, ending).tag(job.name)
    clock.run_all()
    while True:
        ending.raise_if_asked()
        time.sleep(_turn(clock, engine, settings, signs))


def _turn(clock: schedule.Scheduler, engine: Engine, settings: Settings, signs: Signs) -> float:
    """Go round once; how many seconds to rest then. A store in trouble for a moment is told and asked again."""
    try:
        signs.alive()
        signs.planned(clock)
        _take_asked(engine, settings, signs)
        clock.run_pending()
        return LOOK_EVERY
    except StoreProblem as problem:
        logs.failed("jobs_held_up", problem)
        return TROUBLE_SECONDS


def _scheduled(job: Job, due: schedule.Job, engine: Engine, settings: Settings, signs: Signs, ending: Ending) -> None:
    """Run a job whose time has come; one that was not whole comes again sooner, where it says so."""
    ending.raise_if_asked()
    if not _run(job, engine, settings, signs, SCHEDULE, None) and job.again:
        due.interval = job.again
    else:
        due.interval = job.every


def _give_up_lost(engine: Engine) -> None:
    for job in JOBS.values():
        if give_up_lost(engine, job):
            logs.say("job_cut_short", job=job.name, level=logging.WARNING)


def _take_asked(engine: Engine, settings: Settings, signs: Signs) -> None:
    with reading(engine) as conn:
        waiting = runs.any_asked(conn)
    if not waiting:
        return
    with writing(engine) as conn:
        asked = runs.take_asked(conn, utc_now())
    if asked is not None and asked.job in JOBS:
        _run(JOBS[asked.job], engine, settings, signs, asked.asked_by, asked.id)


def _run(job: Job, engine: Engine, settings: Settings, signs: Signs, asked_by: str, run_id: int | None) -> bool:
    """Whether the run was whole."""

    def report(_done: int, _total: int) -> None:
        """No terminal here: the run's progress is in the store, and the loop is alive."""
        signs.alive()

    try:
        ran = run(job, Work(engine, settings, utc_now(), report), asked_by, run_id)
        logs.say("job_ended", job=job.name, outcome="whole" if ran.whole else "nothing", counts=ran.counts)
        return ran.whole
    except WrongSettings as error:
        logs.say("setting_wrong", job=job.name, setting=error.setting, level=logging.WARNING)
    except Exception as error:
        logs.failed("job_stopped", error, job=job.name)
    return False
