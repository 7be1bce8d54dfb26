"""First start: read both calendars and look for clashes; on the practice salon also what a person would confirm."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Engine

from jobs import pull_bookly, pull_square, reconcile
from jobs.running import Job, Ran, Work, run
from sync.calendars import Progress
from sync.converge import open_house
from sync.converge.house import House, utc_now
from sync.inbox.opening import open_worker
from sync.model import Kind
from sync.rounds.first_start import ask_for_suggested, confirm_suggestions
from sync.rounds.reconcile import GRACE
from sync.settings import Settings

AT_ONCE = 90
"""Visits of the practice salon that are in step before the page opens (the soonest); the worker carries the rest."""
ASKED_BY = "the first start"


def first_start(engine: Engine, settings: Settings, *, practice: bool, progress: Progress) -> Ran:
    """Pull both sides and reconcile. On the practice salon: confirm, link, send across, so that both are in step."""
    for job in (pull_bookly.JOB, pull_square.JOB, reconcile.JOB):
        ran = _run(job, engine, settings, utc_now(), progress)
        if not ran.whole:
            return ran
    return _practise(engine, settings, progress) if practice else ran


def _practise(engine: Engine, settings: Settings, progress: Progress) -> Ran:
    house = open_house(engine, settings)
    staff, services = confirm_suggestions(house)
    sent = 0
    for kinds in ((Kind.SAME_VISIT,), (Kind.MISSING_IN_SQUARE, Kind.MISSING_IN_BOOKLY)):
        _run(reconcile.JOB, engine, settings, utc_now() + GRACE, progress)
        sent += ask_for_suggested(house, kinds)
        _carry(house, min(sent, AT_ONCE), progress)
    for job in (pull_bookly.JOB, pull_square.JOB, reconcile.JOB):
        _run(job, engine, settings, utc_now(), progress)
    return Ran(
        True, f"The practice salon is ready: {staff} people, {services} services, {sent} visits on their way across."
    )


def _carry(house: House, wanted: int, progress: Progress) -> None:
    worker = open_worker(house)
    for done in range(wanted):
        if not worker.take_one():
            return
        progress(done + 1, wanted)


def _run(job: Job, engine: Engine, settings: Settings, now: datetime, progress: Progress) -> Ran:
    return run(job, Work(engine, settings, now, progress), ASKED_BY)
