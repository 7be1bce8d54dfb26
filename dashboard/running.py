"""What Jobs shows: each job with its last run, the one under way and the next, and the runs of the day."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import pandas as pd
from sqlalchemy.engine import Connection

from dashboard.salon import Salon
from queries import jobs
from queries.register import Asked
from sync.store import polls
from sync.store.runs import planned_next
from sync.wording.runs import JOBS, looked_words, never_ran, next_run, progress, run_words, title, what_for

LATEST = 12
"""Runs shown under the jobs."""


@dataclass(frozen=True, slots=True)
class JobShown:
    """A job in words. `share` is how far the run under way is, 0 to 1; None when none is."""

    name: str
    title: str
    what_for: str
    last: str
    whole: bool
    ran: bool
    next: str
    share: float | None = None
    so_far: str = ""


@dataclass(frozen=True, slots=True)
class Running:
    """`runs` are lines, latest first."""

    jobs: tuple[JobShown, ...]
    runs: tuple[str, ...]

    @property
    def busy(self) -> bool:
        return any(job.share is not None for job in self.jobs)


def running(conn: Connection, salon: Salon) -> Running:
    """Every job and the latest runs."""
    asked = Asked(salon.now)
    ended, newest = (_by_job(found) for found in (jobs.last_ended(conn, asked), jobs.last(conn, asked)))
    due = planned_next(conn)
    looked = {f"poll-{side}": at for side, at in polls.last(conn).items()}
    names = [*JOBS, *sorted(set(newest) - set(JOBS))]
    recent = jobs.recent(conn, asked).head(LATEST).to_dict("records")
    return Running(
        jobs=tuple(
            _job(name, ended.get(name), newest.get(name), due.get(name), looked.get(name), salon) for name in names
        ),
        runs=tuple(f"{title(row['job'])}: {_words(row, salon)}" for row in recent),
    )


def _by_job(found: pd.DataFrame) -> dict[str, Mapping[Any, Any]]:
    return {str(row["job"]): row for row in found.to_dict("records")}


def _job(
    name: str,
    ended: Mapping[Any, Any] | None,
    newest: Mapping[Any, Any] | None,
    due: datetime | None,
    looked: datetime | None,
    salon: Salon,
) -> JobShown:
    """A short look without news leaves no run, only a sign, which may be newer than the last run."""
    if looked is not None and (ended is None or looked > ended["ended_at"]):
        ended = None
    else:
        looked = None
    under_way = newest if newest and newest["state"] in ("waiting", "working") else None
    return JobShown(
        name=name,
        title=title(name),
        what_for=what_for(name),
        last=_words(ended, salon) if ended else looked_words(looked, salon.scene) if looked else never_ran(),
        whole=ended is None or ended["state"] == "whole",
        ran=ended is not None or looked is not None,
        next=next_run(due if due and due > salon.now else None, salon.scene),
        share=_share(under_way) if under_way else None,
        so_far=_so_far(under_way, salon) if under_way else "",
    )


def _words(row: Mapping[Any, Any], salon: Salon) -> str:
    at = next(row[name] for name in ("ended_at", "started_at", "asked_at") if not pd.isna(row[name]))
    return run_words(row["state"], at.to_pydatetime(), row["asked_by"], row["sentence"], salon.scene)


def _share(row: Mapping[Any, Any]) -> float:
    return min(int(row["done"]) / int(row["total"]), 1.0) if row["total"] else 0.0


def _so_far(row: Mapping[Any, Any], salon: Salon) -> str:
    if row["state"] == "waiting" or not row["done"]:
        return _words(row, salon)
    return progress(int(row["done"]), int(row["total"]))
