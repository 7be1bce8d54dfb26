"""Intents: what is about to be written outside, committed before the call, and what became of it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from sync.model import Appointment, Ref, Side, appointment_from
from sync.store.rows import chunks, ref_chunks
from sync.store.tables import intents as table
from sync.store.tables import partners
from sync.store.times import When, seconds


@dataclass(frozen=True, slots=True)
class Intent:
    """One intent. `write` is the plain JSON of the step with its exact write; `answer` of what the side answered.

    `state`: open (the outcome is not known), done, refused (the side said no), nothing (it is certain that nothing was
    written).
    """

    id: int
    visit: int | None
    request: int | None
    step: int
    side: Side
    state: str
    write: Mapping[str, Any]
    answer: Mapping[str, Any] | None

    @property
    def ref(self) -> Ref | None:
        """What the side's answer is about."""
        found = (self.answer or {}).get("ref")
        return Ref(Side(found["side"]), found["key"]) if found else None

    @property
    def answered(self) -> Appointment | None:
        """What stood after the write; None when it was taken away."""
        found = (self.answer or {}).get("appointment")
        return appointment_from(found) if found else None


def open_intent(
    conn: Connection,
    *,
    visit: int | None,
    request: int | None,
    step: int,
    side: Side,
    generation: int,
    key: str,
    mark: str,
    write: Mapping[str, Any],
    token: int,
    now: When,
) -> int:
    """Commit to a write before it is sent; returns the intent's number. The same step asked again is the same intent.

    `key` is the idempotency key, `token` the lease's fencing token.
    """
    there = conn.execute(sa.select(table.c.id).where(table.c.idempotency_key == key)).scalar()
    values = {"write": write, "token": token, "state": "open", "answer": None, "ended_at": None}
    if there is not None:
        conn.execute(table.update().where(table.c.id == there).values(values))
        return int(there)
    made = conn.execute(
        table.insert().values(
            visit=visit,
            request=request,
            step=step,
            side=side.value,
            generation=generation,
            idempotency_key=key,
            mark=mark,
            made_at=seconds(now),
            **values,
        )
    )
    new = made.inserted_primary_key
    assert new is not None
    return int(new[0])


def settle(conn: Connection, intent: int, state: str, answer: Mapping[str, Any] | None, now: When) -> None:
    """Note what became of it: done, refused, nothing."""
    conn.execute(table.update().where(table.c.id == intent).values(state=state, answer=answer, ended_at=seconds(now)))


def open_for(conn: Connection, request: int | None, refs: Iterable[Ref]) -> tuple[Intent, ...]:
    """Open intents of a request, and of the visits that these appointments belong to; oldest first."""
    visits = _visits(conn, refs)
    found: dict[int, Intent] = {}
    if request is not None:
        found |= _found(conn, table.c.request == request)
    for chunk in chunks(visits):
        found |= _found(conn, table.c.visit.in_(chunk))
    return tuple(found[number] for number in sorted(found))


def done_for(conn: Connection, request: int) -> tuple[Intent, ...]:
    """What of a request has been written, in the order of its steps."""
    rows = conn.execute(
        sa.select(table).where(table.c.request == request, table.c.state == "done").order_by(table.c.step)
    )
    return tuple(_intent(row) for row in rows)


def any_open(conn: Connection) -> int:
    """How many intents have no known outcome."""
    return int(conn.execute(sa.select(sa.func.count()).where(table.c.state == "open")).scalar() or 0)


def _visits(conn: Connection, refs: Iterable[Ref]) -> list[int]:
    found: list[int] = []
    for side, keys in ref_chunks(refs):
        here = sa.select(partners.c.visit).where(partners.c.side == side, partners.c.key.in_(keys))
        found += conn.execute(here).scalars()
    return found


def _found(conn: Connection, where: sa.ColumnElement[bool]) -> dict[int, Intent]:
    return {row.id: _intent(row) for row in conn.execute(sa.select(table).where(where, table.c.state == "open"))}


def _intent(row: sa.Row[Any]) -> Intent:
    return Intent(row.id, row.visit, row.request, row.step, Side(row.side), row.state, row.write, row.answer)
