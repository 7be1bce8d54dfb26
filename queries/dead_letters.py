"""What could not be carried: what lies there now, why, for how long, and how far what was sent again is."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta

import numpy as np
import pandas as pd
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from queries.register import Asked, frame, named
from sync.model import End, Source
from sync.store.dead_letters import is_open, soonest_first
from sync.store.hints import OPEN
from sync.store.looks import FRESH, Look, newest, of
from sync.store.tables import calls, hints, spans

_COLUMNS = (
    "id", "side", "key", "source", "reason", "sentence", "permanent", "attempts", "waits", "visit", "visit_start",
    "changed_at", "received_at", "ended_at", "asked_by",
)  # fmt: skip
_TIMES = ("visit_start", "changed_at", "received_at", "ended_at")
HOUR = 3600.0
IN_MINUTES = timedelta(hours=2)
LOOK_COUNTS = timedelta(seconds=FRESH)
"""What a look at the present found is told for so long."""


@named("dead-letters", "What could not be carried and waits, ranked by how soon the visit is.")
def waiting(conn: Connection, asked: Asked) -> pd.DataFrame:
    """One row an open dead letter. Beside the hint's columns: age and starts_in in seconds (starts_in negative for a
    past visit, NaN for an unknown time), and the last call that failed: call, call_side, outcome, status, code,
    request_id (None where no call was made). staff: the side's own id of who serves, None where that is not known.
    again, again_by, again_at: the hint that is on its way for it, who asked for that and when it was received (None
    where none is)."""
    failing, again = _last_failing(), hints.alias("again")
    on_its_way = sa.and_(again.c.side == hints.c.side, again.c.key == hints.c.key, again.c.state.in_(OPEN))
    statement = (
        sa.select(
            *(hints.c[name] for name in _COLUMNS),
            *_said(failing),
            _staff().label("staff"),
            again.c.id.label("again"),
            again.c.asked_by.label("again_by"),
            again.c.received_at.label("again_at"),
        )
        .outerjoin(failing, failing.c.hint == hints.c.id)
        .outerjoin(again, on_its_way)
        .where(is_open())
        .order_by(*soonest_first(asked.at))
    )
    found = frame(conn, statement, (*_TIMES, "again_at"))
    now = pd.Timestamp(asked.now)
    return found.assign(
        permanent=found["permanent"].astype(bool),
        age=(now - found["ended_at"]).dt.total_seconds(),
        starts_in=(found["visit_start"] - now).dt.total_seconds(),
    )


def _last_failing() -> sa.Subquery:
    last = sa.select(sa.func.max(calls.c.id)).where(calls.c.outcome != "ok").group_by(calls.c.hint)
    return sa.select(calls).where(calls.c.id.in_(last)).subquery("failing")


def _staff() -> sa.ScalarSelect[str]:
    """Who serves in the first part of it, as our copy of that side has it."""
    there = sa.select(spans.c.staff).where(spans.c.side == hints.c.side, spans.c.key == hints.c.key)
    return there.order_by(spans.c.part).limit(1).scalar_subquery()


def _said(failing: sa.Subquery) -> list[sa.ColumnElement[object]]:
    named_so = [failing.c.name.label("call"), failing.c.side.label("call_side")]
    return [*named_so, *(failing.c[name] for name in ("outcome", "status", "code", "request_id"))]


@named("dead-letters-size", "How many lay there at each full hour of that time (each minute of two hours or less).")
def size(conn: Connection, asked: Asked) -> pd.DataFrame:
    """Columns at (each full hour, or minute where at most two hours are asked for, and now), open, permanent. No row
    when nothing lay there at all."""
    step = HOUR if asked.since > IN_MINUTES else 60.0
    statement = sa.select(hints.c.ended_at, hints.c.closed_at, hints.c.permanent).where(
        hints.c.state == End.DEAD.value,
        hints.c.ended_at <= asked.at,
        sa.or_(hints.c.closed_at.is_(None), hints.c.closed_at > asked.back),
    )
    found = frame(conn, statement)
    at = np.append(np.arange(np.ceil(asked.back / step), np.floor(asked.at / step) + 1) * step, asked.at)
    at = np.unique(at) if len(found) else at[:0]
    lasting = found[found["permanent"].astype(bool)]
    counts = {"open": _open_at(found, at), "permanent": _open_at(lasting, at)}
    return pd.DataFrame({"at": pd.to_datetime(at, unit="s", utc=True).as_unit("us"), **counts})


def _open_at(found: pd.DataFrame, at: np.ndarray) -> np.ndarray:
    begun = np.sort(found["ended_at"].to_numpy(dtype=float))
    done = np.sort(found["closed_at"].dropna().to_numpy(dtype=float))
    return np.searchsorted(begun, at, side="right") - np.searchsorted(done, at, side="right")


@named("dead-letters-by-cause", "What lies there, counted by why, most first.")
def by_cause(conn: Connection, _asked: Asked) -> pd.DataFrame:
    """Columns reason, side (where the change came from), permanent, count, soonest (the first visit), oldest (since
    when the first of them lies there)."""
    groups = (hints.c.reason, hints.c.side, hints.c.permanent)
    count = sa.func.count().label("count")
    statement = (
        sa.select(
            *groups,
            count,
            sa.func.min(hints.c.visit_start).label("soonest"),
            sa.func.min(hints.c.ended_at).label("oldest"),
        )
        .where(is_open())
        .group_by(*groups)
        .order_by(count.desc(), *groups)
    )
    found = frame(conn, statement, ("soonest", "oldest"))
    return found.assign(permanent=found["permanent"].astype(bool))


@named("dead-letters-calls", "Each outside call that was made for what lies there, in order.")
def tries(conn: Connection, _asked: Asked) -> pd.DataFrame:
    """One row a call: hint, attempt, side, name, at, ms, outcome, status, code, request_id."""
    statement = (
        sa.select(calls).join(hints, hints.c.id == calls.c.hint).where(is_open()).order_by(calls.c.hint, calls.c.id)
    )
    return frame(conn, statement, ("at",)).drop(columns=["id"])


def tries_of(conn: Connection, letter: int) -> pd.DataFrame:
    """Each outside call that was made for one letter, in order: attempt, side, name, at, ms, outcome, status, code,
    request_id."""
    statement = sa.select(calls).where(calls.c.hint == letter).order_by(calls.c.id)
    return frame(conn, statement, ("at",)).drop(columns=["id", "hint"])


def looked_at(conn: Connection, letters: Iterable[int]) -> dict[int, Look]:
    """What the worker found out about these letters, or is asked for, by the letter's number."""
    return of(conn, letters)


