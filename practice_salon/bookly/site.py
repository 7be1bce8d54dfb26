"""The WordPress site around Bookly: its options, and the time zone they say."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from practice_salon import PracticeError
from practice_salon.bookly.tables import Bookly

OFFSET = re.compile(r"(?:UTC)?([+-]\d{1,2}(?:\.\d+)?)(?::(\d{2}))?")

DEFAULTS: Mapping[str, str] = {
    "bookly_appointment_default_status": "approved",
    "bookly_appointment_cancel_action": "cancel",
    "bookly_gen_time_slot_length": "15",
    "bookly_gen_max_days_for_booking": "365",
    "bookly_cst_first_last_name": "0",
    "bookly_cst_required_phone": "1",
    "bookly_logs_enabled": "1",
    "bookly_logs_expire": "30",
}


def zone_options(zone: str) -> dict[str, str]:
    """WordPress's two options for a zone, given as an IANA name or as an offset such as "-06:00", "+5.5", "UTC+2".

    Raises PracticeError where it is neither.
    """
    if match := OFFSET.fullmatch(zone.strip()):
        hours = float(match[1])
        hours += float(match[2] or 0) / 60 * (-1 if match[1].startswith("-") else 1)
        return {"timezone_string": "", "gmt_offset": f"{hours:g}"}
    if not _known(zone):
        raise PracticeError(f"{zone!r} is no time zone; give a name such as America/Chicago, or an offset like -06:00.")
    return {"timezone_string": zone, "gmt_offset": "0"}


def site_zone(options: Mapping[str, str]) -> tzinfo:
    """The site's zone as Bookly reads it: `timezone_string`, and only where that is empty the fixed `gmt_offset`."""
    if name := options.get("timezone_string"):
        return ZoneInfo(name)
    return timezone(timedelta(hours=float(options.get("gmt_offset") or 0)))


def local(moment: datetime, zone: tzinfo) -> datetime:
    """An aware moment as the naive local digits, to the second, that Bookly writes."""
    return moment.astimezone(zone).replace(microsecond=0, tzinfo=None)


def utc(digits: datetime, zone: tzinfo) -> datetime:
    """Naive local digits as UTC: the first pass of a repeated hour; a time that does not exist rolls forward."""
    return digits.replace(tzinfo=zone, fold=0).astimezone(UTC)


def read_options(connection: sa.Connection, bookly: Bookly) -> dict[str, str]:
    """All options of the site."""
    query = sa.select(bookly.options.c.option_name, bookly.options.c.option_value)
    return {row.option_name: row.option_value for row in connection.execute(query)}


def write_options(connection: sa.Connection, bookly: Bookly, values: Mapping[str, str]) -> None:
    """Set these options and leave the others alone."""
    table = bookly.options
    connection.execute(sa.delete(table).where(table.c.option_name.in_(values)))
    connection.execute(sa.insert(table), [{"option_name": k, "option_value": v} for k, v in values.items()])


def _known(zone: str) -> bool:
    try:
        ZoneInfo(zone)
    except (KeyError, ValueError, OSError):
        return False
    return bool(zone)
