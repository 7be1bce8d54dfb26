"""The look at what changed against the look at everything, while people book, move and cancel and time goes by."""

from __future__ import annotations

import random
import sqlite3
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine

from practice_salon import PracticeError
from practice_salon.people.stage import Treat
from practice_salon.people.standing import Standing
from sync.model import ChoiceKind, Kind, Side
from sync.rounds import reconcile as looking
from sync.rounds.pull import pull, window_for
from sync.rounds.reconcile import reconcile, reconcile_changes
from sync.store import findings
from sync.store.connection import open_store, reading
from tests.sync.converge.conftest import NOON, Salon, open_salon
from tests.sync.rounds.busy import FORMS

STEPS = 40


@dataclass
class Clock:
    """The house's clock: a millisecond later at each look, and as much later as a test says."""

    now: datetime = NOON

    def __call__(self) -> datetime:
        self.now += timedelta(milliseconds=1)
        return self.now


@dataclass
class Afternoon:
    """A salon in which people do this and that on one afternoon; what they do is drawn by `rng`."""

    salon: Salon
    clock: Clock
    rng: random.Random = field(default_factory=random.Random)
    standing: list[Standing] = field(default_factory=list)

    def acts(self) -> str:
        """Somebody does something; what was done, or nothing where the practice salon refuses it."""
        deed = self.rng.choice(
            [self.book_website, self.book_square, self.book_in_both, self.change, self.change, self.settle]
        )
        try:
            return deed()
        except PracticeError:
            return "nothing"

    def treat(self) -> Treat:
        """Without paddings and with, turn by turn."""
        padded = [t for t in self.salon.people.stage.treats.values() if t.capacity == 1 and t.variation and t.right]
        return [self.salon.cut(), padded[0]][len(self.standing) % 2]

    def some_time(self) -> datetime:
        return self.salon.at(13, days=0) + timedelta(minutes=15 * self.rng.randrange(20))

    def book_website(self) -> str:
        treat = self.treat()
        chair = self.rng.choice(self.salon.stylists(treat)[:2])
        form = self.rng.choice(FORMS)
        self.standing.append(self.salon.people.books_on_website(chair, treat, self.some_time(), form))
        return "book on the website"

    def book_square(self) -> str:
        treat = self.treat()
        chair = self.rng.choice(self.salon.stylists(treat)[:2])
        one = self.salon.people.books_in_square(chair, treat, self.some_time(), self.rng.choice(FORMS))
        self.standing.append(one)
        return "book in Square"

    def book_in_both(self) -> str:
        """One visit typed into both calendars, five minutes apart now and then."""
        chair = self.rng.choice(self.salon.stylists(self.treat())[:2])
        form, start = self.rng.choice(FORMS), self.some_time()
        self.standing.append(self.salon.people.books_on_website(chair, self.treat(), start, form))
        late = start + timedelta(minutes=self.rng.choice([0, 0, 5]))
        self.standing.append(self.salon.people.books_in_square(chair, self.treat(), late, form))
        return "book in both"

    def change(self) -> str:
        if not self.standing:
            return "nothing"
        one = self.standing.pop(self.rng.randrange(len(self.standing)))
        people = self.salon.people
        if one.side == "square":
            deed = self.rng.choice(["move", "cancel"])
            if deed == "move":
                self.standing.append(people.moves_in_square(one, self.some_time()))
            else:
                people.cancels_in_square(one)
        else:
            deed = self.rng.choice(["move", "cancel", "delete", "done"])
            if deed == "move":
                self.standing.append(people.moves_in_office(one, self.some_time()))
            elif deed == "done":
                people.sets_status(one, "done")
            elif deed == "cancel":
                people.cancels_in_office(one)
            else:
                people.deletes_in_office(one)
        return f"{deed} in {one.side}"

    def settle(self) -> str:
        """A person sends across whatever can be, and links what is one visit."""
        ended = []
        for kept in self.salon.found():
            ways = [c for c in self.salon.offered(kept) if c.kind in (ChoiceKind.SEND_ACROSS, ChoiceKind.LINK)]
            if ways and kept.finding.kind is not Kind.DOUBLE_BOOKING:
                ended.append(f"{ways[0].kind} {self.salon.click(kept, ways[0]).state}")
        return ", ".join(ended) or "nothing"

    def reads(self) -> str:
        """One side is read, or both, or none."""
        sides = self.rng.choice([(), (Side.BOOKLY,), (Side.SQUARE,), tuple(Side), tuple(Side)])
        for side in sides:
            self.read(side)
        return " and ".join(side.brand for side in sides) or "nothing"

    def read(self, side: Side) -> None:
        house = self.salon.house
        now = self.clock()
        assert pull(house.engine, house.readers[side], window_for(side, now, 92, 400), now).whole

    def goes_by(self) -> None:
        self.clock.now += timedelta(seconds=self.rng.choice([20, 60, 60, 150, 240, 900]))

    def look(self) -> None:
        assert reconcile_changes(self.salon.house.engine, self.clock()).whole


@pytest.fixture
def afternoon(quiet_bookly: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Afternoon]:
    """After the first look, nothing is looked at but what changed."""
    monkeypatch.setattr(looking, "WHOLE_EVERY", timedelta(days=300))
    clock = Clock()
    with open_salon(quiet_bookly, tmp_path, clock) as salon:
        made = Afternoon(salon, clock)
        made.look()
        yield made


@pytest.fixture
def everything(afternoon: Afternoon, tmp_path: Path) -> Callable[[], dict[str, str]]:
    """What a look over everything finds at this moment, on a copy of the store."""

    def look() -> dict[str, str]:
        copy = tmp_path / "copy.db"
        with sqlite3.connect(tmp_path / "store.db") as source, sqlite3.connect(copy) as there:
            source.backup(there)
        source.close()
        there.close()
        engine = open_store(f"sqlite:///{copy}")
        assert reconcile(engine, afternoon.clock.now).whole
        found = standing(engine)
        engine.dispose()
        copy.unlink()
        return found

    return look


def standing(engine: Engine) -> dict[str, str]:
    with reading(engine) as conn:
        return {one.finding.key: one.finding.seen for one in findings.all_in(conn, "open", "left")}


@pytest.mark.parametrize("seed", [3, 4, 7, pytest.param(None, marks=pytest.mark.soak)])
def test_what_changed_leads_to_the_same_findings_as_everything(
    afternoon: Afternoon, everything: Callable[[], dict[str, str]], seed: int | None
) -> None:
    seed = random.randrange(10**6) if seed is None else seed
    afternoon.rng = random.Random(seed)
    story: list[str] = []
    kinds: set[str] = set()
    for _ in range(STEPS):
        done, read = afternoon.acts(), afternoon.reads()
        afternoon.goes_by()
        story.append(f"{afternoon.clock.now:%H:%M:%S} {done}; {read} read")
        afternoon.look()
        part = standing(afternoon.salon.house.engine)
        whole = everything()
        kinds |= {key.partition("|")[0] for key in whole}
        assert part == whole, (seed, story)
    assert len(kinds) >= 4, (seed, kinds)
