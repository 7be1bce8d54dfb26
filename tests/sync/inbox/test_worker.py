"""The worker: takes up what is due, tries again what may pass, ends what cannot, and is stopped by nothing in a row."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import cast

import pytest
import sqlalchemy as sa
from sqlalchemy import Connection, Engine

from sync.converge import Waiting
from sync.inbox import worker
from sync.inbox.claims import LASTING
from sync.inbox.opening import open_worker
from sync.inbox.worker import ATTEMPTS, Worker
from sync.model import Choice, ChoiceKind, Kind, Outcome, Ref, Side, Source
from sync.model.stored import outcome_from
from sync.store import audit, hints, requests
from sync.store.connection import open_store, reading, writing
from sync.store.requests import Request
from sync.store.tables import requests as table
from sync.store.trouble import StoreProblem
from tests.sync.converge.conftest import NOON, Salon, quiet_bookly, salon
from tests.sync.converge.dying import open_at
from tests.sync.converge.stories import asked, clash, meeting, only
from tests.sync.converge.test_crashes import place_of

__all__ = ["quiet_bookly", "salon"]

CHOICE = Choice(ChoiceKind.CANCEL, ref=Ref(Side.SQUARE, "S1"))


@dataclass
class Desk:
    """A worker whose road is a list of answers, and a clock that is put on by hand."""

    engine: Engine
    answers: list[Outcome | Waiting | Exception] = field(default_factory=list)
    now: datetime = NOON
    looked: list[int] = field(default_factory=list)

    def worker(self, name: str = "one") -> Worker:
        return Worker(
            self.engine, name, self._carry, lambda request, _: self.looked.append(request.id), lambda: self.now
        )

    def _carry(self, _request: Request) -> Outcome | Waiting:
        answer = self.answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer

    def ask(self, key: str = "k", choice: Choice = CHOICE) -> int:
        with writing(self.engine) as conn:
            return requests.ask(
                conn, key=key, finding=None, choice=choice, seen="", who="Dana", role="manager", now=NOON
            ).id

    def row(self, number: int) -> Request:
        with reading(self.engine) as conn:
            found = requests.get(conn, number)
        assert found is not None
        return found

    def outcome(self, number: int) -> Outcome:
        kept = self.row(number).outcome
        assert kept is not None
        return outcome_from(kept)


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    made = Desk(open_store(f"sqlite:///{tmp_path}/store.db"))
    yield made
    made.engine.dispose()


def test_what_may_pass_is_tried_again_a_little_later(desk: Desk) -> None:
    number = desk.ask()
    desk.answers = [Waiting("Square did not answer.", attempt=True), Outcome("done")]
    worker = desk.worker()
    assert worker.take_one()
    assert (desk.row(number).state, desk.row(number).attempts) == ("waiting", 1)
    assert not worker.take_one(), "it is not due yet"
    desk.now += timedelta(seconds=2)
    assert worker.take_one()
    assert desk.outcome(number).state == "done"
    assert desk.looked == [number]


@pytest.mark.parametrize("place", ["reading", "writing"])
def test_a_store_in_trouble_for_a_moment_ends_no_worker(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, place: str
) -> None:
    number = desk.ask()
    desk.answers = [Outcome("done")]
    opened = getattr(worker, place)
    failing, waited = [True], list[float]()

    def fails_once(engine: Engine) -> AbstractContextManager[Connection]:
        if failing:
            failing.clear()
            raise StoreProblem("The disk that DATABASE_URL writes to is full: make room on it.")
        return cast(AbstractContextManager[Connection], opened(engine))

    def stopped(seconds: float) -> bool:
        waited.append(seconds)
        return desk.row(number).outcome is not None or len(waited) > 5

    monkeypatch.setattr(worker, place, fails_once)
    desk.worker().work_until(stopped)
    assert desk.outcome(number).state == "done"
    assert waited[0] == worker.TROUBLE_SECONDS, "it is not asked again and again while it cannot answer"


def test_what_never_passes_ends_with_the_reason_after_so_many_tries(desk: Desk) -> None:
    number = desk.ask()
    desk.answers = [Waiting("Square did not answer.", attempt=True)] * ATTEMPTS
    worker = desk.worker()
    for _ in range(ATTEMPTS):
        assert worker.take_one()
        desk.now += timedelta(minutes=1)
    ended = desk.outcome(number)
    assert (ended.state, ended.word, ended.error) == ("refused", "unknown_result", "Square did not answer.")
    assert not worker.take_one()


def test_waiting_for_somebody_else_is_no_try_and_goes_on_for_as_long_as_it_takes(desk: Desk) -> None:
    number = desk.ask()
    desk.answers = [*[Waiting("Somebody is at it.", attempt=False)] * (3 * ATTEMPTS), Outcome("done")]
    worker = desk.worker()
    while desk.row(number).outcome is None:
        assert worker.take_one()
        desk.now += timedelta(seconds=2)
    assert desk.outcome(number).state == "done"


def test_a_side_that_says_how_long_to_wait_is_left_alone_for_that_long(desk: Desk) -> None:
    desk.ask()
    desk.answers = [Waiting("Too much at once.", attempt=True, seconds=40), Outcome("done")]
    worker = desk.worker()
    assert worker.take_one()
    desk.now += timedelta(seconds=30)
    assert not worker.take_one()
    desk.now += timedelta(seconds=20)
    assert worker.take_one()


def test_a_mistake_of_ours_ends_the_request_and_not_the_worker(desk: Desk) -> None:
    first, second = desk.ask("a"), desk.ask("b")
    desk.answers = [RuntimeError("a mistake"), Outcome("done")]
    worker = desk.worker()
    assert worker.take_one()
    assert worker.take_one()
    assert (desk.outcome(first).state, desk.outcome(first).word) == ("refused", "stopped")
    assert desk.outcome(second).state == "done"


def half_done(_request: Request, word: str, error: str) -> Outcome:
    return Outcome("half", word=word, error=error)


def test_what_was_begun_before_a_mistake_of_ours_is_said_to_be_half_done(desk: Desk) -> None:
    number = desk.ask()
    desk.answers = [RuntimeError("a mistake")]
    assert replace(desk.worker(), give_up=half_done).take_one()
    assert (desk.outcome(number).state, desk.outcome(number).word) == ("half", "stopped")


def test_what_was_begun_before_the_last_try_is_said_to_be_half_done_with_the_reason(desk: Desk) -> None:
    number = desk.ask()
    desk.answers = [Waiting("Square did not answer.", attempt=True)] * ATTEMPTS
    worker = replace(desk.worker(), give_up=half_done)
    for _ in range(ATTEMPTS):
        assert worker.take_one()
        desk.now += timedelta(minutes=1)
    ended = desk.outcome(number)
    assert (ended.state, ended.word, ended.error) == ("half", "unknown_result", "Square did not answer.")


def test_a_click_that_ended_wakes_the_hints_that_waited_for_it(desk: Desk) -> None:
    with writing(desk.engine) as conn:
        hints.put(conn, Ref(Side.SQUARE, "S1"), Source.WEBHOOK, desk.now)
        (hint,) = hints.claim(conn, "crew", desk.now, LASTING, 1)
        hints.put_back(conn, hint, "crew", desk.now + timedelta(seconds=2), "busy", attempt=False)
    desk.answers = [Outcome("done")]
    desk.ask()
    assert desk.worker().take_one()
    with reading(desk.engine) as conn:
        assert hints.next_due(conn) == desk.now


def test_a_request_that_kills_its_worker_does_not_come_round_for_ever(desk: Desk) -> None:
    number = desk.ask()
    for _ in range(ATTEMPTS):
        with writing(desk.engine) as conn:
            assert requests.claim(conn, "dies", desk.now, LASTING)
        desk.now += LASTING + timedelta(seconds=1)
    assert replace(desk.worker(), give_up=half_done).take_one(), "with nothing in its answers it may not be carried"
    assert (desk.outcome(number).state, desk.outcome(number).word) == ("half", "unknown_result")


def test_what_cannot_even_be_looked_at_when_it_is_given_up_is_refused_and_ends(desk: Desk) -> None:
    def fails(_request: Request, _word: str, _error: str) -> Outcome:
        raise RuntimeError("odd data")

    number = desk.ask()
    desk.answers = [RuntimeError("a mistake")]
    assert replace(desk.worker(), give_up=fails).take_one()
    assert (desk.outcome(number).state, desk.outcome(number).word) == ("refused", "stopped")


def test_a_look_afterwards_that_fails_does_not_end_the_worker(desk: Desk) -> None:
    first, second = desk.ask("a"), desk.ask("b")
    desk.answers = [Outcome("done"), Outcome("done")]

    def fails(_request: Request, _outcome: Outcome) -> None:
        raise RuntimeError("odd data")

    worker = replace(desk.worker(), afterwards=fails)
    assert worker.take_one()
    assert worker.take_one()
    assert [desk.outcome(number).state for number in (first, second)] == ["done", "done"]


@pytest.mark.parametrize("choice", [{}, {"kind": "what nobody knows"}, [], {"kind": "cancel", "ref": {"side": "moon"}}])
def test_a_row_that_nobody_can_read_is_ended_once_and_the_next_is_taken_up(desk: Desk, choice: object) -> None:
    bad, good = desk.ask("a"), desk.ask("b")
    with writing(desk.engine) as conn:
        conn.execute(table.update().where(table.c.id == bad).values(choice=choice))
    desk.answers = [Outcome("done")]
    worker = desk.worker()
    assert [worker.take_one() for _ in range(2)] == [False, True]
    with reading(desk.engine) as conn:
        state = conn.execute(sa.select(table.c.state, table.c.outcome).where(table.c.id == bad)).one()
    assert (state[0], state[1]["word"]) == ("refused", "stopped")
    assert desk.outcome(good).state == "done"
    assert not worker.take_one()


def test_a_plan_that_nobody_can_read_ends_the_request_and_writes_nothing(salon: Salon) -> None:
    number = asked(salon, clash(salon), ChoiceKind.SHOW_BOTH)
    with writing(salon.house.engine) as conn:
        requests.keep_plan(conn, number, {"choice": {"kind": "show_both"}, "steps": [{"kind": "what nobody knows"}]})
    before = salon.rows(), salon.bookings()
    ended = salon.ended(number, work=True)
    assert (ended.state, ended.word) == ("refused", "stopped")
    assert (salon.rows(), salon.bookings()) == before
    salon.work()
    with reading(salon.house.engine) as conn:
        assert len(audit.of_request(conn, number)) == 1


def test_a_worker_that_came_back_too_late_has_no_say(desk: Desk) -> None:
    number = desk.ask()
    late = desk.worker("late")

    def overtaken(_request: Request) -> Outcome:
        desk.now += LASTING + timedelta(seconds=1)
        desk.answers = [Outcome("done", word="")]
        assert desk.worker("other").take_one()
        return Outcome("refused", word="taken")

    late = Worker(desk.engine, "late", overtaken, late.afterwards, late.clock)
    assert late.take_one()
    assert desk.outcome(number).state == "done"
    with reading(desk.engine) as conn:
        assert len(audit.of_request(conn, number)) == 1


def test_two_workers_two_people_one_card_one_done_and_one_told_by_whom(salon: Salon) -> None:
    """Both workers go at the same moment, on stores and connections of their own."""
    meeting(salon)
    kept = only(salon, Kind.DOUBLE_BOOKING)
    wishes = {
        salon.ask(kept, salon.first(kept, ChoiceKind.OTHER_STYLIST, Side.BOOKLY), who="Dana"),
        salon.ask(kept, salon.first(kept, ChoiceKind.CANCEL, Side.SQUARE), who="Priya"),
    }
    meet(salon)
    ended = {number: salon.ended(number) for number in wishes}
    done = [one for one in ended.values() if one.state == "done"]
    told = [one for one in ended.values() if one.state == "refused"]
    assert (len(done), len(told)) == (1, 1), ended
    assert told[0].word == "settled_already"
    with reading(salon.house.engine) as conn:
        names = {number: row.asked_by for number in wishes if (row := requests.get(conn, number))}
    winner = next(number for number, one in ended.items() if one.state == "done")
    assert told[0].by == names[winner]
    stand = {"Dana": 2, "Priya": 0}[names[winner]]
    assert len(salon.bookings()) == stand, "Anna is shown where she went, or Ben is cancelled: never both"


def meet(salon: Salon) -> None:
    """Two workers, each with a house of its own, until nothing is left to do."""
    clock = Ticking(NOON + timedelta(minutes=1))
    barrier = threading.Barrier(2)

    def work(name: str) -> None:
        house = open_at(place_of(salon), clock)
        worker = open_worker(house)
        worker = Worker(worker.engine, name, worker.carry, worker.afterwards, clock)
        barrier.wait(30)
        while waits(salon):
            worker.take_one()
            clock.on()
        house.close()

    threads = [threading.Thread(target=work, args=(name,)) for name in ("one", "two")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(90)
        assert not thread.is_alive()


def waits(salon: Salon) -> bool:
    with reading(salon.house.engine) as conn:
        return bool(requests.under_way(conn))


@dataclass
class Ticking:
    """A clock that both workers share and put on a little at each turn."""

    now: datetime
    step: timedelta = timedelta(milliseconds=5)

    def __call__(self) -> datetime:
        return self.now

    def on(self) -> None:
        self.now += self.step
