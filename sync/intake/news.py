"""What a delivery says, once it is believed, and why one is refused. Pure."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

_PLAIN = re.compile(r"[!-~]{1,64}")
"""Letters, digits and signs that any database takes as a key."""
_LONGEST = 64


class Reason(StrEnum):
    """Why a delivery was answered as it was."""

    KEPT = "kept"
    DUPLICATE = "duplicate"
    MERGED = "merged"
    REVOKED = "revoked"
    OTHER_EVENT = "other_event"
    NAMES_NOTHING = "names_nothing"
    NO_KEY = "no_key"
    NO_SIGNATURE = "no_signature"
    WRONG_SIGNATURE = "wrong_signature"
    UNREADABLE = "unreadable"
    BROKEN_OFF = "broken_off"
    TOO_SLOW = "too_slow"
    TOO_LARGE = "too_large"
    TOO_MANY = "too_many"
    QUEUE_FULL = "queue_full"
    CANNOT_KEEP = "cannot_keep"
    TOO_LATE = "too_late"
    NOT_LISTED = "not_listed"


class Refused(Exception):
    """A delivery is not taken. `status` is the answer; `after`: seconds until trying again may help, 0 where unknown.
    `event_id`: of which event, where that is known."""

    def __init__(self, status: int, reason: Reason, after: float = 0.0, event_id: str = "") -> None:
        super().__init__(reason.value)
        self.status, self.reason, self.after, self.event_id = status, reason, after, event_id


@dataclass(frozen=True, slots=True)
class Booking:
    """A booking in Square changed; the version that a read must show at least, where the event has one."""

    id: str
    version: int | None


@dataclass(frozen=True, slots=True)
class Changed:
    """Ids of Bookly's: appointment rows and customer_appointments (lines) that changed."""

    rows: tuple[int, ...]
    lines: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Merged:
    """Customers in Square became one."""

    former: tuple[str, ...]
    into: str


@dataclass(frozen=True, slots=True)
class Revoked:
    """The salon took our access to Square away: when, where that is told."""

    at: datetime | None


@dataclass(frozen=True, slots=True)
class Other:
    """An event from which nothing follows, by its type: another one than ours, or (`ours`) one that says nothing."""

    type: str
    ours: bool = False


Subject = Booking | Changed | Merged | Revoked | Other


@dataclass(frozen=True, slots=True)
class News:
    """A believed delivery: the event's id, what it is about, and when the side says that it happened (UTC)."""

    event_id: str
    subject: Subject
    at: datetime | None


def plain_id(value: Any) -> str:
    """An id as it may be kept. Raises Refused (400) for anything else."""
    if not isinstance(value, str) or not _PLAIN.fullmatch(value):
        raise Refused(400, Reason.UNREADABLE)
    return value


def event_name(value: Any) -> str:
    """An event's id; one longer than ours may be goes by its hash. Raises Refused (400) when there is none."""
    if isinstance(value, str) and len(value) > _LONGEST:
        return hashlib.sha256(value.encode("utf-8", "replace")).hexdigest()
    return plain_id(value)


def told_time(value: Any) -> datetime | None:
    """An RFC 3339 time in UTC; None for what is none, or has no offset."""
    try:
        at = datetime.fromisoformat(value)
    except (TypeError, ValueError):
        return None
    return at.astimezone(UTC) if at.tzinfo else None


def part(doc: Any, *names: str) -> Any:
    """What lies under these names in nested JSON objects; None when something on the way is missing."""
    for name in names:
        doc = doc.get(name) if isinstance(doc, dict) else None
    return doc
