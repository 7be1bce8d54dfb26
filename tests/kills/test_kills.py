"""Real processes, killed at each named point: nothing is lost, nothing is doubled, and all is over soon."""

from __future__ import annotations

from collections.abc import Callable
from itertools import product
from pathlib import Path

import pytest

from tests.kills.killing import PROPERTY, Killing
from tests.kills.points import PLACES, POINTS
from tests.kills.processes import nursery
from tests.kills.salon import environment, open_salon

TTL = 2.0


def plan() -> list[tuple[str, int]]:
    """Every place of every point, the points one after the other, so that each meets what others left; the clicks at
    the end, or they would be taken up and killed with each of the others."""
    deepest = max(PLACES.values())
    order = [(point, place) for place, point in product(range(deepest), POINTS) if place < PLACES.get(point, 1)]
    return sorted(order, key=lambda one: one[0] == "in a click")


@pytest.mark.parametrize(
    "times",
    [
        pytest.param(1, marks=pytest.mark.timeout(600)),
        pytest.param(40, marks=[pytest.mark.soak, pytest.mark.timeout(7200)]),
    ],
)
def test_whoever_is_killed_wherever_nothing_is_lost_and_nothing_doubled(
    times: int, tmp_path: Path, record_property: Callable[[str, object], None]
) -> None:
    with open_salon(tmp_path, TTL) as salon, nursery(tmp_path, environment(salon)) as processes:
        killing = Killing(salon, processes)
        killing.prepare_clicks(times * PLACES["in a click"])
        killing.find_clashes()
        killing.open_the_intake()
        for _ in range(times):
            for point, place in plan():
                killing.kill_at(point, place)
            killing.come_to_rest()
        killing.resend_what_is_dead()
        assert killing.lost() == []
        assert killing.not_once() == {}
        assert killing.too_few_or_many() == ""
        assert killing.letters() == []
        assert killing.clicks() == ["done"] * len(killing.asked)
        assert salon.open_intents() == 0
        assert salon.live_leases() == 0
    record_property(PROPERTY, killing.figures())
