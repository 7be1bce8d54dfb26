"""One stylist sold twice, for real: one client booked on the website, another typed into Square for the same time."""

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise

from practice_salon import PracticeError
from practice_salon.bookly.door import Form, SlotTaken
from practice_salon.people.opening import next_opening
from practice_salon.people.people import People
from practice_salon.people.stage import Chair, Stage, Treat
from practice_salon.people.standing import Board, Span, Standing, meet, starts

WITHIN = timedelta(hours=2)
LATER = timedelta(minutes=15)
"""So much later than the website's client the one from Square begins."""
NOTICE = timedelta(minutes=10)
"""Nobody books for right now."""
GRID = timedelta(minutes=15)


@dataclass(frozen=True, slots=True)
class Clash:
    """A double booking that stands: Bookly's appointment, Square's booking, and the overlap in UTC."""

    staff: str
    appointment: int
    booking: str
    start: datetime
    end: datetime
    made: bool
    """False when it stood already and nothing was done."""


def make_clash(people: People, clients: Sequence[Form], seed: int) -> Clash:
    """Make sure that one clash stands within the next two opening hours, at any hour of the day.

    One that stands there already is left as it is and given back. The same salon, seed and hour give the same one.
    Raises PracticeError when nobody can be booked twice in that time.
    """
    stage, now = people.stage, people.stage.now()
    pieces = next_opening(stage, now, WITHIN)
    board = stage.look(now - timedelta(days=1), pieces[-1][1] + timedelta(days=1))
    found = next(_standing(board, stage, pieces), None)
    if found is not None:
        return found
    rng = random.Random(f"clash {seed} {pieces[0][0]:%Y-%m-%d %H}")
    strangers = [form for form in clients if not board.comes_on(form.phone, (now - WITHIN, pieces[-1][1] + WITHIN))]
    rng.shuffle(strangers)
    return _two_new(people, board, pieces, strangers, rng) or _onto_one(people, board, pieces, strangers)


def _standing(board: Board, stage: Stage, pieces: Sequence[Span]) -> Iterator[Clash]:
    """Clashes of different clients that begin in that time. A visit's own image on the other side is none."""
    for chair in stage.chairs:
        both = list(board.of(chair.bookly))
        for one in (b for b in both if b.side == "bookly" and b.clients):
            for other in (s for s in both if s.side == "square" and s.clients and not s.clients & one.clients):
                start, end = max(one.core[0], other.core[0]), min(one.core[1], other.core[1])
                if start < end and any(begin <= start < until for begin, until in pieces):
                    yield Clash(chair.name, int(one.unit), str(other.unit), start, end, made=False)


@dataclass(frozen=True, slots=True)
class _Place:
    chair: Chair
    first: Treat
    second: Treat
    start: datetime
    rescued: bool
    """Somebody else could take one of the two at the same time."""


def _two_new(
    people: People, board: Board, pieces: Sequence[Span], strangers: Sequence[Form], rng: random.Random
) -> Clash | None:
    """Two clients into time that is free in both calendars, best where another stylist could take one over."""
    places = list(_places(people.stage, board, pieces, rng))
    for place in sorted(places, key=lambda p: not p.rescued):
        try:
            one = people.books_on_website(place.chair, place.first, place.start, strangers[0])
        except SlotTaken:
            continue
        other = people.books_in_square(place.chair, place.second, place.start + LATER, strangers[1])
        return _clash(place.chair, one, other)
    return None


def _places(stage: Stage, board: Board, pieces: Sequence[Span], rng: random.Random) -> Iterator[_Place]:
    """Every stylist and start at which two of their services fit, the later one a quarter of an hour later."""
    chairs = list(stage.chairs)
    rng.shuffle(chairs)
    for start in starts(((max(a, stage.now() + NOTICE), b - LATER) for a, b in pieces), GRID):
        for chair in chairs:
            treats = [t for t in stage.does(chair) if t.variation is not None and t.minutes > LATER.seconds // 60]
            rng.shuffle(treats)
            for first, second in pairwise([*treats, *treats[:1]]):
                span = first.busy(start)[0], max(first.busy(start)[1], second.busy(start + LATER)[1])
                if _open_and_free(stage, board, chair, span):
                    rescued = _rescued(stage, board, chair, first, start)
                    rescued = rescued or _rescued(stage, board, chair, second, start + LATER)
                    yield _Place(chair, first, second, start, rescued)


def _rescued(stage: Stage, board: Board, chair: Chair, treat: Treat, start: datetime) -> bool:
    others = (other for other in stage.chairs if other != chair and treat.bookly in other.skills)
    return any(_open_and_free(stage, board, other, treat.busy(start)) for other in others)


def _open_and_free(stage: Stage, board: Board, chair: Chair, span: Span) -> bool:
    return board.free(chair.bookly, span) and stage.works(chair, span)


def _onto_one(people: People, board: Board, pieces: Sequence[Span], strangers: Sequence[Form]) -> Clash:
    """Everybody is busy: the second client is typed into Square over a visit that the website has sold."""
    notice = people.stage.now() + NOTICE
    for chair in people.stage.chairs:
        for one in sorted(board.of(chair.bookly), key=lambda s: s.core):
            treat = people.stage.treats.get(one.service or 0)
            inside = any(begin <= one.core[0] < until for begin, until in pieces) and one.core[0] >= notice
            if one.side == "bookly" and one.clients and one.capacity == 1 and treat is not None and inside:
                other = people.books_in_square(chair, treat, one.core[0], strangers[0])
                return _clash(chair, one, other)
    raise PracticeError("Nobody can be booked twice in the next two opening hours; fill Bookly with --seed again.")


def _clash(chair: Chair, one: Standing, other: Standing) -> Clash:
    assert meet(one.core, other.core)
    start, end = max(one.core[0], other.core[0]), min(one.core[1], other.core[1])
    return Clash(chair.name, int(one.unit), str(other.unit), start, end, made=True)
