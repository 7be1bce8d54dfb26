"""A breaker's row: closed until something is kept, as it was kept, and one claim of a trial among many."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest
from sqlalchemy.engine import Engine

from sync.model import CLOSED, Breaker, BreakerState, Side
from sync.store import breakers
from sync.store.connection import open_store, reading, writing
from tests.sync.store.made import NOON, at

OPEN = Breaker(BreakerState.OPEN, 5, NOON, NOON + timedelta(seconds=5), "Square gave no answer: try again.")


def keep(store: Engine, breaker: Breaker, side: Side = Side.SQUARE) -> tuple[Breaker, Breaker]:
    with writing(store) as conn:
        return breakers.change(conn, side, lambda _: breaker, NOON)


def kept(store: Engine, side: Side = Side.SQUARE) -> Breaker:
    with reading(store) as conn:
        return breakers.load(conn, side)


def test_a_side_of_which_nothing_was_kept_is_asked_as_usual(store: Engine) -> None:
    assert kept(store) == CLOSED


@pytest.mark.parametrize("setting", ["", "SQUARE_ACCESS_TOKEN"])
@pytest.mark.parametrize("reason", ["", "Square: gave: no answer.", "HTTP: 503."])
def test_what_is_kept_comes_back_whole(store: Engine, setting: str, reason: str) -> None:
    breaker = Breaker(BreakerState.HALF, 7, NOON, at(1), reason, setting)
    assert keep(store, breaker) == (CLOSED, breaker)
    assert kept(store) == breaker
    assert kept(store, Side.BOOKLY) == CLOSED


def test_a_change_is_told_what_stood_there(store: Engine) -> None:
    keep(store, OPEN)
    assert keep(store, CLOSED) == (OPEN, CLOSED)
    assert kept(store) == CLOSED


def test_all_are_closed_only_when_each_is(store: Engine) -> None:
    def all_closed() -> bool:
        with reading(store) as conn:
            return breakers.all_closed(conn)

    assert all_closed()
    keep(store, OPEN, Side.BOOKLY)
    assert not all_closed()
    keep(store, CLOSED, Side.BOOKLY)
    assert all_closed()


def test_what_changes_nothing_writes_nothing(store: Engine) -> None:
    with reading(store) as conn:  # a reading transaction refuses every write
        assert breakers.change(conn, Side.SQUARE, lambda breaker: breaker, NOON) == (CLOSED, CLOSED)


def test_of_many_that_would_count_each_is_counted(store: Engine, store_url: str) -> None:
    start = Barrier(4)

    def one(_: int) -> None:
        mine = open_store(store_url)
        start.wait(20)
        for _turn in range(5):
            with writing(mine) as conn:
                breakers.change(conn, Side.SQUARE, lambda b: Breaker(BreakerState.OPEN, b.failures + 1), NOON)
        mine.dispose()

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(one, range(4)))
    assert kept(store).failures == 20
