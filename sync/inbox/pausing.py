"""Pause and resume: nothing is written while a person has paused, and what waited for it goes on at once."""

from __future__ import annotations

from sqlalchemy import Connection

from sync.store import hints, keeping
from sync.store.times import When


def set_paused(conn: Connection, paused: bool, who: str, now: When) -> None:
    """Pause or resume. Needs a `writing` connection; ring the bell after its commit."""
    keeping.set_paused(conn, paused, who, now)
    if not paused:
        hints.wake(conn, now, "paused")
