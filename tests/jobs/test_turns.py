"""Runs that meet, are stopped or are killed: one at a time, each with an end that is written down."""

from __future__ import annotations

import re
import signal
import subprocess
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest
from click.testing import CliRunner
from sqlalchemy import Engine

from jobs.__main__ import jobs
from jobs.loop import loop
from jobs.registry import JOBS
from jobs.running import SCHEDULE, Job, Ran, Work, give_up_lost, run
from jobs.turns import breaking_off, turn
from practice_salon.square.seed import empty_world
from practice_salon.square.server import RunningSquare, running_square
from sync.settings import Settings, settings
from sync.store import keeping, runs
from sync.store.connection import open_store, reading, writing
from tests.jobs.conftest import ZONE
from tests.jobs.salon import Salon

PAGE_S = 2.0
ENDED_WITHIN_S = 20
LOOKS = 600
PAUSE_S = 0.1
SCHEDULED = [job.name for job in JOBS.values() if job.every and not job.watching]
"""Those that take turns in the loop itself; the others look in threads of their own, and leave a run only with news."""


@pytest.fixture
def square() -> Iterator[RunningSquare]:
    """A practice Square of this test alone, to be made to hang."""
    with running_square(empty_world(ZONE)) as running:
        yield running


@pytest.fixture
def slow_salon(tmp_path: Path, square: RunningSquare) -> Salon:
    """A salon whose Square takes its time with each of the many pages of a listing: whoever reads it is in the middle
    of a run for half a minute and more, and nothing fails meanwhile."""
    salon = Salon(tmp_path, f"sqlite:///{tmp_path}/bookly.db", square.url)
    salon.load()
    salon.open_store()
    for call in range(1, 40):
        square.arm("slow", "bookings.list", call, seconds=PAGE_S)
    return salon


def until(holds: Callable[[], bool]) -> None:
    """Ask again and again until it holds, a minute at most."""
    pause = threading.Event()
    for _ in range(LOOKS):
        if holds():
            return
        pause.wait(PAUSE_S)
    pytest.fail("it did not come to be within a minute")


def is_working(salon: Salon, job: str) -> bool:
    return any((name, state) == (job, "working") for name, _, state, _ in salon.runs())


def is_reading(salon: Salon, square: RunningSquare, job: str = "pull-square") -> bool:
    """A run of it is under way, and its call has reached Square."""
    return is_working(salon, job) and square.world.counts["bookings.list"] > 0


@contextmanager
def under_way(salon: Salon, *words: str) -> Iterator[subprocess.Popen[str]]:
    child = salon.started(*words)
    try:
        yield child
    finally:
        if child.poll() is None:
            child.kill()
        child.communicate(timeout=ENDED_WITHIN_S)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_loop_that_is_stopped_in_the_middle_of_a_run_ends_soon_and_gives_the_run_up(
    slow_salon: Salon, square: RunningSquare, number: signal.Signals
) -> None:
    with under_way(slow_salon, "jobs", "loop") as child:
        until(lambda: is_reading(slow_salon, square))
        child.send_signal(number)
        said, complained = child.communicate(timeout=ENDED_WITHIN_S)
    assert (child.returncode, said) == (0, "")
    assert "Traceback" not in complained
    ended = [row for row in slow_salon.runs() if row[0] == "pull-square"]
    assert ended == [("pull-square", "the schedule", "nothing", runs.BROKEN_OFF)]
    assert not [row for row in slow_salon.runs() if row[2] == "working"]


def test_a_loop_that_waits_for_its_next_run_ends_when_it_is_stopped(salon: Salon) -> None:
    salon.load()
    salon.open_store()
    with under_way(salon, "jobs", "loop") as child:
        until(lambda: len(ended(salon)) == len(SCHEDULED))
        child.send_signal(signal.SIGTERM)
        assert "Traceback" not in child.communicate(timeout=ENDED_WITHIN_S)[1]
    assert child.returncode == 0
    assert {row[2] for row in salon.runs()} == {"whole"}


def test_a_loop_runs_what_a_button_asked_for_and_shows_that_it_is_alive(salon: Salon) -> None:
    salon.load()
    engine = open_store(salon.store)
    with under_way(salon, "jobs", "loop"):
        until(lambda: len(ended(salon)) == len(SCHEDULED))
        with writing(engine) as conn:
            runs.ask(conn, "tidy", "Dana", NOON)
        until(lambda: ("tidy", "Dana", "whole") in {row[:3] for row in salon.runs()})
        with reading(engine) as conn:
            planned, alive = runs.planned_next(conn), keeping.beats(conn)
    engine.dispose()
    assert set(planned) == set(SCHEDULED)
    assert [name for name in alive if name.startswith("jobs")]


