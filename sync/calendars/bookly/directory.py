"""Bookly's staff, services, hours and days off as a Directory.

Hours are local to the salon, a stretch as ("HH:MM", "HH:MM") with breaks cut out; a shift that passes midnight ends
past 24:00 ("26:00"), as Bookly has it. A row that makes no sense is left out; it never stops the rest.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sync.calendars.bookly import statements
from sync.calendars.bookly.connect import Session
from sync.calendars.bookly.times import SiteZone, ZoneUnknown, day, local, minutes_of_day, zone_named
from sync.model import Directory, Service, Side, StaffMember

AHEAD = timedelta(days=396)
"""Yearly holidays are written out for the coming thirteen months."""
DAY_MINUTES = 24 * 60
BOOKED_BY_ITSELF = "simple"

Stretch = tuple[int, int, int]
"""Weekday (0 = Monday), and minutes of that day from and to."""


def directory(session: Session, now: datetime) -> Directory:
    """Who works there and what they do; `now` (UTC) says which yearly holidays are near."""
    read = _Read(session)
    ours = StaffFacts(
        skills=_skills(read("staff_services")),
        stretches=_stretches(read("staff_schedule_items"), read("schedule_item_breaks")),
        days_off=_days_off(read("holidays"), local(now, session.zone).date()),
        zone=session.zone,
        now=now,
    )
    staff = sorted(read("staff"), key=lambda row: row.id)
    return Directory(
        side=Side.BOOKLY,
        timezone=session.zone.name,
        staff=tuple(_member(row, ours) for row in staff),
        services=tuple(_service(row) for row in sorted(read("services"), key=lambda row: row.id)),
    )


@dataclass(frozen=True, slots=True)
class _Read:
    session: Session

    def __call__(self, name: str) -> list[Any]:
        if name not in self.session.tables:
            return []
        return self.session.rows(statements.everything(self.session.tables, name))


@dataclass(frozen=True, slots=True)
class StaffFacts:
    """What the other tables say about staff, by staff id. Days off under None are the whole company's."""

    skills: dict[str, set[str]]
    stretches: dict[str, list[Stretch]]
    days_off: dict[str | None, set[str]]
    zone: SiteZone
    now: datetime


def _member(row: Any, facts: StaffFacts) -> StaffMember:
    key = str(row.id)
    ahead = _ahead_of_site(getattr(row, "time_zone", None), facts)
    stretches = [(weekday, start - ahead, end - ahead) for weekday, start, end in facts.stretches.get(key, [])]
    return StaffMember(
        side=Side.BOOKLY,
        id=key,
        name=(row.full_name or "").strip(),
        email=(getattr(row, "email", "") or "").strip(),
        phone=(getattr(row, "phone", "") or "").strip(),
        active=getattr(row, "visibility", "public") != "archive",
        services=frozenset(facts.skills.get(key, ())),
        hours=tuple(_shown(*stretch) for stretch in sorted(_within_week(*stretch) for stretch in stretches)),
        days_off=frozenset(facts.days_off.get(key, set()) | facts.days_off.get(None, set())),
    )


def _ahead_of_site(own_zone: str | None, facts: StaffFacts) -> int:
    """How many minutes a staff member's own zone is ahead of the salon's now; it shifts only their working hours."""
    if not own_zone:
        return 0
    try:
        own = facts.now.astimezone(zone_named(own_zone).rules).utcoffset()
    except ZoneUnknown:
        return 0
    site = facts.now.astimezone(facts.zone.rules).utcoffset()
    return 0 if own is None or site is None else round((own - site).total_seconds()) // 60


def _service(row: Any) -> Service:
    """Paddings are rounded up to whole minutes. A compound or package never stands on a row: it is not active."""
    return Service(
        side=Side.BOOKLY,
        id=str(row.id),
        name=(row.title or "").strip(),
        minutes=_minutes(getattr(row, "duration", 0)),
        before_minutes=_minutes(row.padding_left),
        after_minutes=_minutes(row.padding_right),
        active=getattr(row, "type", BOOKED_BY_ITSELF) == BOOKED_BY_ITSELF,
    )


def _minutes(seconds: Any) -> int:
    try:
        return -(-int(seconds or 0) // 60)
    except (ValueError, TypeError):
        return 0


def _skills(rows: Iterable[Any]) -> dict[str, set[str]]:
    skills: dict[str, set[str]] = {}
    for row in rows:
        skills.setdefault(str(row.staff_id), set()).add(str(row.service_id))
    return skills


def _stretches(items: Iterable[Any], breaks: Iterable[Any]) -> dict[str, list[Stretch]]:
    """Working stretches by staff id. Where somebody has hours by location too, those without a location count."""
    pauses: dict[int, list[tuple[int, int]]] = {}
    for row in breaks:
        pause = _from_to(row)
        if pause:
            pauses.setdefault(row.staff_schedule_item_id, []).append(pause)
    by_staff: dict[str, list[Any]] = {}
    for item in items:
        by_staff.setdefault(str(item.staff_id), []).append(item)
    return {
        staff: [stretch for item in _general(own) for stretch in _open(item, pauses.get(item.id, []))]
        for staff, own in by_staff.items()
    }


def _general(items: list[Any]) -> list[Any]:
    return [item for item in items if getattr(item, "location_id", None) is None] or items


def _open(item: Any, pauses: list[tuple[int, int]]) -> Iterator[Stretch]:
    """One day of somebody without its breaks. day_index 1 is Sunday; no start means a day off."""
    shift = _from_to(item)
    if shift is None or item.day_index not in range(1, 8):
        return
    weekday, (at, end) = (item.day_index - 2) % 7, shift
    for pause_start, pause_end in sorted(pauses):
        if pause_end <= at or pause_start >= end:
            continue
        if pause_start > at:
            yield weekday, at, pause_start
        at = pause_end
    if at < end:
        yield weekday, at, end


def _from_to(row: Any) -> tuple[int, int] | None:
    try:
        start, end = minutes_of_day(row.start_time), minutes_of_day(row.end_time)
    except (ValueError, TypeError):
        return None
    return None if start is None or end is None or end <= start else (start, end)


def _within_week(weekday: int, start: int, end: int) -> Stretch:
    """The same stretch with its start between 00:00 and 24:00 of its weekday."""
    days = start // DAY_MINUTES
    return (weekday + days) % 7, start - days * DAY_MINUTES, end - days * DAY_MINUTES


def _shown(weekday: int, start: int, end: int) -> tuple[int, str, str]:
    return weekday, _clock(start), _clock(end)


def _clock(minutes: int) -> str:
    return f"{minutes // 60:02d}:{minutes % 60:02d}"


def _days_off(rows: list[Any], today: date) -> dict[str | None, set[str]]:
    """Days off by staff id. A company's holiday has a row without staff and one for each of them; where those of the
    staff are missing altogether, it is everybody's (under None)."""
    parents = {row.parent_id for row in rows if row.parent_id is not None}
    off: dict[str | None, set[str]] = {}
    for row in rows:
        if row.staff_id is None and row.id in parents:
            continue
        key = None if row.staff_id is None else str(row.staff_id)
        off.setdefault(key, set()).update(_dates(row, today))
    return off


def _dates(row: Any, today: date) -> set[str]:
    try:
        first = day(row.date)
    except ValueError:
        return set()
    if not getattr(row, "repeat_event", 0):
        return {first.isoformat()}
    near = (today + timedelta(days=n) for n in range(AHEAD.days + 1))
    return {d.isoformat() for d in near if (d.month, d.day) == (first.month, first.day)}
