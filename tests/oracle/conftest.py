"""The oracle's table at the end of a run."""

from __future__ import annotations

import pytest

from tests.oracle.table import PROPERTY, lines


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """What every seed told of itself, put together; it comes with the reports, from other processes too."""
    reports = [*terminalreporter.getreports("passed"), *terminalreporter.getreports("failed")]
    told = [
        value for report in reports if getattr(report, "when", "") == "call"
        for name, value in report.user_properties if name == PROPERTY
    ]  # fmt: skip
    table = lines(told)
    if table:
        terminalreporter.section("oracle")
        for line in table:
            terminalreporter.write_line(line)
