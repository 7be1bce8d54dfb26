"""The crew: pauses, waits, what joins meanwhile, who wakes whom, and several at once. Nothing here sleeps."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from threading import Barrier, Event, Lock, Semaphore, Thread

import pytest
from sqlalchemy import Engine

from sync.converge import Ended, Waiting
from sync.converge.adopting import AGAIN
from sync.converge.waiting import BUSY, UNSETTLED
from sync.decide.retry import JITTER, TRIES
from sync.inbox.claims import LASTING
from sync.inbox.crew import LOOK_EVERY, Crew, pause_for
from sync.model import End, Ref, Side, Source
from sync.store import hints
from sync.store.connection import reading, writing
from sync.store.hints import Hint

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
ANNA, BEN, CLEO = (Ref(Side.SQUARE, name) for name in ("anna", "ben", "cleo"))
DONE = Ended(End.APPLIED, "shown")
NO_ANSWER = Waiting("Square gave no answer.", attempt=True, seconds=0.0, reason="no_answer")
NOT_SHOWN = Waiting("The calendar does not show the change yet.", attempt=False, reason="not_shown_yet")
SOON_ENOUGH = 20.0
"""Seconds after which a test gives up on something that should have happened."""


@dataclass
class Desk:
    """A store, a clock set by hand, and a crew that answers as it is told, by appointment."""

    engine: Engine
    now: datetime = NOW
    answers: dict[Ref, list[Ended | Waiting]] = field(default_factory=dict)
    seen: list[Ref] = field(default_factory=list)
    looked: list[tuple[Ref, str]] = field(default_factory=list)
    name: str = "one"

    def carry(self, hint: Hint) -> Ended | Waiting:
        self.seen.append(hint.ref)
        left = self.answers.get(hint.ref, [])
        return left.pop(0) if left else DONE

    def crew(self, carry: Callable[[Hint], Ended | Waiting] | None = None, **more: object) -> Crew:
        fields: dict[str, object] = {"chance": lambda: 0.5, **more}
        return Crew(
            self.engine,
            self.name,
            carry or self.carry,
            lambda hint, ended: self.looked.append((hint.ref, ended.reason)),
            lambda: self.now,
            **fields,  # type: ignore[arg-type]
        )

    def put(self, ref: Ref, **more: object) -> int:
        with writing(self.engine) as conn:
            return hints.put(conn, ref, Source.WEBHOOK, self.now, **more)  # type: ignore[arg-type]

    def hint(self, number: int) -> Hint:
        with reading(self.engine) as conn:
            found = hints.get(conn, number)
        assert found is not None
        return found

    def set_on(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)


@pytest.fixture
def desk(store: Engine) -> Desk:
    return Desk(store)


# --- pauses ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("chance", [0.0, 0.5, 1.0])
def test_the_pauses_between_tries_are_one_two_and_four_seconds_more_or_less(chance: float) -> None:
    pauses = [pause_for(NO_ANSWER, attempts, 0, chance) for attempts in range(TRIES)]
    spread = 1 - JITTER + 2 * JITTER * chance
    assert [p.seconds for p in pauses] == [pytest.approx(n * spread) for n in (1.0, 2.0, 4.0)] + [None]
    assert all(pause.attempt for pause in pauses)


def test_a_wait_that_is_nobodys_fault_never_comes_to_an_end_and_is_no_try() -> None:
    for reason in ("busy", "paused", "breaker", "half_written", "anything_else"):
        waiting = Waiting("", attempt=False, seconds=0.2, reason=reason)
        pauses = [pause_for(waiting, 0, waits, 0.5) for waits in range(200)]
        assert all(p.seconds is not None and 0.0 < p.seconds <= 75.0 and not p.attempt for p in pauses)


def test_what_a_side_asks_us_to_wait_is_waited_at_least() -> None:
    asked = Waiting("", attempt=False, seconds=40.0, reason="asked_to_wait")
    assert (pause_for(asked, 0, 0, 0.0).seconds or 0.0) >= 40.0


def test_four_tries_and_then_it_is_a_dead_letter(desk: Desk) -> None:
    number, crew = desk.put(ANNA), desk.crew()
    desk.answers[ANNA] = [NO_ANSWER] * TRIES
    for seconds in (1.0, 2.0, 4.0):
        assert crew.work_off() == 1
        desk.set_on(seconds - 0.001)
        assert crew.work_off() == 0
        desk.set_on(0.001)
    assert crew.work_off() == 1
    letter = desk.hint(number)
    assert (letter.state, letter.reason, letter.sentence, letter.permanent) == (
        "dead", "no_answer", "Square gave no answer.", False,
    )  # fmt: skip
    assert desk.looked == [(ANNA, "no_answer")]
    desk.set_on(3600.0)
    assert crew.work_off() == 0


def test_waiting_wears_no_hint_out(desk: Desk) -> None:
    number, crew = desk.put(ANNA), desk.crew()
    desk.answers[ANNA] = [BUSY] * 50
    while desk.answers[ANNA]:
        crew.work_off()
        desk.set_on(61.0)
    assert (desk.hint(number).attempts, desk.hint(number).waits) == (0, 50)
    assert crew.work_off() == 1
    assert desk.hint(number).state == "applied"


def test_what_is_not_due_is_left_alone(desk: Desk) -> None:
    desk.put(ANNA, due_at=desk.now + timedelta(seconds=5))
    assert desk.crew().take(10) == ()
    desk.set_on(5.0)
    assert len(desk.crew().take(10)) == 1


def test_a_hint_that_waits_for_a_side_left_alone_is_not_taken_up(desk: Desk) -> None:
    number = desk.put(ANNA)
    desk.answers[ANNA] = [Waiting("", attempt=False, reason="breaker")]
    crew = desk.crew(left_alone=lambda: ("breaker",))
    assert crew.work_off() == 1
    desk.set_on(100.0)
    assert crew.work_off() == 0
    assert desk.crew().work_off() == 1
    assert desk.hint(number).state == "applied"


# --- what comes meanwhile -------------------------------------------------------------------------------------------


def test_what_joins_a_hint_while_it_is_carried_is_carried_again(desk: Desk) -> None:
    number = desk.put(ANNA)
    first = [True]

    def changes_meanwhile(hint: Hint) -> Ended:
        if first.pop() if first else False:
            assert desk.put(ANNA) == number
        return DONE

    assert desk.crew(changes_meanwhile).work_off() == 2
    ended = desk.hint(number)
    assert (ended.state, ended.counter) == ("applied", 2)
    assert desk.looked == [(ANNA, "shown")]


def test_pauses_grow_with_what_is_waited_for_and_begin_anew_with_something_else(desk: Desk) -> None:
    number, crew = desk.put(ANNA), desk.crew()
    desk.answers[ANNA] = [BUSY, BUSY, BUSY, NOT_SHOWN, NOT_SHOWN, BUSY]
    pauses = []
    while desk.answers[ANNA]:
        crew.work_off()
        pauses.append((desk.hint(number).due_at - desk.now).total_seconds())
        desk.set_on(61.0)
    assert pauses == pytest.approx([0.21, 0.4, 0.8, 1.05, 2.0, 0.21])
    assert desk.hint(number).waits == 6


def test_what_is_told_of_anew_does_not_wait_as_long_as_before(desk: Desk) -> None:
    number, crew = desk.put(ANNA), desk.crew()
    desk.answers[ANNA] = [NOT_SHOWN] * 5
    for _ in range(4):
        crew.work_off()
        desk.set_on(61.0)
    desk.put(ANNA)
    crew.work_off()
    assert (desk.hint(number).due_at - desk.now).total_seconds() == pytest.approx(1.05)


@pytest.mark.parametrize("what", [BUSY, UNSETTLED, AGAIN], ids=["busy", "unsettled", "ours"])
def test_whoever_lets_go_wakes_who_waited_for_it(desk: Desk, what: Waiting) -> None:
    anna, crew = desk.put(ANNA), desk.crew()
    desk.answers[ANNA] = [what]
    assert crew.work_off() == 1
    assert desk.hint(anna).due_at > desk.now
    desk.put(BEN)
    assert crew.work_off() == 2
    assert (desk.seen, desk.hint(anna).state) == ([ANNA, BEN, ANNA], "applied")


def test_who_has_to_wait_lets_go_too_but_two_that_are_busy_do_not_wake_each_other(desk: Desk) -> None:
    anna, ben, crew = desk.put(ANNA), desk.put(BEN), desk.crew()
    desk.answers = {ANNA: [BUSY], BEN: [UNSETTLED]}
    assert crew.work_off() == 2
    desk.answers[CLEO] = [NO_ANSWER]
    desk.put(CLEO)
    assert crew.work_off() == 3
    assert {desk.hint(anna).state, desk.hint(ben).state} == {"applied"}


# --- dying ----------------------------------------------------------------------------------------------------------


class Killed(BaseException):
    """The process is gone: nothing after it is done."""


def kills(_hint: Hint) -> Ended:
    raise Killed


def test_a_hint_that_kills_each_worker_ends_as_a_dead_letter(desk: Desk) -> None:
    number = desk.put(ANNA)
    for life in range(TRIES + 1):
        desk.name = f"life {life}"
        with pytest.raises(Killed):
            desk.crew(kills).work_off()
        desk.set_on(LASTING.total_seconds() + 1.0)
        if desk.hint(number).attempts + 1 >= TRIES:
            break
    desk.name = "the last"
    assert desk.crew(kills).work_off() == 1
    assert (desk.hint(number).state, desk.hint(number).reason, desk.hint(number).permanent) == (
        "dead", "worker_died", True,
    )  # fmt: skip


def test_one_death_after_three_failures_that_pass_is_sent_round_again_by_itself(desk: Desk) -> None:
    desk.answers[ANNA] = [NO_ANSWER] * (TRIES - 1)
    number = desk.put(ANNA)
    for _ in range(TRIES - 1):
        assert desk.crew().work_off() == 1
        desk.set_on(10.0)
    with pytest.raises(Killed):
        desk.crew(kills).work_off()
    desk.set_on(LASTING.total_seconds() + 1.0)
    desk.name = "another"
    assert desk.crew().work_off() == 1
    hint = desk.hint(number)
    assert (hint.state, hint.reason, hint.sentence, hint.permanent) == (
        "dead", "no_answer", "Square gave no answer.", False,
    )  # fmt: skip


def test_what_a_dead_worker_held_is_taken_up_by_another_and_the_dead_one_ends_nothing(desk: Desk) -> None:
    number, dead = desk.put(ANNA), desk.crew()
    (held,) = dead.take(1)
    desk.name = "two"
    assert desk.crew().work_off() == 0
    desk.set_on(LASTING.total_seconds() + 1.0)
    (taken,) = (other := desk.crew()).take(1)
    dead.see_to(held)
    assert (desk.hint(number).state, desk.looked) == ("working", [])
    other.see_to(taken)
    assert (desk.hint(number).state, desk.looked) == ("applied", [(ANNA, "shown")])


def test_what_stops_in_the_middle_is_tried_again_and_keeps_nobody_else(desk: Desk) -> None:
    def stops(hint: Hint) -> Ended:
        if hint.ref == ANNA:
            raise ValueError("a mistake of ours")
        return DONE

    anna, ben = desk.put(ANNA), desk.put(BEN)
    assert desk.crew(stops).work_off() == 2
    assert (desk.hint(anna).state, desk.hint(anna).reason, desk.hint(anna).attempts) == ("waiting", "stopped", 1)
    assert desk.hint(ben).state == "applied"


# --- several at once ------------------------------------------------------------------------------------------------


@dataclass
class Running:
    """A crew at work in a thread, until the block is left."""

    crew: Crew
    rung: Event = field(default_factory=Event)
    over: Event = field(default_factory=Event)
    looks: Semaphore = field(default_factory=lambda: Semaphore(0))

    def look(self) -> None:
        """Ring, and return once the crew has looked after that."""
        for _ in range(2):
            self.rung.set()
            assert self.looks.acquire(timeout=SOON_ENOUGH)

    def __enter__(self) -> Running:
        self.crew.rested = self.rung.set
        self._thread = Thread(target=self.crew.work_until, args=(self.over.is_set, self._wait))
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.over.set()
        self.rung.set()
        self._thread.join(SOON_ENOUGH)
        assert not self._thread.is_alive()

    def _wait(self, seconds: float) -> None:
        assert 0.0 <= seconds <= LOOK_EVERY
        self.looks.release()
        self.rung.wait(SOON_ENOUGH)
        self.rung.clear()


def test_different_visits_are_carried_at_once(desk: Desk) -> None:
    for ref in (ANNA, BEN, CLEO):
        desk.put(ref)
    all_there, done = Barrier(3, timeout=SOON_ENOUGH), [Event() for _ in range(3)]

    def together(hint: Hint) -> Ended:
        all_there.wait()  # breaks, and the hint stops, unless three are carried at the same moment
        done[(ANNA, BEN, CLEO).index(hint.ref)].set()
        return DONE

    with Running(desk.crew(together, threads=3)):
        assert all(event.wait(SOON_ENOUGH) for event in done)


def test_one_visit_is_carried_one_time_after_the_other(desk: Desk) -> None:
    number = desk.put(ANNA)
    inside, most, guard = [0], [0], Lock()
    began, go_on, twice = Event(), Event(), Event()

    def alone(_hint: Hint) -> Ended:
        with guard:
            inside[0] += 1
            most[0] = max(most[0], inside[0])
        if began.is_set():
            twice.set()
        began.set()
        assert go_on.wait(SOON_ENOUGH)
        with guard:
            inside[0] -= 1
        return DONE

    with Running(desk.crew(alone, threads=4)) as running:
        assert began.wait(SOON_ENOUGH)
        assert desk.put(ANNA) == number  # it changes once more while it is carried
        running.look()
        assert most == [1] and not twice.is_set()
        go_on.set()
        assert twice.wait(SOON_ENOUGH)
    assert (most[0], desk.hint(number).counter) == (1, 2)


def test_no_more_are_taken_up_than_there_are_threads(desk: Desk) -> None:
    for ref in (ANNA, BEN, CLEO):
        desk.put(ref)
    two, go_on, third = Barrier(3, timeout=SOON_ENOUGH), Event(), Event()

    def slow(hint: Hint) -> Ended:
        if hint.ref == CLEO:
            third.set()
        else:
            two.wait()
            assert go_on.wait(SOON_ENOUGH)
        return DONE

    with Running(desk.crew(slow, threads=2)) as running:
        two.wait()
        while running.looks.acquire(blocking=False):
            pass
        running.look()
        with reading(desk.engine) as conn:
            held = [hint.state for hint in hints.of(conn, [CLEO])]
        assert held == ["waiting"] and not third.is_set()
        go_on.set()
        assert third.wait(SOON_ENOUGH)
