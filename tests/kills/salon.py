"""A salon whose clock is the machine's: both practice calendars, a store on disk, and people who come and come."""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from itertools import cycle
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from pydantic import SecretStr
from sqlalchemy import Engine

from practice_salon.bookly.door import Form
from practice_salon.bookly.journal import open_site
from practice_salon.bookly.messages import Messenger
from practice_salon.bookly.seed import seed
from practice_salon.people.people import People
from practice_salon.people.square_side import SquareSide
from practice_salon.people.stage import Chair, Stage, Treat, open_stage
from practice_salon.people.standing import Standing
from practice_salon.shop import shop
from practice_salon.square.seed import seeded_world
from practice_salon.square.server import RunningSquare, running_square
from practice_salon.square.subscriptions import subscribe
from practice_salon.truth import Truth
from sync.converge import House, open_house
from sync.model import Side
from sync.rounds.first_start import confirm_suggestions
from sync.rounds.pull import pull, window_for
from sync.settings import Settings
from sync.store.connection import open_store, reading
from sync.store.hints import OPEN
from sync.store.tables import hints, intents, leases
from tests.servers.process import free_port

KEY = "signature-key-of-the-practice"
SECRET = "whsec_c2xvdGtlZXBlciBwcmFjdGljZSBzYWxvbiBzZWNyZXQ="
"""Made up."""
DAY = ("08:00", "20:00")
SHOP = replace(shop(1), hours={person.key: (DAY,) * 7 for person in shop(1).staff})
"""Everybody works all day and every day: any run of this meets the same salon."""
RETRIES = 1 / 240
"""Square comes again after a minute; here after a quarter of a second."""
STANDING = ("ACCEPTED", "PENDING")
DAYS = 300

Slot = tuple[Chair, datetime]


@dataclass
class Salon:
    """`ttl`: seconds that a lock lasts. `made`: every visit that somebody made, with the side where they did."""

    folder: Path
    people: People
    square: RunningSquare
    store: Engine
    settings: Settings
    port: int
    slots: Iterator[Slot]
    ttl: float
    made: list[Standing] = field(default_factory=list)
    forms: Iterator[Form] = field(default_factory=lambda: cycle([Form(p.name, p.email, p.phone) for p in SHOP.clients]))

    @property
    def treat(self) -> Treat:
        return treat_of(self.people.stage)

    def books(self, side: Side, slot: Slot | None = None) -> Standing:
        """Somebody books a time that is free, or this one."""
        chair, start = slot or next(self.slots)
        if side is Side.SQUARE:
            one = self.people.books_in_square(chair, self.treat, start, next(self.forms))
        else:
            one = self.people.books_in_office(chair, self.treat, start, [next(self.forms)])
        self.made.append(one)
        return one

    def moves(self, one: Standing) -> None:
        """Whoever made it gives it another free time with the same person."""
        _, start = next(slot for slot in self.slots if slot[0].bookly == one.staff)
        people = self.people
        changed = people.moves_in_square(one, start) if one.side == "square" else people.moves_in_office(one, start)
        self.made[self.made.index(one)] = changed

    def cancels(self, one: Standing) -> None:
        """Whoever made it takes it back."""
        self.made.remove(one)
        (self.people.cancels_in_square if one.side == "square" else self.people.cancels_in_office)(one)

    # ------------------------------------------------------------ what is in the store

    def value(self, what: Any) -> Any:
        with reading(self.store) as conn:
            return conn.execute(what).scalar()

    def rows(self, what: Any) -> list[sa.Row[Any]]:
        with reading(self.store) as conn:
            return list(conn.execute(what).all())

    def open_hints(self) -> int:
        return int(self.value(sa.select(sa.func.count()).where(hints.c.state.in_(OPEN))))

    def is_idle(self) -> bool:
        """Square has nothing more to tell, and every hint has ended."""
        with self.square.world.lock:
            waiting = self.square.world["deliveries"].values()
        return not waiting and self.open_hints() == 0

    def open_intents(self) -> int:
        return int(self.value(sa.select(sa.func.count()).where(intents.c.state == "open")))

    def too_old_leases(self) -> list[sa.Row[Any]]:
        """Leases that hold for longer from now on than a lock lasts."""
        bound = datetime.now(UTC).timestamp() + self.ttl
        return self.rows(sa.select(leases).where(leases.c.expires_at > bound))

    def live_leases(self) -> int:
        now = datetime.now(UTC).timestamp()
        return int(self.value(sa.select(sa.func.count()).where(leases.c.expires_at > now)))

    # ------------------------------------------------------------ what stands

    def in_bookly(self) -> Counter[tuple[int, datetime]]:
        """How many rows hold each person at each start: a block, or a row with a client whose seat is not given up."""
        with self.people.stage.site.engine.connect() as conn:
            found = conn.execute(sa.text(_ROWS)).all()
        utc = self.people.stage.utc
        return Counter((row.staff_id, utc(datetime.fromisoformat(str(row.start_date)))) for row in found)

    def in_square(self) -> Counter[tuple[int, datetime]]:
        """How many bookings hold each person at each start."""
        members = {chair.square: chair.bookly for chair in self.people.stage.chairs}
        with self.square.world.lock:
            docs = [kept["booking"] for kept in self.square.world["bookings"].values()]
        return Counter(
            (members[segment["team_member_id"]], datetime.fromisoformat(doc["start_at"]).astimezone(UTC))
            for doc in docs if doc["status"] in STANDING
            for segment in doc["appointment_segments"][:1]
        )  # fmt: skip


