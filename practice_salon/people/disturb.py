"""Something put out of order on purpose, one kind at a time, with the ids it concerns, for judging what is found.

Each disturbance takes a visit or a free time that no other one has touched, so that they do not run into each other.
The same salon and seed give the same ones. Times are UTC.
"""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta

from practice_salon.bookly import faults
from practice_salon.bookly.door import Form
from practice_salon.people.newcomers import book_new_service, book_new_staff
from practice_salon.people.standing import Board, Standing, starts
from practice_salon.people.untouched import BOTH, FIVE, GRID, LATER, MARGIN, Disturbance, NothingLeft, Untouched
from practice_salon.truth import Side


class Disturber(Untouched):
    """Makes disturbances in one salon until nothing is left to disturb."""

    def disturb(self, kind: str, side: Side) -> Disturbance:
        """One disturbance of that kind on that side. Raises NothingLeft, or KeyError when it cannot occur there."""
        self.count += 1
        return KINDS[kind, side](self)


# ---------------------------------------------------------------- overlaps


def _double_booking(side: Side) -> Callable[[Untouched], Disturbance]:
    """Another client typed over a visit that is there."""

    def make(d: Untouched) -> Disturbance:
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


def _padding_clash(side: Side) -> Callable[[Untouched], Disturbance]:
    """Another client right behind a visit, within its padding."""

    def make(d: Untouched) -> Disturbance:
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


def _over_capacity(d: Untouched) -> Disturbance:
    """One more client on a row that is full."""
    for one in d.visits(
        lambda v: v.side == "bookly" and len(v.seats) == 1 and v.capacity == 1 and v.service is not None
    ):
        d.people.seats_in_office(one, d.client(one.core))
        d.touch(one, *d.partners(one))
        return d.told("over_capacity", "bookly", "one more on it", d.chair(one).name, one.core, [one])
    raise NothingLeft


# ---------------------------------------------------------------- on one side only


def _missing_in_square(d: Untouched) -> Disturbance:
    chair, treat, span = d.free_place()
    new = d.people.books_on_website(chair, treat, span[0], d.client(span))
    d.keep(new)
    return d.told("missing_in_square", "bookly", "booked on the website", chair.name, new.core, [new])


def _missing_in_bookly(d: Untouched) -> Disturbance:
    chair, treat, span = d.free_place()
    new = d.book("square", chair, treat, span, d.client(span))
    return d.told("missing_in_bookly", "square", "booked in Square", chair.name, new.core, [new])


# ---------------------------------------------------------------- drift


def _drift(side: Side) -> Callable[[Untouched], Disturbance]:
    """In turn: moved, given to somebody else, cancelled, on one side of a visit that stands on both."""

    def make(d: Untouched) -> Disturbance:
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


def _drift_in_bookly(d: Untouched) -> Disturbance:
    """As on either side, and every fourth time a block deleted, where there is one."""
    if d.count % 4 == 0:
        with suppress(NothingLeft):
            return _block_deleted(d)
    return _drift("bookly")(d)


def _block_deleted(d: Untouched) -> Disturbance:
    """Staff delete in Bookly the block that keeps a Square booking's time."""
    for block, booking in d.pairs(lambda one, _: not one.clients and not one.seats):
        d.people.deletes_in_office(block)
        d.board.drop(block)
        d.touch(block, booking)
        return d.told("drift", "bookly", "block deleted", d.chair(booking).name, booking.core, [block], [booking])
    raise NothingLeft


def _moved(d: Untouched, here: Standing, bookly: Standing) -> tuple[str, Standing] | None:
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


def _given_away(d: Untouched, here: Standing, bookly: Standing) -> tuple[str, Standing] | None:
    others = [c for c in d.stage.chairs if c.bookly != here.staff and bookly.service in c.skills]
    for chair in d.rng.sample(others, k=len(others)):
        if d.is_free(chair, bookly.busy, MARGIN):
            give = d.people.gives_away_in_office if here.side == "bookly" else d.people.gives_away_in_square
            return "given to somebody else", give(here, chair)
    return None


def _cancelled(d: Untouched, here: Standing, _: Standing) -> tuple[str, Standing] | None:
    (d.people.cancels_in_office if here.side == "bookly" else d.people.cancels_in_square)(here)
    return "cancelled", here


# ---------------------------------------------------------------- the same visit written twice by hand


def _same_visit(side: Side) -> Callable[[Untouched], Disturbance]:
    """One client typed into both calendars; on `side` with a spelling, a phone format or five minutes different."""

    def make(d: Untouched) -> Disturbance:
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


def _unmapped_staff(side: Side) -> Callable[[Untouched], Disturbance]:
    def make(d: Untouched) -> Disturbance:
        chair, treat, span = d.free_place()
        name, new = book_new_staff(d.people, side, d.count, chair, treat, span[0], d.client(span))
        d.keep(new)
        return d.told("unmapped_staff", side, "somebody new", name, new.core, [new])

    return make


def _unmapped_service(side: Side) -> Callable[[Untouched], Disturbance]:
    def make(d: Untouched) -> Disturbance:
        chair, _, span = d.free_place()
        title, new = book_new_service(d.people, side, d.count, chair, span[0], d.client(span))
        d.keep(new)
        return replace(d.told("unmapped_service", side, "something new", chair.name, new.core, [new]), service=title)

    return make


# ---------------------------------------------------------------- odd rows


def _odd_in_bookly(d: Untouched) -> Disturbance:
    """In turn: a status nobody knows, a row without its client, a row that ends before it begins."""
    chair, treat, span = d.free_place()
    how = faults.ODD_ROWS[d.count % len(faults.ODD_ROWS)]
    row = faults.odd_row(d.stage.site, how, chair.bookly, treat.bookly, d.stage.local(span[0]))
    new = Standing("bookly", row, chair.bookly, span, treat.busy(span[0]), service=treat.bookly)
    d.keep(new)
    return d.told("anomaly", "bookly", how, chair.name, span, [new])


def _odd_in_square(d: Untouched) -> Disturbance:
    """A booking with a status that no document names."""
    chair, treat, span = d.free_place()
    new = d.people.books_in_square(chair, treat, span[0], d.client(span), status="ON_HOLD")
    d.keep(new)
    return d.told("anomaly", "square", "unknown status", chair.name, new.core, [new])


KINDS: dict[tuple[str, Side], Callable[[Untouched], Disturbance]] = {
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
