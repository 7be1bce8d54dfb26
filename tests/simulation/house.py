"""The engine's process: a house on the salon with the world's clock, whose every step passes the points."""

from __future__ import annotations

import logging
import random
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from unittest import mock

import httpx
import sqlalchemy as sa

from sync.breakers import Breakers, GuardedReader, GuardedWriter
from sync.calendars import CalendarReader, CalendarWriter
from sync.calendars.bookly.connect import BooklyDoor
from sync.calendars.bookly.read import BooklyReader
from sync.calendars.bookly.write import BooklyWriter
from sync.calendars.square.client import READ_SECONDS, WRITE_SECONDS, Shown, SquareClient, open_square
from sync.calendars.square.read import SquareReader
from sync.calendars.square.write import SquareWriter
from sync.converge import House
from sync.locking.contract import Busy, Claim, Lease, Locks
from sync.locking.sqlite import StoreLocks
from sync.model import Client, Side, Write, Written
from sync.rounds.first_start import confirm_suggestions
from sync.rounds.pull import pull, window_for
from sync.store import intents
from sync.store.connection import open_store
from tests.simulation.line import Line, LineTransport, QuickSquare
from tests.simulation.points import Points
from tests.simulation.salon import Salon, put_back

LEASE_SECONDS = 45.0
HORIZON = (2, 20)
"""Days back and ahead that a pull reads of Square: one listing."""


class PooledDoor(BooklyDoor):
    """The door to Bookly with connections that stay open: opening one a read is most of what a read costs here."""

    def __init__(self, url: str, spoiled: Spoiled) -> None:
        super().__init__(url)
        self._spoiled = spoiled

    def engine(self, kind: str, seconds: int, pooled: bool = True) -> sa.Engine:
        """See BooklyDoor."""
        with self._guard:
            if kind not in self._engines:
                made = sa.create_engine(self.url, isolation_level="AUTOCOMMIT", hide_parameters=True)
                sa.event.listen(made, "before_cursor_execute", self._spoiled.before)
                sa.event.listen(made, "after_cursor_execute", self._spoiled.after)
                self._engines[kind] = made
            return self._engines[kind]

    def begin(self) -> None:
        """Let go of every connection; the engines, and what they have compiled, stay."""
        for engine in self._engines.values():
            engine.dispose()


