"""What is learned of a side between its whole reads: a short look, and what a side itself tells of the past."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from sync.model.appointments import Appointment, Ref, Side, Window

SQUARE_DAYS_AHEAD = 14
"""How far a short look at Square goes: one listing of it, well within the 31 days that Square lists at most."""


@dataclass(frozen=True, slots=True)
class Polled:
    """What a short look at a side showed. Times are aware datetimes in UTC; `began_at` is when the look began.

    window: what was looked at: in Bookly all that ends after its start, in Square what starts in it.
    stamps: of each appointment in sight a text that is another one as soon as the side shows something else of it.
    elsewhere: the same of those that were expected, were not in sight and were found by their id.
    gone: those that were expected and that the side no longer has.
    half: rows that look as if somebody were still writing them.
    versions, changed_at: the side's own number and time of the last change, where it tells them.
    shown: what was seen of some of them, without asking again; what cannot be understood is left out.
    timezone: Bookly's zone at that moment; empty on Square, which tells times in UTC.
    """

    side: Side
    began_at: datetime
    window: Window
    stamps: Mapping[Ref, str]
    shown: Callable[[Iterable[Ref]], Mapping[Ref, Appointment]]
    elsewhere: Mapping[Ref, str] = field(default_factory=dict)
    gone: frozenset[Ref] = frozenset()
    half: frozenset[Ref] = frozenset()
    versions: Mapping[Ref, int] = field(default_factory=dict)
    changed_at: Mapping[Ref, datetime] = field(default_factory=dict)
    timezone: str = ""


@dataclass(frozen=True, slots=True)
class Event:
    """One event that a side keeps: its id, the appointment that changed, to which version, and when (UTC)."""

    event: str
    ref: Ref
    version: int | None = None
    at: datetime | None = None
