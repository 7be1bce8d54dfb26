"""After a downtime: what Square's own list of events holds since it was last searched becomes hints, like webhooks.

It is no substitute for looking: it is off unless somebody switched it on, and knows nothing of the time before.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import Connection, Engine

from sync.calendars import CalendarReader, NotOffered, ReadFailed
from sync.inbox.waking import ring_once
from sync.model import Event, Side, Source
from sync.store import hints, keeping, mirror, missed, runs
from sync.store.connection import reading, writing

OVERLAP = timedelta(minutes=10)
"""Searched again each time: an event may be listed a little after it happened, and clocks differ."""
KEPT_BY_SQUARE = timedelta(days=28)
SAID = "events_not_offered"
"""Where it is kept that it was said that Square does not let us look."""

NOT_OFFERED = (
    "Square does not let this token look up past events, so changes from a time when Slotkeeper did not run are found "
    "by reading the calendar: nothing is lost, it only takes longer. To have them sooner, use the personal access "
    "token of your own Square application and enable the Events API for it in the Square developer dashboard."
)
SEEMS_OFF = (
    "Square has sent webhooks but lists none of their events, so its Events API seems to be switched off: changes from "
    "a time when Slotkeeper did not run are found by reading the calendar. Enable it in the Square developer dashboard."
)


@dataclass(frozen=True, slots=True)
class CaughtUp:
    """How it went. Not being offered is whole, too: looking does the same, later."""

    whole: bool
    sentence: str
    counts: dict[str, int] = field(default_factory=dict)
    setting: str = ""


def catch_up(engine: Engine, reader: CalendarReader, now: datetime) -> CaughtUp:
    """Search from where the last search ended, with some overlap; the first one from the last whole read on."""
    with reading(engine) as conn:
        since = _since(conn, reader.side, now)
    if since is None:
        return CaughtUp(True, f"{reader.side.brand} has not been read whole yet; that comes first.")
    try:
        told = reader.events_since(since)
    except NotOffered:
        return _not_offered(engine, NOT_OFFERED, now)
    except ReadFailed as error:
        return CaughtUp(False, str(error), setting=error.setting)
    with writing(engine) as conn:
        found = _new_to_us(conn, reader.side, told)
        for one in found:
            hints.put(conn, one.ref, Source.EVENTS, now, changed_at=one.at, version=one.version)
        missed.keep_search(conn, now, (one.event for one in told), now)
        is_off = not told and bool(missed.came_since(conn, reader.side, since))
    if found:
        ring_once(engine)
    if is_off:
        return _not_offered(engine, SEEMS_OFF, now)
    _offered(engine, now)
    return CaughtUp(True, _sentence(len(told), len(found)), {"events": len(told), "hints": len(found)})


def _since(conn: Connection, side: Side, now: datetime) -> datetime | None:
    read = runs.side_read(conn, side)
    began = missed.searched_until(conn) or (read.whole_began_at if read else None)
    return None if began is None else max(began - OVERLAP, now - KEPT_BY_SQUARE + OVERLAP)


def _new_to_us(conn: Connection, side: Side, told: Iterable[Event]) -> list[Event]:
    """Events that neither came as a webhook nor were met by the last search, and whose change is not known yet."""
    met = missed.events_met(conn)
    fresh = [one for one in told if one.event not in met]
    came = missed.came_among(conn, side, (one.event for one in fresh))
    fresh = [one for one in fresh if one.event not in came]
    known = mirror.load(conn, (one.ref for one in fresh))
    return [one for one in fresh if not _is_known(one, known[one.ref].version if one.ref in known else None)]


def _is_known(one: Event, version: int | None) -> bool:
    return version is not None and one.version is not None and version >= one.version


def _not_offered(engine: Engine, sentence: str, now: datetime) -> CaughtUp:
    """Said once in full; afterwards there is nothing to say."""
    with reading(engine) as conn:
        is_said = keeping.get(conn, SAID, "") == sentence
    if is_said:
        return CaughtUp(True, "Square's list of past events cannot be looked up; the calendar is read instead.")
    with writing(engine) as conn:
        keeping.put(conn, SAID, sentence, now)
    return CaughtUp(True, sentence)


def _offered(engine: Engine, now: datetime) -> None:
    with reading(engine) as conn:
        was_said = bool(keeping.get(conn, SAID, ""))
    if was_said:
        with writing(engine) as conn:
            keeping.put(conn, SAID, "", now)


def _sentence(told: int, found: int) -> str:
    if not told:
        return "Square tells of nothing that happened meanwhile."
    events = "1 event" if told == 1 else f"{told} events"
    return f"Square tells of {events}; {found or 'none'} of them {'was' if found == 1 else 'were'} not known yet."
