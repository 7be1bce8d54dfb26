"""The simulation's premises, and its table at the end of a run."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack

import pytest

from tests.simulation.cells import PROPERTY, lines, loaded
from tests.simulation.engine import watched_ends
from tests.simulation.house import Premises, open_premises
from tests.simulation.salon import kept_salon, open_salon


@pytest.fixture(scope="module")
def premises() -> Iterator[Premises]:
    """The salon and the engine's store, to be begun anew by each history."""
    with ExitStack() as stack:
        salon = stack.enter_context(open_salon(stack.enter_context(kept_salon())))
        made = stack.enter_context(open_premises(salon))
        stack.enter_context(watched_ends(made))
        yield made


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """What every history told of itself, put together; it comes with the reports, from other processes too."""
    reports = [*terminalreporter.getreports("passed"), *terminalreporter.getreports("failed")]
    told = [
        str(value) for report in reports if getattr(report, "when", "") == "call"
        for name, value in report.user_properties if name == PROPERTY
    ]  # fmt: skip
    table = lines(loaded(told))
    if table:
        terminalreporter.section("simulation")
        for line in table:
            terminalreporter.write_line(line)
