"""People who keep booking in both calendars: seeded, at any speed, each act kept as the truth.

They are lucky people: whatever they choose is free on both sides. Who makes a clash is `clash` and `disturb`.
"""

import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import sqlalchemy as sa

from practice_salon import PracticeError
from practice_salon.bookly.door import Form, SlotTaken
from practice_salon.people.people import People
from practice_salon.people.square_side import SquareSaidNo
from practice_salon.people.stage import Chair, Stage, Treat
from practice_salon.people.standing import Board, Span, Standing, starts
from practice_salon.shop import Shop

PACE_S = 30.0
"""Seconds between two acts at speed 1, half of it to one and a half times."""
DAYS_AHEAD = 7
NOTICE = timedelta(minutes=30)
GRID = timedelta(minutes=15)
TRIES = 40


def forms(shop: Shop) -> list[Form]:
    """The shop's clients as what they type in."""
    return [Form(person.name, person.email, person.phone) for person in shop.clients]


@dataclass(frozen=True, slots=True)
class Place:
    """A free time with somebody who does the service."""

    chair: Chair
    treat: Treat
    start: datetime


@dataclass(slots=True)
class Player:
    """One act after the other; `act` does the next. The same seed on the same two calendars does the same."""

    people: People
    clients: Sequence[Form]
    seed: int
    rng: random.Random = field(init=False)
    board: Board = field(init=False)

    def __post_init__(self) -> None:
        self.rng = random.Random(f"play {self.seed}")
        self.board = Board([])

    @property
    def stage(self) -> Stage:
        """Both calendars."""
        return self.people.stage

    def act(self) -> str:
        """Look at both calendars, do one thing, and say which; "nothing" when what was chosen cannot be done now."""
        now = self.stage.now()
        self.board = self.stage.look(now - timedelta(days=1), now + timedelta(days=DAYS_AHEAD + 1))
        name, weights = zip(*((n, w) for n, w, _ in ACTS), strict=True)
        (chosen,) = self.rng.choices(name, weights)
        deed = next(do for n, _, do in ACTS if n == chosen)
        try:
            return chosen if deed(self) else "nothing"
        except (SlotTaken, SquareSaidNo):
            return "nothing"

    def place(self, wanted: Callable[[Treat], bool] = lambda t: t.capacity == 1) -> Place | None:
        """A free time of the coming week, the nearer days more often."""
        for _ in range(TRIES):
            chair = self.rng.choice(self.stage.chairs)
            treats = [t for t in (self.stage.treats[k] for k in sorted(chair.skills)) if wanted(t)]
            day = self.stage.local(self.stage.now()).date() + timedelta(days=int(DAYS_AHEAD * self.rng.random() ** 1.5))
            open_starts = list(starts(self.stage.hours(chair.bookly, day), GRID))
            if treats and open_starts:
                place = Place(chair, self.rng.choice(treats), self.rng.choice(open_starts))
                if self.fits(place):
                    return place
        return None

    def fits(self, place: Place, but: Standing | None = None) -> bool:
        """Whether it lies ahead, in the person's hours, and is free on both sides."""
        span = place.treat.busy(place.start)
        others = Board([one for one in self.board.standings if but is None or one.unit != but.unit])
        ahead = place.start >= self.stage.now() + NOTICE
        return ahead and self.stage.works(place.chair, span) and others.free(place.chair.bookly, span)

    def client(self, span: Span) -> Form:
        """Somebody who is nowhere else at that time."""
        free = [form for form in self.clients if not self.board.comes_on(form.phone, span)]
        return self.rng.choice(free or list(self.clients))

    def someone(self, side: str, past: bool = False) -> Standing | None:
        """A visit of one client that a person made on that side, ahead or over; none that waits in a clash."""
        now = self.stage.now()
        images = {(one.side, one.unit) for pair in self.board.pairs() for one in pair}
        found = [
            one
            for one in self.board.standings
            if one.side == side and one.clients and one.capacity == 1 and one.staff is not None
            and (one.core[1] < now if past else one.core[0] > now + NOTICE)
            and (side == "bookly" or (one.side, one.unit) not in images)
            and not self.board.clashes(one)
        ]  # fmt: skip
        return self.rng.choice(found) if found else None

    def another_place(self, one: Standing) -> datetime | None:
        """Another start for the same visit with the same person."""
        chair = next((c for c in self.stage.chairs if c.bookly == one.staff), None)
        treat = self.stage.treats.get(one.service or 0)
        if chair is None:
            return None
        treat = treat or Treat(0, None, "", (one.core[1] - one.core[0]).seconds // 60, timedelta(), timedelta(), 1)
        for _ in range(TRIES):
            day = self.stage.local(self.stage.now()).date() + timedelta(days=self.rng.randrange(DAYS_AHEAD))
            options = list(starts(self.stage.hours(chair.bookly, day), GRID))
            start = self.rng.choice(options) if options else one.core[0]
            if start != one.core[0] and self.fits(Place(chair, treat, start), but=one):
                return start
        return None


def _website(player: Player) -> bool:
    place = player.place()
    if place is None:
        return False
    form = player.client(place.treat.busy(place.start))
    player.people.books_on_website(place.chair, place.treat, place.start, form)
    return True


def _office(player: Player) -> bool:
    place = player.place()
    if place is None:
        return False
    player.people.books_in_office(place.chair, place.treat, place.start, [player.client(place.treat.busy(place.start))])
    return True


def _square(who: str) -> Callable[["Player"], bool]:
    def book(player: Player) -> bool:
        place = player.place(lambda t: t.capacity == 1 and t.variation is not None)
        if place is None:
            return False
        form = player.client(place.treat.busy(place.start))
        player.people.books_in_square(place.chair, place.treat, place.start, form, who=who)
        return True

    return book


def _class(player: Player) -> bool:
    """A group: two or three clients of the website into one class, or into one that is there."""
    place = player.place(lambda t: t.capacity > 1)
    if place is None:
        return False
    for _ in range(min(player.rng.choice((2, 3)), place.treat.capacity)):
        form = player.client(place.treat.busy(place.start))
        player.board.add(player.people.books_on_website(place.chair, place.treat, place.start, form))
    return True


def _back_to_back(player: Player) -> bool:
    """The next client right behind one that is there, paddings kept."""
    one = player.someone(player.rng.choice(("bookly", "square")))
    chair = next((c for c in player.stage.chairs if one is not None and c.bookly == one.staff), None)
    if one is None or chair is None:
        return False
    for treat in player.rng.sample(player.stage.does(chair), k=len(player.stage.does(chair))):
        place = Place(chair, treat, one.busy[1] + treat.left)
        if player.fits(place):
            player.people.books_in_office(chair, treat, place.start, [player.client(treat.busy(place.start))])
            return True
    return False


def _move(side: str, how: str) -> Callable[["Player"], bool]:
    def move(player: Player) -> bool:
        one = player.someone(side)
        start = player.another_place(one) if one is not None else None
        if one is None or start is None or (side == "bookly" and one.service is None):
            return False
        movers = {
            "website": player.people.moves_on_website,
            "office": player.people.moves_in_office,
            "square": player.people.moves_in_square,
        }
        movers[how](one, start)
        return True

    return move


def _cancel(side: str) -> Callable[["Player"], bool]:
    def cancel(player: Player) -> bool:
        one = player.someone(side)
        if one is not None:
            (player.people.cancels_on_website if side == "bookly" else player.people.cancels_in_square)(one)
        return one is not None

    return cancel


def _swap(player: Player) -> bool:
    """Two stylists swap clients who come at the same time for the same length, in Bookly."""
    for one, other in _swappable(player):
        chairs = {chair.bookly: chair for chair in player.stage.chairs}
        first, second = chairs[one.staff or 0], chairs[other.staff or 0]
        if one.service in second.skills and other.service in first.skills:
            player.people.gives_away_in_office(one, second)
            player.people.gives_away_in_office(other, first)
            return True
    return False


def _swappable(player: Player) -> Iterator[tuple[Standing, Standing]]:
    known = {chair.bookly for chair in player.stage.chairs}
    ahead = [s for s in player.board.standings if s.side == "bookly" and s.seats and s.core[0] > player.stage.now()]
    by_time: dict[Span, list[Standing]] = {}
    for one in (s for s in ahead if s.staff in known and s.capacity == 1):
        by_time.setdefault(one.busy, []).append(one)
    for together in by_time.values():
        yield from ((a, b) for a in together for b in together if (a.staff or 0) < (b.staff or 0))


def _cancel_and_back(player: Player) -> bool:
    """Cancelled in the back end, then found to be a mistake and approved again."""
    one = player.someone("bookly")
    if one is not None:
        player.people.cancels_in_office(one)
        player.people.sets_status(one, "approved")
    return one is not None


def _square_cancel_and_back(player: Player) -> bool:
    """Cancelled in Square, where that is final: what comes back is a new booking."""
    one = player.someone("square")
    if one is not None:
        player.people.cancels_in_square(one)
        player.people.reinstates_in_square(str(one.unit), one.clients)
    return one is not None


def _done(player: Player) -> bool:
    one = player.someone("bookly", past=True)
    if one is not None:
        player.people.sets_status(one, "done")
    return one is not None


def _no_show(player: Player) -> bool:
    one = player.someone("square", past=True)
    if one is not None:
        player.people.does_not_come(one)
    return one is not None


ACTS: tuple[tuple[str, int, Callable[[Player], bool]], ...] = (
    ("books on the website", 30, _website),
    ("books on Square's site", 14, _square("buyer")),
    ("is typed into Square", 14, _square("staff")),
    ("is typed into Bookly", 10, _office),
    ("books a class", 4, _class),
    ("is put right behind another", 6, _back_to_back),
    ("moves on the website", 3, _move("bookly", "website")),
    ("is moved in Bookly", 3, _move("bookly", "office")),
    ("is moved in Square", 3, _move("square", "square")),
    ("cancels on the website", 3, _cancel("bookly")),
    ("is cancelled in Square", 2, _cancel("square")),
    ("two are swapped", 2, _swap),
    ("is cancelled and reinstated in Bookly", 2, _cancel_and_back),
    ("is cancelled and reinstated in Square", 1, _square_cancel_and_back),
    ("is marked done", 5, _done),
    ("did not come", 2, _no_show),
)
"""What people do, how often, and how."""


def play(player: Player, speed: float, wait: Callable[[float], bool], say: Callable[[str], None]) -> None:
    """Act until `wait(seconds)` says to stop. A calendar that does not answer is told once, and tried again."""
    silent = False
    while not wait(PACE_S * player.rng.uniform(0.5, 1.5) / speed):
        try:
            player.act()
            silent = False
        except (PracticeError, sa.exc.DBAPIError) as error:
            if not silent:
                say(str(error) if isinstance(error, PracticeError) else "Bookly's database does not answer; trying on.")
            silent = True
