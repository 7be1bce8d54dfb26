"""Hints: that an appointment may have changed. One open row an appointment; what comes meanwhile joins it.

All functions that change something need a `writing` connection. Times are aware datetimes or seconds since 1970 in UTC.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection

from sync.model import End, Ref, Side, Source
from sync.store import hint_statements as statements
from sync.store.connection import driver_of
from sync.store.rows import chunks, named, ref_chunks
from sync.store.tables import hints as table
from sync.store.times import When, moment, seconds

OPEN = ("waiting", "working")

NOBODY_ASKED = ("watching", "another_installation")
"""Reasons for which nothing was carried and no card asks a person about the visit."""


@dataclass(frozen=True, slots=True)
class Hint:
    """One row. `state`: waiting, working, or how it ended (`sync.model.End`). Times are aware datetimes in UTC.

    counter: how many hints it stands for; claimed_counter: how many when it was taken up. version: Square's version
    that a read must show at least. changed_at: when the side says it changed, None where it does not say. leased_at:
    when the lock that it was carried under was granted. calls, call_ms: outside calls and their time; lock_ms: waiting
    for the lock. visit_start: when the visit is. `permanent`: a dead letter that trying again cannot help. closed_at:
    when a dead letter was done with, closed_because says why. waits_in_a_row: how often it has waited for `reason`
    since it last waited for anything else, or was told of anew.
    """

    id: int
    ref: Ref
    source: Source
    state: str
    reason: str
    sentence: str
    counter: int
    claimed_counter: int | None
    version: int | None
    changed_at: datetime | None
    received_at: datetime
    due_at: datetime
    attempts: int
    waits: int
    started_at: datetime | None
    leased_at: datetime | None
    ended_at: datetime | None
    calls: int
    call_ms: float
    lock_ms: float
    visit: int | None
    visit_start: datetime | None
    permanent: bool
    closed_at: datetime | None
    closed_because: str
    asked_by: str
    waits_in_a_row: int


@dataclass(frozen=True, slots=True)
class Measured:
    """What one try took: see Hint."""

    leased_at: datetime | None = None
    calls: int = 0
    call_ms: float = 0.0
    lock_ms: float = 0.0
    visit: int | None = None
    visit_start: datetime | None = None


NOTHING_MEASURED = Measured()


def put(
    conn: Connection,
    ref: Ref,
    source: Source,
    now: When,
    *,
    changed_at: When | None = None,
    version: int | None = None,
    due_at: When | None = None,
    asked_by: str = "",
) -> int:
    """Keep a hint and return its number. One that is open for the same appointment takes it in: its counter grows, the
    higher version is wanted, the earlier change counts."""
    found = statements.OPEN_FOR.run(conn, {"of_side": ref.side.value, "of_key": ref.key}).fetchall()
    if found:
        there = statements.by_name(found[0])
        join(conn, there, seconds(changed_at), version, seconds(due_at), asked_by)
        return int(there.id)
    values = {
        "side": ref.side.value,
        "key": ref.key,
        "source": source.value,
        "state": "waiting",
        "version": version,
        "changed_at": seconds(changed_at),
        "received_at": seconds(now),
        "due_at": seconds(now if due_at is None else due_at),
        "asked_by": asked_by,
    }
    return int(statements.NEW.run(conn, values).fetchall()[0][0])


def join(
    conn: Connection,
    there: Any,
    changed_at: float | None,
    version: int | None,
    due: float | None = None,
    by: str = "",
    count: int = 1,
) -> None:
    """The open row `there` takes in so many more, of which this is the earliest change and the highest version."""
    known = [at for at in (there.changed_at, changed_at) if at is not None]
    wanted = [number for number in (there.version, version) if number is not None]
    at = there.due_at
    if by and there.state == "waiting" and due is not None:  # a person does not wait for what the machine had planned
        at = min(at, due)
    values: dict[str, Any] = {
        "of": there.id,
        "more": count,
        "at": at,
        "changed": min(known, default=None),
        "wanted": max(wanted, default=None),
        "by": by or there.asked_by,
    }
    driver_of(conn).execute(statements.JOIN, values)


def next_due(conn: Connection, *, but: Collection[str] = ()) -> datetime | None:
    """When the next hint is to be taken up (perhaps long ago); None when nothing waits. `but`: as for `claim`."""
    places, given = named([str(reason) for reason in but])
    waits = f"SELECT min(due_at) FROM hints WHERE state = 'waiting'{f' AND reason NOT IN ({places})' if but else ''}"
    held = "SELECT min(claimed_until) FROM hints WHERE state = 'working'"
    times = driver_of(conn).execute(f"SELECT ({waits}), ({held})", given).fetchone()
    return moment(min((at for at in times if at is not None), default=None))


def claim(
    conn: Connection, worker: str, now: When, lasting: timedelta, most: int, *, but: Collection[str] = ()
) -> tuple[Hint, ...]:
    """Take up at most `most` hints that are due, those due first first. They are the worker's until `lasting` has
    passed; what a dead one held comes back, and that counts as an attempt. `but`: reasons whose hints go on waiting (of
    those that wait: what a dead one held comes back whatever it had waited for before)."""
    at, db = seconds(now), driver_of(conn)
    places, given = named([str(reason) for reason in but])
    ready = f"state = 'waiting' AND due_at <= :now{f' AND reason NOT IN ({places})' if but else ''}"
    due = f"SELECT id FROM hints WHERE ({ready}) OR ({statements.ABANDONED}) ORDER BY due_at, id LIMIT :most"
    found = db.execute(due, {"now": at, "most": most, **given}).fetchall()
    values = {"now": at, "by": worker, "until": at + lasting.total_seconds()}
    taken = [row for (number,) in found for row in statements.TAKE.run(conn, {**values, "of": number}).fetchall()]
    return tuple(_hint(statements.by_name(row)) for row in taken)


def put_back(
    conn: Connection,
    hint: Hint,
    worker: str,
    due: When,
    reason: str,
    *,
    attempt: bool,
    sentence: str = "",
    measured: Measured = NOTHING_MEASURED,
) -> bool:
    """Let it wait until `due`; a wait that is nobody's fault is no attempt. False: it is no longer ours."""
    tried = {"new_attempts": 1 if attempt else 0, "new_waits": 0 if attempt else 1}
    why = {"new_due": seconds(due), "new_reason": reason, "new_sentence": sentence}
    return statements.PUT_BACK.run(conn, {**_whose(hint, worker), **_added(measured), **tried, **why}).rowcount == 1


