"""The audit of missed webhooks: what was learned in the last day without one, how much of it, and the gaps filled."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import Connection, Engine

from sync.calendars import CalendarReader, NotOffered, ReadFailed
from sync.decide.missed import LOOKED_AFTER, Change, Delivered, never_delivered
from sync.inbox.waking import ring_once
from sync.model import Event, Side, Source
from sync.store import hints, mirror, missed
from sync.store.connection import reading, writing

BACK = timedelta(hours=24)
GRACE = timedelta(minutes=10)
"""A webhook may still come within this: usually it takes less than a minute."""


@dataclass(frozen=True, slots=True)
class Audited:
    """How it went. changes: made in the last day, as far as is known; missed: those without a webhook; filled: those of
    them that nobody had noticed either, which are looked at now. events: whether Square's own list could be asked."""

    whole: bool
    sentence: str
    counts: dict[str, int] = field(default_factory=dict)
    events: bool = False


def audit(engine: Engine, reader: CalendarReader, now: datetime) -> Audited:
    """Compare what was delivered with what is known to have changed, by booking and version."""
    told, is_listed = _told(reader, now)
    with reading(engine) as conn:
        lost = _lost(conn, reader.side, told, now)
        came = len(missed.came_since(conn, reader.side, now - BACK))
    with writing(engine) as conn:
        filled = _filled(conn, lost, now)
    if filled:
        ring_once(engine)
    counts = {"changes": came + len(lost), "missed": len(lost), "filled": filled}
    return Audited(True, _sentence(reader.side, came, len(lost), filled), counts, is_listed)


def _told(reader: CalendarReader, now: datetime) -> tuple[tuple[Event, ...], bool]:
    try:
        return reader.events_since(now - BACK), True
    except (NotOffered, ReadFailed):
        return (), False


def _lost(conn: Connection, side: Side, told: tuple[Event, ...], now: datetime) -> tuple[Change, ...]:
    """The side's own events by their ids; what was learned by looking, by the booking and the moment."""
    until = now - GRACE
    came = missed.came_among(conn, side, (one.event for one in told))
    unheard = [one for one in told if one.event not in came and one.version is not None and one.at and one.at <= until]
    listed = {(one.ref, one.version) for one in told}
    looked = missed.learned_by_looking(conn, side, now - BACK, until)
    delivered = missed.came_since(conn, side, now - BACK - LOOKED_AFTER)
    seen = never_delivered(
        (
            Change(one.ref, one.version, one.at, one.changed_at)
            for one in looked
            if (one.ref, one.version) not in listed
        ),
        (Delivered(one.ref, one.at, one.source_at) for one in delivered),
    )
    named = (Change(one.ref, one.version, one.at, one.at) for one in unheard if one.version is not None and one.at)
    return (*named, *seen)


def _filled(conn: Connection, lost: tuple[Change, ...], now: datetime) -> int:
    """Hints for what we do not know to this day; how many."""
    known = {ref: shown.version for ref, shown in mirror.load(conn, (change.ref for change in lost)).items()}
    under_way = hints.open_refs(conn)
    gaps = [c for c in lost if c.ref not in under_way and (known.get(c.ref) is None or (known[c.ref] or 0) < c.version)]
    for change in gaps:
        hints.put(conn, change.ref, Source.EVENTS, now, changed_at=change.made_at, version=change.version)
    return len({change.ref for change in gaps})


def _sentence(side: Side, came: int, lost: int, filled: int) -> str:
    if not came and not lost:
        return f"Nothing changed in {side.brand} in the last 24 hours, as far as is known."
    if not lost:
        return f"No webhook of {side.brand} was missed in the last 24 hours."
    if not came:
        found = f"{_changes(lost)} {'was' if lost == 1 else 'were'} found by looking"
        return (
            f"No webhook has come from {side.brand} in the last 24 hours, but {found}: "
            "is the subscription set up, and switched on?"
        )
    said = f"{lost} of {_changes(came + lost)} in {side.brand} came without a webhook in the last 24 hours."
    if filled:
        return f"{said} {filled} of them nobody had noticed; {'it is' if filled == 1 else 'they are'} looked at now."
    return f"{said} All were found by looking."


def _changes(count: int) -> str:
    return "1 change" if count == 1 else f"{count} changes"
