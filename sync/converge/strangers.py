"""Two installations on one salon share no lock: when another one is at work, we do not write (ENGINE, "Guards")."""

from __future__ import annotations

from datetime import datetime, timedelta
from weakref import WeakKeyDictionary

from sqlalchemy import Connection, Engine

from sync.calendars.marks import installation_of
from sync.store import keeping, mirror
from sync.store.connection import reading

AT_WORK = timedelta(days=1)
"""A mark made this lately means that its maker is still at work."""


ASKED_EVERY = timedelta(seconds=30)
"""How long an answer is good enough for what is carried by itself: asking looks over the whole mirror."""

_asked: WeakKeyDictionary[Engine, tuple[datetime, frozenset[str]]] = WeakKeyDictionary()


def strangers_lately(engine: Engine, now: datetime) -> frozenset[str]:
    """The same, asked again only when the last answer is older than ASKED_EVERY."""
    known = _asked.get(engine)
    if known is None or not timedelta(0) <= now - known[0] < ASKED_EVERY:
        with reading(engine) as conn:
            known = now, strangers(conn, now)
        _asked[engine] = known
    return known[1]


def strangers(conn: Connection, now: datetime) -> frozenset[str]:
    """Other installations whose marks were made within a day, by what the calendars say of when they were made."""
    known = keeping.installations(conn)
    lately = (a for a in mirror.marked(conn, known) if a.made_at is not None and now - a.made_at < AT_WORK)
    return frozenset(name for a in lately if (name := installation_of(a.mark or "")))