def ended(salon: Salon) -> list[tuple[str, str, str, str]]:
    return [row for row in salon.runs() if row[2] in ("whole", "nothing")]


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_typed_run_that_is_broken_off_ends_with_1_and_says_so(
    slow_salon: Salon, square: RunningSquare, number: signal.Signals
) -> None:
    with under_way(slow_salon, "jobs", "run", "pull-square", "--json") as child:
        until(lambda: is_reading(slow_salon, square))
        child.send_signal(number)
        said, complained = child.communicate(timeout=ENDED_WITHIN_S)
    assert (child.returncode, said) == (1, "")
    assert complained.strip() == "Broken off; nothing was concluded."
    assert slow_salon.runs() == [("pull-square", "the command line", "nothing", runs.BROKEN_OFF)]


def test_a_killed_run_is_written_down_as_cut_short_by_the_next(slow_salon: Salon, square: RunningSquare) -> None:
    with under_way(slow_salon, "jobs", "run", "pull-square") as child:
        until(lambda: is_reading(slow_salon, square))
        child.kill()
        child.communicate(timeout=ENDED_WITHIN_S)
    assert [row[2] for row in slow_salon.runs()] == ["working"]
    square.world.faults.clear()
    assert slow_salon.typed("jobs", "run", "pull-square").returncode == 0
    assert [row[2:] for row in slow_salon.runs()] == [
        ("nothing", runs.BROKEN_OFF),
        ("whole", "Square was read whole: 0 appointments."),
    ]


def test_a_killed_loop_leaves_nothing_that_the_next_loop_does_not_write_down(
    slow_salon: Salon, square: RunningSquare
) -> None:
    with under_way(slow_salon, "jobs", "loop") as child:
        until(lambda: is_reading(slow_salon, square))
        child.kill()
        child.communicate(timeout=ENDED_WITHIN_S)
    square.world.faults.clear()
    with under_way(slow_salon, "jobs", "loop") as child:
        until(lambda: ("pull-square", "whole") in {(row[0], row[2]) for row in slow_salon.runs()})
        child.send_signal(signal.SIGTERM)
        child.communicate(timeout=ENDED_WITHIN_S)
    pulls = [row[2:] for row in slow_salon.runs() if row[0] == "pull-square"]
    assert pulls[0] == ("nothing", runs.BROKEN_OFF)
    assert "working" not in {row[2] for row in slow_salon.runs()}


def test_a_typed_run_waits_for_the_same_job_that_is_under_way_and_says_so(
    slow_salon: Salon, square: RunningSquare
) -> None:
    with under_way(slow_salon, "jobs", "run", "pull-square") as first:
        until(lambda: is_reading(slow_salon, square))
        with under_way(slow_salon, "jobs", "run", "pull-square") as second:
            assert second.stderr is not None
            waits = second.stderr.readline()
            square.world.faults.clear()
            first.kill()
            first.communicate(timeout=ENDED_WITHIN_S)
            said, _ = second.communicate(timeout=60)
    assert waits.strip() == "pull-square is being run already; waiting for that run to end."
    assert (second.returncode, said.strip()) == (0, "Square was read whole: 0 appointments.")


def test_another_job_does_not_wait_for_it(slow_salon: Salon, square: RunningSquare) -> None:
    with under_way(slow_salon, "jobs", "run", "pull-square"):
        until(lambda: is_reading(slow_salon, square))
        done = slow_salon.typed("jobs", "run", "pull-bookly")
    assert (done.returncode, done.stderr) == (0, "")


# --- the same in one process: nobody has to be waited for -------------------------------------------------------


