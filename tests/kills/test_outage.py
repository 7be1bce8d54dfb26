"""Square is away while people go on booking, and comes back: nothing is lost, and all ends as if it had never been."""

from __future__ import annotations

import signal
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from sync.model import Side
from sync.store.tables import breakers, hints
from tests.kills.killing import SAID, Killing
from tests.kills.processes import nursery, wait_for
from tests.kills.salon import Salon, environment, open_salon

TTL = 30.0
DRAINED = 300.0
"""Seconds in which all is made up for: a bound, on a busy machine."""

Taken = Counter[tuple[str, int, timedelta]]


@dataclass(frozen=True)
class Ended:
    """How a run ended: who is taken when, on which side, counted from the first day; what was lost; how long it took
    from Square's return until nothing was left to do; and what the outage did."""

    taken: Taken
    lost: list[str]
    letters: list[str]
    seconds: float
    waited: int
    buried: int


def play(folder: Path, deeds: int, *, away: bool, pace: float = 0.0) -> Ended:
    """A run with that many deeds, a deed every `pace` seconds; with `away` Square's API answers 503 from the first to
    the last of them, and until that is noticed. At first only its creates do, where there is time to give one up."""
    folder.mkdir()
    with open_salon(folder, TTL) as salon, nursery(folder, environment(salon)) as processes:
        killing = Killing(salon, processes)
        killing.open_the_intake()
        began = [processes.start(*words, patience=3600) for words in (("sync", "work"), ("jobs", "loop"))]
        salon.books(Side.SQUARE)
        wait_for(salon.is_idle, "the salon is open", DRAINED)
        if away:
            salon.square.arm("error_503", "bookings.create" if pace else "*", times=10**9)
        for number in _paced(deeds, pace):
            do(salon, number)
            if away and pace and buried(salon):
                salon.square.arm("error_503", "*", times=10**9)
        if away:
            wait_for(lambda: is_left_alone(salon), "Square is left alone")
        waited, dead = salon.open_hints(), buried(salon)
        salon.square.world.faults.clear()
        back = time.monotonic()
        # what Bookly's plugin told to nobody is found by the looks of the schedule, so idle alone is not the end
        wait_for(lambda: is_made_up_for(killing), "all is made up for", DRAINED)
        seconds = time.monotonic() - back
        for process in began:
            process.end(signal.SIGTERM)
        return Ended(taken(salon), killing.lost(), killing.letters(), seconds, waited, dead)


def _paced(deeds: int, pace: float) -> Iterator[int]:
    pause = threading.Event()
    for number in range(deeds):
        yield number
        pause.wait(pace)


def do(salon: Salon, number: int) -> None:
    """Somebody books; every third time somebody moves, every fifth somebody cancels what was booked before."""
    salon.books((Side.BOOKLY, Side.SQUARE)[number % 2])
    if number % 3 == 2:
        salon.moves(salon.made[number * 5 % len(salon.made)])
    if number % 5 == 4:
        salon.cancels(salon.made[number * 7 % len(salon.made)])


def is_left_alone(salon: Salon) -> bool:
    """Whether the breaker of Square is open, and something waits."""
    return bool(salon.value(sa.select(breakers.c.side).where(breakers.c.side == "square", breakers.c.state == "open")))


def is_made_up_for(killing: Killing) -> bool:
    """Whether nothing is left to do, and each visit that somebody made, and nothing else, stands on both sides."""
    salon = killing.salon
    if not salon.is_idle() or killing.letters() or killing.not_once():
        return False
    return salon.in_bookly().total() == salon.in_square().total() == len(salon.made)


def buried(salon: Salon) -> int:
    return int(salon.value(sa.select(sa.func.count()).where(hints.c.state == "dead")))


def taken(salon: Salon) -> Taken:
    bookly, square = salon.in_bookly(), salon.in_square()
    first = min(start for _, start in (*bookly, *square))
    both = ((side, found) for side, found in (("bookly", bookly), ("square", square)))
    return Counter({(side, staff, start - first): n for side, found in both for (staff, start), n in found.items()})


@pytest.mark.parametrize(
    ("deeds", "pace"),
    [
        pytest.param(14, 0.0, marks=pytest.mark.timeout(600)),
        pytest.param(1200, 0.5, marks=[pytest.mark.soak, pytest.mark.timeout(7200)]),
    ],
)
def test_after_an_outage_both_sides_stand_as_if_it_had_never_been(
    deeds: int, pace: float, tmp_path: Path, record_property: Callable[[str, object], None]
) -> None:
    quiet = play(tmp_path / "quiet", deeds, away=False)
    ended = play(tmp_path / "away", deeds, away=True, pace=pace)
    told = f"{deeds} deeds while Square was away, {ended.waited} hints waited, {ended.buried} had been given up: "
    record_property(SAID, told + f"all was made up for in {ended.seconds:.1f} s")
    assert ended.waited > 0
    assert (quiet.lost, ended.lost, ended.letters) == ([], [], [])
    assert ended.taken == quiet.taken
    assert set(ended.taken.values()) == {1}
