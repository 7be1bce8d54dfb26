"""What is sent to Square, as pure data: the body of a new booking, the changed fields of one that moves."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from itertools import pairwise
from typing import Any

from sync.calendars import WriteRefused
from sync.calendars.marks import noted
from sync.calendars.square.bookings import segments_of, stamp
from sync.model import Appointment, Move, Part, Place, PlacedPart

LONGEST_SEGMENT = 1500
"""Minutes, by Square's own document."""

LONGEST_NOTE = 4096
"""Signs, by Square's own document; the mark at the end must not be what is cut off."""


def services_without_version(parts: Sequence[PlacedPart]) -> frozenset[str]:
    """The service variations whose present catalog version must be read right before they are booked."""
    return frozenset(part.service for part in parts if part.service and part.service_version is None)


def new_booking(place: Place, location_id: str, versions: Mapping[str, int]) -> dict[str, Any]:
    """The booking that Square is to make. Raises WriteRefused for what one booking of Square's cannot hold."""
    parts = in_order(place.parts)
    if any(before.end != after.start for before, after in pairwise(parts)):
        raise _refused("Square cannot hold a gap or an overlap inside one booking: each part needs one of its own.")
    body: dict[str, Any] = {
        "location_id": location_id,
        "start_at": stamp(parts[0].start),
        "appointment_segments": [_new_segment(part, versions) for part in parts],
        "seller_note": note_with_mark(place.note, place.mark),
    }
    return {**body, "customer_id": place.client} if place.client else body


def note_with_mark(note: str, mark: str) -> str:
    """The seller's note with our mark on its last line; a note too long is cut, never the mark."""
    return noted(note[: LONGEST_NOTE - len(mark) - 1], mark) if mark else note[:LONGEST_NOTE]


def _new_segment(part: PlacedPart, versions: Mapping[str, int]) -> dict[str, Any]:
    if not part.service:
        raise _refused("Square needs a service for every booking: confirm which of its services this one is.")
    version = part.service_version if part.service_version is not None else versions.get(part.service)
    if version is None:
        raise _refused("Square no longer offers this service: confirm which of its services takes its place.")
    return {
        "team_member_id": part.staff,
        "duration_minutes": minutes_of(part),
        "service_variation_id": part.service,
        "service_variation_version": version,
    }


def moved_fields(
    booking: Mapping[str, Any], current: Appointment, parts: Sequence[PlacedPart], versions: Mapping[str, int]
) -> dict[str, Any]:
    """The fields in which the booking must change to show these parts; empty when it shows them already.

    Segments keep their service and its version as they stand, unless a part names another service. They are sent only
    when one of them changes, so that a change of time alone leaves the intermissions to Square. Raises WriteRefused.
    """
    segments, wanted = segments_of(booking), in_order(parts)
    if len(segments) != len(wanted):
        raise _refused("The booking in Square has another number of parts than the plan: look at it again.")
    if gaps_of(wanted) != _gaps_now(current):
        raise _refused("Square keeps the pauses inside a booking as they are: this plan would change one.")
    fields: dict[str, Any] = {}
    if wanted[0].start != current.start:
        fields["start_at"] = stamp(wanted[0].start)
    changed = [_moved_segment(s, part, versions) for s, part in zip(segments, wanted, strict=True)]
    if any(_differs(before, after) for before, after in zip(current.parts, wanted, strict=True)):
        fields["appointment_segments"] = changed
    return fields


def said_anew(booking: Mapping[str, Any], move: Move) -> dict[str, Any]:
    """The client and the note, where the write names others than the booking has."""
    fields: dict[str, Any] = {}
    if move.client and move.client != booking.get("customer_id"):
        fields["customer_id"] = move.client
    if move.note is not None and note_with_mark(move.note, move.mark) != booking.get("seller_note"):
        fields["seller_note"] = note_with_mark(move.note, move.mark)
    return fields


def _differs(before: Part, after: PlacedPart) -> bool:
    length = before.span.end - before.span.start
    return (
        before.span.staff != after.staff
        or length != after.end - after.start
        or (after.service is not None and after.service != before.service)
    )


def _moved_segment(segment: Mapping[str, Any], part: PlacedPart, versions: Mapping[str, int]) -> dict[str, Any]:
    if part.service and part.service != segment.get("service_variation_id"):
        return _new_segment(part, versions)
    kept = {name: segment.get(name) for name in ("service_variation_id", "service_variation_version")}
    return {
        "team_member_id": part.staff,
        "duration_minutes": minutes_of(part),
        **{name: value for name, value in kept.items() if value is not None},
    }


def shows(current: Appointment, parts: Sequence[PlacedPart]) -> bool:
    """Whether a booking shows exactly these people at these times."""
    now = sorted((p.span.start, p.span.end, p.span.staff) for p in current.parts)
    return now == sorted((p.start, p.end, p.staff) for p in parts)


def in_order(parts: Sequence[PlacedPart]) -> list[PlacedPart]:
    """The parts by their start. Raises WriteRefused when there are none."""
    if not parts:
        raise _refused("There is nothing to write: the plan has no part for Square.")
    return sorted(parts, key=lambda part: (part.start, part.end))


def gaps_of(parts: Sequence[PlacedPart]) -> list[timedelta]:
    """The pauses between parts that follow each other."""
    return [after.start - before.end for before, after in pairwise(parts)]


def _gaps_now(current: Appointment) -> list[timedelta]:
    return [after.span.start - before.span.end for before, after in pairwise(current.parts)]


def minutes_of(part: PlacedPart) -> int:
    """A part's length in whole minutes, a begun one counted full. Raises WriteRefused outside 1..1500."""
    minutes = -(-(part.end - part.start) // timedelta(minutes=1))
    if not 1 <= minutes <= LONGEST_SEGMENT:
        raise _refused(f"Square takes parts of 1 to {LONGEST_SEGMENT} minutes: this one has {minutes}.")
    return minutes


def _refused(sentence: str) -> WriteRefused:
    return WriteRefused(sentence, permanent=True)
