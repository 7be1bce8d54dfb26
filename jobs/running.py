"""A job and how it is run: recorded from start to end, with progress, whoever asked for it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import Engine

from sync.calendars import Progress
from sync.converge.house import utc_now
from sync.settings import Settings, WrongSettings
from sync.store import runs
from sync.store.connection import writing

SCHEDULE = "the schedule"


@dataclass(frozen=True, slots=True)
class Ran:
    """How a run ended. `whole` is False when it concluded nothing. `result` is what `--json` prints.

    `wrong`: a setting is wrong (named in `setting`), so that running again cannot help before somebody mends it.
    """

    whole: bool
    sentence: str
    counts: Mapping[str, int] = field(default_factory=dict)
    setting: str = ""
    result: object = None
    wrong: bool = False


@dataclass(frozen=True, slots=True)
class Work:
    """What a job's call is given: the store, the settings, the time it is run for (UTC), where to report progress."""

    engine: Engine
    settings: Settings
    now: datetime
    progress: Progress


@dataclass(frozen=True, slots=True)
class Job:
    """A name, what it does in plain words, how often it runs (seconds; 0: only when asked), and one call.

    `scheduled` is the call on the schedule, where that is a lesser one than when a person asks.
    """

    name: str
    title: str
    every: int
    call: Callable[[Work], Ran]
    scheduled: Callable[[Work], Ran] | None = None


def run(job: Job, work: Work, asked_by: str, run_id: int | None = None) -> Ran:
    """Run a job and record it. `run_id` is the row of a run that was asked for before (a button); else a row is made.

    Wrong settings are recorded and raised again as WrongSettings; anything unforeseen is recorded and raised.
    """
    with writing(work.engine) as conn:
        run_id = runs.start(conn, job.name, asked_by, utc_now(), run_id)
    progress = _recorded(work, run_id)
    try:
        call = job.scheduled if job.scheduled and asked_by == SCHEDULE else job.call
        ran = call(Work(work.engine, work.settings, work.now, progress))
    except WrongSettings as error:
        _end(work, run_id, Ran(False, str(error), setting=error.setting))
        raise
    except BaseException:
        _end(work, run_id, Ran(False, "It stopped in the middle; nothing was concluded. The log says why."))
        raise
    _end(work, run_id, ran)
    return ran


def _recorded(work: Work, run_id: int) -> Progress:
    """Progress shown and, now and then, written where the dashboard sees it."""
    last = 0

    def report(done: int, total: int) -> None:
        nonlocal last
        work.progress(done, total)
        if done == total or done - last >= max(1, total // 20):
            last = done
            with writing(work.engine) as conn:
                runs.progress(conn, run_id, done, total)

    return report


def _end(work: Work, run_id: int, ran: Ran) -> None:
    with writing(work.engine) as conn:
        runs.end(
            conn,
            run_id,
            whole=ran.whole,
            sentence=ran.sentence,
            counts=ran.counts,
            setting=ran.setting,
            now=utc_now(),
        )
