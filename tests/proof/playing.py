"""Playing one seed in one way, all of them side by side in processes, and what came of it in numbers."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass
from datetime import timedelta
from math import ceil

from tests.proof.copying import CopyingPoll
from tests.proof.engine import engine_on
from tests.proof.plan import Plan, Way
from tests.proof.stage import NOON, Stage, kept_for, staged
from tests.proof.telling import Told, told

PROCESSES = 2
AFTERWARDS = timedelta(days=2)
"""So long everything goes on after the last day on which people come."""


@dataclass(frozen=True, slots=True)
class Result:
    """One play. `exposed`: for each visit, the seconds in which its time could be sold again on the other side,
    shortest first. `refused`: how often somebody pressed and was told that the time is gone."""

    way: str
    seed: int
    exposed: tuple[float, ...]
    doubles: tuple[Told, ...]
    refused: int
    unserved: int

    @property
    def visits(self) -> int:
        return len(self.exposed)

    @property
    def exposure(self) -> float:
        """All seconds together."""
        return sum(self.exposed)

    def percentile(self, share: float) -> float:
        """Seconds within which that share of the visits was safe; 0 when nobody came."""
        return self.exposed[max(ceil(len(self.exposed) * share) - 1, 0)] if self.exposed else 0.0


def play(plan: Plan, way: Way, seed: int) -> Result:
    """The people of that seed, their calendars kept in step that way."""
    until = NOON + timedelta(days=plan.days) + AFTERWARDS
    with kept_for(plan) as kept, staged(plan, kept, seed) as stage:
        if way.every:
            CopyingPoll(stage, way.every).play(until)
        else:
            with engine_on(stage, seed) as engine:
                engine.play(until)
        return _result(stage, way, seed)


def play_all(plan: Plan) -> Iterator[Result]:
    """Every seed in every way, as they end."""
    with ProcessPoolExecutor(PROCESSES) as pool:
        longest_first = sorted(plan.ways, key=lambda way: way.every)
        waiting = [pool.submit(play, plan, way, seed) for way in longest_first for seed in plan.seeds]
        for done in as_completed(waiting):
            yield done.result()


def _result(stage: Stage, way: Way, seed: int) -> Result:
    now, truth = stage.clock.at, stage.truth
    truth.look(now)
    for visit in truth.open:
        visit.exposed = (now - visit.made_at).total_seconds()
    return Result(
        way=way.name,
        seed=seed,
        exposed=tuple(sorted(visit.exposed or 0.0 for visit in truth.visits)),
        doubles=tuple(told(double) for double in truth.doubles),
        refused=stage.people.refused,
        unserved=stage.people.unserved,
    )
