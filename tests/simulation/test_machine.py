"""The same world step by step, as Hypothesis wants it: it looks for the shortest history that does not hold."""

from __future__ import annotations

from typing import ClassVar

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule
from hypothesis.stateful import run_state_machine_as_test as run

from sync.model import Side
from tests.simulation.faults import FAULTS, LOSES_NEWS, let_loose
from tests.simulation.history import QUIET, History
from tests.simulation.house import Premises
from tests.simulation.invariants import as_text, broken
from tests.simulation.people import ACTS, BOOKING
from tests.simulation.points import ROAD

EXAMPLES, STEPS = 12, 20
USUAL = 100
"""How many examples Hypothesis looks at when nobody asks for more."""


class Machine(RuleBasedStateMachine):
    """What may happen to a salon and its engine. It is judged when it has come to rest."""

    premises: ClassVar[Premises]

    @initialize(seed=st.integers(0, 1_000), first=st.lists(st.sampled_from(BOOKING), min_size=3, max_size=4))
    def begin(self, seed: int, first: list[str]) -> None:
        self.history = History(self.premises, seed)
        for name in first:
            self.history.person(name)

    @rule(name=st.sampled_from(sorted(ACTS)))
    def somebody_acts(self, name: str) -> None:
        self.history.person(name)

    @rule()
    def news_arrives(self) -> None:
        self.history.deliver()

    @rule(most=st.integers(1, 4))
    def the_worker_works(self, most: int) -> None:
        self.history.work(most)

    @rule(side=st.sampled_from(tuple(Side)))
    def a_side_is_polled(self, side: Side) -> None:
        self.history.poll(side)

    @rule(seconds=st.sampled_from((1, 5, 30, 100)))
    def time_passes(self, seconds: float) -> None:
        self.history.later(seconds)

    @rule()
    def somebody_clicks(self) -> None:
        self.history.click()

    @rule(point=st.sampled_from(ROAD), nth=st.integers(1, 3))
    def a_death_waits(self, point: str, nth: int) -> None:
        self.premises.points.lay(point, self.premises.points.die, nth)

    @rule(point=st.sampled_from(QUIET), nth=st.integers(1, 3))
    def others_come_in_between(self, point: str, nth: int) -> None:
        self.premises.points.lay(point, self.history.meanwhile, nth)

    @rule(name=st.sampled_from(FAULTS))
    def something_goes_wrong(self, name: str) -> None:
        let_loose(self.premises, name, self.history.rng, self.history.freeze)
        self.history.troubles += 1
        self.history.news_lost |= name in LOSES_NEWS

    def teardown(self) -> None:
        if hasattr(self, "history"):
            found = broken(self.history.rest())
            assert not found, as_text(found)


@pytest.mark.timeout(900)
def test_whatever_happens_in_whatever_order_it_holds(premises: Premises) -> None:
    """`make soak` looks at many more, and takes its time to make a history that does not hold shorter."""
    Machine.premises = premises
    patient = settings().max_examples > USUAL
    phases = (Phase.explicit, Phase.reuse, Phase.generate, *([Phase.shrink] if patient else []))
    run(
        Machine,
        settings=settings(
            max_examples=settings().max_examples if patient else EXAMPLES,
            stateful_step_count=STEPS,
            phases=phases,
            report_multiple_bugs=False,
            suppress_health_check=list(HealthCheck),
            deadline=None,
        ),
    )
