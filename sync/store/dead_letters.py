"""Dead letters found and ordered: hints that were tried to the end and with which nobody is done yet."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy import Connection

from sync.model import End, Ref, Side, Source
from sync.store import hints, mirror, pairs
from sync.store.hints import OPEN, Hint
from sync.store.tables import hints as table
from sync.store.times import When, seconds

A_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Filter:
    """Which of the open dead letters are meant; what is left out does not narrow. Times are aware datetimes.

    cause: the reason word. side: where the change came from. since: buried at or after. starts_before: the visit is
    known to begin before. ids: only these numbers.
    """

    cause: str = ""
    side: Side | None = None
    since: datetime | None = None
    starts_before: datetime | None = None
    ids: tuple[int, ...] = ()
    permanent: bool | None = None


EVERY = Filter()


def is_open() -> sa.ColumnElement[bool]:
    """Whether a hint is a dead letter with which nobody is done."""
    return sa.and_(table.c.state == End.DEAD.value, table.c.closed_at.is_(None))


def soonest_first(now: When) -> tuple[sa.ColumnElement[object], ...]:
    """The order in which they matter: visits ahead by how soon they are, then those of unknown time, then past ones,
    the latest first."""
    at = seconds(now)
    past = sa.case((table.c.visit_start.is_(None), 1), (table.c.visit_start < at, 2), else_=0)
    return past, sa.func.abs(table.c.visit_start - at), table.c.id


def matching(conn: Connection, wanted: Filter, now: When) -> tuple[Hint, ...]:
    """The open dead letters that are meant, soonest visit first."""
    ids = conn.execute(sa.select(table.c.id).where(is_open(), *_narrowed(wanted)).order_by(*soonest_first(now)))
    order = [row.id for row in ids]
    found = {hint.id: hint for hint in hints.some(conn, order)}
    return tuple(found[number] for number in order)


def _narrowed(wanted: Filter) -> list[sa.ColumnElement[bool]]:
    tests: list[sa.ColumnElement[bool]] = []
    if wanted.cause:
        tests.append(table.c.reason == wanted.cause)
    if wanted.side is not None:
        tests.append(table.c.side == wanted.side.value)
    if wanted.since is not None:
        tests.append(table.c.ended_at >= seconds(wanted.since))
    if wanted.starts_before is not None:
        tests.append(table.c.visit_start < seconds(wanted.starts_before))
    if wanted.ids:
        tests.append(table.c.id.in_(wanted.ids))
    if wanted.permanent is not None:
        tests.append(table.c.permanent == wanted.permanent)
    return tests


def on_its_way(conn: Connection, ref: Ref) -> Hint | None:
    """The hint of this appointment that is not ended, if there is one."""
    row = conn.execute(
        sa.select(table.c.id).where(table.c.side == ref.side, table.c.key == ref.key, table.c.state.in_(OPEN))
    ).first()
    return hints.get(conn, row.id) if row is not None else None


def since(conn: Connection, letter: Hint) -> tuple[Hint, ...]:
    """The hints of the same appointment or visit that came after it, oldest first."""
    same = sa.and_(table.c.side == letter.ref.side, table.c.key == letter.ref.key)
    if letter.visit is not None:
        same = sa.or_(same, table.c.visit == letter.visit)
    ids = conn.execute(sa.select(table.c.id).where(same, table.c.id > letter.id)).scalars()
    return hints.some(conn, ids)


def visit_and_start(conn: Connection, ref: Ref) -> tuple[int | None, datetime | None]:
    """Which visit an appointment is of, and when that is (UTC): as the side that made it shows it, else as it was last
    known anywhere. None where it is not known."""
    pair = next(iter(pairs.pairs_of(conn, [ref])), None)
    made, all_of_it = (pair.current(pair.owner), pair.partners) if pair else ((), ())
    refs = [*(one.ref for one in made), ref, *(one.ref for one in all_of_it)]
    shown, _ = mirror.ever_shown(conn, refs)
    starts = (shown[one].start for one in refs if one in shown and shown[one].parts)
    return pair.visit if pair else None, next(starts, None)


def redriven_lately(conn: Connection, refs: Sequence[Ref], now: When) -> dict[Ref, int]:
    """How often each of these appointments was sent round by the machine within a day."""
    at = seconds(now) - A_DAY.total_seconds()
    rows = conn.execute(
        sa.select(table.c.side, table.c.key, sa.func.count().label("times"))
        .where(table.c.source == Source.REDRIVE.value, table.c.received_at >= at)
        .group_by(table.c.side, table.c.key)
    )
    wanted = set(refs)
    times = {Ref(Side(row.side), row.key): int(row.times) for row in rows}
    return {ref: count for ref, count in times.items() if ref in wanted}


def close(conn: Connection, letter: Hint, because: str, now: When) -> bool:
    """A person is done with it. False when somebody was before, or it is none."""
    closed = {"closed_at": seconds(now), "closed_because": because}
    return conn.execute(table.update().where(is_open(), table.c.id == letter.id).values(closed)).rowcount == 1