_ROWS = """
SELECT a.id, a.staff_id, a.start_date FROM wp_bookly_appointments a
WHERE a.service_id IS NULL OR EXISTS (
  SELECT 1 FROM wp_bookly_customer_appointments c
  WHERE c.appointment_id = a.id AND c.status IN ('approved', 'pending'))
"""


@contextmanager
def open_salon(folder: Path, ttl: float) -> Iterator[Salon]:
    """The salon now: mapping confirmed, writing on, nothing booked, nothing of the program running."""
    now = datetime.now(UTC)
    bookly, store = f"sqlite:///{folder}/bookly.db", f"sqlite:///{folder}/store.db"
    port = free_port()
    _quiet_bookly(folder / "bookly.db", now)
    world = seeded_world(SHOP, now)
    world.set_rules(retry_scale=RETRIES, customer_lag_s=0.0)
    subscribe(world, f"http://127.0.0.1:{port}/webhooks/square", KEY)
    with ExitStack() as stack:
        running = stack.enter_context(running_square(world))
        site = open_site(bookly, tell=Messenger(f"http://127.0.0.1:{port}/webhooks/bookly", SECRET).tell)
        stack.callback(site.engine.dispose)
        square = SquareSide(running.url)
        stack.callback(square.close)
        stage = open_stage(site, square)
        settings = _settings(store, bookly, running.url, port)
        house = open_house(open_store(store), settings)
        stack.callback(house.close)
        look(house)
        confirm_suggestions(house)
        yield Salon(folder, People(stage, Truth()), running, house.engine, settings, port, _slots(stage, now), ttl)


def look(house: House) -> None:
    """Both sides into the mirror."""
    for side in Side:
        now = house.now()
        done = pull(house.engine, house.readers[side], window_for(side, now, 92, 400), now)
        assert done.whole, done.sentence


@contextmanager
def house_of(salon: Salon) -> Iterator[House]:
    """A house of the test's own, on this salon."""
    house = open_house(open_store(salon.settings.database_url), salon.settings)
    try:
        yield house
    finally:
        house.close()


def environment(salon: Salon) -> dict[str, str]:
    """The settings as a process is given them."""
    found = salon.settings
    return {
        "DATABASE_URL": found.database_url,
        "BOOKLY_DATABASE_URL": found.bookly_database_url.get_secret_value(),
        "BOOKLY_WEBHOOK_SECRET": SECRET,
        "SQUARE_BASE_URL": found.square_base_url,
        "SQUARE_ACCESS_TOKEN": "practice",
        "SQUARE_WEBHOOK_URL": f"http://127.0.0.1:{salon.port}/webhooks/square",
        "SQUARE_WEBHOOK_SIGNATURE_KEY": KEY,
        "WRITES": "on",
        "LEASE_SECONDS": f"{salon.ttl:g}",
    }


def _settings(store: str, bookly: str, square: str, port: int) -> Settings:
    return Settings(
        database_url=store,
        bookly_database_url=SecretStr(bookly),
        square_base_url=square,
        square_access_token=SecretStr("practice"),
        square_location_id="",
        writes="on",
    )


def _quiet_bookly(file: Path, now: datetime) -> None:
    seed(f"sqlite:///{file}", SHOP, now)
    with sqlite3.connect(file) as conn:
        for table in ("customer_appointments", "appointments", "log", "holidays"):
            conn.execute(f"DELETE FROM wp_bookly_{table}")
    conn.close()


def treat_of(stage: Stage) -> Treat:
    """Half an hour, without paddings."""
    plain = (t for t in stage.treats.values() if t.minutes == 30 and t.capacity == 1 and t.variation)
    return next(t for t in plain if not t.left and not t.right)


def _slots(stage: Stage, now: datetime) -> Iterator[Slot]:
    """Every half hour of every person's days from the day after tomorrow, each once."""
    first = stage.local(now).replace(hour=9, minute=0, second=0, microsecond=0) + timedelta(days=2)
    treat = treat_of(stage)
    able = [chair for chair in stage.chairs if treat in stage.does(chair)]
    for day in range(DAYS):
        for half in range(18):
            for chair in able:
                yield chair, stage.utc(first + timedelta(days=day, minutes=30 * half))
