"""Small things the house remembers by name: paused, writing, time zone, installation, counters, signs of life.

Functions that set something need a `writing` connection. `now` is an aware datetime or seconds since 1970; where it may
be left out, this machine's clock is meant.
"""

from __future__ import annotations

import time
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import uuid4

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from sync.store.connection import driver_of, from_json, to_json
from sync.store.rows import named
from sync.store.tables import keeping
from sync.store.times import When, moment, seconds

PAUSED = "paused"
WRITES = "writes"
INSTALLATION = "installation"
ADOPTED = "adopted_installations"
PINNED_TIMEZONE = "pinned_timezone"
CHANGE_COUNTER = "change_counter"
MAPPING_CHANGE = "mapping_change"
LISTS_CHANGE = "lists_change"
_WORKER = "worker:"
_FORGOTTEN_AFTER = 86_400.0  # a worker not heard of for a day is no longer listed


_PUT = """
INSERT INTO keeping ("key", value, changed_at, changed_by) VALUES (:key, :value, :at, :by)
ON CONFLICT ("key") DO UPDATE
SET value = excluded.value, changed_at = excluded.changed_at, changed_by = excluded.changed_by
"""


def get(conn: Connection, key: str, default: Any = None) -> Any:
    """What is kept under `key` (plain JSON), else `default`."""
    db = driver_of(conn)
    row = db.execute('SELECT value FROM keeping WHERE "key" = :key', {"key": key}).fetchone()
    return default if row is None else from_json(db, row[0])


def some(conn: Connection, keys: Iterable[str]) -> dict[str, Any]:
    """What is kept under these keys; those under which nothing is kept are left out."""
    return {key: value for key, (value, _) in _kept(conn, keys).items()}


def _kept(conn: Connection, keys: Iterable[str]) -> dict[str, tuple[Any, float]]:
    """What is kept under these keys, each with when it was put there."""
    db, (places, given) = driver_of(conn), named(list(keys))
    rows = db.execute(f'SELECT "key", value, changed_at FROM keeping WHERE "key" IN ({places})', given).fetchall()
    return {key: (from_json(db, value), at) for key, value, at in rows}


def changed_at(conn: Connection, key: str) -> datetime | None:
    """When what is kept under `key` was last put there (UTC); None where nothing is."""
    found: float | None = conn.execute(sa.select(keeping.c.changed_at).where(keeping.c.key == key)).scalar()
    return moment(found)


def put(conn: Connection, key: str, value: Any, now: When, by: str = "") -> None:
    """Keep a plain JSON value under `key` (at most 64 characters), whatever was there before."""
    row = {"key": key, "value": to_json(value), "at": seconds(now), "by": by}
    driver_of(conn).execute(_PUT, row)


def paused(conn: Connection) -> bool:
    """Whether a person pressed Pause: nothing new is written outside until somebody resumes."""
    return bool(get(conn, PAUSED, False))


def set_paused(conn: Connection, value: bool, by: str, now: When) -> None:
    """Pause or resume."""
    put(conn, PAUSED, value, now, by)


def writes_on(conn: Connection, settings_writes: str) -> bool:
    """Whether anything may be written outside: WRITES is "on" in the settings, and a person has switched it on."""
    return settings_writes == "on" and bool(get(conn, WRITES, False))


@dataclass(frozen=True, slots=True)
class Switches:
    """Whether a person has paused, and since when visits cross by themselves: when writing was last switched on, to the
    second as calendars keep when something was made; None while it is off."""

    paused: bool
    on_since: datetime | None


def switches(conn: Connection, settings_writes: str) -> Switches:
    """Both switches, as they are now."""
    kept = _kept(conn, (PAUSED, WRITES))
    on = settings_writes == "on" and WRITES in kept and bool(kept[WRITES][0])
    since = moment(kept[WRITES][1]).replace(microsecond=0) if on else None
    return Switches(PAUSED in kept and bool(kept[PAUSED][0]), since)


def set_writes(conn: Connection, value: bool, by: str, now: When) -> None:
    """A person switches writing on or off; with WRITES=off in the settings it stays off all the same."""
    put(conn, WRITES, value, now, by)


def installation(conn: Connection, now: When | None = None) -> str:
    """The id of this installation, twelve letters and digits: made at the first call and the same ever after."""
    known = get(conn, INSTALLATION)
    if known is None:
        known = uuid4().hex[:12]
        put(conn, INSTALLATION, known, _or_clock(now))
    return str(known)


def installations(conn: Connection) -> tuple[str, ...]:
    """This installation's id and those that a person said are gone and were this salon's own."""
    return tuple(filter(None, (get(conn, INSTALLATION), *get(conn, ADOPTED, []))))


def adopt(conn: Connection, strangers: Iterable[str], by: str, now: When) -> None:
    """A person says that these installations are gone: their marks count as ours."""
    put(conn, ADOPTED, sorted({*get(conn, ADOPTED, []), *strangers}), now, by)


def pinned_timezone(conn: Connection) -> str | None:
    """The zone that Bookly's times were taken in when it was set up; None before that."""
    name = get(conn, PINNED_TIMEZONE)
    return None if name is None else str(name)


def pin_timezone(conn: Connection, name: str, by: str = "", now: When | None = None) -> str:
    """Pin the zone, or pin another one when a person says that the salon's has really changed; returns it."""
    put(conn, PINNED_TIMEZONE, name, _or_clock(now), by)
    return name


def last_change(conn: Connection) -> int:
    """The counter's value now: 0 before the first change."""
    return int(get(conn, CHANGE_COUNTER, 0))


def next_change(conn: Connection) -> int:
    """One higher than ever before. Writers take turns, so whoever has seen value n has seen all changes up to n."""
    return count(conn, CHANGE_COUNTER, 0.0)


def count(conn: Connection, key: str, now: When) -> int:
    """Count one more under `key`; returns how many it makes."""
    value = int(get(conn, key, 0)) + 1
    put(conn, key, value, now)
    return value


def beat(conn: Connection, worker: str, now: When) -> None:
    """A worker's sign of life. Workers not heard of for a day are forgotten."""
    key = f"{_WORKER}{worker}"[:64]
    put(conn, key, worker, now, worker[:100])
    old = keeping.c.changed_at < seconds(now) - _FORGOTTEN_AFTER
    conn.execute(keeping.delete().where(keeping.c.key.startswith(_WORKER, autoescape=True), old))


def beats(conn: Connection) -> dict[str, datetime]:
    """When each worker was last heard of."""
    workers = sa.select(keeping.c.value, keeping.c.changed_at).where(keeping.c.key.startswith(_WORKER, autoescape=True))
    return {str(row.value): moment(row.changed_at) for row in conn.execute(workers)}


def _or_clock(now: When | None) -> When:
    return time.time() if now is None else now
