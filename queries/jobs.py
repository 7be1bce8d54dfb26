"""The jobs and their runs."""

from __future__ import annotations

import pandas as pd
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from queries.register import Asked, frame, named
from sync.store.tables import runs

_TIMES = ("asked_at", "started_at", "ended_at")


@named("runs", "Every run of a job asked for in that time, latest first.")
def recent(conn: Connection, asked: Asked) -> pd.DataFrame:
    """One row a run, all its columns."""
    statement = sa.select(runs).where(runs.c.asked_at >= asked.back).order_by(runs.c.asked_at.desc(), runs.c.id.desc())
    return frame(conn, statement, _TIMES)


@named("runs-last", "The last run of each job.")
def last(conn: Connection, _asked: Asked) -> pd.DataFrame:
    """One row a job: its newest run."""
    newest = sa.select(sa.func.max(runs.c.id)).group_by(runs.c.job)
    return frame(conn, sa.select(runs).where(runs.c.id.in_(newest)).order_by(runs.c.job), _TIMES)


@named("runs-last-ended", "The last run of each job that came to an end.")
def last_ended(conn: Connection, _asked: Asked) -> pd.DataFrame:
    """One row a job: its newest run that has ended."""
    newest = sa.select(sa.func.max(runs.c.id)).where(runs.c.ended_at.is_not(None)).group_by(runs.c.job)
    return frame(conn, sa.select(runs).where(runs.c.id.in_(newest)).order_by(runs.c.job), _TIMES)