def finish(
    conn: Connection,
    hint: Hint,
    worker: str,
    end: End,
    reason: str,
    now: When,
    *,
    sentence: str = "",
    permanent: bool = False,
    measured: Measured = NOTHING_MEASURED,
) -> bool:
    """End it, once. False, and nothing ended, when it is no longer ours, or when another hint has joined it since it
    was taken up: then it waits again, due now."""
    ours = {**_whose(hint, worker), **_added(measured)}
    how = {"new_state": end.value, "new_reason": reason, "new_sentence": sentence, "new_permanent": permanent}
    given = {**ours, **how, "at": seconds(now), "unchanged": hint.claimed_counter}
    if statements.FINISH.run(conn, given).rowcount == 1:
        if end in (End.APPLIED, End.ALREADY_TRUE, End.DEAD):
            close_dead(conn, hint.ref, measured.visit, now, but=hint.id)
        elif reason not in NOBODY_ASKED:  # what it names has its question, or shows the visit no more; no other has
            close_dead(conn, hint.ref, None, now, but=hint.id)
        return True
    statements.AGAIN.run(conn, {**ours, "at": seconds(now)})
    return False


def told_before(conn: Connection, hint: Hint) -> bool:
    """Whether an earlier hint about the same appointment named the same version, or a later one."""
    earlier = 'SELECT 1 FROM hints WHERE side = :side AND "key" = :key AND id <> :of AND version >= :version LIMIT 1'
    given = {"side": hint.ref.side.value, "key": hint.ref.key, "of": hint.id, "version": hint.version}
    return driver_of(conn).execute(earlier, given).fetchone() is not None


def _added(measured: Measured) -> dict[str, Any]:
    return {
        "new_calls": measured.calls,
        "new_call_ms": measured.call_ms,
        "new_lock_ms": measured.lock_ms,
        "new_leased": seconds(measured.leased_at),
        "new_visit": measured.visit,
        "new_start": seconds(measured.visit_start),
    }


def _whose(hint: Hint, worker: str) -> dict[str, Any]:
    return {"of": hint.id, "worker": worker}


def keep(conn: Connection, hint: Hint, worker: str, now: When, lasting: timedelta) -> bool:
    """Hold on to it for `lasting` more. False: it is no longer ours."""
    until = seconds(now) + lasting.total_seconds()
    return statements.KEEP.run(conn, {**_whose(hint, worker), "until": until}).rowcount == 1


def wake(conn: Connection, now: When, *reasons: str) -> int:
    """Those that wait for one of these reasons are due now; returns how many."""
    places, given = named([str(reason) for reason in reasons])
    woken = f"UPDATE hints SET due_at = :now WHERE state = 'waiting' AND due_at > :now AND reason IN ({places})"
    return driver_of(conn).execute(woken, {"now": seconds(now), **given}).rowcount


