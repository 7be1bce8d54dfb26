"""Runs of jobs: asked for, working, whole or nothing; and how each side was last read."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from types import SimpleNamespace
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection

from sync.model import Ref, Side, Snapshot, Window
from sync.store import keeping
from sync.store.connection import driver_of, from_json
from sync.store.prepared import Prepared
from sync.store.tables import runs as table
from sync.store.tables import sides
from sync.store.times import When, moment, seconds

_NEXT = "next_runs"

BROKEN_OFF = "It was broken off in the middle; nothing was concluded. It can be run again."
"""What a run says whose process ended before it did."""


@dataclass(frozen=True, slots=True)
class Run:
    """A job's run. `state`: waiting, working, whole, nothing. Times are aware datetimes in UTC."""

    id: int
    job: str
    asked_by: str
    asked_at: datetime
    started_at: datetime | None
    ended_at: datetime | None
    state: str
    done: int
    total: int
    sentence: str
    counts: Mapping[str, int]
    setting: str


@dataclass(frozen=True, slots=True)
class SideRead:
    """How a side was last read. `withheld` are absences kept back by the shrink guard, waiting for a person's word."""

    side: Side
    timezone: str
    whole_began_at: datetime | None
    window: Window | None
    failing_since: datetime | None
    problem: str
    setting: str
    withheld: tuple[Ref, ...]


def ask(conn: Connection, job: str, who: str, now: datetime) -> int:
    """Ask for a run; one that already waits is the one that is meant. Returns its number."""
    there = conn.execute(sa.select(table.c.id).where(table.c.job == job, table.c.state == "waiting")).first()
    if there is not None:
        return int(there.id)
    made = conn.execute(table.insert().values(job=job, asked_by=who, asked_at=seconds(now), state="waiting"))
    key = made.inserted_primary_key
    assert key is not None
    return int(key[0])


def any_asked(conn: Connection) -> bool:
    """Whether a run waits to be taken up."""
    return conn.execute(sa.select(table.c.id).where(table.c.state == "waiting").limit(1)).first() is not None


def take_asked(conn: Connection, now: datetime) -> Run | None:
    """Take up the run that was asked for first, guarded by its state."""
    row = conn.execute(sa.select(table.c.id).where(table.c.state == "waiting").order_by(table.c.id).limit(1)).first()
    if row is None:
        return None
    taken = conn.execute(
        table.update()
        .where(table.c.id == row.id, table.c.state == "waiting")
        .values(state="working", started_at=seconds(now))
    )
    return get(conn, row.id) if taken.rowcount == 1 else None


def start(conn: Connection, job: str, who: str, now: datetime, run_id: int | None = None) -> int:
    """Note that a run begins: the row that was asked for, or a new one. Returns its number."""
    if run_id is None:
        run_id = ask_fresh(conn, job, who, now)
    conn.execute(table.update().where(table.c.id == run_id).values(state="working", started_at=seconds(now)))
    return run_id


def ask_fresh(conn: Connection, job: str, who: str, now: datetime) -> int:
    """A row of its own for a run that begins at once."""
    made = conn.execute(table.insert().values(job=job, asked_by=who, asked_at=seconds(now), state="working"))
    key = made.inserted_primary_key
    assert key is not None
    return int(key[0])


def progress(conn: Connection, run_id: int, done: int, total: int) -> None:
    """How far it is, for the screen."""
    conn.execute(table.update().where(table.c.id == run_id).values(done=done, total=total))


def end(
    conn: Connection,
    run_id: int,
    *,
    whole: bool,
    sentence: str,
    counts: Mapping[str, int],
    setting: str,
    now: datetime,
) -> None:
    """Note how it ended: whole, or nothing concluded and why."""
    conn.execute(
        table.update()
        .where(table.c.id == run_id)
        .values(
            state="whole" if whole else "nothing",
            sentence=sentence,
            counts=dict(counts),
            setting=setting,
            ended_at=seconds(now),
        )
    )


def plan_next(conn: Connection, due: Mapping[str, datetime], now: datetime) -> None:
    """Keep when each job runs by itself again (UTC), by its name."""
    keeping.put(conn, _NEXT, {job: seconds(at) for job, at in due.items()}, now)


def planned_next(conn: Connection) -> dict[str, datetime]:
    """When each job runs by itself again, as the loop last said."""
    return {job: moment(at) for job, at in keeping.get(conn, _NEXT, {}).items()}


def give_up(conn: Connection, started_before: When, now: When, job: str | None = None) -> int:
    """End the runs (of one job, where it is named) that began before then and never ended: their process is gone.

    Returns how many.
    """
    lost = sa.and_(table.c.state == "working", table.c.started_at < seconds(started_before))
    if job is not None:
        lost = sa.and_(lost, table.c.job == job)
    ended = {"state": "nothing", "sentence": BROKEN_OFF, "ended_at": seconds(now)}
    return conn.execute(table.update().where(lost).values(ended)).rowcount


def get(conn: Connection, run_id: int) -> Run | None:
    """One run; None when there is none."""
    row = conn.execute(sa.select(table).where(table.c.id == run_id)).first()
    return _run(row) if row is not None else None


