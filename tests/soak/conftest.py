"""The figures of a long run, at the end of the report."""

from __future__ import annotations

import pytest


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """They come with the reports, from other processes too."""
    reports = [*terminalreporter.getreports("passed"), *terminalreporter.getreports("failed")]
    told = [
        str(value) for report in reports if getattr(report, "when", "") == "call"
        for name, value in report.user_properties if name == "soak"
    ]  # fmt: skip
    for text in told:
        terminalreporter.section("soak")
        terminalreporter.write_line(text)
