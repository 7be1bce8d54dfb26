"""The salon of the road's tests, used here for pulls and looks."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from sync.calendars.opening import bookly_door, readers, square_client
from sync.model import Side
from tests.sync.converge.conftest import Salon, open_salon, quiet_bookly, salon
from tests.sync.rounds.busy import FORMS, Busy, make_busy

__all__ = ["quiet_bookly", "salon"]


@pytest.fixture(scope="package")
def made(quiet_bookly: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Busy]:
    """Everything linked; then Cleo is written into both calendars, and Bookly alone has been read since."""
    with open_salon(quiet_bookly, tmp_path_factory.mktemp("busy")) as salon, without_breakers(salon):
        busy = make_busy(salon)
        treat = salon.cut()
        chair = salon.stylists(treat)[2]
        here = salon.people.books_on_website(chair, treat, salon.at(15), FORMS[8])
        there = salon.people.books_in_square(chair, treat, salon.at(15), FORMS[8])
        busy.twin = f"bookly:{here.unit}|square:{there.unit}"
        assert busy.pull(Side.BOOKLY).whole
        busy.look()
        with salon.square.world.change():
            salon.square.world.set_rules(page_cap=5)
        busy.keep()
        yield busy
        busy.close()


@contextmanager
def without_breakers(salon: Salon) -> Iterator[None]:
    """Each call reaches its side, however often the one before was spoilt: what a pull makes of it is tried here, and a
    breaker would keep what a test did to itself from one test to the next."""
    url = salon.site.engine.url.render_as_string(hide_password=False)
    bookly, square = bookly_door(url, "", ""), square_client(salon.square.url, "practice", "")
    salon.house = replace(salon.house, readers=readers(bookly, square, "", salon.house.clock))
    yield
    square.close()
    bookly.close()


@pytest.fixture
def busy(made: Busy) -> Iterator[Busy]:
    made.back()
    yield made
    made.back()
