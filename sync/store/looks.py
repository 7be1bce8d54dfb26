"""Looks at what sending a dead letter again would do: asked for on a screen, answered by the worker.

They are short-lived and small, so they lie among what is kept by name, without anything about a client. Functions that
change something need a `writing` connection; times are aware datetimes or seconds since 1970 in UTC.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection

from sync.model import Side
from sync.store import keeping
from sync.store.rows import chunks
from sync.store.tables import keeping as table
from sync.store.times import When, moment, seconds

LOOK = "look:"
FRESH = 60.0
"""A look is true for so many seconds; whoever asks later has it made again."""
FORGOTTEN_AFTER = 600.0


@dataclass(frozen=True, slots=True)
class Look:
    """One look at a letter. `verdict` is the engine's word, '' while nobody has looked yet; `writes` where something
    would be written. `at`: when it was asked for, then when it was answered."""

    letter: int
    verdict: str
    writes: tuple[Side, ...]
    at: datetime

    @property
    def answered(self) -> bool:
        return bool(self.verdict)


def ask(conn: Connection, letters: Iterable[int], now: When) -> int:
    """Ask for a look at each of these letters, in their order; one that is asked for or answered lately stays. Returns
    how many are new. What is old is forgotten."""
    at = seconds(now)
    conn.execute(table.delete().where(_is_look(), table.c.changed_at < at - FORGOTTEN_AFTER))
    wanted = list(dict.fromkeys(letters))
    there = {number for number, look in of(conn, wanted).items() if at - look.at.timestamp() < FRESH}
    new = [number for number in wanted if number not in there]
    for place, number in enumerate(new):
        keeping.put(conn, f"{LOOK}{number}", {"place": place}, at)
    return len(new)


def next_asked(conn: Connection) -> int | None:
    """The letter to be looked at next; None when nobody waits for an answer."""
    rows = conn.execute(sa.select(table).where(_is_look())).all()
    waits = [(row.changed_at, row.value.get("place", 0), _letter(row.key)) for row in rows if not _verdict(row.value)]
    return min(waits)[2] if waits else None


def answer(conn: Connection, letter: int, verdict: str, writes: Sequence[Side], now: When) -> None:
    """Keep what the look found."""
    keeping.put(conn, f"{LOOK}{letter}", {"verdict": verdict, "writes": [side.value for side in writes]}, now)


def of(conn: Connection, letters: Iterable[int]) -> dict[int, Look]:
    """The looks at these letters, by the letter's number."""
    keys = [f"{LOOK}{number}" for number in letters]
    rows = [row for chunk in chunks(keys) for row in conn.execute(sa.select(table).where(table.c.key.in_(chunk)))]
    return {_letter(row.key): _look(row.key, row.value, row.changed_at) for row in rows}


def newest(conn: Connection) -> float | None:
    """When a look was last asked for or answered, in seconds since 1970."""
    return conn.execute(sa.select(sa.func.max(table.c.changed_at)).where(_is_look())).scalar()


def _look(key: str, value: Mapping[str, Any], at: float) -> Look:
    return Look(_letter(key), _verdict(value), tuple(Side(name) for name in value.get("writes", ())), moment(at))


def _verdict(value: Mapping[str, Any]) -> str:
    return str(value.get("verdict", ""))


def _letter(key: str) -> int:
    return int(key.removeprefix(LOOK))


def _is_look() -> sa.ColumnElement[bool]:
    return table.c.key.startswith(LOOK, autoescape=True)
