"""What is run for every hint, put together once (sync/store/prepared.py)."""

from __future__ import annotations

from collections.abc import Iterable
from types import SimpleNamespace
from typing import Any

import sqlalchemy as sa

from sync.store.prepared import Prepared
from sync.store.tables import hints as table

COLUMNS = tuple(column.key for column in table.c)


def by_name(row: Iterable[Any]) -> SimpleNamespace:
    """A row of the table `hints` as the driver gives it, its columns by name."""
    return SimpleNamespace(**dict(zip(COLUMNS, row, strict=True)))


ONE = Prepared(sa.select(table).where(table.c.id == sa.bindparam("of")))

OPEN_FOR = Prepared(
    sa.select(table).where(
        table.c.side == sa.bindparam("of_side"),
        table.c.key == sa.bindparam("of_key"),
        sa.text("state IN ('waiting', 'working')"),
    )
)

NEW = Prepared(
    table.insert().returning(table.c.id),
    ("side", "key", "source", "state", "version", "changed_at", "received_at", "due_at", "asked_by"),
)

JOIN = """
UPDATE hints SET counter = counter + :more, changed_at = :changed, version = :wanted, asked_by = :by, due_at = :at,
    waits_in_a_row = 0
WHERE id = :of
"""

ABANDONED = "state = 'working' AND claimed_until < :now"
TAKE = Prepared(
    table.update()
    .where(table.c.id == sa.bindparam("of"), sa.text(f"(state = 'waiting' AND due_at <= :now OR {ABANDONED})"))
    .values(
        attempts=table.c.attempts + sa.case((table.c.state == "working", 1), else_=0),
        state="working",
        claimed_by=sa.bindparam("by"),
        claimed_until=sa.bindparam("until"),
        claimed_counter=table.c.counter,
        started_at=sa.func.coalesce(table.c.started_at, sa.bindparam("now")),
    )
    .returning(*table.c)
)
"""What a dead worker held is taken up too; that counts as an attempt."""

OURS = sa.and_(
    table.c.id == sa.bindparam("of"), table.c.state == "working", table.c.claimed_by == sa.bindparam("worker")
)
LET_GO: dict[str, Any] = {
    "claimed_by": sa.null(),
    "claimed_until": sa.null(),
    "calls": table.c.calls + sa.bindparam("new_calls"),
    "call_ms": table.c.call_ms + sa.bindparam("new_call_ms"),
    "lock_ms": table.c.lock_ms + sa.bindparam("new_lock_ms"),
    "leased_at": sa.func.coalesce(sa.bindparam("new_leased", type_=sa.Float), table.c.leased_at),
    "visit": sa.func.coalesce(sa.bindparam("new_visit", type_=sa.BigInteger), table.c.visit),
    "visit_start": sa.func.coalesce(sa.bindparam("new_start", type_=sa.Float), table.c.visit_start),
}
PUT_BACK = Prepared(
    table.update()
    .where(OURS)
    .values(
        state="waiting",
        due_at=sa.bindparam("new_due"),
        reason=sa.bindparam("new_reason"),
        sentence=sa.bindparam("new_sentence"),
        attempts=table.c.attempts + sa.bindparam("new_attempts"),
        waits=table.c.waits + sa.bindparam("new_waits"),
        waits_in_a_row=sa.bindparam("new_waits")
        * (1 + sa.case((table.c.reason == sa.bindparam("new_reason"), table.c.waits_in_a_row), else_=0)),
        **LET_GO,
    )
)
FINISH = Prepared(
    table.update()
    .where(OURS, table.c.counter == sa.bindparam("unchanged"))
    .values(
        state=sa.bindparam("new_state"),
        reason=sa.bindparam("new_reason"),
        sentence=sa.bindparam("new_sentence"),
        permanent=sa.bindparam("new_permanent"),
        ended_at=sa.bindparam("at"),
        **LET_GO,
    )
)
AGAIN = Prepared(
    table.update().where(OURS).values(state="waiting", due_at=sa.bindparam("at"), reason="joined", **LET_GO)
)

KEEP = Prepared(table.update().where(OURS).values(claimed_until=sa.bindparam("until")))
