"""Playing some histories, and saying what did not hold, and how to see it again."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable

from tests.simulation.cells import PROPERTY, cell_of, dumped
from tests.simulation.history import EVENTS, VISITS, Cell, History
from tests.simulation.house import Premises
from tests.simulation.invariants import as_text, broken

Record = Callable[[str, object], None]
TOLD = 3
"""So many failures of a handful are told."""


def play(premises: Premises, seeds: Iterable[int], record_property: Record) -> None:
    """Each history holds, and shows what its seed must show. Raises AssertionError with the seeds that do not."""
    shown: Counter[Cell] = Counter()
    wrong: list[str] = []
    for seed in seeds:
        history = History(premises, seed, cell_of(seed))
        wrong += [said] if (said := played(history)) else []
        shown[history.cell] += history.complete
    record_property(PROPERTY, dumped(shown))
    assert not wrong, f"{len(wrong)} histories do not hold:\n" + "\n".join(wrong[:TOLD])


def played(history: History) -> str:
    """What is wrong with one; empty when all holds."""
    seen = history.play()
    found = broken(seen)
    if not history.complete:
        found["what_must_happen_happened"] = [f"not met: {history.cell}"]
    if history.visits < VISITS or history.events < EVENTS:
        found["it_is_long_enough"] = [f"{history.visits} visits, {history.events} events"]
    if not found:
        return ""
    return f"seed {history.seed} {history.cell}\n{as_text(found)}\n{again(history.seed)}"


def again(seed: int) -> str:
    """The command that plays it again."""
    return f"SIMULATION_SEEDS={seed} python -m pytest tests/simulation/test_histories.py"
