"""Which clicks wait for a lock is kept for as long as they do, so that the screen can tell."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from queries.locks import clicks_waiting
from queries.register import Asked
from sync.inbox.opening import open_worker
from sync.locking.contract import Claim, Lease
from sync.model import ChoiceKind, Kind, Side
from sync.store.connection import reading
from tests.sync.converge.conftest import NOON, Salon, open_salon, quiet_bookly
from tests.sync.converge.stories import meeting

__all__ = ["quiet_bookly"]


@pytest.fixture
def salon(quiet_bookly: Path, tmp_path: Path) -> Iterator[Salon]:
    with open_salon(quiet_bookly, tmp_path) as opened:
        yield opened


def waiting(salon: Salon) -> list[int]:
    with reading(salon.house.engine) as conn:
        return list(clicks_waiting(conn, Asked(NOON + timedelta(minutes=1)))["id"])


def test_a_click_that_finds_its_lock_busy_is_known_to_wait_until_it_has_ended(salon: Salon) -> None:
    meeting(salon)
    (kept,) = salon.found(Kind.DOUBLE_BOOKING)
    choice = salon.first(kept, ChoiceKind.OTHER_STYLIST, Side.BOOKLY)
    held = salon.house.locks.acquire(
        [Claim.span(person, salon.at(8), salon.at(20)) for person in (choice.person or "", kept.finding.person)],
        "another", 600.0,
    )  # fmt: skip
    assert isinstance(held, Lease)
    request = salon.ask(kept, choice)
    worker = open_worker(salon.house)
    assert worker.take_one()
    assert waiting(salon) == [request]
    salon.house.locks.release(held)
    worker.clock = lambda: NOON + timedelta(minutes=1)
    assert worker.take_one()
    assert salon.ended(request).state == "done"
    assert waiting(salon) == []
