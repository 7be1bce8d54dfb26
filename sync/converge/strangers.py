"""Two installations on one salon share no lock: when another one is at work, we do not write (ENGINE, "Guards")."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import Connection

from sync.calendars.marks import installation_of
from sync.store import keeping, mirror

AT_WORK = timedelta(days=1)
"""A mark made this lately means that its maker is still at work."""


def strangers(conn: Connection, now: datetime) -> frozenset[str]:
    """Other installations whose marks were made within a day, by what the calendars say of when they were made."""
    known = keeping.installations(conn)
    lately = (a for a in mirror.marked(conn, known) if a.made_at is not None and now - a.made_at < AT_WORK)
    return frozenset(name for a in lately if (name := installation_of(a.mark or "")))
