"""The quiet salon with a hold desk in front of it. One salon serves all tests of a module: each has days of its own."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any

import httpx
import pytest
import sqlalchemy as sa
from pydantic import SecretStr
from starlette.applications import Starlette

from practice_salon.people.stage import Chair, Treat
from sync.intake.bookly import BooklySign
from sync.intake.desk import HoldDesk, mirror_age
from sync.intake.holding import open_desk
from sync.intake.holds import hold_routes
from sync.locking.sqlite import StoreLocks
from sync.model.holds import Hold
from sync.settings import Settings
from sync.store import holds
from sync.store.connection import reading, writing
from sync.store.tables import ledger
from tests.sync.converge.conftest import NOON, Salon, open_salon, quiet_bookly
from tests.sync.intake.holds.asking import SECRET, Plugin
from tests.sync.intake.holds.serving import served

__all__ = ["quiet_bookly"]


@dataclass
class Clock:
    """Stands at noon until a test moves it."""

    now: datetime = NOON

    def __call__(self) -> datetime:
        return self.now

    def pass_by(self, **time: float) -> None:
        self.now += timedelta(**time)


@dataclass
class Age:
    """How old the mirror is said to be; when `is_true`, as old as it is."""

    seconds: float | None = None
    is_true: bool = False

    def __call__(self, conn: sa.Connection, now: datetime, ahead: datetime) -> float | None:
        return mirror_age(conn, now, ahead) if self.is_true else self.seconds


@dataclass
class Front:
    """A salon, the desk in front of it, and the plugin that asks there. `day` is this test's own."""

    salon: Salon
    desk: HoldDesk
    plugin: Plugin
    clock: Clock
    age: Age
    pauses: list[int]
    day: int
    names: Iterator[int] = field(default_factory=lambda: count(1))
    weeks: Iterator[int] = field(default_factory=count)

    @property
    def treat(self) -> Treat:
        return self.salon.cut()

    @property
    def chair(self) -> Chair:
        return self.salon.stylists(self.treat)[0]

    def at(self, hour: int, minute: int = 0, day: int = 0) -> datetime:
        """A time of this test's day (`day` of them later) in UTC."""
        return self.salon.at(hour, minute, days=self.day + day)

    def wish(self, hour: int, minute: int = 0, **more: Any) -> dict[str, Any]:
        """What the plugin sends for a time of this test's day."""
        start = self.salon.people.stage.local(self.at(hour, minute)).isoformat()
        fixed = {"staff": self.chair.bookly, "service": self.treat.bookly, "start": start}
        return {**fixed, "client": f"checkout-{self.day}-{next(self.names)}", **more}

    def held(self, hour: int, minute: int = 0, **more: Any) -> dict[str, Any]:
        """A hold that is granted, as answered."""
        answer = self.plugin.hold(**self.wish(hour, minute, **more))
        assert answer.status_code == 201, answer.text
        made: dict[str, Any] = answer.json()
        return made

    def bookings_at(self, start: datetime) -> dict[str, Any]:
        """Square's bookings that stand and start then, by id."""
        found = self.salon.people.stage.square.bookings(start, start + timedelta(minutes=1))
        return {doc["id"]: doc for doc in found if doc["status"] in ("ACCEPTED", "PENDING")}

    def kept(self, hold: str) -> Hold:
        with reading(self.desk.engine) as conn:
            found = holds.get(conn, hold)
        assert found is not None
        return found

    def near_misses(self) -> int:
        """Of this test's day."""
        times = (self.at(0).timestamp(), self.at(23, 59).timestamp())
        with reading(self.desk.engine) as conn:
            where = ledger.c.kind == "near_miss", ledger.c.start.between(*times)
            return int(conn.execute(sa.select(sa.func.count()).select_from(ledger).where(*where)).scalar_one())

    def blocks(self, hour: int, minutes: int, minute: int = 0) -> None:
        """Staff keep time free in Square, which no API shows."""
        start = self.at(hour, minute).isoformat()
        self.salon.square.act(
            "staff", "block", team_member_id=self.chair.square, start_at=start, duration_minutes=minutes
        )


def settings_of(salon: Salon, bookly: str) -> Settings:
    return Settings(
        bookly_database_url=SecretStr(bookly),
        square_base_url=salon.square.url,
        square_access_token=SecretStr("practice"),
        square_location_id="",
    )


@pytest.fixture(scope="module")
def whole(quiet_bookly: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Front]:
    folder = tmp_path_factory.mktemp("front")
    clock, age, pauses = Clock(), Age(), list[int]()
    with ExitStack() as stack:
        salon = stack.enter_context(open_salon(quiet_bookly, folder, clock))
        engine = salon.house.engine
        settings = settings_of(salon, f"sqlite:///{folder / 'bookly.db'}")
        made = stack.enter_context(open_desk(engine, settings, StoreLocks(engine), clock))
        desk = replace(made, age=age, pause=lambda: pauses.append(1))
        address = stack.enter_context(served(Starlette(routes=hold_routes(desk, BooklySign((SECRET,))))))
        http = stack.enter_context(httpx.Client(base_url=address, timeout=30.0))
        yield Front(salon, desk, Plugin(http), clock, age, pauses, 0)


@pytest.fixture
def front(whole: Front) -> Front:
    """The salon on Tuesday noon, on a Wednesday to come that no other test has touched; the mirror is out of date."""
    whole.clock.now, whole.age.seconds, whole.age.is_true = NOON, None, False
    whole.salon.square.world.faults.clear()
    whole.pauses.clear()
    with writing(whole.desk.engine) as conn:
        conn.execute(sa.text("DELETE FROM holds"))
        conn.execute(sa.text("DELETE FROM hints"))
        conn.execute(sa.text("DELETE FROM keeping WHERE key LIKE 'polled:%'"))
        conn.execute(sa.text("UPDATE sides SET whole_began_at=:noon"), {"noon": NOON.timestamp()})
    return replace(whole, day=1 + 7 * next(whole.weeks))
