"""What processes tell each other of a side through the store, and that one of them alone tries it."""

from __future__ import annotations

import json
import logging
import multiprocessing
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from multiprocessing.synchronize import Barrier
from threading import Barrier as ThreadBarrier

import pytest
from sqlalchemy import Engine

from sync.breakers import Breakers, Kept, Permit
from sync.decide.breaker import OPENS_AFTER, Failure
from sync.logs import Lines
from sync.model import Breaker, BreakerState, Fault, Ref, Side, Source
from sync.store import breakers as rows
from sync.store import hints, runs
from sync.store.connection import open_store, reading, writing
from tests.sync.breakers.told import NOON, Clock

SQUARE = Side.SQUARE
LOST = Failure(Fault.NO_ANSWER, "Square gave no answer.")
OPEN = Breaker(BreakerState.OPEN, OPENS_AFTER, NOON, NOON, "Square gave no answer.")


def fail(breakers: Breakers, times: int = OPENS_AFTER) -> None:
    for _ in range(times):
        permit = breakers.ask(SQUARE)
        assert isinstance(permit, Permit)
        breakers.failed(SQUARE, permit, LOST)


def kept(store: Engine) -> Breaker:
    with reading(store) as conn:
        return rows.load(conn, SQUARE)


def put(store: Engine, breaker: Breaker) -> None:
    with writing(store) as conn:
        rows.change(conn, SQUARE, lambda _: breaker, NOON)


def test_the_other_process_hears_of_it_within_a_second(store: Engine, clock: Clock) -> None:
    one, two = Breakers(store, clock), Breakers(store, clock)
    assert two.ask(SQUARE) == Permit()
    fail(one)
    clock.turn(1)
    assert two.ask(SQUARE) == Kept(4, "Square gave no answer.", "")


