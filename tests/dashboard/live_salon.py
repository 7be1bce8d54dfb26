"""A practice salon at this very hour, both calendars real, the house in front of it; the worker works when told."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from pydantic import SecretStr
from sqlalchemy import Engine

from practice_salon.bookly.door import Form
from practice_salon.bookly.journal import Site, open_site
from practice_salon.bookly.seed import seed
from practice_salon.people.clash import Clash, make_clash
from practice_salon.people.people import People
from practice_salon.people.play import forms
from practice_salon.people.square_side import SquareSide
from practice_salon.people.stage import open_stage
from practice_salon.shop import shop
from practice_salon.square.seed import seeded_world
from practice_salon.square.server import running_square
from practice_salon.truth import Truth
from sync.converge import House, open_house
from sync.inbox.opening import open_worker
from sync.model import Kind, Side
from sync.rounds.first_start import confirm_suggestions
from sync.rounds.pull import pull, window_for
from sync.rounds.reconcile import reconcile
from sync.settings import Settings
from sync.store import findings, keeping
from sync.store.connection import open_store, reading, writing

SEED = 7
LONG = timedelta(hours=1)


def now() -> datetime:
    return datetime.now(UTC)


@dataclass
class LiveSalon:
    """Both calendars, the people in front of them, and the house between."""

    people: People
    clients: Sequence[Form]
    settings: Settings
    house: House

    @property
    def engine(self) -> Engine:
        return self.house.engine

    def look(self) -> None:
        """Both calendars read whole, and compared."""
        for side in Side:
            done = pull(self.engine, self.house.readers[side], window_for(side, now(), 1, 20), now())
            assert done.whole, done.sentence
        reconcile(self.engine, now())

    def clash(self) -> tuple[Clash, int]:
        """A clash that stands within the next two opening hours, and the number of its card."""
        made = make_clash(self.people, self.clients, SEED)
        self.look()
        with reading(self.engine) as conn:
            kept = findings.all_in(conn, "open")
        units = {str(made.appointment), made.booking}
        return made, next(
            one.id for one in kept
            if one.finding.kind is Kind.DOUBLE_BOOKING and {c.unit for c in one.finding.concerned} == units
        )  # fmt: skip

    def work(self) -> None:
        """The worker, until nothing is due."""
        worker = open_worker(self.house)
        while worker.take_one():
            pass

    def switch_writing(self, on: bool) -> None:
        """As a person does on Set-up; nothing is paused."""
        with writing(self.engine) as conn:
            keeping.set_writes(conn, on, "Dana", now())
            keeping.set_paused(conn, False, "Dana", now())

    def booking(self, number: str) -> dict[str, Any]:
        """A booking as Square has it now."""
        return self.people.stage.square.booking(number)

    def both(self) -> tuple[list[dict[str, Any]], list[tuple[Any, ...]]]:
        """Everything that stands in both calendars, to see that nothing was written."""
        stage = self.people.stage
        with stage.site.engine.connect() as conn:
            rows = conn.exec_driver_sql("SELECT * FROM wp_bookly_appointments ORDER BY id").all()
        bookings = stage.square.bookings(now() - LONG, now() + timedelta(days=20))
        return sorted(bookings, key=lambda doc: str(doc["id"])), [tuple(row) for row in rows]


def _nobody_booked(site: Site) -> None:
    """So that at any hour of any day there is somebody free who can take over one of two."""
    with site.engine.begin() as conn:
        for table in ("wp_bookly_customer_appointments", "wp_bookly_appointments"):
            conn.exec_driver_sql(f"DELETE FROM {table}")


@contextmanager
def live_salon(folder: Path) -> Iterator[LiveSalon]:
    """The salon now: nobody booked, staff and services matched, writing on, everything alive for an hour."""
    made, url = shop(SEED), f"sqlite:///{folder / 'bookly.db'}"
    seed(url, made, now())
    with ExitStack() as stack:
        running = stack.enter_context(running_square(seeded_world(made, now())))
        site = open_site(url)
        stack.callback(site.engine.dispose)
        _nobody_booked(site)
        square = SquareSide(running.url)
        stack.callback(square.close)
        settings = Settings(
            bookly_database_url=SecretStr(url), square_base_url=running.url,
            square_access_token=SecretStr("practice"), square_location_id="", writes="on",
        )  # fmt: skip
        house = open_house(open_store(f"sqlite:///{folder / 'store.db'}"), settings)
        stack.callback(house.close)
        salon = LiveSalon(People(open_stage(site, square), Truth()), forms(made), settings, house)
        salon.look()
        confirm_suggestions(house)
        with writing(house.engine) as conn:
            for name in ("worker", "jobs"):
                keeping.beat(conn, name, now() + LONG)
        yield salon
