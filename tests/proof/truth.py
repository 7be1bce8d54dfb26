"""What really happened: who was promised whose time, and for how long it could still be sold to somebody else."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime

BOOKLY, SQUARE = "bookly", "square"
OTHER = {BOOKLY: SQUARE, SQUARE: BOOKLY}


@dataclass(slots=True, eq=False)
class Visit:
    """A time that a person was promised. `unit`: Bookly's appointment row or Square's booking; `line`: the
    customer_appointment. `told_at`: when the first message about it reached us; `lost`: it never does. `shut_at`: when
    the other side showed the whole of it as taken."""

    wish: int
    side: str
    staff: int
    start: datetime
    end: datetime
    made_at: datetime
    unit: str
    line: int = 0
    gone_at: datetime | None = None
    told_at: datetime | None = None
    lost: bool = False
    shut_at: datetime | None = None
    exposed: float | None = None
    """Seconds for which it could be sold a second time; None while it can."""
    doubled: bool = False

    def meets(self, other: Visit) -> bool:
        """Whether both stand, with one person, at one time."""
        apart = self.staff != other.staff or self.end <= other.start or other.end <= self.start
        return not apart and self.gone_at is None and other.gone_at is None


@dataclass(frozen=True, slots=True)
class Double:
    """One person's time promised twice: `second` was promised while `first` stood."""

    first: Visit
    second: Visit
    first_was_doubled: bool

    @property
    def gap(self) -> float:
        """Seconds between the two."""
        return (self.second.made_at - self.first.made_at).total_seconds()


Covers = Callable[[Visit], bool]
"""Whether a side shows the whole time of a visit as taken."""


@dataclass(slots=True)
class Truth:
    """Kept beside both calendars by those who book. `covers` asks a side."""

    covers: dict[str, Covers]
    visits: list[Visit] = field(default_factory=list)
    doubles: list[Double] = field(default_factory=list)
    open: list[Visit] = field(default_factory=list)
    changes: int = 0

    def made(self, visit: Visit) -> None:
        """Somebody was promised a time."""
        self.changes += 1
        met = [other for other in self.visits if visit.meets(other)]
        self.visits.append(visit)
        for other in met:
            self.doubles.append(Double(other, visit, other.doubled))
        for one in (visit, *met) if met else ():
            one.doubled = True
            self._ended(one, visit.made_at)
        if not met:
            self.open.append(visit)

    def gone(self, visit: Visit, now: datetime) -> None:
        """They do not come, or come at another time."""
        self.changes += 1
        visit.gone_at = now
        self._ended(visit, now)

    def look(self, now: datetime) -> None:
        """Which of the times that could be sold again are shut on the other side by now."""
        for visit in list(self.open):
            if self.covers[OTHER[visit.side]](visit):
                visit.shut_at = now
                self._ended(visit, now)
            elif now >= visit.start:
                self._ended(visit, visit.start)

    def standing(self, now: datetime) -> Iterator[Visit]:
        """What stands ahead."""
        return (visit for visit in self.visits if visit.gone_at is None and visit.start > now)

    def of_unit(self, side: str, unit: str) -> Iterator[Visit]:
        """Visits of that row or booking."""
        return (visit for visit in self.visits if visit.side == side and visit.unit == unit)

    def _ended(self, visit: Visit, now: datetime) -> None:
        if visit.exposed is None:
            visit.exposed = (now - visit.made_at).total_seconds()
        if visit in self.open:
            self.open.remove(visit)
