"""Jobs that look every few seconds, each in a light thread beside the loop: a long read must not keep them waiting."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Event, Thread

from sqlalchemy import Engine

from jobs.registry import JOBS
from jobs.running import Job, Watch, Watching, Work, watch_once
from sync import logs
from sync.converge.house import utc_now
from sync.settings import Settings, WrongSettings

ENDS_WITHIN = 2.0
"""Seconds that a stopped loop waits for a look that is under way; what it did not write down it makes again."""
MENDED_WITHIN = 60
"""Seconds until a wrong setting is tried again."""


@contextmanager
def watchers(engine: Engine, settings: Settings) -> Iterator[None]:
    """Every watching job in its thread, until the block ends."""
    stopped = Event()
    threads = [
        Thread(target=_keep_watching, args=(job, job.watching, engine, settings, stopped), name=job.name, daemon=True)
        for job in JOBS.values()
        if job.watching
    ]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        stopped.set()
        for thread in threads:
            thread.join(ENDS_WITHIN)


def _keep_watching(job: Job, watching: Watching, engine: Engine, settings: Settings, stopped: Event) -> None:
    """Look and look again; what goes wrong beyond the calendar itself begins anew with nothing remembered."""
    pause = 0
    while not stopped.wait(pause):
        try:
            with watching(engine, settings) as watch:
                _watch(job, watch, engine, settings, stopped)
        except WrongSettings as error:
            logs.say("setting_wrong", job=job.name, setting=error.setting, level=logging.WARNING)
            pause = MENDED_WITHIN
        except Exception as error:
            logs.failed("job_stopped", error, job=job.name)
            pause = job.every


def _watch(job: Job, watch: Watch, engine: Engine, settings: Settings, stopped: Event) -> None:
    while not stopped.is_set():
        ran = watch_once(job, Work(engine, settings, utc_now(), _silent), watch)
        if ran is not None and ran.is_news:
            logs.say("job_ended", job=job.name, outcome="whole" if ran.whole else "nothing", counts=ran.counts)
        stopped.wait(job.every)


def _silent(_done: int, _total: int) -> None:
    """A short look has no progress to show."""
