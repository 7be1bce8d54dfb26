"""A small salon on both sides, made once a process and put back as it was for each history."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import sqlalchemy as sa

from practice_salon.bookly.door import Form
from practice_salon.bookly.journal import Site, open_site
from practice_salon.bookly.seed import seed
from practice_salon.shop import Shop, shop
from practice_salon.square.events import Actor
from practice_salon.square.grants import APPLICATION
from practice_salon.square.seed import seeded_world
from practice_salon.square.state import TABLES, Doc, World
from tests.simulation.clock import NOON, SquaresClock, VirtualClock

MEMORY = Path("/dev/shm")
STAFF = (1, 2, 3)
CUT, BEARD, BLOWOUT, GLOSS, CLASS, COMPOUND = 2, 10, 4, 8, 12, 13
SERVICES = (CUT, BEARD, BLOWOUT, GLOSS, CLASS)
"""Without paddings, so that every time is taken from start to end on both sides."""
CLIENTS = 12
DAY: tuple[str, str] = ("08:00", "20:00")
HOOK_URL = "https://intake.example/webhooks/square"
HOOK_KEY = "simulated-square-key"
KINDS = ("booking.created", "booking.updated", "customer.created", "customer.updated", "customer.deleted")


def small_shop(staff: tuple[int, ...] = STAFF, clients: int = CLIENTS) -> Shop:
    """So many who do everything every day, five services, so many clients."""
    whole = shop(1)
    return Shop(
        seed=1,
        timezone=whole.timezone,
        staff=tuple(person for person in whole.staff if person.key in staff),
        services=tuple(service for service in whole.services if service.key in SERVICES),
        clients=whole.clients[:clients],
        skills={key: frozenset(SERVICES) for key in staff},
        hours=dict.fromkeys(staff, (DAY,) * 7),
    )


SHOP = small_shop()
FORMS = tuple(Form(person.name, person.email, person.phone) for person in SHOP.clients)


@dataclass(frozen=True, slots=True)
class Kept:
    """The salon as every history finds it: Bookly's file, the documents of Square, and where working copies lie."""

    folder: Path
    bookly: Path
    square: dict[str, dict[str, Doc]]
    salt: str
    shop: Shop = SHOP


@contextmanager
def kept_salon(shop: Shop = SHOP) -> Iterator[Kept]:
    """Makes it, in memory where the machine has a folder for that."""
    with tempfile.TemporaryDirectory(prefix="simulation-", dir=MEMORY if MEMORY.is_dir() else None) as name:
        folder = Path(name)
        file = folder / "kept-bookly.db"
        _fill_bookly(file, shop)
        world = _square_world(shop)
        yield Kept(folder, file, {kind: dict(world[kind].items()) for kind in TABLES}, world.salt, shop)


def _fill_bookly(file: Path, small: Shop) -> None:
    url = f"sqlite:///{file}"
    seed(url, shop(1), NOON)
    site = open_site(url)
    staff = [person.key for person in small.staff]
    clients = [person.key for person in small.clients]
    skills = [
        {"staff_id": who, "service_id": what, "price": 10, "capacity_max": 6 if what == CLASS else 1}
        for who in staff
        for what in SERVICES
    ]
    with site.engine.begin() as conn:
        for table in ("customer_appointments", "appointments", "log", "holidays", "staff_services", "series"):
            conn.execute(sa.text(f"DELETE FROM wp_bookly_{table}"))
        for table, ids in (("staff", staff), ("services", (*SERVICES, COMPOUND)), ("customers", clients)):
            conn.execute(sa.text(f"DELETE FROM wp_bookly_{table} WHERE id NOT IN ({', '.join(map(str, ids))})"))
        conn.execute(sa.insert(site.bookly.by_name["staff_services"]), skills)
    with site.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as conn:
        conn.exec_driver_sql("VACUUM")
        conn.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    site.engine.dispose()


def _square_world(small: Shop) -> World:
    world = seeded_world(small, NOON)
    world.clock = SquaresClock(VirtualClock())
    subscription: Doc = {
        "id": "wbhk_simulated",
        "name": "simulation",
        "enabled": True,
        "event_types": list(KINDS),
        "notification_url": HOOK_URL,
        "api_version": "2025-08-20",
        "signature_key": HOOK_KEY,
    }
    world["subscriptions"].put(
        "wbhk_simulated", {"subscription": subscription, "application_id": APPLICATION, "failing_since": None}
    )
    world.set_rules(events_enabled=True)
    for kind in ("events", "deliveries", "deeds"):
        world[kind].load({})
    return world


@dataclass(slots=True)
class Salon:
    """Both calendars of one history. Nobody is booked when it begins."""

    kept: Kept
    clock: VirtualClock
    world: World
    site: Site

    @property
    def bookly_file(self) -> Path:
        return self.kept.folder / "bookly.db"

    def begin(self) -> None:
        """As at the beginning, whatever was done before."""
        self.clock.at = NOON
        self.site.engine.dispose()
        put_back(self.kept.bookly, self.bookly_file)
        for kind, docs in self.kept.square.items():
            self.world[kind].load(dict(docs))
        self.world.salt = self.kept.salt
        self.world.faults.clear()
        self.world.counts.clear()


def put_back(kept: Path, file: Path) -> None:
    """A fresh copy of a database whose connections are all closed."""
    for ending in ("", "-wal", "-shm", "-journal"):
        Path(f"{file}{ending}").unlink(missing_ok=True)
    shutil.copyfile(kept, file)


@contextmanager
def open_salon(kept: Kept) -> Iterator[Salon]:
    """A salon to be begun as often as one likes."""
    clock = VirtualClock()
    world = World(kept.salt, SquaresClock(clock))
    put_back(kept.bookly, kept.folder / "bookly.db")
    site = open_site(f"sqlite:///{kept.folder / 'bookly.db'}", clock=lambda: clock.at)
    salon = Salon(kept, clock, world, site)
    salon.begin()
    yield salon
    site.engine.dispose()


OUTSIDER = Actor("staff", "simulation")