def test_each_state_it_turns_to_is_one_line_with_its_side(
    store: Engine, clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    breakers = Breakers(store, clock)
    with caplog.at_level(logging.INFO):
        fail(breakers)
        clock.turn(3600)
        permit = breakers.ask(SQUARE)
        assert permit == Permit(trial=True)
        breakers.answered(SQUARE, permit)
    lines = [json.loads(Lines().format(record)) for record in caplog.records]
    assert [(line["event"], line["side"], line["outcome"]) for line in lines] == [
        ("breaker", "square", "open"), ("breaker", "square", "half"), ("breaker", "square", "closed"),
    ]  # fmt: skip
    assert lines[0]["counts"] == {"failures": OPENS_AFTER}


def test_the_store_is_not_looked_at_for_each_call(store: Engine, clock: Clock) -> None:
    breakers = Breakers(store, clock)
    assert breakers.ask(SQUARE) == Permit()
    put(store, OPEN)
    clock.turn(0.9)
    assert breakers.ask(SQUARE) == Permit()


def test_failures_in_a_row_count_however_slowly_they_come(store: Engine, clock: Clock) -> None:
    breakers = Breakers(store, clock)
    for _ in range(OPENS_AFTER):
        fail(breakers, 1)
        clock.turn(3)
    assert kept(store).state is BreakerState.OPEN


def test_two_processes_that_find_out_together_open_it_once(store: Engine, clock: Clock) -> None:
    one, two = Breakers(store, clock), Breakers(store, clock)
    fail(two, OPENS_AFTER - 1)
    fail(one)
    clock.turn(0.5)
    fail(two, 1)
    assert (kept(store).failures, kept(store).until) == (OPENS_AFTER, NOON + timedelta(seconds=5))


def test_when_it_answers_again_those_that_wait_are_woken_and_the_dead_letters_asked_for(
    store: Engine, clock: Clock
) -> None:
    rung: list[str] = []
    breakers = Breakers(store, clock, lambda: rung.append("rung"))
    fail(breakers)
    with writing(store) as conn:
        for key, reason in (("anna", "breaker"), ("ben", "not_shown_yet")):
            hints.put(conn, Ref(SQUARE, key), Source.WEBHOOK, NOON)
            (hint,) = hints.claim(conn, "worker", NOON, timedelta(seconds=90), 1)
            hints.put_back(conn, hint, "worker", NOON + timedelta(hours=1), reason, attempt=False)
    clock.turn(5)
    trial = breakers.ask(SQUARE)
    assert trial == Permit(trial=True)
    assert rung == []
    breakers.answered(SQUARE, Permit(trial=True))
    with writing(store) as conn:
        woken = hints.claim(conn, "worker", clock(), timedelta(seconds=90), 9)
        asked = runs.take_asked(conn, clock())
    assert [hint.ref.key for hint in woken] == ["anna"]
    assert asked is not None and (asked.job, asked.asked_by) == ("redrive", "the breaker")
    assert rung == ["rung"]


def test_an_answer_to_a_call_begun_before_opens_no_door(store: Engine, clock: Clock) -> None:
    breakers = Breakers(store, clock)
    before = breakers.ask(SQUARE)
    assert isinstance(before, Permit)
    fail(breakers)
    breakers.answered(SQUARE, before)
    assert not breakers.now(SQUARE).is_closed


def test_the_worker_is_told_which_hints_need_not_be_taken_up(store: Engine, clock: Clock) -> None:
    breakers = Breakers(store, clock)
    assert breakers.waiting_for() == ()
    fail(breakers)
    assert breakers.waiting_for() == ("breaker",)
    clock.turn(5)
    assert breakers.waiting_for() == ()
    assert breakers.ask(SQUARE) == Permit(trial=True)
    assert breakers.waiting_for() == ("breaker",)


def test_a_store_that_cannot_be_used_holds_up_no_calendar(
    store: Engine, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    breakers = Breakers(store, clock)
    with monkeypatch.context() as broken:
        broken.setattr("sync.breakers.keeper.reading", _no_store)
        broken.setattr("sync.breakers.keeper.writing", _no_store)
        fail(breakers)
        assert isinstance(breakers.ask(SQUARE), Kept)
        clock.turn(5)
        assert isinstance(breakers.ask(SQUARE), Kept), "without the store nobody can say who has the trial"
    assert kept(store).is_closed
    clock.turn(1)
    assert breakers.ask(SQUARE) == Permit(trial=True)
    assert kept(store).state is BreakerState.HALF


def _no_store(_engine: Engine) -> object:
    from sync.store.trouble import StoreProblem

    raise StoreProblem("The disk is full.")


def test_of_many_threads_one_has_the_trial(store: Engine) -> None:
    put(store, OPEN)
    several, start = [Breakers(store, Clock(number / 10)) for number in range(4)], ThreadBarrier(16)

    def one(number: int) -> bool:
        start.wait(20)
        return several[number % 4].ask(SQUARE) == Permit(trial=True)

    with ThreadPoolExecutor(16) as pool:
        assert sum(pool.map(one, range(16))) == 1


def test_of_many_processes_one_has_the_trial(store: Engine, store_url: str) -> None:
    put(store, OPEN)
    spawn = multiprocessing.get_context("spawn")
    start, told = spawn.Barrier(4), spawn.Queue()
    children = [spawn.Process(target=ask_once, args=(store_url, number / 10, start, told)) for number in range(4)]
    for child in children:
        child.start()
    answers = [told.get(timeout=60) for _ in children]
    for child in children:
        child.join(60)
    assert sorted(answers) == [0, 0, 0, 1]


def ask_once(url: str, ahead: float, start: Barrier, told: multiprocessing.Queue[int]) -> None:
    """Ask at the same moment as the others; 1 for having the trial."""
    engine = open_store(url)
    breakers = Breakers(engine, Clock(ahead))
    start.wait(60)
    told.put(int(breakers.ask(SQUARE) == Permit(trial=True)))
    engine.dispose()
