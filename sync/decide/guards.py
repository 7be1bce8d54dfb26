"""The shrink guard: a calendar that is suddenly small is believed in what it adds, not in what it lacks."""

from __future__ import annotations

from collections.abc import Mapping, Set
from dataclasses import dataclass
from datetime import datetime

from sync.model import Appointment, Ref, Window

FEWEST = 5
"""So many may go or move at once in any salon; a smaller one would cry wolf at every sick day."""
SHARE = 0.10
"""Above this part of what is still ahead it looks like a fault, a wrong filter or a moved time zone."""


@dataclass(frozen=True, slots=True)
class Shrink:
    """What a read lacks of the last whole one.

    ahead: how many of the known were still ahead in the window. gone, moved: which of them are no longer there, or
    start at another time. limit: how many may be. withheld: gone and moved together where they are more than that;
    empty else. Only these absences and moves are kept back, everything else in the read counts.
    """

    ahead: int
    gone: tuple[Ref, ...]
    moved: tuple[Ref, ...]
    limit: int
    withheld: tuple[Ref, ...]

    @property
    def small(self) -> bool:
        return bool(self.withheld)


def shrink(
    known: Mapping[Ref, Appointment],
    read: Mapping[Ref, Appointment],
    window: Window,
    now: datetime,
    lately: Set[Ref] = frozenset(),
) -> Shrink:
    """Compare a read of one side with what was known of it from its last whole pull.

    known: what stood then. read: what is there now (on the fast road: all that is known, with what was just read put
    in or left out). window: the absolute time the read covers. lately: what went or moved within the last 15 minutes
    and is accepted already; it counts towards the limit, so that a slow leak is one too.

    Nothing known is nothing to measure against: a first pull is never small.
    """
    ahead = {
        ref: appointment
        for ref, appointment in known.items()
        if appointment.stands and appointment.parts and max(now, window.start) <= appointment.start < window.end
    }
    gone = tuple(sorted(ref for ref in ahead if ref not in read))
    moved = tuple(sorted(ref for ref, then in ahead.items() if ref in read and _has_moved(then, read[ref])))
    limit = limit_of(len(ahead))
    lost = {*gone, *moved}
    withheld = tuple(sorted(lost)) if len(lost | lately) > limit else ()
    return Shrink(len(ahead), gone, moved, limit, withheld)


def limit_of(ahead: int) -> int:
    """How many of so many visits ahead may go or move within a quarter of an hour."""
    return max(FEWEST, int(ahead * SHARE))


def absences_to_withhold(
    known: Mapping[Ref, Appointment],
    read: Mapping[Ref, Appointment],
    window: Window,
    now: datetime,
    lately: Set[Ref] = frozenset(),
) -> frozenset[Ref]:
    """Only what `shrink` withholds."""
    return frozenset(shrink(known, read, window, now, lately).withheld)


def _has_moved(then: Appointment, now: Appointment) -> bool:
    """Another start. A cancelled one is neither gone nor moved: the side itself says what became of it."""
    return now.stands and bool(now.parts) and now.start != then.start