@dataclass(slots=True)
class Spoiled:
    """What goes wrong on the way to Bookly: the connection is lost before or after a commit, or at any read."""

    points: Points
    armed: dict[str, int] = field(default_factory=dict)
    fired: dict[str, int] = field(default_factory=dict)
    writing: bool = False

    def arm(self, name: str, nth: int = 1) -> None:
        """`bookly_lost_before_commit`, `bookly_lost_after_commit`, `bookly_unreadable`: at its nth occasion."""
        self.armed[name] = nth

    def clear(self) -> None:
        """Nothing goes wrong any more."""
        self.armed.clear()

    def before(self, _conn: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        """SQLAlchemy's event."""
        self.points.refuse_the_dead()
        if statement == "BEGIN":
            self._strike("bookly_unreadable")
        elif statement.startswith(("INSERT", "UPDATE", "DELETE")):
            self.writing = True
        elif statement == "COMMIT" and self.writing:
            self.points.at("before the call")
            self._strike("bookly_lost_before_commit")

    def after(self, _conn: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        """SQLAlchemy's event."""
        if statement == "COMMIT" and self.writing:
            self.writing = False
            self.points.at("after the call")
            self._strike("bookly_lost_after_commit")

    def _strike(self, name: str) -> None:
        if name not in self.armed:
            return
        self.armed[name] -= 1
        if self.armed[name] <= 0:
            del self.armed[name]
            self.fired[name] = self.fired.get(name, 0) + 1
            raise ConnectionResetError("the database went away")


@dataclass(frozen=True, slots=True)
class WatchedLocks:
    """Locks that pass the points. A dead process lets nothing go: its leases stay until they run out."""

    inner: Locks
    points: Points

    def acquire(self, claims: Iterable[Claim], owner: str, ttl: float) -> Lease | Busy:
        """See Locks."""
        self.points.at("looked")
        lease = self.inner.acquire(claims, owner, ttl)
        if isinstance(lease, Lease):
            self.points.at("leased")
        return lease

    def renew(self, lease: Lease, ttl: float) -> Lease | None:
        """See Locks."""
        self.points.refuse_the_dead()
        return self.inner.renew(lease, ttl)

    def release(self, lease: Lease) -> bool:
        """See Locks."""
        self.points.at("before the release")
        return self.inner.release(lease)

    def leases(self) -> tuple[Lease, ...]:
        """See Locks."""
        return self.inner.leases()


@dataclass(slots=True)
class WatchedWriter:
    """A calendar's writer that passes the points."""

    side: Side
    inner: CalendarWriter
    points: Points

    def write(self, write: Write) -> Written:
        """See CalendarWriter."""
        self.points.at("intended")
        written = self.inner.write(write)
        self.points.at("before the record")
        return written

    def settle(self, write: Write) -> Written | None:
        """See CalendarWriter."""
        self.points.at("intended")
        written = self.inner.settle(write)
        self.points.at("before the record")
        return written

    def client_for(self, client: Client, key: str) -> str | None:
        """See CalendarWriter."""
        self.points.at("asked who")
        return self.inner.client_for(client, key)


@dataclass(slots=True)
class Premises:
    """All that the engine's processes of one salon run on. `line` and `spoiled` are where the outside can be spoilt."""

    salon: Salon
    points: Points
    line: Line
    spoiled: Spoiled
    door: PooledDoor
    store: sa.Engine
    kept_store: Path
    writes: str = "on"
    by_sdk: bool = False
    lives: int = 0

    @property
    def store_file(self) -> Path:
        return self.salon.kept.folder / "store.db"

    def begin(self, *, writes: str = "on", by_sdk: bool = False) -> None:
        """Everything as on the first day."""
        self.door.begin()
        self.store.dispose()
        self.salon.begin()
        put_back(self.kept_store, self.store_file)
        self.points.ambushes.clear()
        self.points.passed.clear()
        self.points.trail.clear()
        self.points.dying = False
        self.line.sent.clear()
        self.line.step, self.line.down_until = 0, 0.0
        self.spoiled.clear()
        self.spoiled.fired.clear()
        self.spoiled.writing = False
        self.writes, self.by_sdk, self.lives = writes, by_sdk, 0

    def house(self) -> House:
        """What a process that starts now has in its hands. A new owner each time."""
        self.lives += 1
        clock = self.salon.clock
        square = self._square()
        readers: dict[Side, CalendarReader] = {
            Side.BOOKLY: BooklyReader(self.door, clock.now),
            Side.SQUARE: SquareReader(square, "", clock.now),
        }
        writers: dict[Side, CalendarWriter] = {
            Side.BOOKLY: BooklyWriter(self.door, clock.now),
            Side.SQUARE: SquareWriter(square, SquareReader(square, "", clock.now)),
        }
        breakers = Breakers(self.store, clock.now)
        return House(
            engine=self.store,
            locks=WatchedLocks(StoreLocks(self.store, clock.wall, clock.monotonic), self.points),
            readers={side: GuardedReader(reader, breakers) for side, reader in readers.items()},
            writers={
                side: WatchedWriter(side, GuardedWriter(inner, breakers), self.points)
                for side, inner in writers.items()
            },
            breakers=breakers,
            writes=self.writes,
            lease_seconds=LEASE_SECONDS,
            owner=f"process-{self.lives}",
            clock=clock.now,
            close=lambda: None,
            monotonic=clock.monotonic,
        )

    def _square(self) -> SquareClient:
        if self.by_sdk:
            return open_square("http://square.example", "practice", transport=LineTransport(self.line))
        quick: Any = QuickSquare(self.line)
        http: Any = mock.NonCallableMock(httpx.Client)
        shown = Shown("square.example", "prac…", "")
        return SquareClient(quick, http, (READ_SECONDS, WRITE_SECONDS), shown)


@contextmanager
def open_premises(salon: Salon) -> Iterator[Premises]:
    """Sets the store up once as the first start does: both sides read, everybody confirmed, writing on."""
    points = Points()
    spoiled = Spoiled(points)
    line = Line(salon.world, salon.clock, points)
    file = salon.kept.folder / "store.db"
    store = open_store(f"sqlite:///{file}")
    door = PooledDoor(f"sqlite:///{salon.bookly_file}", spoiled)
    kept = salon.kept.folder / "kept-store.db"
    made = Premises(salon, points, line, spoiled, door, store, kept)
    house = made.house()
    for side in Side:
        now = house.now()
        done = pull(store, house.readers[side], window_for(side, now, *HORIZON), now)
        assert done.whole, done.sentence
    staff, services = confirm_suggestions(house)
    assert (staff, services) == (len(salon.kept.shop.staff), 5), (staff, services)
    store.dispose()
    with sa.create_engine(f"sqlite:///{file}", isolation_level="AUTOCOMMIT").connect() as conn:
        conn.exec_driver_sql("VACUUM")
        conn.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    kept.write_bytes(file.read_bytes())
    _listen(store, points)
    original = intents.open_intent

    def watched(*given: Any, **named: Any) -> int:
        points.at("looked again")
        return original(*given, **named)

    with mock.patch.object(intents, "open_intent", watched):
        yield made
    door.close()
    store.dispose()


def _listen(store: sa.Engine, points: Points) -> None:
    """A dead process neither begins a transaction nor commits one."""
    sa.event.listen(store, "begin", lambda _conn: points.refuse_the_dead())
    sa.event.listen(store, "commit", lambda _conn: points.refuse_the_dead())


def seeded(seed: int) -> random.Random:
    """The chance of one history, the engine's own included."""
    random.seed(f"engine {seed}")
    return random.Random(f"history {seed}")


class Heard(logging.Handler):
    """Every log record of ours, as a line."""

    def __init__(self) -> None:
        super().__init__(logging.DEBUG)
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        """See logging."""
        self.lines.append(self.format(record))
