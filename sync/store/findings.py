"""Findings from run to run: they keep their identity, close by themselves when their cause is gone, and may be left."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection

from sync.model import Concerned, Finding, Kind, LeaveReason, Ref, Side, plain
from sync.store.tables import finding_units
from sync.store.tables import findings as table
from sync.store.times import moment, seconds

CAUSE_GONE = "The cause is gone."
"""Why a finding closed when nobody settled it here."""

BATCH = 500
"""Names in one IN list: below what SQLite and PostgreSQL allow."""


@dataclass(frozen=True, slots=True)
class MergeCounts:
    """What a merge did: newly opened, still there, closed by themselves, came back after being left or closed."""

    opened: int = 0
    still: int = 0
    closed: int = 0
    came_back: int = 0


@dataclass(frozen=True, slots=True)
class Kept:
    """A finding as the store keeps it. `state`: open, left, closed. Times are aware datetimes in UTC."""

    id: int
    finding: Finding
    state: str
    first_seen_at: datetime
    last_seen_at: datetime
    closed_at: datetime | None
    closed_because: str
    left_reason: str
    left_by: str


def merge(
    conn: Connection, found: Sequence[Finding], scope: Collection[tuple[Side, str]] | None, now: datetime
) -> MergeCounts:
    """Bring the kept findings up to what was found. Within `scope` (None: everywhere) what was not found again closes.

    A finding that was left stays left while it looks as it did then, and opens again when it does not.
    """
    kept = {row.key: row for row in _rows(conn, [finding.key for finding in found], scope)}
    opened = still = came_back = 0
    for finding in found:
        row = kept.pop(finding.key, None)
        if row is None:
            _insert(conn, finding, now)
            opened += 1
            continue
        state = _state_after(row, finding)
        came_back += state == "open" and row.state != "open"
        still += state == row.state
        _update(conn, row, finding, state, now)
    closed = [row.id for row in kept.values() if row.state != "closed"]
    _close(conn, closed, now)
    return MergeCounts(opened, still, len(closed), came_back)


def _state_after(row: sa.Row[Any], finding: Finding) -> str:
    return "left" if row.state == "left" and row.left_seen == finding.seen else "open"


def _rows(conn: Connection, keys: Sequence[str], scope: Collection[tuple[Side, str]] | None) -> Iterable[sa.Row[Any]]:
    """Kept findings that are found again or lie in the scope; closed ones only when found again."""
    named = [row for batch in _batches(keys) for row in conn.execute(sa.select(table).where(table.c.key.in_(batch)))]
    if scope is None:
        return [*named, *conn.execute(sa.select(table).where(table.c.state != "closed"))]
    touched: list[sa.Row[Any]] = []
    for side in Side:
        for batch in _batches([unit for at, unit in scope if at is side]):
            on_units = sa.select(finding_units.c.finding).where(
                finding_units.c.side == side.value, finding_units.c.unit.in_(batch)
            )
            touched += conn.execute(sa.select(table).where(table.c.id.in_(on_units), table.c.state != "closed"))
    return [*named, *touched]


def _batches(values: Sequence[str]) -> Iterable[Sequence[str]]:
    return (values[at : at + BATCH] for at in range(0, len(values), BATCH))


def _insert(conn: Connection, finding: Finding, now: datetime) -> None:
    made = conn.execute(
        table.insert().values(
            key=finding.key,
            kind=finding.kind.value,
            **_shown(finding),
            state="open",
            first_seen_at=seconds(now),
            last_seen_at=seconds(now),
        )
    )
    key = made.inserted_primary_key
    assert key is not None
    _put_units(conn, int(key[0]), finding)


def _update(conn: Connection, row: sa.Row[Any], finding: Finding, state: str, now: datetime) -> None:
    values: dict[str, Any] = {"state": state, "last_seen_at": seconds(now), "closed_at": None, "closed_because": None}
    if row.seen != finding.seen or row.staff != finding.staff or row.person != finding.person:
        values |= _shown(finding)
        conn.execute(finding_units.delete().where(finding_units.c.finding == row.id))
        _put_units(conn, row.id, finding)
    conn.execute(table.update().where(table.c.id == row.id).values(values))


def _shown(finding: Finding) -> dict[str, Any]:
    return {
        "person": finding.person,
        "staff": finding.staff,
        "start": seconds(finding.start),
        "end": seconds(finding.end),
        "concerned": plain(finding.concerned),
        "seen": finding.seen,
        "detail": plain(finding.detail),
    }


def _put_units(conn: Connection, finding_id: int, finding: Finding) -> None:
    units = {(concerned.side.value, concerned.unit) for concerned in finding.concerned}
    if units:
        rows = [{"finding": finding_id, "side": side, "unit": unit} for side, unit in sorted(units)]
        conn.execute(finding_units.insert(), rows)


def _close(conn: Connection, ids: Sequence[int], now: datetime) -> None:
    for at in range(0, len(ids), BATCH):
        conn.execute(
            table.update()
            .where(table.c.id.in_(ids[at : at + BATCH]))
            .values(state="closed", closed_at=seconds(now), closed_because=CAUSE_GONE)
        )


def leave(conn: Connection, finding_id: int, reason: LeaveReason, who: str, seen: str) -> None:
    """Leave it as it is; it comes back when it no longer looks like `seen`."""
    conn.execute(
        table.update()
        .where(table.c.id == finding_id)
        .values(state="left", left_reason=reason.value, left_by=who, left_seen=seen)
    )


def reopen(conn: Connection, finding_id: int) -> None:
    """A finding that was left is open again."""
    conn.execute(
        table.update()
        .where(table.c.id == finding_id, table.c.state == "left")
        .values(state="open", left_reason=None, left_by=None, left_seen=None)
    )


def get(conn: Connection, finding_id: int) -> Kept | None:
    """One finding; None when there is none."""
    row = conn.execute(sa.select(table).where(table.c.id == finding_id)).first()
    return kept_from(row) if row is not None else None


def all_in(conn: Connection, *states: str) -> tuple[Kept, ...]:
    """Every finding in one of these states, soonest first."""
    rows = conn.execute(sa.select(table).where(table.c.state.in_(states)).order_by(table.c.start, table.c.key))
    return tuple(kept_from(row) for row in rows)


def kept_from(row: sa.Row[Any]) -> Kept:
    """A row of `findings` as the model has it."""
    concerned = tuple(
        Concerned(Side(c["side"]), c["unit"], tuple(Ref(Side(r["side"]), r["key"]) for r in c["refs"]))
        for c in row.concerned
    )
    finding = Finding(
        row.key,
        Kind(row.kind),
        row.person,
        row.staff,
        moment(row.start),
        moment(row.end),
        concerned,
        row.seen,
        row.detail,
    )
    return Kept(
        row.id,
        finding,
        row.state,
        moment(row.first_seen_at),
        moment(row.last_seen_at),
        moment(row.closed_at),
        row.closed_because or "",
        row.left_reason or "",
        row.left_by or "",
    )
