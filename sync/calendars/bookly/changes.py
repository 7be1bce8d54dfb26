"""What a write changes in Bookly's rows, decided from how they stand. Pure: nothing is read or written here.

Minimal rights: rows of appointments are added, changed and removed; of a customer_appointment only status,
status_changed_at, updated_at and appointment_id are ever changed.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sync.calendars import Stale, WriteRefused
from sync.calendars.bookly.times import SiteZone, as_shown, digits_of, text
from sync.calendars.marks import mark_in, noted
from sync.model import Appointment, Move, Part, Place, PlacedPart, Span

COPIED = (
    "location_id",
    "staff_any",
    "service_id",
    "custom_service_name",
    "custom_service_price",
    "extras_duration",
)
"""What a client's own row takes over from the row they shared. Never the note: it may be about the others."""
LABEL_LENGTH = 255


@dataclass(frozen=True, slots=True)
class RowNow:
    """An appointment row as the database keeps it, and the customer_appointments on it (id to status)."""

    id: int
    kept: Mapping[str, Any]
    lines: Mapping[int, str]


@dataclass(frozen=True, slots=True)
class AddRow:
    """Add an appointment row; where `line` is named, that customer_appointment goes from its row to the new one."""

    values: Mapping[str, Any]
    line: int | None = None
    from_row: int | None = None


@dataclass(frozen=True, slots=True)
class ChangeRow:
    """Give a row other times or staff, if it still holds `was`."""

    id: int
    values: Mapping[str, Any]
    was: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class SetStatus:
    """Give one customer_appointment another status, if it still has `was`."""

    line: int
    status: str
    was: str


@dataclass(frozen=True, slots=True)
class RemoveRow:
    """Delete a row of ours, if nobody is on it."""

    id: int


Change = AddRow | ChangeRow | SetStatus | RemoveRow


def added_block(place: Place, zone: SiteZone) -> AddRow:
    """The minimal block: no service, nobody on it. It is the only shape that Bookly refuses bookings on in every case,
    and for which it sends nothing."""
    part = only_part(place)
    start, end = digits_of(part.start, part.end, zone)
    return AddRow(
        {
            "staff_id": staff_number(part),
            "custom_service_name": place.label[:LABEL_LENGTH],
            "start_date": text(start),
            "end_date": text(end),
            "internal_note": noted(place.note, place.mark),
        }
    )


def only_part(place: Place) -> PlacedPart:
    if len(place.parts) != 1:
        raise WriteRefused("A block in Bookly holds one stretch of time of one person.", permanent=True)
    if mark_in(place.mark) != place.mark:
        raise WriteRefused("A block without our mark would not be known again; nothing was written.", permanent=True)
    return place.parts[0]


def staff_number(part: PlacedPart) -> int:
    if not part.staff.isdecimal():
        raise WriteRefused("Bookly has no staff member of that number.", permanent=True)
    if part.end <= part.start:
        raise WriteRefused("A visit must end after it starts.", permanent=True)
    return int(part.staff)


def moved_rows(
    move: Move, present: Appointment, rows: Mapping[int, RowNow], lines: Mapping[int, int], zone: SiteZone
) -> list[Change]:
    """How each part gets to its new place. `lines` names the visit's own customer_appointment on each row, where the
    visit is a client's; a client who shares the row with anybody gets a row of their own."""
    return [_moved(part, rows[int(unit)], lines.get(int(unit)), zone) for unit, part, _ in by_unit(move, present)]


def by_unit(move: Move, present: Appointment) -> list[tuple[str, PlacedPart, Part]]:
    """(row, where it goes, the part as it stands) of each part of a move. Raises Stale when the rows are others now."""
    units = move.from_units or present.units
    parts = {part.unit: part for part in present.parts}
    if set(units) != set(parts) or len(units) != len(move.parts):
        raise Stale("The visit is made of other parts now than when this was planned; look again.", permanent=True)
    for unit, part in zip(units, move.parts, strict=True):
        if part.service is not None and part.service != parts[unit].service:
            raise WriteRefused("The service of a visit in Bookly is never changed by Slotkeeper.", permanent=True)
    return [(unit, part, parts[unit]) for unit, part in zip(units, move.parts, strict=True)]


def _moved(part: PlacedPart, row: RowNow, line: int | None, zone: SiteZone) -> Change:
    values = {"staff_id": staff_number(part), **_times(part, row, zone)}
    if line is None or set(row.lines) == {line}:
        return ChangeRow(row.id, values, {name: row.kept[name] for name in ("staff_id", "start_date", "end_date")})
    copied = {name: row.kept[name] for name in COPIED if name in row.kept}
    return AddRow({**copied, **values}, line, row.id)


def _times(part: PlacedPart, row: RowNow, zone: SiteZone) -> dict[str, str]:
    """The digits of a part. Bookly's end_date leaves the extras out that our core holds."""
    start, end = digits_of(part.start, part.end, zone)
    end -= timedelta(seconds=int(row.kept["extras_duration"] or 0))
    if end <= start:
        raise WriteRefused("The new time is shorter than the extras of the visit.", permanent=True)
    return {"start_date": text(start), "end_date": text(end)}


def target(part: PlacedPart, zone: SiteZone, now: Span | None = None) -> Span:
    """Where a part will stand as Bookly will show it, with the paddings that `now` has."""
    start, end = as_shown(part.start, part.end, zone)
    if now is None:
        return Span.of(part.staff, start, end)
    return Span.of(part.staff, start, end, now.start - now.busy_start, now.busy_end - now.end)


def may_go(row: RowNow) -> RemoveRow:
    """Raises Stale when somebody is on the row, WriteRefused when it is no block of ours: people shut it themselves."""
    if row.lines:
        raise Stale("Somebody was put on the block in Bookly; it is left as it is.", permanent=True)
    if mark_in(row.kept["internal_note"]) is None:
        raise WriteRefused("This time was shut in Bookly by hand: take it away there, by hand too.", permanent=True)
    return RemoveRow(row.id)


def stamped(values: Mapping[str, Any], now: datetime, *names: str) -> dict[str, Any]:
    """`values` with these columns set to the site's present time: Bookly's tables set none by themselves."""
    return {**values, **dict.fromkeys(names, text(now))}
