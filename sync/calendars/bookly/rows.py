"""Bookly's joined rows as units: an appointment row with everyone on it. Pure: rows and the site's zone in, units out.

Nothing here raises for a row that makes no sense: its `odd` says what is wrong, and it is shown, never acted on.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, TypeVar

from sync.calendars.bookly.times import SiteZone, naive, span_utc, start_utc
from sync.calendars.marks import mark_in
from sync.model import Client, Part, Span, Standing

SHOWN_LENGTH = timedelta(minutes=1)
"""A row without a sensible end is shown this long; it never stands, so it takes part in no overlap."""

STANDINGS: Mapping[str, Standing] = {
    "approved": Standing.STANDS,
    "pending": Standing.STANDS,
    "cancelled": Standing.CANCELLED,
    "rejected": Standing.CANCELLED,
    "done": Standing.OVER,
    "waitlisted": Standing.WAITING,
}
PAID_AT_THE_SALON = "local"
NOBODY = Client("")

Row = Any
"""One row of `statements.joined`, its columns as attributes."""
T = TypeVar("T")


class Odd(ValueError):
    """A value makes no sense; `str(error)` names the field, never what stands in it."""


@dataclass(frozen=True, slots=True)
class Line:
    """One customer on a row (a customer_appointment). `token` ties the parts of a compound service."""

    id: int
    token: str
    status: str = ""
    standing: Standing = Standing.UNKNOWN
    client: Client = NOBODY
    unpaid: bool = False
    made_at: datetime | None = None
    anomaly: str | None = None
    odd: str = ""

    @property
    def stands(self) -> bool:
        return self.standing is Standing.STANDS


@dataclass(frozen=True, slots=True)
class Unit:
    """One appointment row with everyone on it. `anomaly` is what is wrong with its time; `span` None only where odd."""

    id: int
    lines: tuple[Line, ...]
    span: Span | None = None
    service: str | None = None
    service_name: str = ""
    label: str = ""
    mark: str | None = None
    capacity_max: int = 1
    one_booking: bool = False
    made_at: datetime | None = None
    anomaly: str | None = None
    odd: str = ""

    @property
    def part(self) -> Part:
        if self.span is None:
            raise Odd(self.odd)
        return Part(self.span, str(self.id), self.service, self.service_name)

    @property
    def standing_lines(self) -> tuple[Line, ...]:
        return tuple(line for line in self.lines if line.stands)

    @property
    def persons(self) -> int:
        """How many persons keep the chair: Bookly's SUM(number_of_persons) over busy customers."""
        return sum(line.client.persons for line in self.standing_lines)

    @property
    def is_class(self) -> bool:
        return self.capacity_max > 1

    @property
    def capacity(self) -> int:
        """Persons the row takes. Where one booking fills the slot, a second booking is over capacity at once."""
        parties = [line.client.persons for line in self.standing_lines]
        if self.one_booking and len(parties) > 1:
            return min(self.capacity_max, max(parties))
        return self.capacity_max


def units(rows: Iterable[Row], zone: SiteZone, custom: Mapping[str, bool]) -> list[Unit]:
    """The units of joined rows. A task (a row without a start) is none. `custom` tells custom statuses: busy or not."""
    groups: dict[int, list[Row]] = {}
    for row in rows:
        groups.setdefault(row.row_id, []).append(row)
    made = (_unit(group, zone, custom) for group in groups.values())
    return [unit for unit in made if unit is not None]


def standing_of(status: str, custom: Mapping[str, bool]) -> tuple[Standing, str | None]:
    """What Bookly's word means, and "unknown_status" where nobody knows it.

    A custom status that frees the chair is known and means nothing more: UNKNOWN, so that it is never carried.
    """
    if status in custom:
        return (Standing.STANDS if custom[status] else Standing.UNKNOWN), None
    if status in STANDINGS:
        return STANDINGS[status], None
    return Standing.UNKNOWN, "unknown_status"


