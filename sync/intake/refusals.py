"""What is refused is listed too, but never makes anybody wait for a disk, and never fills one."""

from __future__ import annotations

from collections import Counter, deque
from dataclasses import dataclass, field

from sync.intake.news import Reason
from sync.intake.rates import Buckets, Limit
from sync.model import Side
from sync.store.deliveries import Delivery

LINES = Limit(burst=1000, per_second=2)
"""Lines for refused deliveries. What is refused beyond is only counted: a flood must not fill the disk."""


@dataclass(slots=True)
class Refusals:
    """Lines that wait for the next commit. Times are seconds of a clock that never goes back. Not for two threads."""

    limit: Limit = LINES
    _lines: deque[Delivery] = field(default_factory=deque)
    _beyond: Counter[tuple[Side, int]] = field(default_factory=Counter)
    _buckets: Buckets = field(init=False)

    def __post_init__(self) -> None:
        self._buckets = Buckets(self.limit)

    def __len__(self) -> int:
        return len(self._lines) + len(self._beyond)

    def add(self, line: Delivery, now: float) -> None:
        """One more."""
        if len(self._lines) < self.limit.burst and self._buckets.take("", now) == 0.0:
            self._lines.append(line)
        else:
            self._beyond[line.side, line.status] += 1

    def take(self, at: float) -> list[Delivery]:
        """All of them; a line says of how many there was no room for a line. `at`: now, seconds since 1970 (UTC)."""
        counted = [
            Delivery(side, at, status, Reason.NOT_LISTED, 0.0, key=str(count))
            for (side, status), count in self._beyond.items()
        ]
        taken = [*self._lines, *counted]
        self._lines.clear()
        self._beyond.clear()
        return taken

    def put_back(self, lines: list[Delivery]) -> None:
        """They could not be written: keep them for the next time."""
        for line in reversed(lines):
            if line.reason == Reason.NOT_LISTED:
                self._beyond[line.side, line.status] += int(line.key)
            else:
                self._lines.appendleft(line)
