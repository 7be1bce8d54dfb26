"""What in a salon nothing was done to yet: visits and free times to take, each once, and how to note what was done.

The same salon and seed give the same ones. Times are UTC.
"""

import random
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import timedelta

from practice_salon.bookly.door import Form
from practice_salon.people.people import People
from practice_salon.people.stage import Chair, Stage, Treat
from practice_salon.people.standing import Board, Span, Standing, starts
from practice_salon.truth import Side

BOTH: tuple[Side, Side] = ("bookly", "square")
NOTICE = timedelta(hours=3)
HORIZON = timedelta(days=29)
MARGIN = timedelta(minutes=45)
"""Kept free around a new visit, so that no padding or transition on either side reaches another."""
LATER = timedelta(minutes=15)
FIVE = timedelta(minutes=5)
GRID = timedelta(minutes=15)


class NothingLeft(Exception):
    """No visit or time is left that this disturbance could be made with."""


@dataclass(frozen=True, slots=True)
class Disturbance:
    """What was done. `made` are the ids that it made or changed, `appointments` all that it concerns.

    Each id is (channel, id) with Bookly's appointment id or Square's booking id. `start` and `end` are those of the
    overlap where there is one, else of the visit as it is on `side` now. `staff` is a name, `service` a title where
    a new one is what was made.
    """

    kind: str
    side: Side
    how: str
    staff: str
    start: str
    end: str
    made: tuple[tuple[Side, str], ...]
    appointments: tuple[tuple[Side, str], ...]
    service: str = ""


@dataclass(slots=True)
class Untouched:
    """What there still is to disturb in one salon, and what disturbing is made of."""

    people: People
    clients: Sequence[Form]
    seed: int
    rng: random.Random = field(init=False)
    board: Board = field(init=False)
    touched: set[tuple[Side, int | str]] = field(init=False, default_factory=set)
    count: int = field(init=False, default=0)

    def __post_init__(self) -> None:
        self.rng = random.Random(f"disturb {self.seed}")
        now = self.people.stage.now()
        self.board = self.people.stage.look(now - timedelta(days=1), now + HORIZON + timedelta(days=1))

    @property
    def stage(self) -> Stage:
        """Both calendars."""
        return self.people.stage

    # ------------------------------------------------------------ what there is to disturb

    def visits(self, wanted: Callable[[Standing], bool]) -> Iterator[Standing]:
        """Visits ahead that nothing has touched yet, in an order of chance."""
        now, known = self.stage.now(), {chair.bookly for chair in self.stage.chairs}
        found = [
            one for one in self.board.standings
            if now + NOTICE < one.core[0] < now + HORIZON and one.staff in known
            and (one.side, one.unit) not in self.touched and wanted(one)
        ]  # fmt: skip
        self.rng.shuffle(found)
        return iter(found)

    def pairs(self, wanted: Callable[[Standing, Standing], bool]) -> Iterator[tuple[Standing, Standing]]:
        """Visits ahead that stand on both sides, (Bookly's, Square's), untouched, each with one partner only."""
        now, pairs = self.stage.now(), self.board.pairs()
        units = Counter((one.side, one.unit) for pair in pairs for one in pair)
        found = [
            (one, other) for one, other in pairs
            if now + NOTICE < one.core[0] < now + HORIZON and wanted(one, other)
            and not {(one.side, one.unit), (other.side, other.unit)} & self.touched
            and units[one.side, one.unit] == units[other.side, other.unit] == 1
        ]  # fmt: skip
        self.rng.shuffle(found)
        return iter(found)

    def partners(self, one: Standing) -> list[Standing]:
        """The same visit's other side."""
        return [b if a is one else a for a, b in self.board.pairs() if one in (a, b)]

    def free_place(self) -> tuple[Chair, Treat, Span]:
        """A chair, a service both sides have, and a time in hours that is free all around. Raises NothingLeft."""
        now = self.stage.now()
        days = self.rng.sample(range(1, HORIZON.days), k=HORIZON.days - 1)
        for day in days:
            for chair in self.rng.sample(self.stage.chairs, k=len(self.stage.chairs)):
                treat = self.rng.choice([t for t in self.stage.does(chair) if t.variation is not None])
                hours = self.stage.hours(chair.bookly, self.stage.local(now + timedelta(days=day)).date())
                for start in starts(hours, GRID):
                    if self.is_free(chair, treat.busy(start), MARGIN) and self.stage.works(chair, treat.busy(start)):
                        return chair, treat, treat.core(start)
        raise NothingLeft

    def is_free(self, chair: Chair, span: Span, margin: timedelta = timedelta()) -> bool:
        """Whether nothing of that person's is there, on either side."""
        return self.board.free(chair.bookly, (span[0] - margin, span[1] + margin))

    def client(self, span: Span) -> Form:
        """Somebody who does not come on that day."""
        day = span[0] - timedelta(hours=12), span[1] + timedelta(hours=12)
        return self.rng.choice([form for form in self.clients if not self.board.comes_on(form.phone, day)])

    def chair(self, one: Standing) -> Chair:
        """Whose visit it is."""
        return next(chair for chair in self.stage.chairs if chair.bookly == one.staff)

    # ------------------------------------------------------------ keeping track

    def keep(self, *standings: Standing) -> None:
        """Remember new or changed visits, and leave them alone from now on."""
        self.board.drop(*standings)
        self.board.add(*standings)
        self.touch(*standings)

    def touch(self, *standings: Standing) -> None:
        """Leave them alone from now on."""
        self.touched.update((one.side, one.unit) for one in standings)

    def book(self, side: Side, chair: Chair, treat: Treat, span: Span, form: Form) -> Standing:
        """A new visit by the hand that may book over anything on that side."""
        if side == "bookly":
            made = self.people.books_in_office(chair, treat, span[0], [form])
        else:
            made = self.people.books_in_square(chair, treat, span[0], form)
        self.keep(made)
        return made

    def told(
        self, kind: str, side: Side, how: str, staff: str, span: Span, made: Sequence[Standing],
        met: Sequence[Standing] = (),
    ) -> Disturbance:  # fmt: skip
        """The disturbance as it will be judged."""
        own = tuple((one.side, str(one.unit)) for one in made)
        with_met = own + tuple((one.side, str(one.unit)) for one in met)
        return Disturbance(kind, side, how, staff, span[0].isoformat(), span[1].isoformat(), own, with_met)
