"""A Square that is down and comes back, behind its breaker: how often it is asked meanwhile, and by whom first."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest

from practice_salon.square.seed import empty_world
from practice_salon.square.server import RunningSquare, running_square
from sync.breakers import Breakers, GuardedReader
from sync.calendars import ReadFailed, ReadKept
from sync.calendars.square.client import SquareClient, open_square
from sync.calendars.square.read import SquareReader
from sync.model import BreakerState, Fault, Ref, Side
from tests.sync.breakers.told import Clock

TEN_MINUTES = 600
ANNA = Ref(Side.SQUARE, "anna")


@pytest.fixture
def square() -> Iterator[RunningSquare]:
    with running_square(empty_world("America/Chicago")) as running:
        yield running


@pytest.fixture
def client(square: RunningSquare) -> Iterator[SquareClient]:
    made = open_square(square.url, "practice")
    yield made
    made.close()


@pytest.fixture
def reader(client: SquareClient, breakers: Breakers, clock: Clock) -> GuardedReader:
    return GuardedReader(SquareReader(client, clock=clock), breakers)


def outcome(reader: GuardedReader) -> str:
    try:
        reader.read([ANNA])
    except ReadKept:
        return "kept"
    except ReadFailed:
        return "failed"
    return "answered"


def test_a_square_that_is_down_for_ten_minutes_is_asked_a_few_times_and_found_well_within_a_minute(
    square: RunningSquare, reader: GuardedReader, clock: Clock
) -> None:
    route = "bookings.bulk_retrieve_bookings"
    square.arm("error_503", route, 1, 10_000)
    told = []
    for _ in range(TEN_MINUTES):
        told += [outcome(reader), outcome(reader)]
        clock.turn(1)
    assert square.world.counts[route] == told.count("failed")
    assert 12 <= told.count("failed") <= 20, "five to open it, then after 5, 10, 20, 40, 60, 60, ... seconds"
    assert told.count("answered") == 0
    square.world.faults.clear()
    back = clock.now
    while outcome(reader) != "answered":
        clock.turn(1)
        assert clock.now - back <= timedelta(seconds=61)
    assert [outcome(reader) for _ in range(5)] == ["answered"] * 5


def test_a_revoked_token_is_tried_once_a_minute_and_found_out_when_it_is_mended(
    square: RunningSquare, reader: GuardedReader, breakers: Breakers, clock: Clock
) -> None:
    square.arm("token_revoked", "bookings.bulk_retrieve_bookings", 1, 3)
    told = []
    for _ in range(5):
        told += [outcome(reader), outcome(reader)]
        clock.turn(60)
    assert told == ["failed", "kept"] * 3 + ["answered"] * 4
    assert breakers.now(Side.SQUARE).state is BreakerState.CLOSED


def test_the_sentence_names_the_setting_while_nobody_is_let_in(
    square: RunningSquare, reader: GuardedReader, breakers: Breakers
) -> None:
    square.arm("token_revoked", "bookings.bulk_retrieve_bookings", 1, 9)
    outcome(reader)
    with pytest.raises(ReadKept) as kept:
        reader.read([ANNA])
    assert kept.value.setting == "SQUARE_ACCESS_TOKEN" and "SQUARE_ACCESS_TOKEN" in str(kept.value)
    assert kept.value.fault is Fault.UNREACHED
    assert breakers.now(Side.SQUARE).setting == "SQUARE_ACCESS_TOKEN"
