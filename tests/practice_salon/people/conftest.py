"""Two practice calendars of one salon, filled with the same shop, at a moment of the test's choosing."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import UTC, datetime

import pytest

from practice_salon.bookly.journal import Site, open_site
from practice_salon.bookly.seed import seed
from practice_salon.people.people import People
from practice_salon.people.square_side import SquareSide
from practice_salon.people.stage import open_stage
from practice_salon.shop import shop
from practice_salon.square.seed import seeded_world
from practice_salon.square.server import running_square
from practice_salon.truth import Truth

TUESDAY_NOON = datetime(2026, 5, 12, 17, 0, tzinfo=UTC)
"""12:00 in Chicago."""
OpenSalon = Callable[..., People]


@pytest.fixture
def open_salon(sqlite_url: str) -> Iterator[OpenSalon]:
    """`open_salon(number, now)`: people in front of both calendars, whose clocks stand at `now`."""
    with ExitStack() as stack:

        def opened(number: int = 1, now: datetime = TUESDAY_NOON) -> People:
            salon = shop(number)
            seed(sqlite_url, salon, now)
            there = open_site(sqlite_url)
            site = Site(there.engine, there.bookly, clock=lambda: now)
            stack.callback(there.engine.dispose)
            running = stack.enter_context(running_square(seeded_world(salon, now)))
            square = SquareSide(running.url)
            stack.callback(square.close)
            return People(open_stage(site, square), Truth())

        yield opened


@pytest.fixture
def people(open_salon: OpenSalon) -> People:
    """Salon 1 on a Tuesday at noon."""
    return open_salon()


@pytest.fixture
def sqlite_url(tmp_path_factory: pytest.TempPathFactory) -> str:
    """An empty SQLite database of this test alone."""
    return f"sqlite:///{tmp_path_factory.mktemp('bookly')}/bookly.db"
