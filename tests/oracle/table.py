"""The table of what was made, found, invented, settled and agreed, and the seeds of a run."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from random import Random, SystemRandom

PROPERTY = "oracle"
COLUMNS = ("made", "found", "invented", "settled", "clicked", "agreed")
DRAWN = 20
SOAKED = 200


def seeds() -> list[int]:
    """ORACLE_SEEDS (1,2,3) as given; else ORACLE_COUNT (20) drawn anew for each run, the same in all its processes."""
    if given := os.environ.get("ORACLE_SEEDS", ""):
        return [int(number) for number in given.split(",")]
    run = os.environ.get("PYTEST_XDIST_TESTRUNUID") or SystemRandom().random()
    count = int(os.environ.get("ORACLE_COUNT") or DRAWN)
    return Random(f"oracle {run}").sample(range(1, 100_000), k=count)


SEEDS = seeds()
MANY = sorted(Random(f"many {SEEDS}").sample(range(100_000, 1_000_000), k=SOAKED))
"""For the long run."""


@dataclass(slots=True)
class Tally:
    """Counts by (kind, side)."""

    counts: dict[tuple[str, str], dict[str, int]] = field(default_factory=dict)

    def add(self, kind: str, side: str, **more: int) -> None:
        """Count some more of it."""
        row = self.counts.setdefault((kind, side), dict.fromkeys(COLUMNS, 0))
        for column, number in more.items():
            row[column] += number

    def join(self, other: Tally) -> None:
        """Count all of the other's too."""
        for (kind, side), row in other.counts.items():
            self.add(kind, side, **row)

    def dumped(self, seed: int) -> str:
        """As text that travels from a worker to where the table is printed."""
        return json.dumps({"seed": seed, "counts": [[*key, row] for key, row in self.counts.items()]})


def loaded(text: str) -> tuple[int, Tally]:
    """The inverse of `dumped`."""
    value: Mapping[str, list[tuple[str, str, dict[str, int]]]] = json.loads(text)
    return int(str(value["seed"])), Tally({(kind, side): row for kind, side, row in value["counts"]})


def lines(texts: Iterable[str]) -> list[str]:
    """The table over all seeds, ready to be printed; none where no seed was run."""
    whole, numbers = Tally(), []
    for text in texts:
        seed, tally = loaded(text)
        numbers.append(seed)
        whole.join(tally)
    if not numbers:
        return []
    head = f"{'kind':<20}{'side':<9}" + "".join(f"{column:>10}" for column in COLUMNS)
    body = [
        f"{kind:<20}{side:<9}" + "".join(f"{row[column]:>10}" for column in COLUMNS)
        for (kind, side), row in sorted(whole.counts.items())
    ]
    return [f"ORACLE_SEEDS={','.join(map(str, sorted(set(numbers))))}", head, *body]
