"""Runs of jobs from asking to ending; and how each side was last read."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from sqlalchemy.engine import Connection, Engine

from sync.model import Side, Window
from sync.store import runs
from sync.store.connection import writing
from tests.sync.store.made import NOON, WINDOW, at, bookly, snapshot


@pytest.fixture
def conn(store: Engine) -> Iterator[Connection]:
    with writing(store) as conn:
        yield conn


def _end(conn: Connection, run: int, whole: bool, now: float) -> None:
    runs.end(conn, run, whole=whole, sentence="So.", counts={"new": 2}, setting="", now=at(now))


def test_a_run_asked_for_twice_while_it_waits_is_one_run(conn: Connection) -> None:
    asked = runs.ask(conn, "reconcile", "Ida", NOON)
    assert runs.ask(conn, "reconcile", "Theo", at(1)) == asked
    assert runs.ask(conn, "pull-square", "Theo", at(1)) != asked
    assert runs.any_asked(conn)


def test_what_was_asked_for_is_taken_up_once_in_order(conn: Connection) -> None:
    first, second = (runs.ask(conn, job, "Ida", NOON) for job in ("pull-bookly", "reconcile"))
    taken = [runs.take_asked(conn, at(1)) for _ in range(3)]
    assert [run.id if run else None for run in taken] == [first, second, None]
    assert not runs.any_asked(conn)


def test_a_run_tells_how_far_it_is_and_how_it_ended(conn: Connection) -> None:
    run = runs.start(conn, "pull-square", "the schedule", NOON)
    runs.progress(conn, run, 30, 100)
    kept = runs.get(conn, run)
    assert kept is not None
    assert (kept.state, kept.done, kept.total, kept.started_at, kept.ended_at) == ("working", 30, 100, NOON, None)
    _end(conn, run, True, 1)
    kept = runs.get(conn, run)
    assert kept is not None
    assert (kept.state, kept.sentence, kept.counts, kept.ended_at) == ("whole", "So.", {"new": 2}, at(1))


def test_a_run_whose_process_died_is_given_up_and_says_so(conn: Connection) -> None:
    lost, working = runs.start(conn, "a", "x", at(0)), runs.start(conn, "b", "x", at(50))
    assert runs.give_up(conn, at(30), at(60)) == 1
    assert runs.give_up(conn, at(30), at(61)) == 0
    kept = [runs.get(conn, run) for run in (lost, working)]
    assert [run.state if run else "" for run in kept] == ["nothing", "working"]
    assert kept[0] is not None
    assert "broken off" in kept[0].sentence


def test_of_one_job_only_its_own_runs_are_given_up(conn: Connection) -> None:
    mine, other = runs.start(conn, "a", "x", at(0)), runs.start(conn, "b", "x", at(0))
    assert runs.give_up(conn, at(30), at(60), "a") == 1
    kept = [runs.get(conn, run) for run in (mine, other)]
    assert [run.state if run else "" for run in kept] == ["nothing", "working"]


def test_old_runs_are_forgotten_and_working_ones_are_not(conn: Connection) -> None:
    old = runs.start(conn, "a", "x", at(0))
    _end(conn, old, True, 1)
    runs.start(conn, "b", "x", at(0))
    new = runs.start(conn, "c", "x", at(0))
    _end(conn, new, True, 60)
    assert runs.forget_before(conn, at(30)) == 1
    assert runs.get(conn, old) is None


def test_a_side_read_whole_says_when_what_and_what_is_kept_back(conn: Connection) -> None:
    assert runs.side_read(conn, Side.BOOKLY) is None
    runs.read_whole(conn, snapshot(Side.BOOKLY, 3, []), [bookly(2), bookly(1)])
    read = runs.side_read(conn, Side.BOOKLY)
    assert read is not None
    assert (read.whole_began_at, read.window, read.timezone) == (at(3), WINDOW, "America/Chicago")
    assert (read.withheld, read.failing_since) == ((bookly(1), bookly(2)), None)


def test_a_side_that_fails_says_since_when_and_the_last_whole_read_stays(conn: Connection) -> None:
    runs.read_whole(conn, snapshot(Side.SQUARE, 0, []), [])
    runs.read_failed(conn, Side.SQUARE, "Square did not answer.", "", at(5))
    runs.read_failed(conn, Side.SQUARE, "Square refused the token.", "SQUARE_ACCESS_TOKEN", at(9))
    read = runs.side_read(conn, Side.SQUARE)
    assert read is not None
    assert (read.failing_since, read.problem, read.setting) == (
        at(5),
        "Square refused the token.",
        "SQUARE_ACCESS_TOKEN",
    )
    assert read.whole_began_at == NOON


def test_a_whole_read_ends_a_failure(conn: Connection) -> None:
    runs.read_failed(conn, Side.SQUARE, "Square did not answer.", "X", at(5))
    runs.read_whole(conn, snapshot(Side.SQUARE, 6, []), [])
    read = runs.side_read(conn, Side.SQUARE)
    assert read is not None
    assert (read.failing_since, read.problem, read.setting) == (None, "", "")


def test_an_older_whole_read_does_not_replace_a_newer_one(conn: Connection) -> None:
    runs.read_whole(conn, snapshot(Side.SQUARE, 6, []), [])
    runs.read_whole(conn, snapshot(Side.SQUARE, 5, [], window=Window(at(0), at(1))), [])
    read = runs.side_read(conn, Side.SQUARE)
    assert read is not None
    assert (read.whole_began_at, read.window) == (at(6), WINDOW)
