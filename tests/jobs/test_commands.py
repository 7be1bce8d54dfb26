"""The jobs as a person types them: exit codes, what stands on which output, and what is kept of each run."""

from __future__ import annotations

import json
import os
import pty
import subprocess
from collections.abc import Mapping
from dataclasses import replace

import pytest

from jobs.registry import JOBS
from sync.wording.runs import title
from tests.jobs.salon import Salon, command
from tests.servers.process import free_port

DOWN = "http://127.0.0.1:{port}"


def on_a_terminal(salon: Salon, *words: str) -> tuple[str, str]:
    """Run it with stderr on a terminal and stdout in a pipe: (stdout, what the terminal showed)."""
    ours, theirs = pty.openpty()
    with subprocess.Popen(
        command(*words), cwd=salon.directory, stdout=subprocess.PIPE, stderr=theirs, text=True,
        env={**salon.environment, "TERM": "xterm", "COLUMNS": "100"},
    ) as child:  # fmt: skip
        os.close(theirs)
        shown = b""
        while block := _block(ours):
            shown += block
        said, _ = child.communicate(timeout=60)
    os.close(ours)
    assert child.returncode == 0, shown
    return said, shown.decode()


def _block(ours: int) -> bytes:
    try:
        return os.read(ours, 4096)
    except OSError:  # Linux: the other end of the terminal is closed
        return b""


def test_each_job_is_listed_with_what_it_does_and_how_often(salon: Salon) -> None:
    done = salon.typed("jobs", "list")
    assert done.returncode == 0 and done.stderr == ""
    for job in JOBS.values():
        assert job.name in done.stdout and title(job.name) in done.stdout


def test_a_run_that_was_whole_ends_with_0_says_a_sentence_and_is_kept(salon: Salon) -> None:
    salon.load()
    done = salon.typed("jobs", "run", "pull-bookly")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("Bookly was read whole: 421 appointments.")
    assert salon.runs() == [("pull-bookly", "the command line", "whole", done.stdout.strip())]


def test_a_side_that_is_down_ends_with_1_and_the_reason(salon: Salon) -> None:
    away = replace(salon, square=DOWN.format(port=free_port()))
    done = away.typed("jobs", "run", "pull-square")
    assert done.returncode == 1 and "Square" in done.stdout and "Traceback" not in done.stderr
    (run,) = away.runs()
    assert run[:3] == ("pull-square", "the command line", "nothing") and run[3] == done.stdout.strip()


def test_looking_before_anything_was_read_concludes_nothing(salon: Salon) -> None:
    done = salon.typed("jobs", "run", "reconcile", "--json")
    assert (done.returncode, json.loads(done.stdout)) == (1, [])
    assert "Neither calendar has been read yet" in done.stderr
    assert salon.runs()[0][2] == "nothing"


@pytest.mark.parametrize(
    ("wrong", "named"),
    [
        ({"BOOKLY_DATABASE_URL": "sqlite:////nowhere/bookly.db"}, "BOOKLY_DATABASE_URL"),
        ({"SQUARE_ACCESS_TOKEN": "no-such-token"}, "SQUARE_ACCESS_TOKEN"),
        ({"DATABASE_URL": "oracle://salon"}, "DATABASE_URL"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_wrong_setting_ends_with_2_and_a_sentence_that_names_it(
    salon: Salon, wrong: Mapping[str, str], named: str
) -> None:
    salon.load()
    job = "pull-square" if named.startswith("SQUARE") else "pull-bookly"
    done = replace(salon, more=wrong).typed("jobs", "run", job)
    assert done.returncode == 2
    assert named in done.stdout + done.stderr
    assert "Traceback" not in done.stderr and "no-such-token" not in done.stdout + done.stderr


@pytest.mark.parametrize("words", [("run", "pull-everything"), ("run", "tidy", "--now", "soon")])
def test_what_makes_no_sense_ends_with_2_and_says_why(salon: Salon, words: tuple[str, ...]) -> None:
    done = salon.typed("jobs", *words)
    assert (done.returncode, done.stdout) == (2, "")
    assert "Traceback" not in done.stderr and done.stderr.strip().endswith(".")
    if words == ("run", "pull-everything"):
        assert all(job in done.stderr for job in JOBS)


def test_with_json_stdout_holds_json_and_nothing_else(salon: Salon) -> None:
    salon.load()
    for job in JOBS:
        done = salon.typed("jobs", "run", job, "--json")
        assert (done.returncode, done.stderr) == (0, "")
        json.loads(done.stdout)
    assert [row[:3] for row in salon.runs()] == [(job, "the command line", "whole") for job in JOBS]


def test_with_json_a_failure_is_said_beside_it(salon: Salon) -> None:
    done = replace(salon, square=DOWN.format(port=free_port())).typed("jobs", "run", "pull-square", "--json")
    assert done.returncode == 1
    json.loads(done.stdout)
    assert "Square" in done.stderr and "Traceback" not in done.stderr


def test_a_terminal_shows_a_bar_and_the_result_stays_clean(salon: Salon) -> None:
    said, shown = on_a_terminal(salon, "jobs", "run", "pull-square", "--json")
    json.loads(said)
    assert title("pull-square") in shown and "━" in shown


def test_a_pipe_sees_no_bar(salon: Salon) -> None:
    done = salon.typed("jobs", "run", "pull-square")
    assert done.stderr == "" and "\x1b" not in done.stdout and "━" not in done.stdout


def test_the_progress_of_a_run_is_kept_for_the_screen(salon: Salon) -> None:
    assert salon.typed("jobs", "run", "pull-square").returncode == 0
    ((done, total),) = salon.kept("SELECT done, total FROM runs")
    assert done == total > 1
