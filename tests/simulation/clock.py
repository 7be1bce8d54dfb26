"""Time as the world has it: it stands still until somebody lets it pass, but for a millisecond each time it is read."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from practice_salon.square.state import Clock

NOON = datetime(2026, 5, 12, 17, 0, tzinfo=UTC)
"""A Tuesday, 12:00 in Chicago, where the practice salon is."""

TICK = timedelta(milliseconds=1)


@dataclass(slots=True)
class VirtualClock:
    """The one clock of a world: the wall's, the monotonic one's, and both calendars'."""

    at: datetime = NOON

    def now(self) -> datetime:
        """The time in UTC, and a millisecond passes."""
        self.at += TICK
        return self.at

    def wall(self) -> float:
        """Seconds since 1970."""
        return self.now().timestamp()

    def monotonic(self) -> float:
        """Seconds since the world began."""
        return (self.now() - NOON).total_seconds()

    def pass_by(self, seconds: float) -> None:
        """So much later."""
        self.at += timedelta(seconds=seconds)


class SquaresClock(Clock):
    """The practice Square's clock, set by the world's: it passes no time of its own."""

    def __init__(self, clock: VirtualClock) -> None:
        super().__init__()
        self._clock = clock

    def now(self) -> datetime:
        """See Clock."""
        return self._clock.at
