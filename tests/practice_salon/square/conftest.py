"""A running practice Square, the real client, and a few people to book for."""

from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
from square import Square

from practice_salon.shop import shop
from practice_salon.square.seed import seeded_world
from practice_salon.square.server import RunningSquare, running_square
from practice_salon.square.times import stamp

MONDAY = datetime(2026, 3, 2, 15, 0, tzinfo=UTC)
"""A Monday, nine o'clock in Chicago."""

ONCE = {"max_retries": 0}


@dataclass(frozen=True)
class Salon:
    """A seeded practice Square that stands still in time until it is moved."""

    square: RunningSquare
    stack: ExitStack

    def client(self, token: str = "practice", timeout: float = 10.0) -> Any:
        """The real client; its connections are closed at the end of the test. Any: bodies are plain dicts here."""
        carrier = self.stack.enter_context(httpx.Client(timeout=timeout, trust_env=False))
        return Square(base_url=self.square.url, token=token, httpx_client=carrier)

    @property
    def http(self) -> httpx.Client:
        """A plain client for what the real one would not send."""
        headers = {"authorization": "Bearer practice"}
        return self.stack.enter_context(httpx.Client(base_url=self.square.url, headers=headers, trust_env=False))

    def staff(self, place: int = 0) -> str:
        """The id of the person in that place."""
        return str(self.square.world["team_members"].values()[place]["id"])

    def location(self) -> str:
        return str(self.square.world["locations"].values()[0]["id"])

    def customer(self, place: int = 0) -> str:
        return self.square.world["customers"].items()[place][0]

    def service(self, title: str = "Men's Haircut") -> dict[str, Any]:
        """The variation of the service with that title."""
        items = self.square.world["items"].values()
        item = next(item for item in items if item["item_data"]["name"] == title)
        return dict(item["item_data"]["variations"][0])

    def booking(self, start: datetime, place: int = 0, title: str = "Men's Haircut", **more: Any) -> dict[str, Any]:
        """The body of a booking of half an hour."""
        service = self.service(title)
        segment = {
            "team_member_id": self.staff(place),
            "service_variation_id": service["id"],
            "service_variation_version": service["version"],
            "duration_minutes": service["item_variation_data"]["service_duration"] // 60_000,
        }
        fixed = {"location_id": self.location(), "customer_id": self.customer(), "start_at": stamp(start)}
        return {**fixed, "appointment_segments": [segment], **more}


@pytest.fixture
def salon() -> Iterator[Salon]:
    """A seeded salon on a Monday morning; no bookings."""
    world = seeded_world(shop(7), MONDAY)
    world.clock.frozen_at, world.clock.offset = MONDAY, timedelta()
    with ExitStack() as stack:
        yield Salon(stack.enter_context(running_square(world)), stack)


@pytest.fixture
def client(salon: Salon) -> Any:
    """The real client with the personal token."""
    return salon.client()
