"""Two people, the same card, at the same time: one did it, the other is told by whom."""

from __future__ import annotations

import threading
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from practice_salon.people.disturb import Disturber
from practice_salon.truth import Side
from sync.converge import House
from sync.inbox.opening import open_worker
from sync.locking.contract import Busy, Claim, Lease
from sync.model import Choice, ChoiceKind, Kind, Outcome
from sync.store.findings import Kept
from tests.oracle.floor import Floor, open_floor
from tests.oracle.table import SEEDS
from tests.sync.locking.passing import Passing

BOUND_S = 60.0
SIDES: tuple[Side, ...] = ("bookly", "square", "bookly")
PEOPLE = ("Dana", "Priya")

pytestmark = pytest.mark.timeout(300)


@dataclass
class Late(Passing):
    """A lock that lets its house in only when the other one is done; `waiting` says that it stands at the door."""

    waiting: threading.Event
    other_done: threading.Event

    def acquire(self, claims: Iterable[Claim], owner: str, ttl: float) -> Lease | Busy:
        self.waiting.set()
        assert self.other_done.wait(BOUND_S)
        return super().acquire(claims, owner, ttl)


@pytest.mark.parametrize("seed", SEEDS[:1])
def test_one_did_it_and_the_other_is_told_by_whom(seed: int, tmp_path: Path) -> None:
    with open_floor(seed, tmp_path) as floor:
        for side in SIDES:
            kept = _clash(floor, side)
            asked = _both_ask(floor, kept)
            _at_once(floor)
            _assert_one_and_told(floor, asked)


@pytest.mark.parametrize("seed", SEEDS[:1])
def test_who_looked_first_and_was_let_in_last_is_told_by_whom(seed: int, tmp_path: Path) -> None:
    with open_floor(seed, tmp_path) as floor:
        kept = _clash(floor, "square")
        asked = _both_ask(floor, kept)
        waiting, done = threading.Event(), threading.Event()
        late = replace(floor.another_house(), locks=Late(floor.house.locks, waiting, done))
        with ThreadPoolExecutor(1) as threads:
            looked = threads.submit(_work, late)
            assert waiting.wait(BOUND_S)
            _work(floor.house)
            done.set()
            looked.result(BOUND_S)
        _assert_one_and_told(floor, asked)
        assert floor.ended(asked["Dana"]).state == "refused", "hers was taken up first"


def _clash(floor: Floor, side: Side) -> Kept:
    """A double booking made on that side, found."""
    floor.later()
    known = {kept.id for kept in floor.found()}
    Disturber(floor.people, floor.clients, floor.seed + len(known)).disturb("double_booking", side)
    floor.pull()
    return next(kept for kept in floor.found(Kind.DOUBLE_BOOKING) if kept.id not in known)


def _both_ask(floor: Floor, kept: Kept) -> dict[str, int]:
    """Each taps another way out of the same card; the requests by who asked."""
    offered = [
        choice for choice in floor.offered(kept) if choice.kind in (ChoiceKind.OTHER_STYLIST, ChoiceKind.OTHER_TIME)
    ]
    ways: tuple[Choice, Choice] = (offered[0], offered[-1])
    assert ways[0].id != ways[1].id
    return {who: floor.ask(kept, choice, who) for who, choice in zip(PEOPLE, ways, strict=True)}


def _work(house: House) -> None:
    worker = open_worker(house)
    while worker.take_one():
        pass


def _at_once(floor: Floor) -> None:
    """Two workers on the same store, let go at the same moment; what was put back is carried after."""
    start = threading.Barrier(2)

    def begin(house: House) -> None:
        start.wait(BOUND_S)
        _work(house)

    with ThreadPoolExecutor(2) as threads:
        for running in [threads.submit(begin, house) for house in (floor.house, floor.another_house())]:
            running.result(BOUND_S)
    floor.later()
    _work(floor.house)


def _assert_one_and_told(floor: Floor, asked: dict[str, int]) -> None:
    floor.later()
    _work(floor.house)
    ended: dict[str, Outcome] = {who: floor.ended(number) for who, number in asked.items()}
    (did,) = (who for who, outcome in ended.items() if outcome.state == "done")
    (other,) = set(PEOPLE) - {did}
    told = ended[other]
    assert (told.state, told.word, told.by) == ("refused", "settled_already", did)
    floor.pull()
    assert not floor.found(Kind.DOUBLE_BOOKING)
