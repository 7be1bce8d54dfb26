"""Settling whatever is open, as a person would: by request rows, with a sensible choice for each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from random import Random

from sync.model import Choice, ChoiceKind, Kind, LeaveReason, Outcome
from sync.store import findings
from sync.store.connection import reading
from sync.store.findings import Kept
from tests.oracle.floor import Floor
from tests.oracle.judge import Unit, Verdict, Visit, judged
from tests.oracle.one_click import ACTS, Asked, misdone
from tests.oracle.raw import Calendars
from tests.oracle.sharing import share

ROUNDS = 9
MAPPING = (Kind.UNMAPPED_STAFF, Kind.UNMAPPED_SERVICE)
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
TWO_OF = 4
"""Of so many that look like one visit, one is said to be two."""


@dataclass
class Settler:
    """`left` are the units that were left as they are on purpose, `agreed` the visits that may differ since a person
    linked them so, `told` how each request ended, by finding, `misdone` what a click did that nobody asked for."""

    floor: Floor
    rng: Random
    left: set[Unit] = field(default_factory=set)
    agreed: set[Visit] = field(default_factory=set)
    told: dict[int, list[str]] = field(default_factory=dict)
    misdone: list[str] = field(default_factory=list)

    def settle_all(self) -> list[Kept]:
        """Settle, read both sides again, and so on until nothing is open; what is open after many rounds."""
        for _ in range(ROUNDS):
            still = self.floor.found()
            if not still:
                return []
            self.settle(still)
        return self.floor.found()

    def settle(self, still: Sequence[Kept], *, always: bool = False) -> None:
        """Settle each of these that is still open, then read both sides. First of all who is who: what is not mapped
        cannot be sent. `always`: what looks like one visit is linked, never said to be two."""
        unmapped = [one for one in still if one.finding.kind in MAPPING]
        if unmapped:
            for one in unmapped:
                share(self.floor, one)
        else:
            stood = self.floor.both()
            for one in sorted(still, key=lambda one: (ORDER.index(one.finding.kind), one.id)):
                stood = self._settle(one.id, always, stood)
        self.floor.pull()

    def _settle(self, number: int, always: bool, before: Calendars) -> Calendars:
        """Settle it, if it is still open; what stands in both calendars then."""
        with reading(self.floor.house.engine) as conn:
            kept = findings.get(conn, number)
        if kept is None or kept.state != "open":
            return before
        choice = self._sensible(kept.finding.kind, self.floor.offered(kept), always)
        ended, after = self.floor.click(kept, choice), self.floor.both()
        if ended.state == "done":
            asked = Asked(choice, kept.finding, judged(before, self.floor.two).twins)
            self.misdone += misdone(asked, before, after)
        self.told.setdefault(number, []).append(f"{choice.kind} {ended.state} {ended.word} {ended.error}".strip())
        self.remember(kept, choice, ended)
        return after

    def remember(self, kept: Kept, choice: Choice, ended: Outcome) -> None:
        """What the oracle has to know of a choice that was carried out."""
        if ended.state != "done":
            return
        if choice.reason is LeaveReason.TWO_VISITS:
            self.floor.two.add(frozenset(units(kept)))
        elif choice.kind is ChoiceKind.LEAVE:
            self.left |= units(kept)
        elif choice.kind is ChoiceKind.LINK:
            self.agreed.add(frozenset(units(kept)))

    def wrong_in(self, verdict: Verdict) -> dict[str, frozenset[Visit]]:
        """What the oracle says is out of order and nobody left so."""
        return verdict.but(self.left, self.agreed)

    def _sensible(self, kind: Kind, offered: Sequence[Choice], always: bool) -> Choice:
        """One that changes something, of a kind drawn at random; what cannot be changed is left."""
        acts = [choice for choice in offered if choice.kind in BY_KIND.get(kind, ())]
        two = not always and kind is Kind.SAME_VISIT and self.rng.randrange(TWO_OF) == 0
        if not acts or two:
            return next(choice for choice in offered if choice.kind is ChoiceKind.LEAVE)
        kinds = sorted({choice.kind for choice in acts})
        drawn = self.rng.choice(kinds)
        return self.rng.choice([choice for choice in acts if choice.kind is drawn])


def units(*kept: Kept) -> set[Unit]:
    """What findings are about."""
    return {(c.side.value, c.unit) for one in kept for c in one.finding.concerned}
