"""A job and how it is run: recorded from start to end, with progress, whoever asked for it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field, replace
from datetime import datetime

from sqlalchemy import Connection, Engine

from jobs.turns import turn
from sync import logs
from sync.calendars import Progress
from sync.converge.house import utc_now
from sync.settings import Settings, WrongSettings
from sync.store import runs
from sync.store.connection import writing

SCHEDULE = "the schedule"

STOPPED = "It stopped in the middle; nothing was concluded."

PATIENCE = 60.0
"""Seconds that a person's run waits for another run of the same job to end: longer than a usual pull."""


@dataclass(frozen=True, slots=True)
class Ran:
    """How a run ended. `whole` is False when it concluded nothing. `result` is what `--json` prints.

    `wrong`: a setting is wrong (named in `setting`), so that running again cannot help before somebody mends it.
    `is_news`: worth a line among the runs, also for a job that looks every few seconds.
    """

    whole: bool
    sentence: str
    counts: Mapping[str, int] = field(default_factory=dict)
    setting: str = ""
    result: object = None
    wrong: bool = False
    is_news: bool = True


@dataclass(frozen=True, slots=True)
class Work:
    """What a job's call is given: the store, the settings, the time it is run for (UTC), where to report progress, and
    where to say a sentence while it is under way."""

    engine: Engine
    settings: Settings
    now: datetime
    progress: Progress
    say: Callable[[str], None] = lambda _: None


Watch = Callable[[datetime], Ran]
"""One short look, at a time (UTC)."""
Watching = Callable[[Engine, Settings], AbstractContextManager[Watch]]


@dataclass(frozen=True, slots=True)
class Job:
    """A name, how often it runs (seconds; 0: only when asked), and one call. What it is called on the screens stands in
    `sync.wording.runs`.

    `scheduled` is the call on the schedule, where that is a lesser one than when a person asks. `again`: seconds until
    the schedule tries once more after a run that was not whole, where that is sooner. `watching`: for a job that the
    loop keeps in a thread of its own beside the others, open with all it remembers; it is recorded only when there was
    something to say.
    """

    name: str
    every: int
    call: Callable[[Work], Ran]
    scheduled: Callable[[Work], Ran] | None = None
    again: int = 0
    watching: Watching | None = None


def run(job: Job, work: Work, asked_by: str, run_id: int | None = None) -> Ran:
    """Run a job and record it. `run_id` is the row of a run that was asked for before (a button); else a row is made.

    Of one job one run is under way at a time: a person's run waits for the other to end, the schedule's leaves it to
    the other. Wrong settings are recorded and raised as WrongSettings; anything unforeseen is recorded and raised.
    """
    patience = 0.0 if asked_by == SCHEDULE else PATIENCE

    def waits() -> None:
        work.say(f"{job.name} is being run already; waiting for that run to end.")

    with turn(work.engine, job.name, patience, waits) as mine:
        if mine:
            return _run(job, work, asked_by, run_id)
    ran = Ran(False, f"{job.name} is still being run by another process; nothing was concluded. Try again in a minute.")
    if run_id is not None:
        _end(work, run_id, ran)
    return ran


def watch_once(job: Job, work: Work, look: Watch) -> Ran | None:
    """One short look of a job that is kept watching, recorded where it is news; None while another run is under way."""
    with turn(work.engine, job.name, patience=0.0) as mine:
        if not mine:
            return None
        began = utc_now()
        ran = look(work.now)
        if ran.is_news:
            with writing(work.engine) as conn:
                run_id = runs.start(conn, job.name, SCHEDULE, began)
                _put_end(conn, run_id, ran)
        return ran


def give_up_lost(engine: Engine, job: Job) -> int:
    """End the runs of a job whose process is gone, unless one of it is under way; returns how many there were."""
    with turn(engine, job.name, patience=0.0) as mine:
        if not mine:
            return 0
        with writing(engine) as conn:
            return runs.give_up(conn, utc_now(), utc_now(), job.name)


def _run(job: Job, work: Work, asked_by: str, run_id: int | None) -> Ran:
    """With the turn: whatever else is noted as under way was cut short."""
    with writing(work.engine) as conn:
        runs.give_up(conn, utc_now(), utc_now(), job.name)
        run_id = runs.start(conn, job.name, asked_by, utc_now(), run_id)
    progress = _recorded(work, run_id)
    try:
        call = job.scheduled if job.scheduled and asked_by == SCHEDULE else job.call
        ran = call(replace(work, progress=progress))
    except WrongSettings as error:
        _end(work, run_id, Ran(False, str(error), setting=error.setting))
        raise
    except KeyboardInterrupt:
        _end(work, run_id, Ran(False, runs.BROKEN_OFF))
        raise
    except BaseException as error:
        error_id = logs.failed("job_stopped", error, job=job.name)
        _end(work, run_id, Ran(False, f"{STOPPED} The log says why, under {error_id}."))
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
        _put_end(conn, run_id, ran)


def _put_end(conn: Connection, run_id: int, ran: Ran) -> None:
    runs.end(
        conn,
        run_id,
        whole=ran.whole,
        sentence=ran.sentence,
        counts=ran.counts,
        setting=ran.setting,
        now=utc_now(),
    )
