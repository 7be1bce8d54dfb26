"""The clock of the house: every job on its schedule, and at once what a button asks for."""

from __future__ import annotations

import logging
import signal
import threading
from types import FrameType

import schedule
from sqlalchemy import Engine

from jobs.registry import JOBS
from jobs.running import SCHEDULE, Job, Work, run
from sync.converge.house import utc_now
from sync.settings import Settings, WrongSettings
from sync.store import runs
from sync.store.connection import reading, writing

log = logging.getLogger("slotkeeper.jobs")

LOOK_EVERY = 0.5
"""Seconds between looks for a run that a person asked for: a button answers within a second."""


def loop(engine: Engine, settings: Settings) -> None:
    """Run until SIGTERM or SIGINT. A job that fails is logged and tried again at its next time."""
    stop = _stop_on_signals()
    with writing(engine) as conn:
        runs.give_up(conn, utc_now(), utc_now())
    clock = schedule.Scheduler()
    for job in JOBS.values():
        if job.every:
            clock.every(job.every).seconds.do(_run, job, engine, settings, SCHEDULE, None)
    clock.run_all()
    while not stop.wait(LOOK_EVERY):
        _take_asked(engine, settings)
        clock.run_pending()


def _take_asked(engine: Engine, settings: Settings) -> None:
    with reading(engine) as conn:
        waiting = runs.any_asked(conn)
    if not waiting:
        return
    with writing(engine) as conn:
        asked = runs.take_asked(conn, utc_now())
    if asked is not None and asked.job in JOBS:
        _run(JOBS[asked.job], engine, settings, asked.asked_by, asked.id)


def _run(job: Job, engine: Engine, settings: Settings, asked_by: str, run_id: int | None) -> None:
    try:
        ran = run(job, Work(engine, settings, utc_now(), _silent), asked_by, run_id)
        log.info("job=%s whole=%s counts=%s", job.name, ran.whole, dict(ran.counts))
    except WrongSettings as error:
        log.warning("job=%s setting=%s wrong", job.name, error.setting)
    except Exception:
        log.exception("job=%s stopped in the middle", job.name)


def _silent(_done: int, _total: int) -> None:
    """The loop has no terminal; what the screen shows is in the store."""


def _stop_on_signals() -> threading.Event:
    stop = threading.Event()

    def handle(_number: int, _frame: FrameType | None) -> None:
        stop.set()

    signal.signal(signal.SIGTERM, handle)
    signal.signal(signal.SIGINT, handle)
    return stop