# --- dead letters ---------------------------------------------------------------------------------------------------


def dead(conn: Connection) -> tuple[Hint, ...]:
    """The open dead letters, the one whose visit is soonest first; those of which the time is not known last."""
    soonest = (table.c.visit_start.is_(None), table.c.visit_start, table.c.id)
    rows = conn.execute(sa.select(table).where(_dead()).order_by(*soonest))
    return tuple(_hint(row) for row in rows)


def close_dead(conn: Connection, ref: Ref, visit: int | None, now: When, *, but: int = 0) -> int:
    """Close what lies dead of this appointment, or of its visit: something later ended. Returns how many."""
    lies = "SELECT 1 FROM hints WHERE state = 'dead' AND closed_at IS NULL LIMIT 1"
    if driver_of(conn).execute(lies, {}).fetchone() is None:
        return 0
    same = sa.and_(table.c.side == ref.side, table.c.key == ref.key)
    if visit is not None:
        same = sa.or_(same, table.c.visit == visit)
    closed = {"closed_at": seconds(now), "closed_because": "superseded"}
    return conn.execute(table.update().where(_dead(), same, table.c.id != but).values(closed)).rowcount


def _dead() -> sa.ColumnElement[bool]:
    return sa.and_(table.c.state == End.DEAD.value, table.c.closed_at.is_(None))


# --- reading --------------------------------------------------------------------------------------------------------


def get(conn: Connection, hint_id: int) -> Hint | None:
    """One hint; None when there is none."""
    rows = statements.ONE.run(conn, {"of": hint_id}).fetchall()
    return _hint(statements.by_name(rows[0])) if rows else None


def some(conn: Connection, ids: Iterable[int]) -> tuple[Hint, ...]:
    """These hints, by number; those that are not there are left out."""
    rows = [row for chunk in chunks(ids) for row in conn.execute(sa.select(table).where(table.c.id.in_(chunk)))]
    return tuple(sorted((_hint(row) for row in rows), key=lambda hint: hint.id))


def of(conn: Connection, refs: Iterable[Ref]) -> tuple[Hint, ...]:
    """Every hint that names one of these appointments, oldest first."""
    found = []
    for side, keys in ref_chunks(refs):
        rows = conn.execute(sa.select(table).where(table.c.side == side, table.c.key.in_(keys)))
        found += [_hint(row) for row in rows]
    return tuple(sorted(found, key=lambda hint: hint.id))


def open_refs(conn: Connection) -> frozenset[Ref]:
    """What has a hint that is not ended: it is on its way. What waits for a person to resume is not."""
    goes_on = sa.and_(table.c.state.in_(OPEN), table.c.reason != "paused")
    rows = conn.execute(sa.select(table.c.side, table.c.key).where(goes_on))
    return frozenset(Ref(Side(row.side), row.key) for row in rows)


def left_for_people(conn: Connection, since: When) -> dict[Ref, str]:
    """What was looked at since then and left for a person, and has no hint that came later; each with the reason."""
    named = sa.select(table.c.side, table.c.key, table.c.reason)
    lately = sa.or_(table.c.ended_at >= seconds(since), table.c.state.in_(OPEN))
    newest = sa.select(sa.func.max(table.c.id)).where(lately).group_by(table.c.side, table.c.key)
    rows = conn.execute(named.where(table.c.id.in_(newest), table.c.state == End.CONFLICT.value))
    return {Ref(Side(row.side), row.key): row.reason for row in rows}


def _hint(row: Any) -> Hint:
    return Hint(
        id=row.id,
        ref=Ref(Side(row.side), row.key),
        source=Source(row.source),
        state=row.state,
        reason=row.reason,
        sentence=row.sentence,
        counter=row.counter,
        claimed_counter=row.claimed_counter,
        version=row.version,
        changed_at=moment(row.changed_at),
        received_at=moment(row.received_at),
        due_at=moment(row.due_at),
        attempts=row.attempts,
        waits=row.waits,
        started_at=moment(row.started_at),
        leased_at=moment(row.leased_at),
        ended_at=moment(row.ended_at),
        calls=row.calls,
        call_ms=row.call_ms,
        lock_ms=row.lock_ms,
        visit=row.visit,
        visit_start=moment(row.visit_start),
        permanent=bool(row.permanent),
        closed_at=moment(row.closed_at),
        closed_because=row.closed_because,
        asked_by=row.asked_by,
        waits_in_a_row=row.waits_in_a_row,
    )
