"""A quiet practice salon and a whole house in front of it: two real calendars, the store, the worker."""

from __future__ import annotations

import itertools
import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from pydantic import SecretStr

from practice_salon.bookly.door import Form
from practice_salon.bookly.journal import Site, open_site
from practice_salon.bookly.seed import seed
from practice_salon.people.people import People
from practice_salon.people.square_side import SquareSide
from practice_salon.people.stage import Chair, Treat, open_stage
from practice_salon.shop import shop
from practice_salon.square.seed import seeded_world
from practice_salon.square.server import RunningSquare, running_square
from practice_salon.truth import Truth
from sync.converge import House, open_house
from sync.decide.choices import choices
from sync.inbox.opening import open_worker
from sync.model import Choice, ChoiceKind, Kind, Outcome, Side
from sync.model.stored import outcome_from
from sync.rounds.first_start import confirm_suggestions
from sync.rounds.pull import pull, window_for
from sync.rounds.reconcile import GRACE, reconcile
from sync.settings import Settings
from sync.store import findings, requests
from sync.store.board import load_board
from sync.store.connection import open_store, reading, writing
from sync.store.findings import Kept

NOON = datetime(2026, 5, 12, 17, 0, tzinfo=UTC)
"""A Tuesday, 12:00 in Chicago, where the practice salon is."""

SHOP = shop(1)
ANNA, BEN, CLEO = (Form(person.name, person.email, person.phone) for person in SHOP.clients[:3])


@dataclass
class Salon:
    """Everything a test needs: the people in front of both calendars, and the house between them."""

    people: People
    square: RunningSquare
    house: House

    @property
    def site(self) -> Site:
        return self.people.stage.site

    def stylists(self, treat: Treat) -> list[Chair]:
        """Who does this, all day on the Wednesday after."""
        return [chair for chair in self.people.stage.chairs if treat in self.people.stage.does(chair)]

    def cut(self) -> Treat:
        """A service of capacity 1 that at least three people do, without paddings."""
        return next(
            treat
            for treat in self.people.stage.treats.values()
            if treat.capacity == 1 and treat.variation and not treat.left and not treat.right
            and len(self.stylists(treat)) >= 3
        )  # fmt: skip

    def at(self, hour: int, minute: int = 0, days: int = 1) -> datetime:
        """A time of the salon's own clock on the day after, in UTC."""
        day = self.people.stage.local(NOON).replace(hour=hour, minute=minute) + timedelta(days=days)
        return self.people.stage.utc(day)

    def pull(self) -> None:
        """Read both sides, and look for what is out of order as if three minutes had passed."""
        for side in Side:
            reader = self.house.readers[side]
            now = self.house.now()
            done = pull(self.house.engine, reader, window_for(side, now, 92, 400), now)
            assert done.whole, done.sentence
        reconcile(self.house.engine, NOON + GRACE)

    def found(self, kind: Kind | None = None) -> list[Kept]:
        """The open findings, of one kind if one is named."""
        with reading(self.house.engine) as conn:
            kept = findings.all_in(conn, "open")
        return [one for one in kept if kind is None or one.finding.kind is kind]

    def offered(self, kept: Kept) -> tuple[Choice, ...]:
        """What the screen offers for a finding."""
        found = kept.finding
        refs = [ref for concerned in found.concerned for ref in concerned.refs]
        with reading(self.house.engine) as conn:
            board = load_board(conn, NOON, found.start - timedelta(hours=12), found.end + timedelta(hours=12), refs)
        return choices(found, board)

    def first(self, kept: Kept, kind: ChoiceKind, side: Side | None = None) -> Choice:
        """The first choice of a kind that acts on a visit of that side."""
        for choice in self.offered(kept):
            if choice.kind is kind and (side is None or side in (choice.side, choice.ref and choice.ref.side)):
                return choice
        raise AssertionError(f"{kind} is not among {[choice.kind for choice in self.offered(kept)]}")

    def ask(self, kept: Kept, choice: Choice, who: str = "Dana", undo_of: int | None = None) -> int:
        """A click: the request row, nothing more."""
        with writing(self.house.engine) as conn:
            return requests.ask(
                conn,
                key=f"{kept.id}:{kept.finding.seen}:{choice.id}:{who}:{undo_of}",
                finding=kept.id,
                choice=choice,
                seen=kept.finding.seen,
                who=who,
                role="manager",
                now=NOON,
                undo_of=undo_of,
            ).id

    def work(self, house: House | None = None) -> None:
        """The worker, until nothing is due."""
        worker = open_worker(house or self.house)
        while worker.take_one():
            pass

    def click(self, kept: Kept, choice: Choice, who: str = "Dana") -> Outcome:
        """Ask and carry; how it ended."""
        return self.ended(self.ask(kept, choice, who), work=True)

    def undo(self, kept: Kept, request: int) -> Outcome:
        """Take a settled request back."""
        return self.ended(self.ask(kept, Choice(ChoiceKind.UNDO), undo_of=request), work=True)

    def ended(self, request: int, *, work: bool = False) -> Outcome:
        """How a request ended."""
        if work:
            self.work()
        with reading(self.house.engine) as conn:
            row = requests.get(conn, request)
        assert row is not None
        assert row.outcome is not None, row.state
        return outcome_from(row.outcome)

    def rows(self) -> dict[int, sa.Row[tuple[object, ...]]]:
        """Bookly's appointment rows as they stand in the database, by id."""
        with self.site.engine.connect() as conn:
            found = conn.execute(sa.text("SELECT * FROM wp_bookly_appointments ORDER BY id"))
            return {row.id: row for row in found}

    def status(self, seat: int) -> str:
        """The status of a customer_appointment."""
        with self.site.engine.connect() as conn:
            found = conn.execute(sa.text("SELECT status FROM wp_bookly_customer_appointments WHERE id=:i"), {"i": seat})
            return str(found.scalar_one())

    def bookings(self) -> dict[str, dict[str, Any]]:
        """Square's bookings that stand on the days around, by id."""
        found = self.people.stage.square.bookings(NOON - timedelta(days=2), NOON + timedelta(days=20))
        return {doc["id"]: doc for doc in found if doc["status"] in ("ACCEPTED", "PENDING")}


