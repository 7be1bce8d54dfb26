"""Intents: what we are about to send, kept before it is sent, until it is certain what became of it."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from sync.model import Appointment, Ref, Side, StepKind, appointment_from
from sync.store.connection import driver_of, from_json, to_json
from sync.store.pairs import visits_of
from sync.store.prepared import Prepared
from sync.store.rows import named
from sync.store.tables import intents as table
from sync.store.times import When, moment, seconds

STATES = ("open", "done", "refused", "nothing")
"""open: the outcome is not known; done: it was carried out; refused: the side said no; nothing: it never arrived."""


class KeyUsed(Exception):
    """An idempotency key was used for something else, or for something already done: it must not be sent again."""


@dataclass(frozen=True, slots=True)
class Intent:
    """One call that was or will be made. `write` and `answer` are plain JSON, as they were given; times in UTC."""

    id: int
    visit: int | None
    request: int | None
    hint: int | None
    step: int
    side: Side
    generation: int
    key: str
    mark: str
    write: Mapping[str, Any]
    token: int
    state: str
    answer: Mapping[str, Any] | None
    made_at: datetime
    ended_at: datetime | None

    @property
    def ref(self) -> Ref | None:
        """The appointment that the side answered with; None before there is an answer, or when it named none."""
        named = (self.answer or {}).get("ref")
        return Ref(Side(named["side"]), named["key"]) if named else None

    @property
    def answered(self) -> Appointment | None:
        """What stood after the call, as the side answered."""
        shown = (self.answer or {}).get("appointment")
        return appointment_from(shown) if shown else None

    @property
    def overlaps(self) -> tuple[Ref, ...]:
        """Who was met in the same chair by the look after the call."""
        return tuple(Ref(Side(one["side"]), one["key"]) for one in (self.answer or {}).get("overlaps", ()))


def open_intent(
    conn: Connection,
    *,
    visit: int | None,
    request: int | None,
    hint: int | None = None,
    step: int,
    side: Side,
    generation: int,
    key: str,
    mark: str,
    write: Mapping[str, Any],
    token: int,
    now: When,
) -> int:
    """Keep what is about to be sent; returns its id. Commit before sending it.

    A key that was refused, or certainly never arrived, may be tried again. Raises KeyUsed for one that was carried out,
    and for one still open with another body.
    """
    values = {
        "visit": visit,
        "request": request,
        "hint": hint,
        "step": step,
        "side": side,
        "generation": generation,
        "idempotency_key": key,
        "mark": mark,
        "write": dict(write),
        "token": token,
        "state": "open",
        "answer": None,
        "made_at": seconds(now),
        "ended_at": None,
    }
    used = "SELECT id FROM intents WHERE idempotency_key = :key"
    before = None
    if driver_of(conn).execute(used, {"key": key}).fetchone() is not None:
        before = conn.execute(sa.select(table).where(table.c.idempotency_key == key)).first()
    if before is None:
        return int(_NEW.run(conn, values).fetchall()[0][0])
    if before.state == "done" or (before.state == "open" and before.write != dict(write)):
        raise KeyUsed(f"The key of step {step} was used before.")
    conn.execute(table.update().where(table.c.id == before.id).values(values))
    return int(before.id)


_NEW = Prepared(table.insert().returning(table.c.id), [column.key for column in table.c if column.key != "id"])


def is_used(conn: Connection, key: str) -> bool:
    """Whether something is or was sent under this key."""
    return conn.execute(sa.select(table.c.id).where(table.c.idempotency_key == key)).first() is not None


def settle(conn: Connection, intent: int, state: str, answer: Mapping[str, Any] | None, now: When) -> bool:
    """Note what became of it: done, refused or nothing. False, and nothing changed, when it was settled before."""
    if state not in STATES[1:]:
        raise ValueError(f"{state!r} is no way for an intent to end")
    said = to_json(dict(answer) if answer is not None else None)
    given = {"of": intent, "state": state, "answer": said, "at": seconds(now)}
    return driver_of(conn).execute(_SETTLE, given).rowcount == 1


_SETTLE = "UPDATE intents SET state = :state, answer = :answer, ended_at = :at WHERE id = :of AND state = 'open'"


def get(conn: Connection, intent: int) -> Intent | None:
    """One intent; None when there is none."""
    row = conn.execute(sa.select(table).where(table.c.id == intent)).first()
    return _intent(row) if row is not None else None


def open_for(
    conn: Connection, request: int | None = None, refs: Iterable[Ref] = (), visit: int | None = None
) -> tuple[Intent, ...]:
    """Intents without a known outcome that belong to a request, to a visit, or to the visits of these appointments."""
    there, wanted = all_open(conn), frozenset(refs)
    if not there:
        return ()
    known = visits_of(conn, wanted) | {visit}
    return tuple(one for one in there if _concerns(one.request, one.visit, one.write, request, known, wanted))


def any_open_for(
    conn: Connection, request: int | None = None, refs: Iterable[Ref] = (), visit: int | None = None
) -> bool:
    """Whether `open_for` finds any: asked once more under each lease, so it is one statement where nothing is open."""
    db = driver_of(conn)
    there = db.execute("""SELECT request, visit, "write" FROM intents WHERE state = 'open'""", {}).fetchall()
    if not there:
        return False
    wanted = frozenset(refs)
    known = visits_of(conn, wanted) | {visit}
    return any(_concerns(row[0], row[1], from_json(db, row[2]), request, known, wanted) for row in there)


def _concerns(
    its_request: int | None,
    its_visit: int | None,
    write: Mapping[str, Any],
    request: int | None,
    visits: Collection[int | None],
    refs: frozenset[Ref],
) -> bool:
    return (
        (request is not None and its_request == request)
        or (its_visit is not None and its_visit in visits)
        or _names(write, refs)
    )


def all_open(conn: Connection) -> tuple[Intent, ...]:
    """Every intent whose outcome is not known, oldest first: few, ever, and mostly none."""
    if driver_of(conn).execute("SELECT 1 FROM intents WHERE state = 'open' LIMIT 1", {}).fetchone() is None:
        return ()
    rows = conn.execute(sa.select(table).where(table.c.state == "open").order_by(table.c.id))
    return tuple(_intent(row) for row in rows)


def done_for(conn: Connection, request: int) -> tuple[Intent, ...]:
    """What was carried out for a request, in the order of its steps."""
    ours = sa.and_(table.c.request == request, table.c.state == "done")
    rows = conn.execute(sa.select(table).where(ours).order_by(table.c.step, table.c.id))
    return tuple(_intent(row) for row in rows)


def by_mark(conn: Connection, marks: Collection[str]) -> dict[str, Intent]:
    """The newest intent of each of these marks: an unknown block or booking is known again by it."""
    places, given = named(sorted(mark for mark in marks if mark))
    known = f"SELECT 1 FROM intents WHERE mark IN ({places}) LIMIT 1"
    if not given or driver_of(conn).execute(known, given).fetchone() is None:
        return {}
    marked = sa.select(table).where(table.c.mark.in_(sorted(marks)), table.c.mark != "").order_by(table.c.id)
    return {row.mark: _intent(row) for row in conn.execute(marked)}


def withdrawn(conn: Connection, refs: Collection[Ref]) -> frozenset[Ref]:
    """Those of these that we took away ourselves, or were about to when the answer was lost."""
    ours = sa.and_(table.c.visit.in_(sorted(visits_of(conn, refs))), table.c.state.in_(("open", "done")))
    sent = [row.write for row in conn.execute(sa.select(table.c.write).where(ours))] if refs else []
    taken = [write for write in sent if write.get("kind") == StepKind.WITHDRAW]
    return frozenset(ref for ref in refs if any(_names(write, frozenset({ref})) for write in taken))


def _names(write: Mapping[str, Any], refs: frozenset[Ref]) -> bool:
    """Whether a write, or the step it stands in, is about one of these appointments."""
    return any(Ref(Side(named["side"]), named["key"]) in refs for named in _named(write))


def _named(write: Mapping[str, Any]) -> Iterator[Mapping[str, str]]:
    inner = write.get("write")
    for one in (write, inner if isinstance(inner, Mapping) else {}):
        if isinstance(one.get("ref"), Mapping):
            yield one["ref"]


def _intent(row: sa.Row[Any]) -> Intent:
    return Intent(
        id=row.id,
        visit=row.visit,
        request=row.request,
        hint=row.hint,
        step=row.step,
        side=Side(row.side),
        generation=row.generation,
        key=row.idempotency_key,
        mark=row.mark,
        write=row.write,
        token=row.token,
        state=row.state,
        answer=row.answer,
        made_at=moment(row.made_at),
        ended_at=moment(row.ended_at),
    )
