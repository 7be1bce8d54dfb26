"""The ledger: what the guards kept from happening, and what they had to take back. One row each, nobody's name.

near_miss: an overlap refused before it became a double booking. late_write_refused: a write or a record refused because
the lease was over. withdrawn_after_write: a projection taken away again by the look after the write. put_back: a block
put back in Bookly that somebody had moved or deleted there. moved: a visit that was seen to move, for the shrink guard.

Functions that change something need a `writing` connection. Times are aware datetimes or seconds since 1970 in UTC.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection

from sync.model import Ref, Side
from sync.store import tallies
from sync.store.tables import ledger as table
from sync.store.times import When, moment, seconds

NEAR_MISS = "near_miss"
LATE_WRITE_REFUSED = "late_write_refused"
WITHDRAWN_AFTER_WRITE = "withdrawn_after_write"
PUT_BACK = "put_back"
MOVED = "moved"

GUARDED = (NEAR_MISS, LATE_WRITE_REFUSED, WITHDRAWN_AFTER_WRITE, PUT_BACK)
"""The kinds that are counted for good, among the tallies, in the transaction that notes them."""
KINDS = (*GUARDED, MOVED)


@dataclass(frozen=True, slots=True)
class Noted:
    """One row. `ref`: the appointment it is about; `person`: the staff member, as findings name them; `start`: when the
    visit begins; `visit`, `hint`: their numbers. What is not known is None or ''."""

    id: int
    at: datetime
    kind: str
    ref: Ref | None
    person: str
    start: datetime | None
    visit: int | None
    hint: int | None


def note(
    conn: Connection,
    kind: str,
    now: When,
    *,
    ref: Ref | None = None,
    person: str = "",
    start: When | None = None,
    visit: int | None = None,
    hint: int | None = None,
) -> None:
    """Write one line down. Raises ValueError for a kind that there is not."""
    if kind not in KINDS:
        raise ValueError(f"the ledger has no {kind}")
    conn.execute(
        table.insert().values(
            at=seconds(now),
            kind=kind,
            side=ref.side.value if ref else "",
            key=ref.key if ref else "",
            person=person,
            start=seconds(start),
            visit=visit,
            hint=hint,
        )
    )
    if kind in GUARDED:
        tallies.add(conn, {(kind, ""): 1}, now)


def count(
    conn: Connection,
    kind: str,
    since: When,
    *,
    ref: Ref | None = None,
    side: str | None = None,
    visit: int | None = None,
) -> int:
    """How many of a kind since then: of one appointment, of one side, or of one visit, where it is named."""
    where = [table.c.kind == kind, table.c.at >= seconds(since)]
    if ref is not None:
        where += [table.c.side == ref.side, table.c.key == ref.key]
    if side is not None:
        where.append(table.c.side == side)
    if visit is not None:
        where.append(table.c.visit == visit)
    return int(conn.execute(sa.select(sa.func.count()).select_from(table).where(*where)).scalar() or 0)


def noted(conn: Connection, since: When, kind: str | None = None) -> tuple[Noted, ...]:
    """The rows (of one kind, where it is named) since then, latest first."""
    where = [table.c.at >= seconds(since), *([table.c.kind == kind] if kind is not None else [])]
    rows = conn.execute(sa.select(table).where(*where).order_by(table.c.at.desc(), table.c.id.desc()))
    return tuple(_noted(row) for row in rows)


def forget_before(conn: Connection, before: When) -> int:
    """Drop the rows from before then; returns how many. The tallies keep their number."""
    return conn.execute(table.delete().where(table.c.at < seconds(before))).rowcount


def _noted(row: sa.Row[Any]) -> Noted:
    ref = Ref(Side(row.side), row.key) if row.side else None
    start = moment(row.start)
    return Noted(row.id, moment(row.at), row.kind, ref, row.person, start, row.visit, row.hint)
