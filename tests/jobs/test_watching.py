"""The jobs that look every few seconds: beside the loop, with what they remember, and silent without news."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest
import schedule
from pydantic import SecretStr
from sqlalchemy import Engine

from jobs.loop import _scheduled
from jobs.registry import JOBS
from jobs.running import SCHEDULE, Job, Ran, Watch, Work, run, watch_once
from jobs.signs import Signs
from jobs.turns import Ending, turn
from jobs.watching import watchers
from sync.settings import Settings, WrongSettings
from sync.store import hints, runs
from sync.store.connection import open_store, reading
from tests.jobs.salon import Salon
from tests.jobs.test_turns import is_working, slow_salon, square, under_way, until

__all__ = ["slow_salon", "square"]

NOON = datetime(2026, 5, 12, 17, tzinfo=UTC)
BOUND_S = 30.0


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Engine]:
    engine = open_store(f"sqlite:///{tmp_path}/slotkeeper.db")
    yield engine
    engine.dispose()


class Looking:
    """A job that looks as often as it can; `answers` are what each look gives, the last one for ever."""

    def __init__(self, *answers: Ran | Exception) -> None:
        self.answers = list(answers)
        self.looked = 0
        self.opened = 0
        self.news = threading.Condition()

    @property
    def job(self) -> Job:
        return Job("poll-bookly", every=0, call=lambda _work: Ran(True, ""), watching=self.watching)

    @contextmanager
    def watching(self, _engine: Engine, _settings: Settings) -> Iterator[Watch]:
        self.opened += 1
        yield self.look

    def look(self, _now: datetime) -> Ran:
        with self.news:
            answer = self.answers[min(self.looked, len(self.answers) - 1)]
            self.looked += 1
            self.news.notify_all()
        if isinstance(answer, Exception):
            raise answer
        return answer

    def until_looked(self, times: int) -> None:
        with self.news:
            assert self.news.wait_for(lambda: self.looked >= times, BOUND_S)


QUIET = Ran(True, "Bookly shows nothing new.", is_news=False)
NEWS = Ran(True, "Bookly shows 1 visit that may have changed.", {"hints": 1})


def kept(store: Engine) -> list[tuple[str, str, str]]:
    with reading(store) as conn:
        rows = [runs.get(conn, number) for number in range(1, 9)]
    return [(row.job, row.state, row.sentence) for row in rows if row]


@pytest.fixture
def only(monkeypatch: pytest.MonkeyPatch) -> Callable[[Looking], None]:
    """The house has this job and no other."""

    def use(looking: Looking) -> None:
        monkeypatch.setattr("jobs.watching.JOBS", {"poll-bookly": looking.job})

    return use


def test_a_look_without_news_leaves_no_run_and_one_with_news_does(
    store: Engine, only: Callable[[Looking], None]
) -> None:
    looking = Looking(QUIET, QUIET, NEWS, QUIET)
    only(looking)
    with watchers(store, Settings()):
        looking.until_looked(6)
    assert kept(store) == [("poll-bookly", "whole", NEWS.sentence)]
    assert looking.opened == 1


def test_a_look_that_stops_in_the_middle_begins_anew(store: Engine, only: Callable[[Looking], None]) -> None:
    looking = Looking(QUIET, LookupError(), QUIET)
    only(looking)
    with watchers(store, Settings()):
        looking.until_looked(4)
    assert looking.opened == 2 and kept(store) == []


def test_a_wrong_setting_ends_no_loop(store: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    tried = threading.Event()

    @contextmanager
    def watching(_engine: Engine, _settings: Settings) -> Iterator[Watch]:
        tried.set()
        if tried.is_set():
            raise WrongSettings("LEASE_SECONDS", "It is too short.")
        yield lambda _now: QUIET

    job = Job("poll-bookly", every=0, call=lambda _work: QUIET, watching=watching)
    monkeypatch.setattr("jobs.watching.JOBS", {"poll-bookly": job})
    with watchers(store, Settings()):
        assert tried.wait(BOUND_S)


def test_a_look_leaves_the_turn_to_a_person_who_runs_the_same(store: Engine) -> None:
    looking = Looking(NEWS)
    work = Work(store, Settings(), NOON, lambda _done, _total: None)
    with turn(store, "poll-bookly", patience=0.0):
        assert watch_once(looking.job, work, looking.look) is None
    assert looking.looked == 0
    assert watch_once(looking.job, work, looking.look) == NEWS
    with reading(store) as conn:
        row = runs.get(conn, 1)
    assert row is not None and (row.asked_by, dict(row.counts)) == (SCHEDULE, {"hints": 1})


def test_a_whole_read_that_failed_comes_again_within_a_minute(store: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    answers = [Ran(False, "Square did not answer."), Ran(True, "Square was read whole.")]
    monkeypatch.setattr("jobs.loop.run", lambda *_: answers.pop(0))
    clock = schedule.Scheduler()
    job = JOBS["pull-square"]
    due = clock.every(job.every).seconds
    due.do(_scheduled, job, due, store, Settings(), Signs(store), Ending())
    waits = []
    for _ in range(2):
        due.run()
        waits.append(due.interval)
    assert waits == [60, 3600]


def test_a_long_read_keeps_no_look_waiting(slow_salon: Salon) -> None:
    """While Square is read for half a minute, a booking in Bookly is found."""
    with under_way(slow_salon, "jobs", "loop"):
        until(lambda: is_working(slow_salon, "pull-square"))
        until(lambda: bool(slow_salon.kept("SELECT 1 FROM keeping WHERE key = 'polled:bookly'")))
        assert is_working(slow_salon, "pull-square")


def test_what_a_person_runs_says_what_it_found_and_after_a_whole_read_there_is_nothing_new(
    store: Engine, salon: Salon
) -> None:
    salon.load()
    settings = Settings(
        bookly_database_url=SecretStr(salon.bookly),
        square_base_url=salon.square,
        square_access_token=SecretStr("practice"),
    )

    def said(name: str) -> str:
        return run(JOBS[name], Work(store, settings, datetime.now(UTC), lambda _done, _total: None), "Dana").sentence

    assert "not been read whole yet" in said("poll-bookly") and "not been read whole yet" in said("catch-up")
    assert "was read whole" in said("pull-bookly") and "was read whole" in said("pull-square")
    assert (said("poll-bookly"), said("poll-square")) == ("Bookly shows nothing new.", "Square shows nothing new.")
    with reading(store) as conn:
        assert hints.open_refs(conn) == frozenset()
    assert "nothing that happened" in said("catch-up")
    assert said("audit-webhooks").startswith("Nothing changed in Square")
    assert {state for _, state, _ in kept(store)[2:]} == {"whole"}
