"""Settling whatever is open, as a person would: by request rows, with a sensible choice for each."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from random import Random

from sync.model import Choice, ChoiceKind, Kind
from sync.store import findings
from sync.store.connection import reading
from sync.store.findings import Kept
from tests.oracle.floor import Floor
from tests.oracle.judge import Unit
from tests.oracle.sharing import share

ROUNDS = 8
MAPPING = (Kind.UNMAPPED_STAFF, Kind.UNMAPPED_SERVICE)
ACTS = (ChoiceKind.OTHER_STYLIST, ChoiceKind.OTHER_TIME, ChoiceKind.CANCEL)
BY_KIND: dict[Kind, tuple[ChoiceKind, ...]] = {
    Kind.DOUBLE_BOOKING: ACTS,
    Kind.PADDING_CLASH: ACTS,
    Kind.OVER_CAPACITY: ACTS,
    Kind.MISSING_IN_SQUARE: (ChoiceKind.SEND_ACROSS,),
    Kind.MISSING_IN_BOOKLY: (ChoiceKind.SEND_ACROSS,),
    Kind.DRIFT: (ChoiceKind.TAKE_SIDE,),
    Kind.SAME_VISIT: (ChoiceKind.LINK,),
}
ORDER = tuple(Kind)


@dataclass
class Settler:
    """`left` are the units that were left as they are on purpose; `told` how each request ended, by finding."""

    floor: Floor
    rng: Random
    left: set[Unit] = field(default_factory=set)
    told: dict[int, list[str]] = field(default_factory=dict)

    def settle_all(self) -> list[Kept]:
        """Settle, read both sides again, and so on until nothing is open; what is open after many rounds."""
        for _ in range(ROUNDS):
            for kept in sorted(self.floor.found(), key=lambda one: (ORDER.index(one.finding.kind), one.id)):
                self._settle(kept.id)
            self.floor.pull()
            if not self.floor.found():
                return []
        return self.floor.found()

    def _settle(self, number: int) -> None:
        with reading(self.floor.house.engine) as conn:
            kept = findings.get(conn, number)
        if kept is None or kept.state != "open":
            return
        if kept.finding.kind in MAPPING:
            share(self.floor, kept)
            return
        choice = self._sensible(kept.finding.kind, self.floor.offered(kept))
        ended = self.floor.click(kept, choice)
        self.told.setdefault(number, []).append(f"{choice.kind} {ended.state} {ended.word} {ended.error}".strip())
        if choice.kind is ChoiceKind.LEAVE and ended.state == "done":
            self.left |= units(kept)

    def _sensible(self, kind: Kind, offered: Sequence[Choice]) -> Choice:
        """One that changes something, of a kind drawn at random; what cannot be changed is left."""
        acts = [choice for choice in offered if choice.kind in BY_KIND.get(kind, ())]
        if not acts:
            return next(choice for choice in offered if choice.kind is ChoiceKind.LEAVE)
        kinds = sorted({choice.kind for choice in acts})
        drawn = self.rng.choice(kinds)
        return self.rng.choice([choice for choice in acts if choice.kind is drawn])


def units(*kept: Kept) -> set[Unit]:
    """What findings are about."""
    return {(c.side.value, c.unit) for one in kept for c in one.finding.concerned}


def ids(kept: Iterable[Kept]) -> set[int]:
    """Their numbers."""
    return {one.id for one in kept}
