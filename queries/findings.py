"""What is out of order, and what became of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

import pandas as pd
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from queries.register import Asked, frame, named
from sync.model import TIMELESS, Concerned, Finding, Kind, Ref, Side
from sync.store.tables import finding_units, findings

_TIMES = ("start", "end", "first_seen_at", "last_seen_at", "closed_at")


def _columns(now: float) -> sa.Select[tuple[object, ...]]:
    return sa.select(*findings.c, _over(now).label("past"))


@named("findings-open", "What needs a decision: open and not over, soonest first.")
def to_decide(conn: Connection, asked: Asked) -> pd.DataFrame:
    """One row a finding, all its columns and `past` (always False here)."""
    ahead = sa.or_(findings.c.end > asked.at, findings.c.kind.in_(TIMELESS))
    statement = _columns(asked.at).where(findings.c.state == "open", ahead).order_by(findings.c.start, findings.c.id)
    return _read(conn, statement)


@named("findings", "Every finding last seen or closed in the time asked for, past ones too, latest first.")
def all_of(conn: Connection, asked: Asked) -> pd.DataFrame:
    """One row a finding with its state (open, left, closed) and `past`."""
    recent = sa.or_(findings.c.state != "closed", findings.c.closed_at >= asked.back)
    return _read(conn, _columns(asked.at).where(recent).order_by(findings.c.start.desc(), findings.c.id))


@named("findings-count", "How many findings of each kind are open, left or settled, and how many of them are past.")
def counts(conn: Connection, asked: Asked) -> pd.DataFrame:
    """Columns kind, state, past, count."""
    past = _over(asked.at).label("past")
    statement = (
        sa.select(findings.c.kind, findings.c.state, past, sa.func.count().label("count"))
        .group_by(findings.c.kind, findings.c.state, past)
        .order_by(findings.c.kind, findings.c.state)
    )
    found = frame(conn, statement)
    return found.assign(past=found["past"].astype(bool))


def one(conn: Connection, finding: int, now: datetime) -> pd.DataFrame:
    """The finding of that id; no row when there is none."""
    return _read(conn, _columns(now.timestamp()).where(findings.c.id == finding))


def some(conn: Connection, ids: Sequence[int], now: datetime) -> pd.DataFrame:
    """The findings of those ids, soonest first."""
    statement = _columns(now.timestamp()).where(findings.c.id.in_(ids)).order_by(findings.c.start, findings.c.id)
    return _read(conn, statement)


def listed(
    conn: Connection,
    asked: Asked,
    *,
    kinds: Sequence[str] = (),
    staff: Sequence[str] = (),
    sides: Sequence[str] = (),
    states: Sequence[str] = (),
    limit: int = 100,
    skip: int = 0,
) -> pd.DataFrame:
    """The findings a filter leaves, `limit` of them after `skip`. States: open, left, settled, past; none means all.

    Open ones come soonest first, all others latest first.
    """
    statement = _filtered(asked, kinds, staff, sides, states)
    order = findings.c.start if list(states) == ["open"] else findings.c.start.desc()
    return _read(conn, statement.order_by(order, findings.c.id).limit(limit).offset(skip))


def count_listed(
    conn: Connection,
    asked: Asked,
    *,
    kinds: Sequence[str] = (),
    staff: Sequence[str] = (),
    sides: Sequence[str] = (),
    states: Sequence[str] = (),
) -> int:
    """How many findings the filter leaves in all."""
    inner = _filtered(asked, kinds, staff, sides, states).subquery()
    return int(conn.execute(sa.select(sa.func.count()).select_from(inner)).scalar_one())


def count_by_state(conn: Connection, asked: Asked) -> dict[str, int]:
    """How many findings are open, left, settled and past."""
    counts = (sa.func.coalesce(sa.func.sum(sa.case((test(asked.at), 1), else_=0)), 0) for test in _STATES.values())
    return dict(zip(_STATES, map(int, conn.execute(sa.select(*counts)).one()), strict=True))


def _filtered(
    asked: Asked, kinds: Sequence[str], staff: Sequence[str], sides: Sequence[str], states: Sequence[str]
) -> sa.Select[tuple[object, ...]]:
    statement = _columns(asked.at)
    if kinds:
        statement = statement.where(findings.c.kind.in_(kinds))
    if staff:
        statement = statement.where(findings.c.staff.in_(staff))
    if sides:
        units = sa.select(finding_units.c.finding).where(finding_units.c.side.in_(sides))
        statement = statement.where(findings.c.id.in_(units))
    if states:
        statement = statement.where(sa.or_(*(_STATES[state](asked.at) for state in states if state in _STATES)))
    return statement


def _over(now: float) -> sa.ColumnElement[bool]:
    return sa.and_(findings.c.end <= now, findings.c.kind.not_in(TIMELESS))


_STATES: dict[str, Callable[[float], sa.ColumnElement[bool]]] = {
    "open": lambda now: sa.and_(findings.c.state == "open", sa.not_(_over(now))),
    "left": lambda _now: findings.c.state == "left",
    "settled": lambda _now: findings.c.state == "closed",
    "past": lambda now: sa.and_(findings.c.state != "closed", _over(now)),
}


def staff_named(conn: Connection) -> list[str]:
    """Everybody who has a finding, for the filter."""
    statement = sa.select(findings.c.staff).where(findings.c.staff != "").distinct().order_by(findings.c.staff)
    return [str(name) for name in conn.execute(statement).scalars()]


def likely_twins(conn: Connection, asked: Asked) -> pd.DataFrame:
    """Open findings of visits that stand in both calendars, and are likely one visit; soonest first."""
    found = _open_of(conn, asked, (Kind.SAME_VISIT,))
    return found[[bool(detail.get("likely")) for detail in found["detail"]]].reset_index(drop=True)


def missing(conn: Connection, asked: Asked, kind: Kind) -> pd.DataFrame:
    """Open findings of visits that one calendar does not have, soonest first."""
    return _open_of(conn, asked, (kind,))


def _open_of(conn: Connection, asked: Asked, kinds: Sequence[Kind]) -> pd.DataFrame:
    return listed(conn, asked, kinds=kinds, states=("open",), limit=100_000)


def _read(conn: Connection, statement: sa.Select[tuple[object, ...]]) -> pd.DataFrame:
    found = frame(conn, statement, _TIMES)
    return found.assign(past=found["past"].astype(bool))


def as_finding(row: Mapping[Any, Any]) -> Finding:
    """A row of the store as the finding it is."""
    return Finding(
        key=row["key"],
        kind=Kind(row["kind"]),
        person=row["person"],
        staff=row["staff"],
        start=row["start"].to_pydatetime(),
        end=row["end"].to_pydatetime(),
        concerned=tuple(
            Concerned(
                Side(item["side"]), item["unit"], tuple(Ref(Side(ref["side"]), ref["key"]) for ref in item["refs"])
            )
            for item in row["concerned"]
        ),
        seen=row["seen"],
        detail=row["detail"],
    )
