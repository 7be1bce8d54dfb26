"""Bookly's naive local times and UTC, both nights of a change of clocks decided.

Bookly keeps digits of the site's zone and reckons with them as if no clock ever changed. So a start is the first pass
of a repeated hour, a start that does not exist rolls forward, and an end is as far from the start as its digits are.
Writing goes the other way round: the digits of the start, and the length added to them on the clock face.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, timezone, tzinfo
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

FORMAT = "%Y-%m-%d %H:%M:%S"
FIRST_YEAR, LAST_YEAR = 1970, 2240
COMPARED_YEARS = range(2024, 2033)
_OFFSET = re.compile(r"(?P<sign>[+-])(?P<hours>\d{2}):(?P<minutes>\d{2})")


class ZoneUnknown(ValueError):
    """No time zone can be made of what was given; `str(error)` is what was seen."""


@dataclass(frozen=True, slots=True)
class SiteZone:
    """The zone Bookly's digits are in. `name` is an IANA name, or "+05:30" where `fixed` (the clock never changes)."""

    name: str
    rules: tzinfo
    fixed: bool = False


def zone_named(name: str) -> SiteZone:
    """The zone of an IANA name or of a fixed offset such as "-06:00"; raises ZoneUnknown for anything else."""
    found = _OFFSET.fullmatch(name)
    if found:
        minutes = int(found["hours"]) * 60 + int(found["minutes"])
        return _fixed(-minutes if found["sign"] == "-" else minutes)
    try:
        return SiteZone(name, ZoneInfo(name))
    except (KeyError, ValueError, OSError):
        raise ZoneUnknown(name) from None


def site_zone(timezone_string: str | None, gmt_offset: str | None) -> SiteZone:
    """What WordPress's two options say: the name, else the offset in hours, which may be a fraction ("5.5").

    Raises ZoneUnknown where the name is no zone, the offset is no number, or both are empty.
    """
    name, offset = (timezone_string or "").strip(), (gmt_offset or "").strip()
    if name:
        return zone_named(name)
    try:
        return _fixed(round(float(offset) * 60))
    except (ValueError, OverflowError):
        raise ZoneUnknown(offset) from None


def _fixed(minutes: int) -> SiteZone:
    hours, rest = divmod(abs(minutes), 60)
    name = f"{'-' if minutes < 0 else '+'}{hours:02d}:{rest:02d}"
    try:
        return SiteZone(name, timezone(timedelta(minutes=minutes), name), fixed=True)
    except ValueError:
        raise ZoneUnknown(name) from None


@lru_cache(maxsize=32)
def same_rules(one: SiteZone, other: SiteZone) -> bool:
    """Whether two zones show the same clock on every day of the years that matter, whatever they are called."""
    if one.name == other.name:
        return True
    first = datetime(COMPARED_YEARS.start, 1, 1, 12, tzinfo=UTC)
    days = (first + timedelta(days=n) for n in range(366 * len(COMPARED_YEARS)))
    return all(day.astimezone(one.rules).utcoffset() == day.astimezone(other.rules).utcoffset() for day in days)


def naive(value: Any) -> datetime | None:
    """A DATETIME as a driver hands it out (MySQL: datetime, SQLite: text), to the second; None for NULL.

    Raises ValueError for anything that is no naive date and time, such as MySQL's zero date.
    """
    if value is None:
        return None
    moment = value if isinstance(value, datetime) else datetime.fromisoformat(str(value).strip())
    if moment.tzinfo is not None or not FIRST_YEAR <= moment.year <= LAST_YEAR:
        raise ValueError("not a local date and time of this age")
    return moment.replace(microsecond=0)


def day(value: Any) -> date:
    """A DATE as a driver hands it out; raises ValueError for anything else."""
    if isinstance(value, datetime):
        return value.date()
    return value if isinstance(value, date) else date.fromisoformat(str(value).strip()[:10])


def minutes_of_day(value: Any) -> int | None:
    """A TIME as a driver hands it out (timedelta, time or text, may pass 24:00) in minutes; None for NULL."""
    if value is None:
        return None
    if isinstance(value, timedelta):
        return round(value.total_seconds()) // 60
    if isinstance(value, time):
        return value.hour * 60 + value.minute
    hours, minutes = str(value).strip().split(":")[:2]
    return int(hours) * 60 + int(minutes)


def start_utc(digits: datetime, zone: SiteZone) -> datetime:
    """Local digits in UTC: the first pass of a repeated hour; what does not exist rolls forward by the gap."""
    return digits.replace(tzinfo=zone.rules, fold=0).astimezone(UTC)


def span_utc(start: datetime, end: datetime, zone: SiteZone) -> tuple[datetime, datetime]:
    """Local digits of a start and an end in UTC: the end is as far behind the start as its digits are."""
    begins = start_utc(start, zone)
    return begins, begins + (end - start)


def local(moment: datetime, zone: SiteZone) -> datetime:
    """The local digits of a moment, to the second. In a repeated hour both passes have the same digits."""
    return moment.astimezone(zone.rules).replace(tzinfo=None, microsecond=0)


def digits_of(start: datetime, end: datetime, zone: SiteZone) -> tuple[datetime, datetime]:
    """What is written for start..end (UTC): the start's digits, and the length added on the clock face.

    Parts of a second are shut too: the start is cut down, the length rounded up.
    """
    seconds = -((start.replace(microsecond=0) - end) // timedelta(seconds=1))
    begins = local(start, zone)
    return begins, begins + timedelta(seconds=seconds)


def as_shown(start: datetime, end: datetime, zone: SiteZone) -> tuple[datetime, datetime]:
    """What Bookly shows (UTC) once start..end was written there: the same, but for the second pass of an hour."""
    return span_utc(*digits_of(start, end, zone), zone)


def text(digits: datetime) -> str:
    """Digits as both databases take them."""
    return digits.strftime(FORMAT)
