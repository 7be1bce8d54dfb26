"""Which seed must show what, which seeds a run plays, and the table of what was shown."""

from __future__ import annotations

import json
import os
from collections import Counter
from collections.abc import Iterable
from random import SystemRandom

from tests.simulation.faults import FAULTS
from tests.simulation.history import Cell
from tests.simulation.points import ROAD

PROPERTY = "simulation"
CELLS = tuple(Cell(fault, point) for fault in FAULTS for point in ROAD)
"""Every fault with every death. A seed's cell is the one of its remainder: any run of seeds fills them evenly."""

HISTORIES = 2_000
SOAKED = 20_000
CHUNK = 5
"""Histories in a test. A class of many tests is begun early where processes share the classes."""


def cell_of(seed: int) -> Cell:
    """What must happen in the history of this seed."""
    return CELLS[seed % len(CELLS)]


def seeds() -> list[int]:
    """SIMULATION_SEEDS (1,2,3) as given; else the first of them, so many that each cell comes several times."""
    if given := os.environ.get("SIMULATION_SEEDS", ""):
        return [int(number) for number in given.split(",")]
    return list(range(HISTORIES))


def drawn() -> list[int]:
    """So many as SIMULATION_HISTORIES says (20,000), one after the other from a number drawn anew for each run, the
    same in all its processes."""
    count = int(os.environ.get("SIMULATION_HISTORIES") or SOAKED)
    run = os.environ.get("PYTEST_XDIST_TESTRUNUID")
    first = int(run[:10], 16) if run else SystemRandom().randrange(10**12)
    return list(range(first, first + count))


def chunks(numbers: list[int]) -> list[tuple[int, ...]]:
    """A handful at a time: a test each."""
    return [tuple(numbers[at : at + CHUNK]) for at in range(0, len(numbers), CHUNK)]


def dumped(shown: Counter[Cell]) -> str:
    """Counts as text that travels from a worker to where the table is printed."""
    return json.dumps([[cell.fault, cell.point, count] for cell, count in shown.items()])


def loaded(texts: Iterable[str]) -> Counter[Cell]:
    """All counts together."""
    found: Counter[Cell] = Counter()
    for text in texts:
        for fault, point, count in json.loads(text):
            found[Cell(fault, point)] += count
    return found


def lines(found: Counter[Cell]) -> list[str]:
    """The table fault x point of death, ready to be printed; none where nothing was played."""
    if not found:
        return []
    head = f"{'fault':<28}" + "".join(f"{_short(point):>9}" for point in ROAD)
    body = [f"{fault:<28}" + "".join(f"{found[Cell(fault, point)]:>9}" for point in ROAD) for fault in FAULTS]
    empty = sum(found[cell] == 0 for cell in CELLS)
    return [f"{sum(found.values())} histories, {empty} of {len(CELLS)} cells empty; death at", head, *body]


def _short(point: str) -> str:
    """Nine signs at most."""
    words = point.replace("before the ", "<").replace("after the ", ">").split()
    return "".join(words)[:8]
