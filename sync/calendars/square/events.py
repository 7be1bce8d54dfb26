"""Square's Events API: what happened while nobody listened. Of the last 28 days, only while it is enabled there, and
for the application's own access token only (facts: square 3.6). Paged by hand.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime

from square import Square
from square.core.request_options import RequestOptions

from sync.calendars import NotOffered, ReadFailed
from sync.calendars.square.bookings import bare_id, instant, ref_of, stamp
from sync.calendars.square.client import Doc, SquareClient
from sync.calendars.square.directory import rows
from sync.calendars.square.errors import CursorExpired
from sync.model import Event

TYPES = ("booking.created", "booking.updated")
PAGE = 100
STARTS_OVER = 3
"""How often the search is begun anew when a cursor was too old."""


def events_since(square: SquareClient, since: datetime, location: str) -> tuple[Event, ...]:
    """What happened to the location's bookings since then (UTC), oldest first, each event once.

    Raises NotOffered when Square does not let us look, ReadFailed when the answer was not whole.
    """
    for _ in range(STARTS_OVER - 1):
        try:
            return _told(_pages(square, since), location)
        except CursorExpired:
            continue
    return _told(_pages(square, since), location)


def _pages(square: SquareClient, since: datetime) -> Iterator[Doc]:
    def page(api: Square, options: RequestOptions, cursor: str | None) -> object:
        wanted = {"event_types": list(TYPES), "created_at": {"start_at": stamp(since)}}
        more = {} if cursor is None else {"cursor": cursor}
        return api.events.search_events(limit=PAGE, query={"filter": wanted}, request_options=options, **more)

    try:
        yield from square.pages("search events", page)
    except ReadFailed as error:
        if error.permanent:
            raise NotOffered(str(error), permanent=True) from None
        raise


def _told(pages: Iterable[Doc], location: str) -> tuple[Event, ...]:
    found = {one.event: one for page in pages for doc in rows(page, "events") if (one := _read(doc, location))}
    return tuple(sorted(found.values(), key=lambda one: (one.at.timestamp() if one.at else 0.0, one.event)))


def _read(doc: Mapping[str, object], location: str) -> Event | None:
    """An event about a booking of this location; None for any other, or one that cannot be understood."""
    event, data = doc.get("event_id"), doc.get("data")
    if not isinstance(event, str) or not event or not isinstance(data, Mapping):
        return None
    told = data.get("object")
    booking = told.get("booking") if isinstance(told, Mapping) else None
    booking = booking if isinstance(booking, Mapping) else {}
    if booking.get("location_id") not in (None, location):
        return None
    key, version = bare_id(str(data.get("id") or ""))
    named, number = booking.get("id"), booking.get("version")
    key = named if isinstance(named, str) and named else key
    version = number if isinstance(number, int) and not isinstance(number, bool) else version
    return Event(event, ref_of(key), version, instant(doc.get("created_at"))) if key else None
