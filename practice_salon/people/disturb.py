"""Something put out of order on purpose, one kind at a time, with the ids it concerns, for judging what is found.

Each disturbance takes a visit or a free time that no other one has touched, so that they do not run into each other.
The same salon and seed give the same ones. Times are UTC.
"""

import random
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import timedelta

from practice_salon.bookly import faults
from practice_salon.bookly.door import Form
from practice_salon.people.newcomers import book_new_service, book_new_staff
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
class Disturber:
    """Makes disturbances in one salon until nothing is left to disturb."""

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

    def disturb(self, kind: str, side: Side) -> Disturbance:
        """One disturbance of that kind on that side. Raises NothingLeft, or KeyError when it cannot occur there."""
        self.count += 1
        return KINDS[kind, side](self)

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


# ---------------------------------------------------------------- overlaps


def _double_booking(side: Side) -> Callable[[Disturber], Disturbance]:
    """Another client typed over a visit that is there."""

    def make(d: Disturber) -> Disturbance:
        for one in d.visits(lambda v: bool(v.clients) and v.capacity == 1):
            chair, met = d.chair(one), [one, *d.partners(one)]
            rest = Board([s for s in d.board.standings if s not in met])
            long = one.core[1] - one.core[0] > LATER
            start = one.core[0] + (LATER if long else timedelta())
            for treat in sorted((t for t in d.stage.does(chair) if t.variation), key=lambda t: t.minutes):
                if rest.free(chair.bookly, treat.busy(start)):
                    new = d.book(side, chair, treat, treat.core(start), d.client(one.core))
                    d.touch(*met)
                    overlap = start, min(one.core[1], new.core[1])
                    return d.told("double_booking", side, "typed over it", chair.name, overlap, [new], met)
        raise NothingLeft

    return make


def _padding_clash(side: Side) -> Callable[[Disturber], Disturbance]:
    """Another client right behind a visit, within its padding."""

    def make(d: Disturber) -> Disturbance:
        for one in d.visits(lambda v: v.side == "bookly" and bool(v.clients) and v.busy[1] > v.core[1]):
            chair, met = d.chair(one), [one, *d.partners(one)]
            rest = Board([s for s in d.board.standings if s not in met])
            for treat in (t for t in d.stage.does(chair) if t.variation and not t.left):
                if rest.free(chair.bookly, treat.busy(one.core[1])):
                    new = d.book(side, chair, treat, treat.core(one.core[1]), d.client(one.core))
                    d.touch(*met)
                    overlap = one.core[1], min(one.busy[1], new.busy[1])
                    return d.told("padding_clash", side, "right behind it", chair.name, overlap, [new], met)
        raise NothingLeft

    return make


def _over_capacity(d: Disturber) -> Disturbance:
    """One more client on a row that is full."""
    for one in d.visits(
        lambda v: v.side == "bookly" and len(v.seats) == 1 and v.capacity == 1 and v.service is not None
    ):
        d.people.seats_in_office(one, d.client(one.core))
        d.touch(one, *d.partners(one))
        return d.told("over_capacity", "bookly", "one more on it", d.chair(one).name, one.core, [one])
    raise NothingLeft


# ---------------------------------------------------------------- on one side only


def _missing_in_square(d: Disturber) -> Disturbance:
    chair, treat, span = d.free_place()
    new = d.people.books_on_website(chair, treat, span[0], d.client(span))
    d.keep(new)
    return d.told("missing_in_square", "bookly", "booked on the website", chair.name, new.core, [new])


def _missing_in_bookly(d: Disturber) -> Disturbance:
    chair, treat, span = d.free_place()
    new = d.book("square", chair, treat, span, d.client(span))
    return d.told("missing_in_bookly", "square", "booked in Square", chair.name, new.core, [new])


# ---------------------------------------------------------------- drift


def _drift(side: Side) -> Callable[[Disturber], Disturbance]:
    """In turn: moved, given to somebody else, cancelled, on one side of a visit that stands on both."""

    def make(d: Disturber) -> Disturbance:
        hows = (_moved, _given_away, _cancelled)
        for step in range(len(hows)):
            for one, other in d.pairs(lambda a, b: bool(a.clients & b.clients) and a.capacity == 1):
                here, there = (one, other) if side == "bookly" else (other, one)
                after = hows[(d.count + step) % len(hows)](d, here, one)
                if after is not None:
                    how, now_there = after
                    d.board.drop(here)
                    d.keep(now_there)
                    d.touch(here, there)
                    return d.told("drift", side, how, d.chair(now_there).name, now_there.core, [now_there], [there])
        raise NothingLeft

    return make


def _drift_in_bookly(d: Disturber) -> Disturbance:
    """As on either side, and every fourth time a block deleted, where there is one."""
    if d.count % 4 == 0:
        with suppress(NothingLeft):
            return _block_deleted(d)
    return _drift("bookly")(d)


def _block_deleted(d: Disturber) -> Disturbance:
    """Staff delete in Bookly the block that keeps a Square booking's time."""
    for block, booking in d.pairs(lambda one, _: not one.clients and not one.seats):
        d.people.deletes_in_office(block)
        d.board.drop(block)
        d.touch(block, booking)
        return d.told("drift", "bookly", "block deleted", d.chair(booking).name, booking.core, [block], [booking])
    raise NothingLeft