def forget_before(conn: Connection, before: datetime) -> int:
    """Drop ended runs older than `before`; returns how many."""
    old = sa.and_(table.c.ended_at < seconds(before), table.c.state.in_(("whole", "nothing")))
    return conn.execute(table.delete().where(old)).rowcount


# --- sides ---------------------------------------------------------------------------------------------------


def read_whole(conn: Connection, snapshot: Snapshot, withheld: Iterable[Ref]) -> None:
    """A side was read whole: when, what window, what is withheld; what was wrong before is over.

    A read that began before the last whole one tells nothing any more and is passed over.
    """
    there = side_read(conn, snapshot.side)
    if there and there.whole_began_at and there.whole_began_at > snapshot.began_at:
        return
    _put_side(
        conn,
        snapshot.side,
        timezone=snapshot.directory.timezone,
        whole_began_at=seconds(snapshot.began_at),
        window_start=seconds(snapshot.window.start),
        window_end=seconds(snapshot.window.end),
        failing_since=None,
        problem="",
        setting="",
        withheld=[str(ref) for ref in sorted(withheld)],
    )


def read_failed(
    conn: Connection, side: Side, sentence: str, setting: str, now: datetime, *, by_poll: bool = False
) -> None:
    """A side could not be read: why, and since when (the first failure counts). What a whole read met is over with the
    next whole read; what only a short look met, with the next short look (`sync.store.polls`)."""
    if bool(keeping.get(conn, poll_failing_key(side), False)) != by_poll:
        keeping.put(conn, poll_failing_key(side), by_poll, now)
    there = side_read(conn, side)
    since = there.failing_since if there and there.failing_since else now
    _put_side(conn, side, failing_since=seconds(since), problem=sentence, setting=setting)


def side_read(conn: Connection, side: Side) -> SideRead | None:
    """How a side was last read; None before the first try."""
    rows = _OF_SIDE.run(conn, {"of": side.value}).fetchall()
    if not rows:
        return None
    row = SimpleNamespace(**dict(zip(_SIDE_COLUMNS, rows[0], strict=True)))
    withheld = from_json(driver_of(conn), row.withheld) or ()
    window = Window(moment(row.window_start), moment(row.window_end)) if row.window_start is not None else None
    return SideRead(
        side,
        row.timezone,
        moment(row.whole_began_at),
        window,
        moment(row.failing_since),
        row.problem,
        row.setting,
        tuple(Ref.parse(text) for text in withheld),
    )


_SIDE_COLUMNS = tuple(column.key for column in sides.c)
_OF_SIDE = Prepared(sa.select(sides).where(sides.c.side == sa.bindparam("of")))


def mended(conn: Connection, side: Side) -> None:
    """A side can be read again."""
    _put_side(conn, side, failing_since=None, problem="", setting="")


def poll_failing_key(side: Side) -> str:
    """Under which word it is kept that only a short look met the trouble of a side."""
    return f"poll_failing:{side}"


def real_key(side: Side) -> str:
    """Under which word it is kept that a person called a suddenly small calendar real."""
    return f"real:{side}"


def call_real(conn: Connection, side: Side, who: str, now: When) -> None:
    """A person says that a suddenly small calendar is real: what went or moved by now counts no more."""
    keeping.put(conn, real_key(side), True, now, who)
    keeping.put(conn, f"real_at:{side}", seconds(now), now, who)


def is_called_real(conn: Connection, side: Side) -> bool:
    """Whether a person has called this calendar real, and it was not read whole since."""
    return bool(keeping.get(conn, real_key(side), False))


def take_real(conn: Connection, side: Side, now: When) -> bool:
    """Take a person at their word, once: what this whole read no longer shows counts no more, either. False when
    nobody has called the calendar real."""
    if not is_called_real(conn, side):
        return False
    keeping.put(conn, real_key(side), False, now)
    keeping.put(conn, f"real_at:{side}", seconds(now), now)
    return True


def real_since(conn: Connection, side: Side) -> datetime:
    """Until when the losses of this calendar are real, as a person said; long ago when nobody ever did."""
    return moment(float(keeping.get(conn, f"real_at:{side}", 0.0)))


def withhold(conn: Connection, side: Side, refs: Iterable[Ref]) -> None:
    """Keep these absences and moves back, beside those that are kept back already."""
    there = side_read(conn, side)
    kept = {*(there.withheld if there else ()), *refs}
    _put_side(conn, side, withheld=[str(ref) for ref in sorted(kept)])


def _put_side(conn: Connection, side: Side, **values: Any) -> None:
    changed = conn.execute(sides.update().where(sides.c.side == side).values(values))
    if changed.rowcount == 0:
        conn.execute(sides.insert().values(side=side.value, **values))


def _run(row: sa.Row[Any]) -> Run:
    return Run(
        row.id,
        row.job,
        row.asked_by,
        moment(row.asked_at),
        moment(row.started_at),
        moment(row.ended_at),
        row.state,
        row.done,
        row.total,
        row.sentence,
        row.counts or {},
        row.setting or "",
    )