def _unit(group: list[Row], zone: SiteZone, custom: Mapping[str, bool]) -> Unit | None:
    head = group[0]
    bare = Unit(
        head.row_id,
        lines=tuple(_line(row, zone, custom) for row in group if row.ca_id is not None),
        capacity_max=capacity_of(head.capacity),
        one_booking=bool(head.one_booking_per_slot),
    )
    try:
        start = _field("start", naive, head.start_date)
        return None if start is None else _timed(bare, head, start, zone)
    except Odd as odd:
        return replace(bare, odd=str(odd))


def _timed(bare: Unit, head: Row, start: datetime, zone: SiteZone) -> Unit:
    span, anomaly = _span(head, start, zone)
    custom_name = (head.custom_service_name or "").strip()
    return replace(
        bare,
        span=span,
        service=None if head.service_id is None else str(head.service_id),
        service_name=(head.title or "").strip() or custom_name,
        label=custom_name if head.service_id is None else "",
        mark=mark_in(head.internal_note),
        made_at=_field("date of making", _moment(zone), head.row_created_at),
        anomaly=anomaly,
    )


def _span(head: Row, start: datetime, zone: SiteZone) -> tuple[Span, str | None]:
    """The core is start..end and the extras; the busy time has the service's paddings around it, Pro active or not."""
    staff = str(_field("staff member", int, head.staff_id))
    end = _field("end", naive, head.end_date)
    extras, left, right = (
        timedelta(seconds=_field(name, _count, value, 0))
        for name, value in (
            ("extras", head.extras_duration),
            ("padding", head.padding_left),
            ("padding", head.padding_right),
        )
    )
    if end is None or end + extras <= start:
        begins = _field("start", lambda digits: start_utc(digits, zone), start)
        anomaly = "no_end" if end is None else "not_positive_length"
        return Span.of(staff, begins, begins + SHOWN_LENGTH), anomaly
    core = _field("time", lambda digits: span_utc(start, digits, zone), end + extras)
    return Span.of(staff, *core, left, right), None


def _line(row: Row, zone: SiteZone, custom: Mapping[str, bool]) -> Line:
    token = row.compound_token or ""
    try:
        return _sound_line(row, token, zone, custom)
    except Odd as odd:
        return Line(row.ca_id, token, odd=str(odd))


def _sound_line(row: Row, token: str, zone: SiteZone, custom: Mapping[str, bool]) -> Line:
    status = str(row.status or "").strip()
    standing, anomaly = standing_of(status.lower(), custom)
    persons = _field("number of persons", _count, row.number_of_persons, 1)
    if standing is Standing.STANDS and persons == 0:
        standing, anomaly = Standing.UNKNOWN, "no_persons"
    return Line(
        id=row.ca_id,
        token=token,
        status=status,
        standing=standing,
        client=_client(row, persons),
        unpaid=row.payment_status == "pending" and row.payment_type != PAID_AT_THE_SALON,
        made_at=_field("date of making", _moment(zone), row.ca_created_at),
        anomaly=anomaly,
    )


def _client(row: Row, persons: int) -> Client:
    parts = ((row.first_name or "").strip(), (row.last_name or "").strip())
    name = (row.full_name or "").strip() or " ".join(part for part in parts if part)
    key = "" if row.customer_id is None else str(row.customer_id)
    return Client(key, name, (row.phone or "").strip(), (row.email or "").strip(), persons)


def _moment(zone: SiteZone) -> Callable[[Any], datetime | None]:
    def read(value: Any) -> datetime | None:
        digits = naive(value)
        return None if digits is None else start_utc(digits, zone)

    return read


def capacity_of(value: Any) -> int:
    """Where nothing sensible says how many a row takes, it takes one, as Bookly has it."""
    try:
        return 1 if value is None else int(value)
    except (ValueError, TypeError):
        return 1


def _count(value: Any, default: int) -> int:
    number = default if value is None else int(value)
    if number < 0:
        raise ValueError("below zero")
    return number


def _field(name: str, read: Callable[..., T], *values: Any) -> T:
    try:
        return read(*values)
    except (ValueError, TypeError, OverflowError, ArithmeticError):
        raise Odd(f"its {name} makes no sense") from None