def _moved(d: Disturber, here: Standing, bookly: Standing) -> tuple[str, Standing] | None:
    """To the next free time of the same person, an hour away or more."""
    chair, length = d.chair(here), here.busy[1] - here.busy[0]
    for day in range(1, 8):
        for start in starts(
            d.stage.hours(chair.bookly, d.stage.local(here.core[0] + timedelta(days=day)).date()), GRID
        ):
            span = start - timedelta(hours=1), start + length + timedelta(hours=1)
            if bookly.service is not None and d.is_free(chair, span) and d.stage.works(chair, (start, start + length)):
                move = d.people.moves_in_office if here.side == "bookly" else d.people.moves_in_square
                return "moved", move(here, start)
    return None


def _given_away(d: Disturber, here: Standing, bookly: Standing) -> tuple[str, Standing] | None:
    others = [c for c in d.stage.chairs if c.bookly != here.staff and bookly.service in c.skills]
    for chair in d.rng.sample(others, k=len(others)):
        if d.is_free(chair, bookly.busy, MARGIN):
            give = d.people.gives_away_in_office if here.side == "bookly" else d.people.gives_away_in_square
            return "given to somebody else", give(here, chair)
    return None


def _cancelled(d: Disturber, here: Standing, _: Standing) -> tuple[str, Standing] | None:
    (d.people.cancels_in_office if here.side == "bookly" else d.people.cancels_in_square)(here)
    return "cancelled", here


# ---------------------------------------------------------------- the same visit written twice by hand


def _same_visit(side: Side) -> Callable[[Disturber], Disturbance]:
    """One client typed into both calendars; on `side` with a spelling, a phone format or five minutes different."""

    def make(d: Disturber) -> Disturbance:
        chair, treat, span = d.free_place()
        form = d.client(span)
        how, typed, later = VARIANTS[d.count % len(VARIANTS)](form)
        forms, late = {side: typed}, {side: later}
        plain: Side = "square" if side == "bookly" else "bookly"
        made = []
        for one in (plain, side):
            start = span[0] + late.get(one, timedelta())
            if one == "bookly":
                made.append(d.people.books_in_office(chair, treat, start, [forms.get(one, form)]))
            else:
                made.append(d.people.types_into_square(chair, treat, start, forms.get(one, form)))
        d.keep(*made)
        return d.told("same_visit", side, how, chair.name, made[1].core, made)

    return make


def _spelt(form: Form) -> tuple[str, Form, timedelta]:
    """A letter of the family name dropped, the phone as it is."""
    return "another spelling", Form(form.name[:-2] + form.name[-1], form.email, form.phone), timedelta()


def _formatted(form: Form) -> tuple[str, Form, timedelta]:
    """The national form with brackets, and no mail."""
    digits = form.phone[-10:]
    return "another phone format", Form(form.name, "", f"({digits[:3]}) {digits[3:6]}-{digits[6:]}"), timedelta()


def _five_later(form: Form) -> tuple[str, Form, timedelta]:
    return "five minutes later", form, FIVE


VARIANTS = (_spelt, _formatted, _five_later)


# ---------------------------------------------------------------- who and what the other side does not know


def _unmapped_staff(side: Side) -> Callable[[Disturber], Disturbance]:
    def make(d: Disturber) -> Disturbance:
        chair, treat, span = d.free_place()
        name, new = book_new_staff(d.people, side, d.count, chair, treat, span[0], d.client(span))
        d.keep(new)
        return d.told("unmapped_staff", side, "somebody new", name, new.core, [new])

    return make


def _unmapped_service(side: Side) -> Callable[[Disturber], Disturbance]:
    def make(d: Disturber) -> Disturbance:
        chair, _, span = d.free_place()
        title, new = book_new_service(d.people, side, d.count, chair, span[0], d.client(span))
        d.keep(new)
        return replace(d.told("unmapped_service", side, "something new", chair.name, new.core, [new]), service=title)

    return make


# ---------------------------------------------------------------- odd rows


def _odd_in_bookly(d: Disturber) -> Disturbance:
    """In turn: a status nobody knows, a row without its client, a row that ends before it begins."""
    chair, treat, span = d.free_place()
    how = faults.ODD_ROWS[d.count % len(faults.ODD_ROWS)]
    row = faults.odd_row(d.stage.site, how, chair.bookly, treat.bookly, d.stage.local(span[0]))
    new = Standing("bookly", row, chair.bookly, span, treat.busy(span[0]), service=treat.bookly)
    d.keep(new)
    return d.told("anomaly", "bookly", how, chair.name, span, [new])


def _odd_in_square(d: Disturber) -> Disturbance:
    """A booking with a status that no document names."""
    chair, treat, span = d.free_place()
    new = d.people.books_in_square(chair, treat, span[0], d.client(span), status="ON_HOLD")
    d.keep(new)
    return d.told("anomaly", "square", "unknown status", chair.name, new.core, [new])


KINDS: dict[tuple[str, Side], Callable[[Disturber], Disturbance]] = {
    **{("double_booking", side): _double_booking(side) for side in BOTH},
    **{("padding_clash", side): _padding_clash(side) for side in BOTH},
    ("over_capacity", "bookly"): _over_capacity,
    ("missing_in_square", "bookly"): _missing_in_square,
    ("missing_in_bookly", "square"): _missing_in_bookly,
    ("drift", "bookly"): _drift_in_bookly,
    ("drift", "square"): _drift("square"),
    **{("same_visit", side): _same_visit(side) for side in BOTH},
    **{("unmapped_staff", side): _unmapped_staff(side) for side in BOTH},
    **{("unmapped_service", side): _unmapped_service(side) for side in BOTH},
    ("anomaly", "bookly"): _odd_in_bookly,
    ("anomaly", "square"): _odd_in_square,
}
"""Each kind on each side where it can occur. Square has no rows with a capacity, and deletes nothing."""
