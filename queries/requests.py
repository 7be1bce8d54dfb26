"""What people asked for, and what came of it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import pandas as pd
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from queries.register import Asked, frame, named
from sync.store.tables import audit, requests

_TIMES = ("asked_at", "ended_at")


@named("requests", "What people asked for in the time asked for, latest first.")
def recent(conn: Connection, asked: Asked) -> pd.DataFrame:
    """One row a request, all its columns."""
    statement = sa.select(requests).where(requests.c.asked_at >= asked.back).order_by(requests.c.asked_at.desc())
    return frame(conn, statement, _TIMES)


@named("audit", "Every person's action in the time asked for: who, when, what stood, what was sent and answered.")
def actions(conn: Connection, asked: Asked) -> pd.DataFrame:
    """One row an action, latest first."""
    statement = sa.select(audit).where(audit.c.at >= asked.back).order_by(audit.c.at.desc(), audit.c.id.desc())
    return frame(conn, statement, ("at",))


def of_findings(conn: Connection, findings: Sequence[int]) -> pd.DataFrame:
    """Every request about those findings, oldest first."""
    statement = sa.select(requests).where(requests.c.finding.in_(findings)).order_by(requests.c.asked_at, requests.c.id)
    return frame(conn, statement, _TIMES)


def one(conn: Connection, request: int) -> pd.DataFrame:
    """The request of that id; no row when there is none."""
    return frame(conn, sa.select(requests).where(requests.c.id == request), _TIMES)


def asked_since(conn: Connection, since: datetime) -> pd.DataFrame:
    """Single requests (no batches) about findings, asked for since a moment, oldest first."""
    statement = (
        sa.select(requests)
        .where(requests.c.asked_at >= since.timestamp(), requests.c.bulk.is_(None), requests.c.finding.is_not(None))
        .order_by(requests.c.asked_at, requests.c.id)
    )
    return frame(conn, statement, _TIMES)


@named("batches", "How far each batch asked for in that time is: done, refused, waiting.")
def batches(conn: Connection, asked: Asked) -> pd.DataFrame:
    """Columns bulk, asked_by, asked_at, kind, waiting, done, refused, total; latest first."""
    kind = requests.c.choice["kind"].as_string()
    statement = (
        sa.select(
            requests.c.bulk,
            sa.func.min(requests.c.asked_by).label("asked_by"),
            sa.func.min(requests.c.asked_at).label("asked_at"),
            sa.func.min(kind).label("kind"),
            _count_of("waiting", "working").label("waiting"),
            _count_of("done", "would").label("done"),
            _count_of("refused", "half").label("refused"),
            sa.func.count().label("total"),
        )
        .where(requests.c.bulk.is_not(None), requests.c.asked_at >= asked.back)
        .group_by(requests.c.bulk)
        .order_by(sa.func.min(requests.c.asked_at).desc())
    )
    return frame(conn, statement, ("asked_at",))


def _count_of(*states: str) -> sa.ColumnElement[int]:
    return sa.func.coalesce(sa.func.sum(sa.case((requests.c.state.in_(states), 1), else_=0)), 0)
