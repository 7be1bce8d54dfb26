"""Where a process may die, or something may come in between: named points of the road, passed one after the other."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field

ROAD = (
    "received",
    "kept",
    "claimed",
    "looked",
    "leased",
    "looked again",
    "intended",
    "before the call",
    "after the call",
    "before the record",
    "before the release",
    "before the end",
)
"""In the order in which a hint passes them: taken off the wire, on disk but not yet answered; claimed, seen once, the
lock granted, seen again, the intent on disk, the call about to leave, the call carried out, its answer there, recorded,
let go of and not yet ended."""


class Died(BaseException):
    """The process is gone. No `except Exception` outlives it."""


@dataclass(slots=True)
class Ambush:
    """What waits at a point: `what` happens at its `nth` passing from when it was laid, once."""

    point: str
    nth: int
    what: Callable[[], object]
    met: bool = False
    passed: int = 0


@dataclass(slots=True)
class Points:
    """Counts the passings. A process that is dying passes no more points: everything it still does is dead."""

    ambushes: list[Ambush] = field(default_factory=list)
    passed: Counter[str] = field(default_factory=Counter)
    trail: list[str] = field(default_factory=list)
    dying: bool = False

    def lay(self, point: str, what: Callable[[], object], nth: int = 1) -> Ambush:
        """Let something wait there."""
        ambush = Ambush(point, nth, what)
        self.ambushes.append(ambush)
        return ambush

    def at(self, point: str) -> None:
        """A process passes. Raises Died where that was laid, and for one that is dead already."""
        self.refuse_the_dead()
        self.passed[point] += 1
        self.trail.append(point)
        for ambush in [one for one in self.ambushes if one.point == point and not one.met]:
            ambush.passed += 1
            if ambush.passed >= ambush.nth:
                ambush.met = True
                ambush.what()

    def die(self) -> None:
        """The process that passes here is killed."""
        self.dying = True
        raise Died

    def refuse_the_dead(self) -> None:
        """Raises Died again in a process that died: its `finally` does nothing any more."""
        if self.dying:
            raise Died

    def clear(self) -> None:
        """Nothing waits anywhere."""
        self.ambushes.clear()
