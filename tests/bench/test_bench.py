"""The measurements run, small: every way finds the same, and the goals stand beside the figures."""

from __future__ import annotations

import re
import subprocess
import sys

import pytest

from bench import diff, incremental, intake, percentiles
from bench.made_up import calendars
from bench.measure import exponent, goal, seconds, table


def test_the_diff_is_measured_beside_the_others_and_all_agree() -> None:
    report = "\n".join(diff.run((300, 1200)))
    for word in (
        "floor",
        "this project",
        "pandas merge",
        "naive SQL join",
        "all ways agree",
        "peak memory above the rows",
    ):
        assert word in report
    for limit in ("at most 25", "at most 1.15", "at most 600 MB"):
        assert limit in report


def test_ways_that_disagree_stop_the_measurement(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(diff, "by_pandas", lambda *_: {})
    with pytest.raises(RuntimeError, match="disagree"):
        list(diff.run((300,)))


def test_every_kind_occurs_in_what_is_measured() -> None:
    bookly, square = calendars(10_000)
    assert all(count > 0 for count in diff.ours(bookly, square).values())


def test_the_look_at_what_changed_is_measured_beside_the_look_at_everything() -> None:
    report = "\n".join(incremental.run((60, 120), (5, 10)))
    assert "everything" in report and "5 changed" in report and "growth exponent" in report


def test_percentiles_from_sketches_are_measured_beside_those_from_rows_and_agree() -> None:
    report = "\n".join(percentiles.run(12_000, 6))
    assert "raw rows" in report and "at least 400" in report
    assert re.search(r"largest relative error +0\.\d+% +at most 1% +met", report)


def test_the_intake_is_measured_beside_one_that_only_reads_and_one_that_commits_for_each() -> None:
    report = "\n".join(intake.run(callers=2, each=3, rounds=1))
    for word in (intake.ONLY_READS, intake.DURABLE, intake.ONE_BY_ONE, "at most 3.33", "at most 0.4"):
        assert word in report


def test_a_goal_that_is_missed_says_so() -> None:
    assert goal("a", 2.0, 1.0)[-1] == "MISSED" and goal("a", 1.0, 1.0)[-1] == "met"


def test_times_and_tables_are_readable() -> None:
    assert (seconds(None), seconds(0.0123), seconds(12.3)) == ("not run", "12.3 ms", "12.3 s")
    assert exponent(1.0, 10.0, 10.0) == 1.0
    assert table(("a", "bb"), [["x", "1"]]).splitlines() == ["a  bb", "-  --", "x   1"]


def test_the_command_names_what_it_can_measure() -> None:
    told = subprocess.run([sys.executable, "-m", "bench", "--help"], capture_output=True, text=True, check=True)
    assert "diff" in told.stdout and "incremental" in told.stdout
