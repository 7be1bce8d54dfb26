"""What Square offers buyers: the only trace of blocked time, and no word on what stands (see sync.decide.blocked)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from sync.calendars import ReadFailed
from sync.calendars.square.bookings import instant, stamp
from sync.calendars.square.client import Doc, SquareClient
from sync.calendars.square.directory import chosen, locations, rows
from sync.model.holds import BookingRules, Offer

SHORTEST = timedelta(hours=24)
LONGEST = timedelta(days=32)
"""Square refuses a search over less than a day or more than 32 days."""


class SquareOpenings:
    """Asks Square what a buyer could book. Safe for several threads."""

    def __init__(self, square: SquareClient) -> None:
        self._square = square
        self._place = square.location_id

    def offers(self, staff: str, service: str, start: datetime, end: datetime) -> tuple[Offer, ...]:
        """Every start in start..end (UTC; widened to a day, cut at 32) that buyers may have of this service variation
        with this team member, in time order. Raises ReadFailed."""
        start = start.replace(microsecond=0)
        until = min(max(end, start + SHORTEST), start + LONGEST)
        query: Any = {
            "filter": {
                "start_at_range": {"start_at": stamp(start), "end_at": stamp(until)},
                "location_id": self._location(),
                "segment_filters": [{"service_variation_id": service, "team_member_id_filter": {"any": [staff]}}],
            }
        }
        doc = self._square.read(
            "search availability",
            lambda api, options: api.bookings.with_raw_response.search_availability(
                query=query, request_options=options
            ),
        )
        found = (offer for row in rows(doc, "availabilities") for offer in offers_in(row, staff))
        return tuple(sorted(found, key=lambda offer: offer.start))

    def rules(self) -> BookingRules:
        """What else keeps Square from offering a time, read now. Raises ReadFailed."""
        doc = self._square.read(
            "get booking profile",
            lambda api, options: api.bookings.with_raw_response.get_business_profile(request_options=options),
        )
        profile = doc.get("business_booking_profile")
        if not isinstance(profile, dict):
            raise ReadFailed("Square's answer has no booking profile in it: nothing was concluded from it, try again.")
        return rules_in(profile)

    def _location(self) -> str:
        """The salon's location, asked for once."""
        if not self._place:
            self._place = chosen(locations(self._square), self._square.location_id).id
        return self._place


def offers_in(row: Doc, staff: str) -> Iterator[Offer]:
    """The offer of one availability; none where it is not this person's or does not say when."""
    start, segments = instant(row.get("start_at")), rows(row, "appointment_segments")
    if start is None or not segments or segments[0].get("team_member_id") != staff:
        return
    minutes = segments[0].get("duration_minutes")
    if isinstance(minutes, int) and minutes > 0:
        yield Offer(start, start + timedelta(minutes=minutes))


def rules_in(profile: Doc) -> BookingRules:
    """The rules of a business booking profile. A lead time that it does not name stays unknown."""
    found = profile.get("business_appointment_settings")
    settings: Doc = found if isinstance(found, dict) else {}
    return BookingRules(
        is_open=profile.get("booking_enabled") is not False,
        lead=_seconds(settings.get("min_booking_lead_time_seconds")),
        furthest=_seconds(settings.get("max_booking_lead_time_seconds")),
        capped=settings.get("max_appointments_per_day_limit") is not None,
    )


def _seconds(value: object) -> timedelta | None:
    return timedelta(seconds=value) if isinstance(value, int) else None