@pytest.fixture(scope="session")
def quiet_bookly(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Bookly of the practice salon with its staff, services and clients, and nobody booked."""
    file = tmp_path_factory.mktemp("quiet") / "bookly.db"
    url = f"sqlite:///{file}"
    seed(url, SHOP, NOON)
    engine = sa.create_engine(url)
    with engine.begin() as conn:
        for table in ("customer_appointments", "appointments", "log", "holidays"):
            conn.execute(sa.text(f"DELETE FROM wp_bookly_{table}"))
    engine.dispose()
    return file


@pytest.fixture
def salon(quiet_bookly: Path, tmp_path: Path) -> Iterator[Salon]:
    """The quiet salon on Tuesday noon: mapping confirmed, writing on, nothing booked."""
    with open_salon(quiet_bookly, tmp_path) as opened:
        yield opened


def ticking() -> Callable[[], datetime]:
    """A clock that starts at noon and is a millisecond later each time it is looked at."""
    ticks = itertools.count()
    return lambda: NOON + timedelta(milliseconds=next(ticks))


@contextmanager
def open_salon(quiet_bookly: Path, folder: Path, clock: Callable[[], datetime] | None = None) -> Iterator[Salon]:
    """A `Salon` made of a copy of `quiet_bookly`."""
    url = f"sqlite:///{shutil.copy(quiet_bookly, folder / 'bookly.db')}"
    with ExitStack() as stack:
        running = stack.enter_context(running_square(seeded_world(SHOP, NOON)))
        there = open_site(url)
        stack.callback(there.engine.dispose)
        square = SquareSide(running.url)
        stack.callback(square.close)
        stage = open_stage(Site(there.engine, there.bookly, clock=lambda: NOON), square)
        house = _house(f"sqlite:///{folder / 'store.db'}", url, running.url, clock or ticking())
        stack.callback(house.close)
        salon = Salon(People(stage, Truth()), running, house)
        salon.pull()
        confirm_suggestions(house)
        yield salon


def _house(store: str, bookly: str, square: str, clock: Callable[[], datetime]) -> House:
    settings = Settings(
        bookly_database_url=SecretStr(bookly),
        square_base_url=square,
        square_access_token=SecretStr("practice"),
        square_location_id="",
        writes="on",
    )
    return open_house(open_store(store), settings, clock)
