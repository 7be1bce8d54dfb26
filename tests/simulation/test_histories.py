"""Each fault with each death, a history for each pair of them: people in both doors, one engine, and it holds.

`SIMULATION_SEEDS=1,2,3` plays those seeds; `make soak` draws new ones, as many as `SIMULATION_HISTORIES` says. The
table of faults and deaths is printed at the end of the run.
"""

from __future__ import annotations

from collections import Counter

import pytest

from tests.simulation.cells import CELLS, HISTORIES, cell_of, chunks, drawn, seeds
from tests.simulation.house import Premises
from tests.simulation.playing import Record, play

SEEDS = chunks(seeds())
MANY = chunks(drawn())
pytestmark = pytest.mark.timeout(900)


def _name(some: tuple[int, ...]) -> str:
    return f"{some[0]}-{some[-1]}"


class TestTheFirstQuarter:
    """Four classes, so that several processes share the histories (`--dist loadscope`)."""

    @pytest.mark.parametrize("some", SEEDS[::4], ids=_name)
    def test_all_that_must_hold_holds(self, some: tuple[int, ...], premises: Premises, record_property: Record) -> None:
        play(premises, some, record_property)


class TestTheSecondQuarter:
    """The next of them."""

    @pytest.mark.parametrize("some", SEEDS[1::4], ids=_name)
    def test_all_that_must_hold_holds(self, some: tuple[int, ...], premises: Premises, record_property: Record) -> None:
        play(premises, some, record_property)


class TestTheThirdQuarter:
    """The next of them."""

    @pytest.mark.parametrize("some", SEEDS[2::4], ids=_name)
    def test_all_that_must_hold_holds(self, some: tuple[int, ...], premises: Premises, record_property: Record) -> None:
        play(premises, some, record_property)


class TestTheLastQuarter:
    """The rest of them."""

    @pytest.mark.parametrize("some", SEEDS[3::4], ids=_name)
    def test_all_that_must_hold_holds(self, some: tuple[int, ...], premises: Premises, record_property: Record) -> None:
        play(premises, some, record_property)


@pytest.mark.soak
@pytest.mark.parametrize("number", range(len(MANY)))
def test_it_holds_for_any_number(number: int, premises: Premises, record_property: Record) -> None:
    play(premises, MANY[number], record_property)


def test_every_fault_meets_every_death() -> None:
    filled = Counter(cell_of(seed) for seed in range(HISTORIES))
    assert set(filled) == set(CELLS)
    assert min(filled.values()) >= 1
