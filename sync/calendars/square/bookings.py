"""A booking as Square sends it, turned into an Appointment. Pure: what it needs of services and clients is given.

A booking has no end: its segments are walked, one after the other, an intermission being a gap, and the transition
time being the padding behind the last. Every field but the id may be absent.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from sync.calendars.marks import mark_in
from sync.model import Appointment, Client, Part, Ref, Service, Side, Span, Standing

STANDINGS: Mapping[str, Standing] = {
    "PENDING": Standing.STANDS,
    "ACCEPTED": Standing.STANDS,
    "DECLINED": Standing.CANCELLED,
    "CANCELLED_BY_CUSTOMER": Standing.CANCELLED,
    "CANCELLED_BY_SELLER": Standing.CANCELLED,
    "NO_SHOW": Standing.OVER,
}
"""Square's status words. A past visit just stays ACCEPTED; a word never seen before is unknown: shown, not acted on."""


@dataclass(frozen=True, slots=True)
class Known:
    """What bookings refer to by id: service variations and customers."""

    services: Mapping[str, Service] = field(default_factory=dict)
    clients: Mapping[str, Client] = field(default_factory=dict)


class Unreadable(Exception):
    """A booking that cannot be understood: its id ('' without one), and a sentence."""

    def __init__(self, key: str, sentence: str) -> None:
        super().__init__(sentence)
        self.key = key


def ref_of(booking_id: str) -> Ref:
    """The name of a booking in this house."""
    return Ref(Side.SQUARE, booking_id)


def bare_id(named: str) -> tuple[str, int | None]:
    """A booking's id and version out of the `id:version` that webhooks carry; a bare id has version None."""
    key, _, version = named.rpartition(":")
    return (key, int(version)) if key and version.isdecimal() else (named, None)


def instant(text: object) -> datetime | None:
    """A timestamp of Square's in UTC; None when it is none, or names no offset: which hour it means is not guessed."""
    try:
        found = datetime.fromisoformat(text) if isinstance(text, str) else None
        return found.astimezone(UTC) if found and found.tzinfo else None
    except (ValueError, OverflowError):
        return None


def stamp(moment: datetime) -> str:
    """A moment as Square takes it: RFC 3339 in UTC, with a Z."""
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")


def segments_of(booking: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """The segments that are objects; a booking without any gives none."""
    found = booking.get("appointment_segments")
    return [segment for segment in found if isinstance(segment, Mapping)] if isinstance(found, list) else []


def appointment_of(booking: Mapping[str, Any], known: Known) -> Appointment:
    """The visit as Square has it. Raises Unreadable when it has no id or no start."""
    key, start = booking.get("id"), instant(booking.get("start_at"))
    if not isinstance(key, str) or not key:
        raise Unreadable("", "Square sent a booking without an id.")
    if start is None:
        raise Unreadable(key, "Square sent a booking without a start that can be read.")
    parts, anomaly = _parts(booking, key, start, known)
    status = str(booking.get("status") or "")
    standing = STANDINGS.get(status, Standing.UNKNOWN)
    if standing is Standing.UNKNOWN:
        anomaly = "unknown_status"
    elif standing is Standing.STANDS and anomaly in ("no_staff", "no_end"):
        standing = Standing.UNKNOWN
    return Appointment(
        ref=ref_of(key),
        standing=standing,
        status=status,
        parts=parts,
        clients=_clients(booking, known),
        mark=mark_in(_text(booking.get("seller_note"))),
        version=_whole(booking.get("version")),
        anomaly=anomaly,
        made_at=instant(booking.get("created_at")),
    )


def _parts(booking: Mapping[str, Any], key: str, start: datetime, known: Known) -> tuple[tuple[Part, ...], str | None]:
    """The segments as parts, and a word for what is wrong with them: no_staff, no_end or not_positive_length."""
    segments = segments_of(booking)
    if not segments:
        return (Part(Span.of("", start, start), key),), "no_end"
    parts: list[Part] = []
    wrong: list[str] = []
    for index, segment in enumerate(segments):
        is_last = index == len(segments) - 1
        after = _minutes(booking.get("transition_time_minutes")) if is_last else timedelta(0)
        part, anomaly = _part(segment, key, start, after, known)
        parts.append(part)
        wrong.extend([anomaly] if anomaly else [])
        start = part.span.end + _minutes(segment.get("intermission_minutes"))
    return tuple(parts), next((word for word in ("no_staff", "no_end", "not_positive_length") if word in wrong), None)


def _part(
    segment: Mapping[str, Any], key: str, start: datetime, after: timedelta, known: Known
) -> tuple[Part, str | None]:
    staff, service = _text(segment.get("team_member_id")), _text(segment.get("service_variation_id")) or None
    listed = known.services.get(service or "")
    minutes = _whole(segment.get("duration_minutes"))
    if minutes is None and listed and listed.minutes > 0:
        minutes = listed.minutes
    anomaly = "no_end" if minutes is None else "not_positive_length" if minutes <= 0 else None
    length = timedelta(minutes=max(minutes or 0, 0))
    span = Span.of(staff, start, start + length, after=after)
    return Part(span, key, service, listed.name if listed else ""), anomaly if staff else "no_staff"


def _clients(booking: Mapping[str, Any], known: Known) -> tuple[Client, ...]:
    key = _text(booking.get("customer_id"))
    return (known.clients.get(key, Client(key)),) if key else ()


def _minutes(value: object) -> timedelta:
    return timedelta(minutes=max(_whole(value) or 0, 0))


def _whole(value: object) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""
