"""The table of what was killed, at the end of a run."""

from __future__ import annotations

import pytest

from tests.kills.killing import PROPERTY, SAID, lines


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """It comes with the reports, from other processes too."""
    reports = [report for report in terminalreporter.getreports("passed") if getattr(report, "when", "") == "call"]
    told = [(name, str(value)) for report in reports for name, value in report.user_properties]
    table = lines([value for name, value in told if name == PROPERTY])
    table += [value for name, value in told if name == SAID]
    if table:
        terminalreporter.section("kills")
        for line in table:
            terminalreporter.write_line(line)
