"""The table of what was killed, at the end of a run."""

from __future__ import annotations

import pytest

from tests.kills.killing import PROPERTY, lines


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """It comes with the reports, from other processes too."""
    reports = terminalreporter.getreports("passed")
    told = [
        str(value) for report in reports if getattr(report, "when", "") == "call"
        for name, value in report.user_properties if name == PROPERTY
    ]  # fmt: skip
    table = lines(told)
    if table:
        terminalreporter.section("kills")
        for line in table:
            terminalreporter.write_line(line)
