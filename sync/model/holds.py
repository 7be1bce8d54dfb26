"""Holds: soft claims on a person's time while a client pays; and what Square offers buyers beside them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from sync.model.appointments import Span


class HoldState(StrEnum):
    """How a hold stands. consumed: the client's booking took its place. lost: another visit did. released: the client
    let go. expired: its time ran out. Only a held one keeps anybody out, and only until it expires."""

    HELD = "held"
    CONSUMED = "consumed"
    LOST = "lost"
    RELEASED = "released"
    EXPIRED = "expired"


class Refusal(StrEnum):
    """Why a time cannot be had: a stable word, whose sentence is in `sync.wording.holds`."""

    PAST = "past"
    TOO_FAR = "too_far"
    TOO_MANY_YOURS = "too_many_yours"
    TOO_MANY = "too_many"
    TAKEN = "taken"
    HELD = "held"
    BLOCKED = "blocked"
    BEING_BOOKED = "being_booked"


LIMIT_REACHED = frozenset({Refusal.TOO_MANY_YOURS, Refusal.TOO_MANY})
"""Refusals that say nothing of the time asked for."""

NEAR_MISSES = frozenset({Refusal.TAKEN, Refusal.HELD})
"""Refusals of an overlap that would have become a double booking."""


@dataclass(frozen=True, slots=True)
class Hold:
    """A person's time from `start` to `end` (paddings included; half open) kept for a checkout.

    `person` is the person id, `client` an opaque name of the checkout. `reason` says why it ended, in a stable word;
    `ref` names the visit that ended it ("bookly/ca:12"), empty where none did.
    """

    id: str
    person: str
    start: datetime
    end: datetime
    client: str
    state: HoldState
    reason: str
    made_at: datetime
    expires_at: datetime
    ended_at: datetime | None = None
    ref: str = ""

    def lives(self, now: datetime) -> bool:
        """Whether it still keeps others out."""
        return self.state is HoldState.HELD and now < self.expires_at

    def meets(self, span: Span) -> bool:
        """Whether the busy time of `span` (its `staff` a person id) reaches into what is held."""
        return self.person == span.staff and self.start < span.busy_end and span.busy_start < self.end


@dataclass(frozen=True, slots=True)
class Offer:
    """One start that Square offers buyers for a person, with the service's length (UTC, half open)."""

    start: datetime
    end: datetime


@dataclass(frozen=True, slots=True)
class BookingRules:
    """What else keeps Square from offering a time. `is_open`: buyers may book at all; `lead`, `furthest`: how soon and
    how far ahead, None where Square does not say; `capped`: there is a limit of appointments a day."""

    is_open: bool
    lead: timedelta | None
    furthest: timedelta | None
    capped: bool