NOON = datetime(2026, 5, 12, 17, tzinfo=UTC)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Engine]:
    engine = open_store(f"sqlite:///{tmp_path}/slotkeeper.db")
    yield engine
    engine.dispose()


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody waits for a turn."""
    monkeypatch.setattr("jobs.running.PATIENCE", 0.0)
    monkeypatch.setattr("jobs.loop.TURN", 0.0)


def work_on(store: Engine) -> Work:
    return Work(store, Settings(), NOON, lambda _done, _total: None)


def job_that(call: Callable[[Work], Ran]) -> Job:
    return Job("pull-square", every=60, call=call)


def refuses_to_run(_work: Work) -> Ran:
    raise AssertionError("it was run although another run is under way")


def kept(store: Engine) -> list[tuple[str, str]]:
    """(state, sentence) of every run."""
    with reading(store) as conn:
        rows = [runs.get(conn, number) for number in range(1, 9)]
    return [(row.state, row.sentence or "") for row in rows if row]


def test_the_schedule_leaves_a_job_to_the_run_that_is_under_way(store: Engine) -> None:
    with turn(store, "pull-square", patience=0.0) as mine:
        assert mine
        ran = run(job_that(refuses_to_run), work_on(store), SCHEDULE)
    assert not ran.whole and "still being run by another process" in ran.sentence
    assert kept(store) == []


@pytest.mark.usefixtures("impatient")
def test_a_run_asked_for_by_a_button_that_never_gets_its_turn_ends_with_the_reason(store: Engine) -> None:
    with writing(store) as conn:
        runs.ask(conn, "pull-square", "Dana", NOON)
        asked = runs.take_asked(conn, NOON)
    assert asked is not None
    with turn(store, "pull-square", patience=0.0):
        ran = run(job_that(refuses_to_run), work_on(store), "Dana", asked.id)
    assert kept(store) == [("nothing", ran.sentence)]


def test_turns_are_one_a_job_and_one_a_store(store: Engine, tmp_path: Path) -> None:
    other = open_store(f"sqlite:///{tmp_path}/other.db")
    with turn(store, "a", 0.0) as first, turn(store, "b", 0.0) as second, turn(other, "a", 0.0) as third:
        assert first and second and third
        with turn(store, "a", 0.0) as again:
            assert not again
    with turn(store, "a", 0.0) as free:
        assert free
    other.dispose()


def test_only_a_run_whose_process_is_gone_is_given_up(store: Engine) -> None:
    job = job_that(refuses_to_run)
    with writing(store) as conn:
        runs.start(conn, job.name, "the schedule", NOON)
        runs.start(conn, "pull-bookly", "the schedule", NOON)
    with turn(store, job.name, patience=0.0):
        assert give_up_lost(store, job) == 0
    assert give_up_lost(store, job) == 1
    assert kept(store) == [("nothing", runs.BROKEN_OFF), ("working", "")]


def test_a_run_that_was_taken_up_and_not_begun_when_the_loop_is_stopped_is_given_up(
    store: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stopped(_job: Job, _work: Work, asked_by: str, _run_id: int | None) -> Ran:
        if asked_by == "Dana":
            raise KeyboardInterrupt
        return Ran(True, "Done.")

    monkeypatch.setattr("jobs.loop.run", stopped)
    with writing(store) as conn:
        runs.ask(conn, "tidy", "Dana", NOON)
    loop(store, Settings())
    assert kept(store) == [("nothing", runs.BROKEN_OFF)]


def test_a_job_that_fails_ends_no_loop(store: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    failed: list[str] = []

    def fails(job: Job, _work: Work, _asked_by: str, _run_id: int | None) -> Ran:
        failed.append(job.name)
        if len(failed) > len(SCHEDULED):
            raise KeyboardInterrupt
        raise LookupError

    monkeypatch.setattr("jobs.loop.run", fails)
    with writing(store) as conn:
        runs.ask(conn, "tidy", "Dana", NOON)
    loop(store, Settings())
    assert failed == [*SCHEDULED, "tidy"]


def test_what_nobody_foresaw_is_written_down_and_raised(store: Engine) -> None:
    def breaks(_work: Work) -> Ran:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        run(job_that(breaks), work_on(store), "Dana")
    ((state, sentence),) = kept(store)
    assert state == "nothing"
    assert re.fullmatch(r"It stopped in the middle; nothing was concluded\. The log says why, under \w{8}\.", sentence)
    assert run(job_that(lambda _: Ran(True, "Done.")), work_on(store), "Dana").whole
    assert kept(store)[-1] == ("whole", "Done.")


@pytest.mark.usefixtures("impatient")
def test_a_second_loop_is_told_of_the_first(store: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", f"sqlite:///{tmp_path}/slotkeeper.db")
    monkeypatch.setenv("BOOKLY_DATABASE_URL", f"sqlite:///{tmp_path}/bookly.db")
    monkeypatch.setenv("SQUARE_ACCESS_TOKEN", "practice")
    settings.cache_clear()
    try:
        with turn(store, "loop", patience=0.0):
            done = CliRunner().invoke(jobs, ["loop"])
    finally:
        settings.cache_clear()
    assert done.exit_code == 1
    assert done.output == "Another loop is running these jobs already; stop it first, or leave them to it.\n"
    assert kept(store) == []


def test_stop_signals_are_as_before_once_a_run_is_over() -> None:
    before = signal.getsignal(signal.SIGTERM), signal.getsignal(signal.SIGINT)
    with pytest.raises(KeyboardInterrupt), breaking_off():
        signal.raise_signal(signal.SIGTERM)
    assert (signal.getsignal(signal.SIGTERM), signal.getsignal(signal.SIGINT)) == before


def tidied_under_fire(said: list[str]) -> None:
    with breaking_off():
        try:
            signal.raise_signal(signal.SIGTERM)
        finally:
            signal.raise_signal(signal.SIGINT)
            said.append("tidied")


def test_while_a_run_that_was_broken_off_tidies_up_it_is_not_interrupted_again() -> None:
    said: list[str] = []
    with pytest.raises(KeyboardInterrupt):
        tidied_under_fire(said)
    assert said == ["tidied"]
