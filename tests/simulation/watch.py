"""Who did what on both calendars, seen from outside: every change is either a person's or the engine's."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from practice_salon.square.state import World
from tests.simulation.raw import RawBookly, RawSquare, Shown, State


@dataclass(frozen=True, slots=True)
class Deed:
    """One change. `meant`: a person wanted the visit itself changed; False for what merely happens to a calendar (a
    backup restored, a block dragged). `clicked`: the engine did it while it carried what a person had clicked.
    `around`: what else stood on that side at that time."""

    by: str
    side: str
    thing: str
    before: Shown | None
    after: Shown | None
    meant: bool = True
    clicked: bool = False
    step: int = 0
    around: tuple[Shown, ...] = ()

    def __str__(self) -> str:
        def said(shown: Shown | None) -> str:
            return "nothing" if shown is None else f"{shown.standing} {' '.join(map(str, shown.places))}"

        return f"{self.by} {self.side} {self.thing}: {said(self.before)} -> {said(self.after)}"


@dataclass(slots=True)
class Watch:
    """Everything that was done, in order."""

    world: World
    bookly: RawBookly
    square: RawSquare
    deeds: list[Deed] = field(default_factory=list)
    clicking: bool = False
    step: int = 0
    _known: State = field(default_factory=dict)
    _there: dict[str, Shown] = field(default_factory=dict)
    _seen: int = 0
    _acting: bool = False

    def __post_init__(self) -> None:
        self._known = self.bookly.state()

    @contextmanager
    def person(self, *, meant: bool = True) -> Iterator[None]:
        """A person acts in the block; whatever changed before it was the engine."""
        self.engine()
        yield
        self._look("people", meant)

    def engine(self) -> None:
        """Whatever changed since the last look was the engine's."""
        self._look("engine", meant=True)

    def _look(self, by: str, meant: bool) -> None:
        now = self.bookly.state()
        for thing in dict.fromkeys((*self._known, *now)):
            before, after = self._known.get(thing), now.get(thing)
            if before != after:
                self._keep(by, "bookly", thing, before, after, meant, self._known)
        self._known = now
        self._look_at_square(meant)

    def _look_at_square(self, meant: bool) -> None:
        deeds = self.world["deeds"].values()
        for deed in deeds[self._seen :]:
            if "booking_id" in deed:
                by = "engine" if deed["actor"] == "api" else "people"
                before = self.square.shown(deed["before"]) if deed["before"] else None
                after = self.square.shown(deed["after"])
                self._keep(by, "square", deed["booking_id"], before, after, meant, self._there)
                self._there[after.thing] = after
        self._seen = len(deeds)

    def _keep(
        self, by: str, side: str, thing: str, before: Shown | None, after: Shown | None, meant: bool, there: State
    ) -> None:
        around = tuple(there.values()) if by == "engine" else ()
        self.deeds.append(
            Deed(by, side, thing, before, after, meant, self.clicking and by == "engine", self.step, around)
        )

    def by_engine(self) -> list[Deed]:
        """What the engine did."""
        return [deed for deed in self.deeds if deed.by == "engine"]

    @property
    def there(self) -> State:
        """Bookly as last seen."""
        return self._known
