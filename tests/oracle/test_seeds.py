"""Salons of seeds drawn at run time: sent across, disturbed, looked at, settled, and judged by the oracle.

`ORACLE_SEEDS=1,2,3` replays those seeds; `ORACLE_COUNT=5` draws five. The table is printed at the end of the run.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.oracle.floor import open_floor
from tests.oracle.table import MANY, PROPERTY, SEEDS
from tests.oracle.trial import begin

pytestmark = pytest.mark.timeout(600)
Record = Callable[[str, object], None]


class TestEverySecondSeed:
    """Two classes, so that two processes share the seeds (`--dist loadscope`)."""

    @pytest.mark.parametrize("seed", SEEDS[::2])
    def test_what_is_made_is_found_settled_and_gone(self, seed: int, tmp_path: Path, record_property: Record) -> None:
        _judged(seed, tmp_path, record_property)


class TestTheOtherSeeds:
    """The rest of them."""

    @pytest.mark.parametrize("seed", SEEDS[1::2])
    def test_what_is_made_is_found_settled_and_gone(self, seed: int, tmp_path: Path, record_property: Record) -> None:
        _judged(seed, tmp_path, record_property)


@pytest.mark.soak
@pytest.mark.parametrize("seed", MANY)
def test_it_holds_for_hundreds_of_salons(seed: int, tmp_path: Path, record_property: Record) -> None:
    _judged(seed, tmp_path, record_property)


def _judged(seed: int, folder: Path, record_property: Record) -> None:
    with open_floor(seed, folder) as floor:
        trial = begin(floor)
        trial.settle()
        record_property(PROPERTY, trial.tally().dumped(seed))
        assert not trial.faults(), "\n".join(trial.faults())