def stamp(conn: Connection) -> tuple[object, ...]:
    """Something that differs as soon as a list of dead letters would show something else."""
    went = sa.select(sa.func.count()).where(hints.c.state.in_(OPEN), hints.c.asked_by != "").scalar_subquery()
    dead = sa.func.max(hints.c.ended_at).filter(hints.c.state == End.DEAD.value)
    row = conn.execute(sa.select(sa.func.max(hints.c.closed_at), dead, went)).one()
    return (*row, newest(conn))


@named("resends", "What was sent again in that time, by whom, and how far it is, latest first.")
def resends(conn: Connection, asked: Asked) -> pd.DataFrame:
    """One row for each asking: asked_by ('' for the machine), received_at, total, waiting, ended, dead."""

    def count_of(*states: str) -> sa.ColumnElement[int]:
        return sa.func.sum(sa.case((hints.c.state.in_(states), 1), else_=0))

    statement = (
        sa.select(
            hints.c.source,
            hints.c.asked_by,
            hints.c.received_at,
            sa.func.count().label("total"),
            count_of("waiting", "working").label("waiting"),
            count_of(*(end.value for end in End if end is not End.DEAD)).label("ended"),
            count_of(End.DEAD.value).label("dead"),
        )
        .where(
            hints.c.source.in_((Source.RESEND.value, Source.REDRIVE.value)),
            hints.c.received_at >= asked.back,
        )
        .group_by(hints.c.source, hints.c.asked_by, hints.c.received_at)
        .order_by(hints.c.received_at.desc(), hints.c.source)
    )
    return frame(conn, statement, ("received_at",))
