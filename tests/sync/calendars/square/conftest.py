"""A seeded practice Square that stands still in time, with our reader and writer on it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from practice_salon.shop import shop
from practice_salon.square.faults import Armed
from practice_salon.square.seed import seeded_world
from practice_salon.square.server import RunningSquare, running_square
from practice_salon.square.state import TABLES, World
from practice_salon.square.times import stamp
from sync.calendars.square.client import SquareClient, open_square
from sync.calendars.square.read import SquareReader
from sync.calendars.square.write import SquareWriter
from sync.model import Appointment, Cancel, Move, Place, PlacedPart, Ref, Side, Snapshot, Window, Withdraw

MONDAY = datetime(2026, 3, 2, 15, 0, tzinfo=UTC)
"""A Monday, nine o'clock in Chicago."""

HORIZON = Window(MONDAY - timedelta(days=92), MONDAY + timedelta(days=400))


@dataclass(frozen=True)
class Salon:
    """The practice Square, and what reads and writes it."""

    square: RunningSquare
    stack: ExitStack
    client: SquareClient
    reader: SquareReader
    writer: SquareWriter

    def other_client(self, token: str = "practice", location: str = "", seconds: float = 5.0) -> SquareClient:
        made = open_square(self.square.url, token, location, read_seconds=seconds, write_seconds=seconds)
        self.stack.callback(made.close)
        return made

    def hasty(self) -> tuple[SquareReader, SquareWriter]:
        """A reader and a writer that wait a second and a half at most."""
        client = self.other_client(seconds=1.5)
        reader = SquareReader(client)
        return reader, SquareWriter(client, reader)

    def staff(self, place: int = 0) -> str:
        return str(self.square.world["team_members"].values()[place]["id"])

    def location(self) -> str:
        return str(self.square.world["locations"].values()[0]["id"])

    def customer(self, place: int = 0) -> dict[str, Any]:
        kept: dict[str, Any] = self.square.world["customers"].values()[place]["history"][-1]["profile"]
        return kept

    def service(self, title: str = "Men's Haircut") -> dict[str, Any]:
        items = self.square.world["items"].values()
        item = next(item for item in items if item["item_data"]["name"] == title)
        return dict(item["item_data"]["variations"][0])

    def book(
        self, hours: float = 1, place: int = 0, title: str | None = "Men's Haircut", **more: Any
    ) -> dict[str, Any]:
        """Staff write a booking of half an hour into the Square app, so many hours after Monday morning."""
        params = {"start_at": stamp(at(hours)), "team_member_id": self.staff(place), "duration_minutes": 30, **more}
        if title is not None and "segments" not in more:
            params["service_variation_id"] = self.service(title)["id"]
        booking: dict[str, Any] = self.square.act("staff", "book", **params)["booking"]
        return booking

    def bookings(self) -> list[dict[str, Any]]:
        return [kept["booking"] for kept in self.square.world["bookings"].values()]

    def standing(self) -> list[dict[str, Any]]:
        return [booking for booking in self.bookings() if booking["status"] in ("ACCEPTED", "PENDING")]

    def calls(self, route: str) -> int:
        return self.square.world.counts[route]

    def arm(self, name: str, route: str, nth: int = 1, times: int = 1, seconds: float | None = None) -> Armed:
        return self.square.arm(name, route, nth, times, seconds)

    def now(self, booking: dict[str, Any]) -> Appointment:
        """What our reader shows of a booking."""
        found = self.reader.read([ref(booking)])[ref(booking)]
        assert found is not None
        return found

    def snapshot(self, known: tuple[Ref, ...] = (), window: Window = HORIZON) -> Snapshot:
        return self.reader.snapshot(window, known)

    def place(self, hours: float = 1, place: int = 0, *, title: str = "Men's Haircut", **more: Any) -> Place:
        """A half hour to be placed."""
        part = PlacedPart(self.staff(place), at(hours), at(hours + 0.5), str(self.service(title)["id"]))
        fields = {"mark": "slotkeeper:t1:7:1", "label": "Men's Haircut", "key": "t1-7-1", **more}
        return Place(Side.SQUARE, (part,), **fields)

    def move(self, booking: dict[str, Any], hours: float, place: int = 0, **more: Any) -> Move:
        """A booking of half an hour to be moved, as it was seen just now."""
        seen = self.now(booking)
        part = PlacedPart(self.staff(place), at(hours), at(hours + 0.5), seen.parts[0].service)
        fields = {"key": "move-1", "seen": seen.fingerprint, "version": seen.version, **more}
        return Move(seen.ref, (part,), **fields)

    def cancel(self, booking: dict[str, Any]) -> Cancel:
        seen = self.now(booking)
        return Cancel(seen.ref, "cancel-1", seen.fingerprint, seen.version)

    def withdraw(self, booking: dict[str, Any]) -> Withdraw:
        return Withdraw(ref(booking), "withdraw-1", booking["version"])


def at(hours: float) -> datetime:
    """So many hours after Monday morning, nine o'clock in Chicago."""
    return MONDAY + timedelta(hours=hours)


def ref(booking: dict[str, Any]) -> Ref:
    return Ref(Side.SQUARE, str(booking["id"]))


@pytest.fixture(scope="session")
def running() -> Iterator[RunningSquare]:
    """One server for all tests here; `salon` gives each of them the same world to begin with."""
    with running_square(seeded_world(shop(3), MONDAY)) as square:
        yield square


@pytest.fixture(scope="session")
def beginning() -> World:
    """How the salon stands when a test begins. Its documents are never changed in place."""
    return seeded_world(shop(3), MONDAY)


@pytest.fixture(scope="session")
def connected(running: RunningSquare) -> Iterator[SquareClient]:
    """The way to that server; making one takes longer than most tests."""
    client = open_square(running.url, "practice")
    yield client
    client.close()


@pytest.fixture
def salon(running: RunningSquare, connected: SquareClient, beginning: World) -> Iterator[Salon]:
    """Six staff, a dozen services, some clients, no bookings; Monday morning, and time stands still."""
    world = running.world
    with world.change():
        for kind in TABLES:
            world[kind].load(dict(beginning[kind].items()))
        world.clock.frozen_at, world.clock.offset = MONDAY, timedelta()
        world.faults.clear()
        world.counts.clear()
    with ExitStack() as stack:
        reader = SquareReader(connected, clock=lambda: MONDAY)
        yield Salon(running, stack, connected, reader, SquareWriter(connected, reader))
