"""The ledger: near misses, late writes refused, projections withdrawn, blocks put back. One row each, nobody's name."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy import Connection

from sync.model import Ref
from sync.store.tables import ledger as table
from sync.store.times import When, seconds

NEAR_MISS = "near_miss"
LATE_WRITE_REFUSED = "late_write_refused"
WITHDRAWN_AFTER_WRITE = "withdrawn_after_write"
PUT_BACK = "put_back"
MOVED = "moved"


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
    """Write one line down. Needs a `writing` connection."""
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
