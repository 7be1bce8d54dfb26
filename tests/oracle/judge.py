"""What is out of order in two calendars, judged by brute force from what stands there. Pure, and slow on purpose.

The one who judges shares nothing with the engine: no model, no store, no map. The same human is matched by mail, the
same visit by person, time and client (phone or mail), or by our mark where one end has no client.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import combinations

from tests.oracle.raw import Calendars, Taken

Unit = tuple[str, str]
"""(side, id): Bookly's appointment id, Square's booking id."""
Visit = frozenset[Unit]
Meeting = frozenset[Visit]

NEAR = timedelta(minutes=15)
A_MINUTE = timedelta(minutes=1)
OWN_TIME = "Time blocked in Bookly"
"""What Square's service is called that stands for Bookly's time without one, as soon as somebody has made it."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What is out of order.

    double: couples of different visits whose cores overlap for one person. close: couples of which only the busy times
    do. crowded: Bookly's rows with more persons than they take. alone: what stands on one side and is not on the other.
    apart: visits on both sides whose times or people differ. twins: visits that stand on both sides. odd: units that
    cannot be taken at their word. strangers: (side, "staff" or "service", name) of who and what only one side knows.
    compounds: all units of a visit of several parts.
    """

    double: frozenset[Meeting]
    close: frozenset[Meeting]
    crowded: frozenset[Unit]
    alone: frozenset[Unit]
    apart: frozenset[Visit]
    twins: frozenset[Visit] = frozenset()
    odd: frozenset[Unit] = frozenset()
    strangers: frozenset[tuple[str, str, str]] = frozenset()
    compounds: frozenset[Visit] = frozenset()

    def out_of_order(self) -> dict[str, frozenset[Visit]]:
        """By what is wrong, the units that are concerned."""
        together = {name: frozenset(_joined(m) for m in getattr(self, name)) for name in ("double", "close")}
        names = ("crowded", "alone", "odd")
        single = {name: frozenset(frozenset({unit}) for unit in getattr(self, name)) for name in names}
        return {**together, **single, "apart": self.apart}

    def but(self, left: Iterable[Unit] = (), agreed: Iterable[Visit] = ()) -> dict[str, frozenset[Visit]]:
        """What is out of order and concerns none of `left`; empty when nothing is. `agreed` may be apart."""
        found = {**self.out_of_order(), "apart": self.apart - frozenset(agreed)}
        known = frozenset(left)
        rest = {name: frozenset(v for v in visits if not v & known) for name, visits in found.items()}
        return {name: visits for name, visits in rest.items() if visits}


def judged(calendars: Calendars, two: Iterable[Visit] = ()) -> Verdict:
    """The verdict on what was read (`read_both`). `two`: units that are different visits, however alike, because
    somebody said so."""
    return _Case(calendars, frozenset(two)).verdict()


def _joined(meeting: Meeting) -> Visit:
    return frozenset().union(*meeting)


class _Case:
    def __init__(self, calendars: Calendars, two: frozenset[Visit]) -> None:
        self.calendars, self.two = calendars, two
        self.person = _People(calendars)
        self.bookly = [one for one in calendars.taken if one.side == "bookly"]
        self.square = [one for one in calendars.taken if one.side == "square"]
        self.partner: dict[int, Taken] = {}
        """By the identity of a Taken: the other end of the same visit."""
        self.twins = self._couple(self._at_the_same_time, self._distance)
        self.apart = self._couple(self._elsewhere, self._distance)

    def verdict(self) -> Verdict:
        double, close = self._meetings()
        return Verdict(
            double=double,
            close=close - double,
            crowded=self.calendars.crowded,
            alone=frozenset(self._alone()),
            apart=frozenset(
                [_visit(a, b) for a, b in self.apart] + [_visit(a, b) for a, b in self.twins if self._differs(a, b)]
            ),
            twins=frozenset(_visit(a, b) for a, b in self.twins),
            odd=self.calendars.odd,
            strangers=frozenset(self._strangers()),
            compounds=frozenset(self._compounds()),
        )

    # ------------------------------------------------------------ which two are one

    def _couple(
        self, could_be: Callable[[Taken, Taken], bool], rank: Callable[[Taken, Taken], tuple[object, ...]]
    ) -> list[tuple[Taken, Taken]]:
        """Of those who have no partner yet: each gets one at most, the nearest first."""
        free = [[one for one in side if id(one) not in self.partner] for side in (self.bookly, self.square)]
        candidates = sorted(
            (
                (one, other)
                for one in free[0]
                for other in free[1]
                if could_be(one, other) and _visit(one, other) not in self.two
            ),
            key=lambda couple: rank(*couple),
        )
        found = []
        for one, other in candidates:
            if id(one) not in self.partner and id(other) not in self.partner:
                self.partner[id(one)], self.partner[id(other)] = other, one
                found.append((one, other))
        return found

    def _distance(self, one: Taken, other: Taken) -> tuple[object, ...]:
        apart = abs(one.start - other.start)
        return self.person(one) != self.person(other), not one.who & other.who, apart, one.unit, other.unit

    def _at_the_same_time(self, one: Taken, other: Taken) -> bool:
        if self.person(one) != self.person(other):
            return False
        if one.is_class or not (one.who and other.who):
            return self._shows(one, other)
        near = abs(one.start - other.start) <= NEAR or (one.start < other.end and other.start < one.end)
        return near and bool(one.who & other.who)

    def _shows(self, one: Taken, other: Taken) -> bool:
        """One end has no client of its own: a block, a class. Then the times must be the same to the minute; a block
        of ours holds the time after the booking too."""
        if abs(one.start - other.start) >= A_MINUTE:
            return False
        if one.who:
            return not other.who and _equal(one.end, other.end)
        return _equal(one.end, other.busy_end) or (not one.marked and _equal(one.end, other.end))

    def _elsewhere(self, one: Taken, other: Taken) -> bool:
        """One of them is ours, and they are of one client: the visit is somewhere else on the other side."""
        if one.marked and not one.who:
            return not other.marked and bool(other.named) and other.named in one.named
        return other.marked and not one.marked and bool(one.who & other.who)

    def _differs(self, one: Taken, other: Taken) -> bool:
        if not one.who:
            return False
        return abs(one.start - other.start) >= A_MINUTE or not _equal(one.end, other.end)

    # ------------------------------------------------------------ what is wrong

    def _alone(self) -> Iterator[Unit]:
        """Who works on both sides, and has something that is on one side only. Staff's own time is on one side while
        Square has no service for it."""
        shared = OWN_TIME in self.calendars.titles.values()
        for one in (*self.bookly, *self.square):
            if id(one) not in self.partner and self.person.on_both_sides(one) and (shared or not one.own_time):
                yield one.side, one.unit

    def _compounds(self) -> Iterator[Visit]:
        """Rows booked as one, with what the other side has of each."""
        twins = [_visit(a, b) for a, b in self.twins]
        for rows in self.calendars.compounds:
            yield rows.union(*(twin for twin in twins if twin & rows))

    def _strangers(self) -> Iterator[tuple[str, str, str]]:
        """Who has somebody coming, and what somebody comes for, of whom and which the other side has no like."""
        titles = {(side, title.lower()) for (side, _), title in self.calendars.titles.items()}
        titles |= {("bookly", OWN_TIME.lower())}
        for one in (*self.bookly, *self.square):
            other = {"bookly": "square", "square": "bookly"}[one.side]
            if not self.person.on_both_sides(one):
                yield one.side, "staff", self.calendars.names.get((one.side, one.staff), one.staff)
            title = self.calendars.titles.get((one.side, one.service), "")
            if one.side == "bookly" and not one.service and not one.marked and id(one) not in self.partner:
                title = OWN_TIME
            if title and (other, title.lower()) not in titles:
                yield one.side, "service", title

    def _meetings(self) -> tuple[frozenset[Meeting], frozenset[Meeting]]:
        double, close = set(), set()
        for one, other in combinations(sorted(self._owners(), key=lambda t: self.person(t)), 2):
            if self.person(one) != self.person(other) or (one.side, one.unit) == (other.side, other.unit):
                continue
            meeting = frozenset({self._visit_of(one), self._visit_of(other)})
            if one.start < other.end and other.start < one.end:
                double.add(meeting)
            elif one.busy_start < other.busy_end and other.busy_start < one.busy_end:
                close.add(meeting)
        return frozenset(double), frozenset(close)

    def _owners(self) -> Iterable[Taken]:
        """Each visit once: not what we put there ourselves, and of two typed in by hand Bookly's."""
        for one in (*self.bookly, *self.square):
            partner = self.partner.get(id(one))
            if partner is None or partner.marked or (not one.marked and one.side == "bookly"):
                yield one

    def _visit_of(self, one: Taken) -> Visit:
        partner = self.partner.get(id(one))
        return _visit(one, partner) if partner else frozenset({(one.side, one.unit)})


def _visit(*ends: Taken) -> Visit:
    return frozenset((end.side, end.unit) for end in ends)


def _equal(one: datetime, other: datetime) -> bool:
    return abs(one - other) < A_MINUTE


class _People:
    """Who a staff id is: one name for one human on both sides, by mail."""

    def __init__(self, calendars: Calendars) -> None:
        mails: dict[str, set[str]] = {}
        for (side, _), mail in calendars.mails.items():
            mails.setdefault(mail, set()).add(side)
        self._by_id = {
            key: f"both {mail}" if mail and len(mails[mail]) == 2 else f"{key[0]} {key[1]}"
            for key, mail in calendars.mails.items()
        }

    def __call__(self, one: Taken) -> str:
        return self._by_id.get((one.side, one.staff), f"{one.side} {one.staff}")

    def on_both_sides(self, one: Taken) -> bool:
        """Whether somebody of that mail works on the other side too."""
        return self(one).startswith("both ")
