"""The bell: heard by who waits, missed by nobody who does not."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from sqlalchemy import Engine

from sync.inbox.waking import Bell, Ringer, bell_path

BOUND = 20.0


@pytest.fixture
def ringer(store: Engine) -> Iterator[Ringer]:
    made = Ringer(store)
    yield made
    made.close()


@pytest.fixture
def bell(store: Engine) -> Iterator[Bell]:
    made = Bell(store)
    yield made
    made.close()


def test_a_ring_is_heard(bell: Bell, ringer: Ringer) -> None:
    ringer.ring()
    assert bell.wait(BOUND)


def test_many_rings_are_heard_as_one(bell: Bell, ringer: Ringer) -> None:
    for _ in range(50):
        ringer.ring()
    assert bell.wait(BOUND)
    assert not bell.wait(0)


def test_ringing_where_nobody_waits_does_nothing(ringer: Ringer) -> None:
    ringer.ring()


def test_ringing_never_waits_for_a_worker_that_does_not_listen(bell: Bell, ringer: Ringer) -> None:
    for _ in range(5000):
        ringer.ring()
    assert bell.wait(0)


def test_a_second_worker_takes_the_bell_over(store: Engine, bell: Bell, ringer: Ringer) -> None:
    second = Bell(store)
    ringer.ring()
    assert second.wait(BOUND)
    bell.close()
    assert bell_path(store).exists(), "closing the first leaves the second's bell"
    second.close()
    assert not bell_path(store).exists()
