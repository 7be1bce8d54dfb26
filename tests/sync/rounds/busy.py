"""A salon in which much is linked, and a way back to how it stood."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from practice_salon.bookly.door import Form
from practice_salon.people.stage import Chair, Treat
from practice_salon.people.standing import Standing
from sync.model import Kind, Ref, Side, Window
from sync.model import Standing as Word
from sync.rounds.first_start import ask_for_suggested
from sync.rounds.pull import Pulled, pull
from sync.rounds.reconcile import GRACE, Reconciled, reconcile
from sync.store import mirror
from sync.store.connection import reading
from tests.sync.converge.conftest import NOON, SHOP, Salon
from tests.sync.converge.way_back import WayBack, way_back

HORIZON = Window(NOON - timedelta(days=2), NOON + timedelta(days=20))
"""One of Square's windows: its pages are enough."""

FORMS = [Form(person.name, person.email, person.phone) for person in SHOP.clients[:12]]


@dataclass
class Busy:
    """Eight website visits and seven of Square's, all shown on the other side, and one couple that clashes.

    `known`: what the mirror shows; `found`: the keys of the open findings, before anything goes wrong.
    `twin`: a visit in both calendars that nobody has linked, by its two units, if there is one.
    """

    salon: Salon
    website: list[Standing]
    square: list[Standing]
    known: frozenset[Ref] = frozenset()
    found: frozenset[str] = frozenset()
    twin: str = ""
    _kept: WayBack | None = None

    def pull(self, side: Side, now: datetime | None = None) -> Pulled:
        house = self.salon.house
        return pull(house.engine, house.readers[side], HORIZON, now or house.now())

    def look(self) -> Reconciled:
        return reconcile(self.salon.house.engine, NOON + GRACE)

    def both(self) -> None:
        for side in Side:
            done = self.pull(side)
            assert done.whole, done.sentence
        self.look()

    def findings(self) -> frozenset[str]:
        return frozenset(one.finding.key for one in self.salon.found())

    def shown(self) -> frozenset[Ref]:
        """What is there in the mirror and not cancelled."""
        with reading(self.salon.house.engine) as conn:
            return frozenset(ref for ref, one in mirror.load_all(conn).items() if one.standing is not Word.CANCELLED)

    def statuses(self) -> list[object]:
        """Who stands in Bookly, row by row, and which bookings stand in Square: what nothing here may change."""
        return [*self.salon.rows().values(), *sorted(self.salon.bookings())]

    def keep(self) -> None:
        """What `back` goes back to."""
        self.known, self.found = self.shown(), self.findings()
        self._kept = way_back(self.salon)

    def back(self) -> None:
        """The store and both calendars as they were kept, no fault armed."""
        assert self._kept is not None
        self._kept.back()

    def close(self) -> None:
        if self._kept is not None:
            self._kept.close()


def make_busy(salon: Salon) -> Busy:
    """Book, read, send everything across, and read again."""
    treat = salon.cut()
    chairs = salon.stylists(treat)[:3]
    website = [_on_website(salon, chairs[n % 2], treat, n) for n in range(8)]
    square = [
        salon.people.books_in_square(chairs[2], treat, salon.at(10 + n, days=2 + n % 2), FORMS[8 + n % 4])
        for n in range(7)
    ]
    salon.people.sets_status(website[1], "approved")
    busy = Busy(salon, website, square)
    _double(salon, chairs[0], treat)
    busy.both()
    busy.both()
    ask_for_suggested(salon.house, (Kind.MISSING_IN_SQUARE, Kind.MISSING_IN_BOOKLY))
    salon.work()
    busy.both()
    return busy


def _on_website(salon: Salon, chair: Chair, treat: Treat, number: int) -> Standing:
    start = salon.at(9 + number // 2 * 2, days=1)
    return salon.people.books_on_website(chair, treat, start, FORMS[number])


def _double(salon: Salon, chair: Chair, treat: Treat) -> None:
    salon.people.books_in_square(chair, treat, salon.at(15, 15), FORMS[11])
