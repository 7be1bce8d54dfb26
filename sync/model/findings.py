"""Findings, and the pairs that both sides' appointments form."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from sync.model.appointments import Appointment, Ref, Side


class Kind(StrEnum):
    """Something out of order that a person may have to settle."""

    DOUBLE_BOOKING = "double_booking"
    PADDING_CLASH = "padding_clash"
    OVER_CAPACITY = "over_capacity"
    MISSING_IN_SQUARE = "missing_in_square"
    MISSING_IN_BOOKLY = "missing_in_bookly"
    DRIFT = "drift"
    SAME_VISIT = "same_visit"
    UNMAPPED_STAFF = "unmapped_staff"
    UNMAPPED_SERVICE = "unmapped_service"
    ANOMALY = "anomaly"


CHAIR = (Kind.DOUBLE_BOOKING, Kind.PADDING_CLASH, Kind.OVER_CAPACITY)
"""Kinds in which people meet in one chair: they are said loudest, and several may hang together on one card."""
TIMELESS = (Kind.UNMAPPED_STAFF, Kind.UNMAPPED_SERVICE)
"""Questions about a list, not about an hour: they are never past."""


@dataclass(frozen=True, slots=True)
class Concerned:
    """An appointment that a finding is about: its unit (Bookly's appointment id or Square's booking id), and the
    visits on that unit."""

    side: Side
    unit: str
    refs: tuple[Ref, ...]


@dataclass(frozen=True, slots=True)
class Finding:
    """`key` is its identity from run to run. `person` is the staff member's person id (see People), `staff` the name.

    `start` and `end` are those of the overlap, else of the visit. `seen` is a hash over the appointments concerned:
    a finding left alone comes back when it changes. `detail` holds what the sentence needs, by kind.
    """

    key: str
    kind: Kind
    person: str
    staff: str
    start: datetime
    end: datetime
    concerned: tuple[Concerned, ...]
    seen: str
    detail: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Partner:
    """One side's end of a linked visit, with what it showed when all was last agreed."""

    ref: Ref
    current: bool
    agreed: Appointment | None


@dataclass(frozen=True, slots=True)
class Pair:
    """A visit and its partners on both sides. `owner` is the side where a person made it."""

    visit: int
    owner: Side
    generation: int
    partners: tuple[Partner, ...]

    def current(self, side: Side) -> tuple[Partner, ...]:
        return tuple(p for p in self.partners if p.current and p.ref.side is side)
