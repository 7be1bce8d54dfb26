"""The short look at one side between its whole reads: what it shows that is not known yet becomes hints.

Nothing of what a look saw is taken into the mirror: whoever carries the hint reads it live, and keeps that. So after a
restart the mirror says what is known, and a change that came meanwhile is news.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import Connection, Engine

from sync.calendars import CalendarReader, ReadFailed
from sync.decide.guards import FEWEST, absences_to_withhold
from sync.decide.noticing import Notice, all_at_once, news, remembered, stirred
from sync.inbox.waking import ring_once
from sync.model import Polled, Ref, Side, Source, Window
from sync.model.polled import SQUARE_DAYS_AHEAD
from sync.rounds.pull import FAR_AHEAD, zone_moved
from sync.store import hints, keeping, mirror, polls, runs
from sync.store.connection import reading, writing
from sync.store.shrinking import lost_lately

DAYS_BACK = 1
"""A visit that began is not over."""
SIGN_EVERY = timedelta(seconds=10)
"""How often a good look is written down when there is nothing else to write."""
ASKED_BY = "the schedule"


@dataclass
class Memory:
    """What one process remembers of a side from look to look; a new one compares with the mirror."""

    last: Mapping[Ref, str] | None = None
    signed_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Looked:
    """How a look went. `is_news`: worth a line, because something was found, or could not be read for the first time.
    `wrong`: a setting is wrong. `counts`: hints given, and absences and moves held back."""

    whole: bool
    sentence: str
    counts: dict[str, int] = field(default_factory=dict)
    setting: str = ""
    wrong: bool = False
    is_news: bool = False


def look(engine: Engine, reader: CalendarReader, memory: Memory, now: datetime) -> Looked:
    """Look once. A look that failed changes nothing but says so; before the first whole read none is made. A side that
    is left alone since it does not answer is no news: its breaker says so."""
    side, window = reader.side, window_at(reader.side, now)
    with reading(engine) as conn:
        read = runs.side_read(conn, side)
        known = _expected(conn, side, window, memory)
        pinned = keeping.pinned_timezone(conn)
    if read is None or read.whole_began_at is None:
        return Looked(False, f"{side.brand} has not been read whole yet; that comes first.")
    try:
        polled = reader.poll(window, known)
    except ReadFailed as error:
        return Looked(False, str(error)) if error.waiting else _failed(engine, side, error, now)
    moved = zone_moved(pinned, polled.timezone) if side is Side.BOOKLY else ""
    if moved:
        return _failed(engine, side, ReadFailed(moved, permanent=True, setting="SALON_TIMEZONE"), now)
    return _noticed(engine, polled, memory, now)


def window_at(side: Side, now: datetime) -> Window:
    """What a look covers: in Bookly all that ends after now, in Square what starts around the next days."""
    if side is Side.BOOKLY:
        return Window(now, FAR_AHEAD)
    return Window(now - timedelta(days=DAYS_BACK), now + timedelta(days=SQUARE_DAYS_AHEAD))


def _expected(conn: Connection, side: Side, window: Window, memory: Memory) -> frozenset[Ref]:
    if memory.last is not None:
        return frozenset(memory.last)
    if side is Side.BOOKLY:
        return mirror.known_until(conn, side, window.start)
    return mirror.known_refs(conn, side, window)


def _failed(engine: Engine, side: Side, error: ReadFailed, now: datetime) -> Looked:
    with writing(engine) as conn:
        is_news = polls.failed(conn, side, str(error), error.setting, now)
    wrong = bool(error.setting) and error.permanent
    return Looked(False, str(error), setting=error.setting, wrong=wrong, is_news=is_news)


def _noticed(engine: Engine, polled: Polled, memory: Memory, now: datetime) -> Looked:
    """Hints, the sign of a good look, and what to remember, in this order: a look that is cut short before is made
    again."""
    moved = stirred(polled, memory.last)
    found: tuple[Notice, ...] = ()
    back: tuple[Notice, ...] = ()
    if moved or polled.gone:
        with reading(engine) as conn:
            found, back = _told_apart(conn, polled, moved, now)
    if found or back or _sign_is_due(engine, polled.side, memory, now):
        with writing(engine) as conn:
            polls.worked(conn, polled.side, polled.began_at, now)
            for notice in found:
                _put(conn, notice, now)
            if back:
                runs.ask(conn, f"pull-{polled.side}", ASKED_BY, now)
        memory.signed_at = now
    memory.last = remembered(polled, memory.last)
    if found:
        ring_once(engine)
    return _said(polled.side, len(found), len(back))


def _told_apart(
    conn: Connection, polled: Polled, moved: frozenset[Ref], now: datetime
) -> tuple[tuple[Notice, ...], tuple[Notice, ...]]:
    known = mirror.load(conn, moved | polled.gone)
    shown = polled.shown(moved)
    found = news(polled, moved, known, shown)
    if len(found) <= FEWEST or runs.is_called_real(conn, polled.side):
        return found, ()
    ahead = mirror.known_ahead(conn, polled.side, now)
    present = {ref: shown.get(ref, then) for ref, then in ahead.items() if ref not in polled.gone}
    lately = lost_lately(conn, polled.side, now)
    return all_at_once(found, absences_to_withhold(ahead, present, polled.window, now, lately))


def _sign_is_due(engine: Engine, side: Side, memory: Memory, now: datetime) -> bool:
    if memory.signed_at is None or abs(now - memory.signed_at) >= SIGN_EVERY:
        return True
    with reading(engine) as conn:
        return polls.is_failing(conn, side)


def _put(conn: Connection, notice: Notice, now: datetime) -> None:
    hints.put(conn, notice.ref, Source.POLL, now, changed_at=notice.changed_at, version=notice.version)


def _said(side: Side, found: int, back: int) -> Looked:
    counts = {"hints": found, "withheld": back}
    if not found and not back:
        return Looked(True, f"{side.brand} shows nothing new.", counts)
    said = f"{side.brand} shows {found} visit{'' if found == 1 else 's'} that may have changed."
    if back:
        said += f" {back} have vanished or moved all at once: the whole calendar is read before that counts."
    return Looked(True, said, counts, is_news=True)
