"""A small practice salon of any seed with the whole house in front of it, and the clicks a person would make."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

import sqlalchemy as sa
from pydantic import SecretStr

from practice_salon.bookly.door import Form
from practice_salon.bookly.journal import Site, open_site
from practice_salon.bookly.seed import seed as seed_bookly
from practice_salon.people.people import People
from practice_salon.people.play import forms
from practice_salon.people.square_side import SquareSide
from practice_salon.people.stage import open_stage
from practice_salon.shop import shop
from practice_salon.square.seed import seeded_world
from practice_salon.square.server import RunningSquare, running_square
from practice_salon.truth import Truth
from sync.converge import House, open_house
from sync.decide.choices import choices
from sync.inbox.opening import open_worker
from sync.model import Choice, Kind, Outcome, Side
from sync.model.stored import outcome_from
from sync.rounds.first_start import ask_for_suggested, confirm_suggestions
from sync.rounds.pull import pull, window_for
from sync.rounds.reconcile import reconcile
from sync.settings import Settings
from sync.store import findings, requests
from sync.store.board import load_board
from sync.store.connection import open_store, reading, writing
from sync.store.findings import Kept
from tests.oracle.judge import Verdict, Visit, judged
from tests.oracle.raw import Calendars, read_both

FULL_DAYS, DAYS, SPRINKLED = 1, 10, 8
"""Kept of the seeded salon: the first coming day whole; of the days behind it what is unusual (classes, compound
services, own names, blocks) and a few visits more. What is judged here is right or wrong, not big or small."""
SEEN_AHEAD = timedelta(days=45)
SETTLING = timedelta(minutes=4)
"""Longer than a difference must last before it counts."""
NEAR = timedelta(hours=12)


@dataclass
class Clock:
    """The salon's time: stands still but for a millisecond a look, and is set on by hand."""

    base: datetime
    ticks: Iterator[int] = field(default_factory=itertools.count)

    def __call__(self) -> datetime:
        return self.base + timedelta(milliseconds=next(self.ticks))

    def set_on(self, by: timedelta) -> None:
        self.base += by


@dataclass
class Floor:
    """People in front of both calendars, the house between them, and where the oracle looks."""

    seed: int
    clock: Clock
    people: People
    square: RunningSquare
    house: House
    bookly_url: str
    folder: Path
    clients: Sequence[Form]
    opened: Callable[[], House]
    two: set[Visit] = field(default_factory=set)
    """Units that look like one visit and of which a person said that they are two."""
    clicks: Iterator[int] = field(default_factory=itertools.count)

    def verdict(self) -> Verdict:
        """What the oracle says of both calendars as they stand now."""
        return judged(self.both(), self.two)

    def both(self) -> Calendars:
        """Both calendars as they stand now, read without the engine."""
        now = self.clock.base
        return read_both(self.bookly_url, self.square.url, "practice", now, now + SEEN_AHEAD)

    def later(self) -> None:
        """Some minutes pass, on both sides."""
        self.clock.set_on(SETTLING)
        self.square.advance(SETTLING.total_seconds())

    def be_at(self, moment: datetime) -> None:
        """Time passes until that moment, on both sides. Raises ValueError when it is over already."""
        by = moment - self.clock.base
        if by < timedelta():
            raise ValueError("the salon is past that moment")
        self.clock.set_on(by)
        self.square.advance(by.total_seconds())

    def pull(self) -> None:
        """Some minutes later: both sides read, twice, so that each is read after the other; then the look at them."""
        for _ in range(2):
            self.later()
            for side in Side:
                now = self.clock()
                done = pull(self.house.engine, self.house.readers[side], window_for(side, now, 30, 60), now)
                assert done.whole, done.sentence
                assert not done.counts["withheld"], done.sentence
        self.later()
        reconcile(self.house.engine, self.clock())

    def found(self, *kinds: Kind) -> list[Kept]:
        """The open findings, of these kinds if any are named."""
        with reading(self.house.engine) as conn:
            kept = findings.all_in(conn, "open")
        return [one for one in kept if not kinds or one.finding.kind in kinds]

    def known(self) -> list[Kept]:
        """What is out of order as far as the engine knows: the open findings, and those left as they are."""
        with reading(self.house.engine) as conn:
            return list(findings.all_in(conn, "open", "left"))

    def offered(self, kept: Kept) -> tuple[Choice, ...]:
        """What the screen offers for a finding."""
        found = kept.finding
        refs = [ref for concerned in found.concerned for ref in concerned.refs]
        with reading(self.house.engine) as conn:
            return choices(found, load_board(conn, self.clock(), found.start - NEAR, found.end + NEAR, refs))

    def ask(self, kept: Kept, choice: Choice, who: str = "Dana") -> int:
        """A click: the request row, nothing more. A click after an earlier one was refused is a new one."""
        key = f"{kept.id}:{kept.finding.seen}:{choice.id}:{who}:{next(self.clicks)}"
        with writing(self.house.engine) as conn:
            return requests.ask(
                conn, key=key, finding=kept.id, choice=choice, seen=kept.finding.seen, who=who, role="manager",
                now=self.clock(),
            ).id  # fmt: skip

    def click(self, kept: Kept, choice: Choice) -> Outcome:
        """Ask, let the worker carry it, and how it ended."""
        number = self.ask(kept, choice)
        self.work()
        return self.ended(number)

    def ended(self, request: int) -> Outcome:
        """How a request ended."""
        with reading(self.house.engine) as conn:
            row = requests.get(conn, request)
        assert row is not None and row.outcome is not None
        return outcome_from(row.outcome)

    def work(self) -> None:
        """The worker, until nothing is due."""
        worker = open_worker(self.house)
        while worker.take_one():
            pass

    def bulk(self, *kinds: Kind) -> int:
        """The bulk action: the suggested choice of each of these findings, carried; how many were asked for."""
        asked = ask_for_suggested(self.house, kinds)
        self.work()
        return asked

    def confirm(self) -> None:
        """A person confirms who is who and what is what, as suggested."""
        confirm_suggestions(self.house)

    def forget(self) -> None:
        """The store is deleted, and a new one begun."""
        self.house.close()
        for file in self.folder.glob("store.db*"):
            file.unlink()
        self.house = self.opened()

    def another_house(self) -> House:
        """Another process on the same store."""
        return replace(self.opened(), owner="another")

    def rows(self, table: str) -> list[tuple[Any, ...]]:
        """All rows of one of Bookly's tables, to see that nothing was written."""
        with self.people.stage.site.engine.connect() as conn:
            return [tuple(row) for row in conn.execute(sa.text(f"SELECT * FROM wp_bookly_{table} ORDER BY id"))]

    def bookings(self) -> list[dict[str, Any]]:
        """All of Square's bookings."""
        now = self.clock.base
        found = self.people.stage.square.bookings(now - timedelta(days=2), now + SEEN_AHEAD)
        return sorted(found, key=lambda doc: str(doc["id"]))


