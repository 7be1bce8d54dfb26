"""One salon from the bulk action to the last verdict: sent across, disturbed, looked at, settled, judged."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from random import Random

from practice_salon.people.disturb import KINDS, Disturber
from practice_salon.people.stage import Chair, Treat
from practice_salon.people.standing import Span
from practice_salon.people.untouched import Disturbance
from practice_salon.truth import Side
from sync.model import Kind
from sync.store import findings
from sync.store.connection import reading
from sync.store.findings import Kept
from tests.oracle.comparing import disagreements, follows_from, is_found_by, is_seen_in
from tests.oracle.floor import Floor
from tests.oracle.judge import Unit, Verdict, Visit
from tests.oracle.settling import Settler, units
from tests.oracle.table import Tally

BLOCKED = 3
"""Bookings made in Square before the bulk action, so that blocks are sent to Bookly too."""
PADDED = 2
"""Visits with a padding that every salon has, so that something can be put right behind them."""
MANY_LOOKS = 100
MISSING = (Kind.MISSING_IN_SQUARE, Kind.MISSING_IN_BOOKLY)


@dataclass
class Trial:
    """A disturbed salon with what the engine found in it and what the oracle says of it, before anything is settled."""

    floor: Floor
    settler: Settler
    made: list[Disturbance]
    found: list[Kept]
    verdict: Verdict
    differ: list[str]
    still: list[Kept] = field(default_factory=list)
    after: dict[str, frozenset[Visit]] = field(default_factory=dict)
    strangers: frozenset[tuple[str, str, str]] = frozenset()
    clicked: set[int] = field(default_factory=set)
    """Findings that were settled by a click in a browser."""

    def settle(self) -> None:
        """Settle all, and let the oracle judge what there is then."""
        self.still = self.settler.settle_all()
        verdict = self.floor.verdict()
        self.after = self.settler.wrong_in(verdict)
        self.strangers = verdict.strangers

    def hits(self, made: Disturbance) -> list[Kept]:
        """The findings that tell of it."""
        return [kept for kept in self.found if is_found_by(made, kept)]

    def invented(self) -> list[Kept]:
        """The findings of which nothing that was made is the reason."""
        return [k for k in self.found if not any(is_found_by(m, k) or follows_from(m, k) for m in self.made)]

    def faults(self) -> list[str]:
        """All that is not as it should be, in words; ids only."""
        return [
            *self.differ,
            *(f"invented: {named(kept)}" for kept in self.invented()),
            *(f"found {len(hits)} times: {made}" for made in self.made if len(hits := self.hits(made)) != 1),
            *(f"not settled: {named(kept)} {self.settler.told.get(kept.id)}" for kept in self.still),
            *self.settler.misdone,
            *(f"{wrong} after all: {sorted(map(sorted, visits))}" for wrong, visits in self.after.items()),
            *(f"only {side} knows {what} {name} after all" for side, what, name in self.strangers),
        ]

    def tally(self) -> Tally:
        """The row of each disturbance, and of what was found that nobody made."""
        tally, wrong = Tally(), {unit for visits in self.after.values() for visit in visits for unit in visit}
        for made in self.made:
            hits = self.hits(made)
            tally.add(
                made.kind,
                made.side,
                made=1,
                found=min(1, len(hits)),
                settled=int(bool(hits) and all(self._is_settled(kept) for kept in hits)),
                clicked=int(any(kept.id in self.clicked for kept in hits)),
                agreed=int(is_seen_in(made, self.verdict) and not set(made.appointments) & wrong),
            )
        for kept in self.invented():
            concerned = kept.finding.concerned
            tally.add(kept.finding.kind.value, concerned[0].side.value if concerned else "", invented=1)
        return tally

    def _is_settled(self, kept: Kept) -> bool:
        with reading(self.floor.house.engine) as conn:
            now = findings.get(conn, kept.id)
        return now is not None and now.state != "open"


def begin(floor: Floor) -> Trial:
    """Send the salon across, disturb it, read both sides, and ask both who find and the one who judges."""
    left = send_across(floor)
    compounds = floor.verdict().compounds
    made = [_with_all_parts(one, compounds) for one in disturb(floor)]
    floor.pull()
    verdict = floor.verdict()
    settler = Settler(floor, Random(f"settle {floor.seed}"), left)
    return Trial(floor, settler, made, floor.found(), verdict, disagreements(floor.known(), verdict))


def _with_all_parts(made: Disturbance, compounds: Iterable[Visit]) -> Disturbance:
    """What is done to one part of a visit concerns the visit."""
    more = {unit for visit in compounds if visit & set(made.appointments) for unit in visit}
    sides: dict[str, Side] = {"bookly": "bookly", "square": "square"}
    rest = tuple((sides[side], unit) for side, unit in sorted(more - set(made.appointments)))
    return replace(made, appointments=made.appointments + rest)


def send_across(floor: Floor) -> set[Unit]:
    """The bulk action on a salon that was booked on both sides. What it cannot send is left; nothing else is open but
    the question as what time without a service goes across."""
    book_more(floor)
    floor.pull()
    assert floor.bulk(*MISSING)
    floor.pull()
    settler = Settler(floor, Random(f"sent {floor.seed}"))
    other = [named(kept) for kept in floor.found() if kept.finding.kind not in (*MISSING, Kind.UNMAPPED_SERVICE)]
    assert not other, other
    still = [(named(kept), settler.told.get(kept.id)) for kept in settler.settle_all()]
    assert not still, still
    wrong = settler.wrong_in(floor.verdict())
    assert not wrong, wrong
    return settler.left


def book_more(floor: Floor) -> None:
    """A few visits more on both sides, where it is free."""
    floor.later()
    booker = Disturber(floor.people, floor.clients, floor.seed + 1)
    for _ in range(BLOCKED):
        booker.book("square", *(place := booker.free_place()), booker.client(place[2]))
    for _ in range(PADDED):
        booker.book("bookly", *(place := _padded(booker)), booker.client(place[2]))


def _padded(booker: Disturber) -> tuple[Chair, Treat, Span]:
    """A free time for a service with a padding behind it."""
    return next(place for _ in range(MANY_LOOKS) if (place := booker.free_place())[1].right)


def disturb(floor: Floor) -> list[Disturbance]:
    """Each kind on each side where it can occur, in an order of chance."""
    floor.later()
    disturber = Disturber(floor.people, floor.clients, floor.seed)
    wanted = list(KINDS)
    Random(f"order {floor.seed}").shuffle(wanted)
    made = [disturber.disturb(kind, side) for kind, side in wanted]
    assert Counter((one.kind, one.side) for one in made) == Counter(wanted)
    return made


def named(kept: Kept) -> str:
    """A finding by what it is about, without anybody's name."""
    about = [f"{side}:{unit}" for side, unit in sorted(units(kept))] or [kept.finding.key]
    return f"{kept.finding.kind} {' '.join(about)}"
