"""Requests: what a person asked for, kept until the worker has carried it. Asked once however often a button is hit."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection

from sync.model import Choice, Outcome, Ref, choice_from, plain
from sync.store.prepared import Prepared
from sync.store.tables import requests as table
from sync.store.times import moment, seconds

ENDED = ("done", "refused", "half", "would")


@dataclass(frozen=True, slots=True)
class Request:
    """One request row. `state`: waiting, working, done, refused, half, would. Times are aware datetimes in UTC.

    `seen` is the hash of what the person saw; `plan` and `outcome` are plain JSON, None until there is one.
    """

    id: int
    key: str
    finding: int | None
    undo_of: int | None
    bulk: int | None
    choice: Choice
    seen: str
    asked_by: str
    role: str
    asked_at: datetime
    state: str
    attempts: int
    plan: Mapping[str, Any] | None
    outcome: Mapping[str, Any] | None
    ended_at: datetime | None

    @property
    def refs(self) -> tuple[Ref, ...]:
        """The visits that the choice itself names."""
        return tuple(ref for ref in (self.choice.ref, self.choice.other) if ref is not None)


@dataclass(frozen=True, slots=True)
class Asked:
    """What came of asking: the row, whether it was new, and how far it is."""

    id: int
    fresh: bool
    state: str


def ask(
    conn: Connection,
    *,
    key: str,
    finding: int | None,
    choice: Choice,
    seen: str,
    who: str,
    role: str,
    now: datetime,
    bulk: int | None = None,
    undo_of: int | None = None,
) -> Asked:
    """Keep a request. `key` is the fact that makes it one and the same, never random: the first asking answers all."""
    there = conn.execute(sa.select(table.c.id, table.c.state).where(table.c.key == key)).first()
    if there is not None:
        return Asked(there.id, fresh=False, state=there.state)
    made = conn.execute(
        table.insert().values(
            key=key,
            finding=finding,
            undo_of=undo_of,
            bulk=bulk,
            choice=plain(choice),
            seen=seen,
            asked_by=who,
            role=role,
            asked_at=seconds(now),
            state="waiting",
            due_at=seconds(now),
        )
    )
    return Asked(_new_id(made), fresh=True, state="waiting")


def ask_many(
    conn: Connection, wanted: Sequence[tuple[str, int, Choice, str]], *, who: str, role: str, now: datetime
) -> int:
    """Keep a bulk of requests, each (key, finding, choice, seen); returns the number of the bulk."""
    bulk = (conn.execute(sa.select(sa.func.max(table.c.bulk))).scalar() or 0) + 1
    for key, finding, choice, seen in wanted:
        ask(conn, key=key, finding=finding, choice=choice, seen=seen, who=who, role=role, now=now, bulk=bulk)
    return bulk


def get(conn: Connection, request_id: int) -> Request | None:
    """One request; None when there is none."""
    row = conn.execute(sa.select(table).where(table.c.id == request_id)).first()
    return _request(row) if row is not None else None


def any_due(conn: Connection, now: datetime) -> bool:
    """Whether something waits to be taken up (a look before a write transaction)."""
    return _ANY_DUE.run(conn, {"now": seconds(now)}).fetchone() is not None


def claim(conn: Connection, worker: str, now: datetime, lasting: timedelta) -> Request | None:
    """Take up the request that is due first, single clicks before a bulk.

    It is the worker's until `lasting` has passed: what a dead one held comes back, and that counts as an attempt, so
    that a request which kills its worker does not come round for ever.
    """
    row = conn.execute(
        sa.select(table.c.id, table.c.state)
        .where(_due(seconds(now)))
        .order_by(table.c.bulk.is_not(None), table.c.due_at, table.c.id)
        .limit(1)
    ).first()
    if row is None:
        return None
    died = {"attempts": table.c.attempts + 1} if row.state == "working" else {}
    taken = conn.execute(
        table.update()
        .where(table.c.id == row.id, _due(seconds(now)))
        .values(state="working", claimed_by=worker, claimed_until=seconds(now + lasting), **died)
    )
    return _readable(conn, row.id, now) if taken.rowcount == 1 else None


def _readable(conn: Connection, request_id: int, now: datetime) -> Request | None:
    """The request; one whose row nobody can read is ended instead, or it would stop every worker that takes it up."""
    try:
        return get(conn, request_id)
    except (AttributeError, KeyError, TypeError, ValueError):
        outcome = plain(Outcome("refused", word="stopped"))
        ended = {"state": "refused", "outcome": outcome, "ended_at": seconds(now), "claimed_by": None}
        conn.execute(table.update().where(table.c.id == request_id).values(ended))
        return None


def keep(conn: Connection, request_id: int, worker: str, now: datetime, lasting: timedelta) -> bool:
    """Hold on to it for `lasting` more. False: it is no longer ours."""
    ours = sa.and_(table.c.id == request_id, table.c.state == "working", table.c.claimed_by == worker)
    return conn.execute(table.update().where(ours).values(claimed_until=seconds(now + lasting))).rowcount == 1


def keep_plan(conn: Connection, request_id: int, plan: Mapping[str, Any]) -> None:
    """Keep the plan before its first step: whoever takes the request up later goes on with this one."""
    conn.execute(table.update().where(table.c.id == request_id).values(plan=plan))


def put_back(
    conn: Connection, request_id: int, worker: str, due: datetime, reason: str, now: datetime, *, waiting: bool
) -> bool:
    """Let it wait until `due`. A wait that is nobody's fault (`waiting`) is no attempt. `reason`: what it waits for;
    since when is kept for as long as that stays the same. False: it is no longer ours."""
    values: dict[str, Any] = {"state": "waiting", "due_at": seconds(due), "claimed_by": None, "claimed_until": None}
    if not waiting:
        values["attempts"] = table.c.attempts + 1
    values["waits_for"] = reason
    values["waits_since"] = sa.case((table.c.waits_for == reason, table.c.waits_since), else_=seconds(now))
    ours = sa.and_(table.c.id == request_id, table.c.claimed_by == worker)
    return conn.execute(table.update().where(ours).values(values)).rowcount == 1


def finish(
    conn: Connection, request_id: int, worker: str, state: str, outcome: Mapping[str, Any], now: datetime
) -> bool:
    """End it, once. False: another worker has taken it up since, and its word counts."""
    ended = conn.execute(
        table.update()
        .where(table.c.id == request_id, table.c.claimed_by == worker)
        .values(state=state, outcome=outcome, ended_at=seconds(now), claimed_by=None, claimed_until=None)
    )
    return ended.rowcount == 1


def settled_by(conn: Connection, finding: int) -> Request | None:
    """The last request that settled a finding, if a person settled it."""
    row = conn.execute(
        sa.select(table)
        .where(table.c.finding == finding, table.c.state.in_(("done", "half")))
        .order_by(table.c.ended_at.desc())
        .limit(1)
    ).first()
    return _request(row) if row is not None else None


def for_finding(conn: Connection, finding: int) -> tuple[Request, ...]:
    """Everything that was asked about a finding, oldest first."""
    rows = conn.execute(sa.select(table).where(table.c.finding == finding).order_by(table.c.id))
    return tuple(_request(row) for row in rows)


def under_way(conn: Connection) -> tuple[Request, ...]:
    """What has been asked and is not ended."""
    rows = conn.execute(sa.select(table).where(table.c.state.in_(("waiting", "working"))).order_by(table.c.id))
    return tuple(_request(row) for row in rows)


def _due(at: float | sa.BindParameter[float]) -> sa.ColumnElement[bool]:
    """`at`: seconds since 1970."""
    waits = sa.and_(table.c.state == "waiting", table.c.due_at <= at)
    abandoned = sa.and_(table.c.state == "working", table.c.claimed_until < at)
    return sa.or_(waits, abandoned)


_ANY_DUE = Prepared(sa.select(table.c.id).where(_due(sa.bindparam("now", type_=sa.Float))).limit(1))


def _new_id(result: sa.CursorResult[Any]) -> int:
    key = result.inserted_primary_key
    assert key is not None
    return int(key[0])


def _request(row: sa.Row[Any]) -> Request:
    return Request(
        id=row.id,
        key=row.key,
        finding=row.finding,
        undo_of=row.undo_of,
        bulk=row.bulk,
        choice=choice_from(row.choice),
        seen=row.seen,
        asked_by=row.asked_by,
        role=row.role,
        asked_at=moment(row.asked_at),
        state=row.state,
        attempts=row.attempts,
        plan=row.plan,
        outcome=row.outcome,
        ended_at=moment(row.ended_at),
    )