@contextmanager
def open_floor(number: int, folder: Path, at: datetime | None = None) -> Iterator[Floor]:
    """The salon of that seed at a moment, or on some day of a year, at eleven or twelve o'clock; mapping confirmed,
    writing on."""
    now = at or datetime(2026, 1, 1, 17, 0, tzinfo=UTC) + timedelta(days=Random(f"day {number}").randrange(365))
    clock, salon, url = Clock(now), shop(number), f"sqlite:///{folder / 'bookly.db'}"
    seed_bookly(url, salon, now)
    _keep_some(url, now, Random(f"kept {number}"))
    with ExitStack() as stack:
        running = stack.enter_context(running_square(seeded_world(salon, now)))
        there = open_site(url)
        stack.callback(there.engine.dispose)
        square = SquareSide(running.url)
        stack.callback(square.close)
        stage = open_stage(Site(there.engine, there.bookly, clock=lambda: clock.base), square)

        def opened() -> House:
            house = _house(f"sqlite:///{folder / 'store.db'}", url, running.url, clock)
            stack.callback(house.close)
            return house

        people = People(stage, Truth())
        floor = Floor(number, clock, people, running, opened(), url, folder, forms(salon), opened)
        floor.pull()
        floor.confirm()
        yield floor


def _keep_some(url: str, now: datetime, rng: Random) -> None:
    first = now.date() + timedelta(days=1)
    usual = "service_id IS NOT NULL AND service_id <> 12"
    single = "id NOT IN (SELECT appointment_id FROM wp_bookly_customer_appointments WHERE compound_token IS NOT NULL)"
    engine = sa.create_engine(url)
    with engine.begin() as conn:
        days = {
            "first": str(first),
            "full": str(first + timedelta(days=FULL_DAYS)),
            "last": str(first + timedelta(DAYS)),
        }
        conn.execute(
            sa.text("DELETE FROM wp_bookly_appointments WHERE start_date < :first OR start_date >= :last"), days
        )
        later = f"SELECT id FROM wp_bookly_appointments WHERE start_date >= :full AND {usual} AND {single}"
        thinned = sorted(conn.scalars(sa.text(later), days))
        gone = rng.sample(thinned, k=max(0, len(thinned) - SPRINKLED))
        conn.execute(sa.text("DELETE FROM wp_bookly_appointments WHERE id = :id"), [{"id": row} for row in gone])
        kept = "SELECT id FROM wp_bookly_appointments"
        conn.execute(sa.text(f"DELETE FROM wp_bookly_customer_appointments WHERE appointment_id NOT IN ({kept})"))
        conn.execute(sa.text("DELETE FROM wp_bookly_log"))
    engine.dispose()


def _house(store: str, bookly: str, square: str, clock: Clock) -> House:
    settings = Settings(
        bookly_database_url=SecretStr(bookly),
        square_base_url=square,
        square_access_token=SecretStr("practice"),
        square_location_id="",
        writes="on",
    )
    return open_house(open_store(store), settings, clock)
