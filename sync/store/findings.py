"""Findings from run to run: they keep their identity, close by themselves when their cause is gone, and may be left."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection

from sync.model import TIMELESS, Concerned, Finding, Kind, LeaveReason, Ref, Side, plain
from sync.store.connection import driver_of
from sync.store.rows import chunks, insert_all, named, ref_chunks
from sync.store.tables import finding_units
from sync.store.tables import findings as table
from sync.store.times import When, moment, seconds

CAUSE_GONE = "The cause is gone."
"""Why a finding closed when nobody settled it here."""

_STAY = (Kind.DOUBLE_BOOKING, Kind.PADDING_CLASH, Kind.OVER_CAPACITY, Kind.SAME_VISIT)
"""Kinds that are found of visits that are over, too."""
_NOT_LEFT = {"left_reason": None, "left_by": None, "left_seen": None}


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
    conn: Connection, found: Sequence[Finding], scope: Collection[tuple[Side, str]] | None, now: When
) -> MergeCounts:
    """Bring the kept findings up to what was found. Within `scope` (None: everywhere) what was not found again closes.

    A finding that was left stays left while it looks as it did then, also when it closed in between, and opens again
    when it does not. Only rows that change are written whole; the others are marked as seen.
    """
    wanted = {finding.key: finding for finding in found}
    kept = {row.key: row for row in _rows(conn, list(wanted), scope)}
    fresh = [finding for key, finding in wanted.items() if key not in kept]
    again = [(kept[key], finding) for key, finding in wanted.items() if key in kept]
    lost = [row.id for key, row in kept.items() if key not in wanted and row.state != "closed"]
    _insert(conn, fresh, now)
    came_back = sum(row.state != "open" and _state_after(row, finding) == "open" for row, finding in again)
    _update(conn, again, now)
    _close(conn, lost, now)
    return MergeCounts(len(fresh), len(again) - came_back, len(lost), came_back)


def _state_after(row: sa.Row[Any], finding: Finding) -> str:
    return "left" if row.left_seen == finding.seen else "open"


def _rows(conn: Connection, keys: Sequence[str], scope: Collection[tuple[Side, str]] | None) -> Iterable[sa.Row[Any]]:
    """Kept findings that are found again or lie in the scope; closed ones only when found again."""
    named = [row for chunk in chunks(keys) for row in conn.execute(sa.select(table).where(table.c.key.in_(chunk)))]
    if scope is None:
        return [*named, *conn.execute(sa.select(table).where(table.c.state != "closed"))]
    touched: list[sa.Row[Any]] = []
    for side, units in ref_chunks(Ref(side, unit) for side, unit in scope):
        on_units = sa.select(finding_units.c.finding).where(
            finding_units.c.side == side, finding_units.c.unit.in_(units)
        )
        touched += conn.execute(sa.select(table).where(table.c.id.in_(on_units), table.c.state != "closed"))
    return [*named, *touched]


def _insert(conn: Connection, fresh: Sequence[Finding], now: When) -> None:
    seen = {"state": "open", "first_seen_at": seconds(now), "last_seen_at": seconds(now)}
    insert_all(conn, table, [{"key": f.key, "kind": f.kind, **_shown(f), **seen} for f in fresh])
    by_key = {finding.key: finding for finding in fresh}
    for chunk in chunks(by_key):
        made = conn.execute(sa.select(table.c.id, table.c.key).where(table.c.key.in_(chunk))).all()
        _put_units(conn, [(row.id, by_key[row.key]) for row in made])


def _update(conn: Connection, again: Sequence[tuple[sa.Row[Any], Finding]], now: When) -> None:
    """Mark them as seen; write anew what shows something else, and open or leave what is in another state."""
    for chunk in chunks(row.id for row, _ in again):
        conn.execute(table.update().where(table.c.id.in_(chunk)).values(last_seen_at=seconds(now)))
    for row, finding in again:
        shown, state = _shown(finding), _state_after(row, finding)
        values = {name: value for name, value in shown.items() if getattr(row, name) != value}
        if "concerned" in values:
            conn.execute(finding_units.delete().where(finding_units.c.finding == row.id))
            _put_units(conn, [(row.id, finding)])
        if state != row.state:
            values |= {"state": state, "closed_at": None, "closed_because": None}
            values |= {} if state == "left" else _NOT_LEFT
        if values:
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


def _put_units(conn: Connection, kept: Sequence[tuple[int, Finding]]) -> None:
    units = {(number, c.side, c.unit) for number, finding in kept for c in finding.concerned}
    insert_all(conn, finding_units, [{"finding": n, "side": side, "unit": unit} for n, side, unit in sorted(units)])


def _close(conn: Connection, ids: Sequence[int], now: When) -> None:
    for chunk in chunks(ids):
        conn.execute(
            table.update()
            .where(table.c.id.in_(chunk))
            .values(state="closed", closed_at=seconds(now), closed_because=CAUSE_GONE)
        )


def leave(conn: Connection, finding_id: int, reason: LeaveReason, who: str, seen: str) -> bool:
    """Leave it as it is; it comes back when it no longer looks like `seen`. False when it is not open any more."""
    left = {"state": "left", "left_reason": reason.value, "left_by": who, "left_seen": seen}
    ours = sa.and_(table.c.id == finding_id, table.c.state == "open")
    return conn.execute(table.update().where(ours).values(left)).rowcount == 1


def reopen(conn: Connection, finding_id: int) -> bool:
    """A finding that was left is open again, also where it closed since (whether its cause is still there, the next
    look says); False when nobody had left it."""
    ours = sa.and_(table.c.id == finding_id, table.c.state.in_(("left", "closed")), table.c.left_by.is_not(None))
    opened = {"state": "open", "closed_at": None, "closed_because": None, **_NOT_LEFT}
    return conn.execute(table.update().where(ours).values(opened)).rowcount == 1


def get(conn: Connection, finding_id: int) -> Kept | None:
    """One finding; None when there is none."""
    row = conn.execute(sa.select(table).where(table.c.id == finding_id)).first()
    return kept_from(row) if row is not None else None


def all_in(conn: Connection, *states: str) -> tuple[Kept, ...]:
    """Every finding in one of these states, soonest first."""
    rows = conn.execute(sa.select(table).where(table.c.state.in_(states)).order_by(table.c.start, table.c.key))
    return tuple(kept_from(row) for row in rows)


def is_known(conn: Connection, key: str) -> bool:
    """Whether a finding of that key is open, or was left as it is."""
    there = sa.select(table.c.id).where(table.c.key == key, table.c.state != "closed")
    return conn.execute(there.limit(1)).first() is not None


def told_apart(conn: Connection) -> frozenset[tuple[Ref, Ref]]:
    """Couples (Bookly's, Square's) that looked like one visit and of which a person said that they are two."""
    rows = conn.execute(
        sa.select(table).where(table.c.kind == Kind.SAME_VISIT, table.c.left_reason == LeaveReason.TWO_VISITS)
    )
    refs = [[ref for c in kept_from(row).finding.concerned for ref in c.refs] for row in rows]
    return frozenset(
        (bookly, square)
        for named in refs
        for bookly in named
        for square in named
        if (bookly.side, square.side) == (Side.BOOKLY, Side.SQUARE)
    )


def count_open(conn: Connection, now: When) -> int:
    """How many findings are open and not past."""
    waiting = sa.and_(table.c.state == "open", sa.or_(table.c.end > seconds(now), table.c.kind.in_(TIMELESS)))
    return int(conn.execute(sa.select(sa.func.count()).where(waiting)).scalar() or 0)


def units_about(conn: Connection, refs: Collection[Ref], now: When) -> set[tuple[Side, str]]:
    """The units of the findings not closed that concern any of these visits, wherever these stand now, and of those
    that are over with the visit they are about, where such a kind is not found of what is past."""
    rows = conn.execute(sa.select(table.c.kind, table.c.end, table.c.concerned).where(table.c.state != "closed"))
    names = {(ref.side.value, ref.key) for ref in refs}
    found: set[tuple[Side, str]] = set()
    for row in rows:
        over = row.kind not in _STAY and row.end <= seconds(now)
        if over or any((ref["side"], ref["key"]) in names for c in row.concerned for ref in c["refs"]):
            found |= {(Side(c["side"]), c["unit"]) for c in row.concerned}
    return found


def open_on(conn: Connection, units: Collection[tuple[Side, str]]) -> tuple[int, ...]:
    """The findings that are not closed and are about one of these units, by number."""
    found: set[int] = set()
    for side, names in ref_chunks(Ref(side, unit) for side, unit in units):
        places, given = named(names)
        about = (
            "SELECT f.id FROM findings f JOIN finding_units u ON u.finding = f.id "
            f"WHERE u.side = :side AND u.unit IN ({places}) AND f.state != 'closed'"
        )
        rows = driver_of(conn).execute(about, {"side": side.value, **given}).fetchall()
        found.update(row[0] for row in rows)
    return tuple(sorted(found))


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
