"""Square's webhooks: is it Square, and what does it say. Pure.

Signed is the configured address and the raw body, with the key's own characters (facts: square 3.3). No time is signed,
so an event told again is only known by its id.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sync.intake.news import (
    Booking,
    Merged,
    News,
    Other,
    Reason,
    Refused,
    Revoked,
    Subject,
    event_name,
    part,
    plain_id,
    told_time,
)

SIGNATURE = "x-square-hmacsha256-signature"
RETRY_NUMBER = "square-retry-number"
RETRY_REASON = "square-retry-reason"

BOOKINGS = ("booking.created", "booking.updated")
CUSTOMERS = ("customer.created", "customer.deleted")
REVOKED = "oauth.authorization.revoked"


@dataclass(frozen=True, slots=True)
class SquareSign:
    """What Square signs with: the subscription's key, and its address exactly as the subscription has it. `location`:
    the only one whose bookings are ours; '' where the merchant has one."""

    url: str
    key: str
    location: str = ""

    def read(self, raw: bytes, headers: Mapping[str, str]) -> News:
        """The news, if Square said it. Raises Refused: 401, or 400 for a body that is none of Square's."""
        self.verify(raw, headers.get(SIGNATURE))
        return news(raw, self.location)

    def verify(self, raw: bytes, given: str | None) -> None:
        """Raises Refused (401) unless `given` is Square's signature of this body."""
        if not self.url or not self.key:
            raise Refused(401, Reason.NO_KEY)
        if not given:
            raise Refused(401, Reason.NO_SIGNATURE)
        try:
            raw.decode("utf-8")
        except UnicodeDecodeError:
            raise Refused(401, Reason.WRONG_SIGNATURE) from None
        digest = hmac.new(self.key.encode(), self.url.encode() + raw, hashlib.sha256).digest()
        if not hmac.compare_digest(base64.b64encode(digest), given.encode("utf-8", "replace")):
            raise Refused(401, Reason.WRONG_SIGNATURE)


def news(raw: bytes, location: str = "") -> News:
    """What the event says. Raises Refused (400) when it cannot be read."""
    try:
        event = json.loads(raw)
    except (ValueError, RecursionError):
        raise Refused(400, Reason.UNREADABLE) from None
    event_id, at = event_name(part(event, "event_id")), told_time(part(event, "created_at"))
    kind = plain_id(part(event, "type"))
    try:
        return News(event_id, _subject(kind, event, location), at)
    except Refused:  # told again for a day it would name nothing either
        return News(event_id, Other(kind, ours=True), at)


def _subject(kind: str, event: Any, location: str) -> Subject:
    if kind in BOOKINGS:
        booking = part(event, "data", "object", "booking")
        is_ours = not location or part(booking, "location_id") in (None, location)
        return _booking(booking) if is_ours else Other(kind)
    if kind == REVOKED:
        return _revoked(event)
    merge = part(event, "data", "object", "event_context", "merge") if kind in CUSTOMERS else None
    return _merged(merge) if merge else Other(kind)


def _booking(booking: Any) -> Booking:
    """By the booking's own id: the event's `data.id` has the version behind it."""
    version = part(booking, "version")
    is_number = isinstance(version, int) and not isinstance(version, bool) and 0 <= version < 2**63
    return Booking(plain_id(part(booking, "id")), version if is_number else None)


def _merged(merge: Any) -> Merged:
    former = part(merge, "from_customer_ids")
    if not isinstance(former, list):
        raise Refused(400, Reason.UNREADABLE)
    return Merged(tuple(plain_id(one) for one in former), plain_id(part(merge, "to_customer_id")))


def _revoked(event: Any) -> Revoked:
    said = part(event, "data", "object", "revocation", "revoked_at")
    return Revoked(told_time(said) or told_time(part(event, "created_at")))
