"""Writing switched off, Pause, and a Square that is away: what must hold then, on histories without another fault."""

from __future__ import annotations

import pytest

from tests.simulation.history import Cell, History
from tests.simulation.house import Premises
from tests.simulation.invariants import as_text, broken, nothing_is_written_while_writing_is_off
from tests.simulation.playing import played

MANY = range(1, 13)


@pytest.mark.parametrize("seed", MANY)
def test_with_writing_off_nothing_outside_is_written(seed: int, premises: Premises) -> None:
    seen = History(premises, seed, Cell(point="claimed"), writes="off").play()
    found = {name: said for name, said in broken(seen).items() if "in_step" not in name}
    assert not found, as_text(found)
    assert seen.deeds and seen.hints
    assert not list(nothing_is_written_while_writing_is_off(seen))


@pytest.mark.parametrize("seed", MANY)
def test_pause_stops_what_is_new_at_once_and_loses_nothing(seed: int, premises: Premises) -> None:
    history = History(premises, seed)
    history.befalls = history.pauses
    said = played(history)
    assert not said, said
    assert history.silent


@pytest.mark.parametrize("seed", MANY)
def test_a_square_that_was_away_is_caught_up_with(seed: int, premises: Premises) -> None:
    history = History(premises, seed)
    history.befalls = history.square_is_down
    said = played(history)
    assert not said, said
