"""What happens when: people and messages come at their time, also while somebody else waits for an answer."""

from __future__ import annotations

import heapq
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from tests.simulation.clock import VirtualClock

Deed = Callable[[], None]


@dataclass(slots=True)
class Agenda:
    """Deeds in the order of their time; those of one time in the order in which they were put down."""

    waiting: list[tuple[datetime, int, Deed]] = field(default_factory=list)
    count: int = 0

    def put(self, at: datetime, what: Deed) -> None:
        """Let it happen then."""
        self.count += 1
        heapq.heappush(self.waiting, (at, self.count, what))

    @property
    def next_at(self) -> datetime | None:
        """When the next one is due."""
        return self.waiting[0][0] if self.waiting else None

    def pop_due(self, now: datetime) -> tuple[datetime, Deed] | None:
        """The next one that is due by then, with its time."""
        if not self.waiting or self.waiting[0][0] > now:
            return None
        at, _, what = heapq.heappop(self.waiting)
        return at, what


def _nothing() -> None:
    """Nobody looks."""


@dataclass(slots=True)
class WorldClock(VirtualClock):
    """A clock in whose passing the world goes on: while a call is on its way, people book and messages arrive.

    `outside` is what does not wait for the engine; `looked` is called whenever time is about to pass, so that whoever
    watches sees everything at the moment at which it became so."""

    outside: Agenda = field(default_factory=Agenda)
    looked: Deed = _nothing
    _within: bool = False

    def pass_by(self, seconds: float) -> None:
        """So much later, with all that happens meanwhile."""
        until = self.at + timedelta(seconds=seconds)
        self.looked()
        if not self._within:
            self._within = True
            try:
                self.live_until(until)
            finally:
                self._within = False
        self.at = max(self.at, until)

    def live_until(self, until: datetime) -> None:
        """Everything outside that is due by then, each at its own time."""
        while due := self.outside.pop_due(until):
            at, what = due
            self.at = max(self.at, at)
            what()
            self.looked()
