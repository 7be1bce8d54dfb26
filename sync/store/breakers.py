"""The breakers as every process sees them: a row a side. Functions that change something need a `writing` connection.

`now` is an aware datetime or seconds since 1970 in UTC.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection

from sync.model import CLOSED, Breaker, BreakerState, Side
from sync.store.prepared import Prepared
from sync.store.rows import upsert
from sync.store.tables import breakers as table
from sync.store.times import When, moment, seconds

SETTING = re.compile(r"[A-Z]+(_[A-Z]+)+")


def load(conn: Connection, side: Side) -> Breaker:
    """A side's breaker; closed where nothing was ever kept of it."""
    rows = _OF_SIDE.run(conn, {"of": side.value}).fetchall()
    return _breaker(*rows[0]) if rows else CLOSED


_OF_SIDE = Prepared(
    sa.select(table.c.state, table.c.failures, table.c.opened_at, table.c.until, table.c.reason).where(
        table.c.side == sa.bindparam("of")
    )
)


def all_closed(conn: Connection) -> bool:
    """Whether both sides are asked as usual."""
    other = sa.select(table.c.side).where(table.c.state != BreakerState.CLOSED.value).limit(1)
    return conn.execute(other).first() is None


def change(
    conn: Connection, side: Side, transition: Callable[[Breaker], Breaker], now: When
) -> tuple[Breaker, Breaker]:
    """Apply a transition to what is kept, whoever kept it; returns (before, after). Writers take turns, so of many that
    claim a trial at once one sees the breaker before it was claimed."""
    before = load(conn, side)
    after = transition(before)
    if after != before:
        upsert(conn, table, [_row(side, after, now)])
    return before, after


def _row(side: Side, breaker: Breaker, now: When) -> dict[str, Any]:
    return {
        "side": side.value,
        "state": breaker.state.value,
        "failures": breaker.failures,
        "opened_at": seconds(breaker.opened_at),
        "until": seconds(breaker.until),
        "reason": f"{breaker.setting}: {breaker.reason}" if breaker.setting else breaker.reason,
        "changed_at": seconds(now),
    }


def _breaker(state: str, failures: int, opened_at: float | None, until: float | None, said: str) -> Breaker:
    setting, reason = _parts(said)
    return Breaker(BreakerState(state), failures, moment(opened_at), moment(until), reason, setting)


def _parts(kept: str) -> tuple[str, str]:
    """The setting in front, '' for none, and the sentence."""
    name, mark, rest = kept.partition(": ")
    return (name, rest) if mark and SETTING.fullmatch(name) else ("", kept)
