"""Times as people say them, in the salon's zone: "today 14:00", "Friday 9:30", "in 25 minutes", "3 minutes ago"."""

from __future__ import annotations

from datetime import datetime, timedelta

from sync.model.zones import zone

RIGHT_NOW = "right now"
SOON = timedelta(hours=3)
"""Beyond this nobody counts in minutes: the time of day says enough."""

_WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def clock(at: datetime, where: str) -> str:
    """The time of day, "14:00"."""
    return at.astimezone(zone(where)).strftime("%H:%M")


def day(at: datetime, now: datetime, where: str) -> str:
    """The day: "today", "tomorrow", "Friday" within a week, else "Fri 28 Nov"."""
    local, here = at.astimezone(zone(where)), now.astimezone(zone(where))
    ahead = (local.date() - here.date()).days
    near = {0: "today", 1: "tomorrow", -1: "yesterday"}.get(ahead)
    if near:
        return near
    if 1 < ahead < 7:
        return _WEEKDAYS[local.weekday()]
    return date(at, now, where)


def date(at: datetime, now: datetime, where: str) -> str:
    """The day by its date, "Fri 28 Nov", with the year when it is another one."""
    local, here = at.astimezone(zone(where)), now.astimezone(zone(where))
    year = f" {local.year}" if local.year != here.year else ""
    return f"{_WEEKDAYS[local.weekday()][:3]} {local.day} {_MONTHS[local.month - 1]}{year}"


def long_date(at: datetime, now: datetime, where: str) -> str:
    """A heading for a day: "Today, Saturday 21 Nov"."""
    local = at.astimezone(zone(where))
    words = f"{_WEEKDAYS[local.weekday()]} {local.day} {_MONTHS[local.month - 1]}"
    near = day(at, now, where)
    return f"{near.capitalize()}, {words}" if near in ("today", "tomorrow", "yesterday") else words


def when(at: datetime, now: datetime, where: str) -> str:
    """Day and time of day: "today 14:00"."""
    return f"{day(at, now, where)} {clock(at, where)}"


def stretch(start: datetime, end: datetime, where: str) -> str:
    """From when to when: "14:00 to 14:45"."""
    return f"{clock(start, where)} to {clock(end, where)}"


def minutes(count: int) -> str:
    """A length: "1 minute", "25 minutes", "1 hour", "2 hours 15 minutes", "3 days"."""
    if count >= 2 * 24 * 60:
        return f"{count // (24 * 60)} days"
    hours, rest = divmod(count, 60)
    parts = [_counted(hours, "hour")] if hours else []
    if rest or not hours:
        parts.append(_counted(rest, "minute"))
    return " ".join(parts)


def in_how_long(at: datetime, now: datetime) -> str:
    """ "in 25 minutes", "right now"; empty when it is over or too far off to count."""
    ahead = at - now
    if ahead < timedelta(0) or ahead > SOON:
        return ""
    count = round(ahead.total_seconds() / 60)
    if count > 60:
        count = 5 * round(count / 5)
    return f"in {minutes(count)}" if count else RIGHT_NOW


def ago(at: datetime, now: datetime) -> str:
    """ "just now", "3 minutes ago", "2 hours ago"."""
    count = int((now - at).total_seconds() // 60)
    if count < 1:
        return "just now"
    if 60 <= count < 24 * 60:
        return f"{_counted(count // 60, 'hour')} ago"
    return f"{minutes(count)} ago"


def _counted(count: int, noun: str) -> str:
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"
