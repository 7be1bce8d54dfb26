"""A breaker, step by step, and as a state machine with calls that overlap."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, consumes, invariant, rule

from sync.decide.breaker import (
    LONGEST_ASKED,
    OPENS_AFTER,
    TRIAL_LASTS,
    Failure,
    Leave,
    answered,
    failed,
    leave,
    seconds_left,
    tried,
)
from sync.model import CLOSED, Breaker, BreakerState, Fault

NOON = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
LOST = Failure(Fault.NO_ANSWER, "Square gave no answer.")
REVOKED = Failure(Fault.NOT_LET_IN, "The access token was revoked.", "SQUARE_ACCESS_TOKEN", shuts=True)


def later(seconds: float) -> datetime:
    return NOON + timedelta(seconds=seconds)


def after(*failures: Failure, breaker: Breaker = CLOSED, now: datetime = NOON) -> Breaker:
    for failure in failures:
        breaker = failed(breaker, failure, now, trial=False)
    return breaker


def opened() -> Breaker:
    return after(*[LOST] * OPENS_AFTER)


def test_it_opens_after_five_failures_in_a_row_for_five_seconds() -> None:
    assert after(*[LOST] * 4).is_closed
    assert leave(opened(), NOON) is Leave.WAIT
    assert (opened().opened_at, opened().until, opened().reason) == (NOON, later(5), LOST.sentence)


def test_an_answer_in_between_begins_the_count_anew() -> None:
    four = after(*[LOST] * 4)
    assert after(*[LOST] * 4, breaker=answered(four, trial=False)).is_closed


@pytest.mark.parametrize("fault", [Fault.REFUSED, Fault.NOT_ALLOWED, Fault.NOT_SHOWN])
def test_a_no_is_an_answer(fault: Fault) -> None:
    assert after(*[LOST] * 4, Failure(fault)) == CLOSED
    assert after(*[Failure(fault)] * 50) == CLOSED


@pytest.mark.parametrize("fault", [Fault.NO_ANSWER, Fault.UNREACHED, Fault.TROUBLE])
def test_whatever_is_the_sides_own_failure_counts(fault: Fault) -> None:
    assert not after(*[Failure(fault)] * OPENS_AFTER).is_closed


def test_each_trial_that_fails_doubles_the_rest_to_a_minute() -> None:
    breaker, now, rests = opened(), NOON, []
    for _ in range(6):
        rests.append(seconds_left(breaker, now))
        now += timedelta(seconds=rests[-1])
        breaker = failed(tried(breaker, now), LOST, now, trial=True)
    assert rests == [5, 10, 20, 40, 60, 60]
    assert breaker.opened_at == NOON


def test_there_is_one_trial_and_its_success_closes() -> None:
    half = tried(opened(), later(5))
    assert half.state is BreakerState.HALF
    assert leave(half, later(5)) is Leave.WAIT
    assert tried(half, later(6)) == half
    assert tried(CLOSED, NOON) == CLOSED and tried(opened(), later(4)) == opened()
    assert answered(half, trial=True) == CLOSED


def test_a_trial_nobody_heard_of_again_makes_room_for_another() -> None:
    half = tried(opened(), later(5))
    lost = later(5) + TRIAL_LASTS
    assert leave(half, lost) is Leave.TRY
    assert tried(half, lost) != half


def test_an_answer_to_a_call_begun_before_closes_nothing_and_a_failure_opens_no_longer() -> None:
    assert answered(opened(), trial=False) == opened()
    assert after(LOST, breaker=opened(), now=later(3)) == opened()


def test_a_side_that_asks_to_wait_is_left_alone_at_once_until_then() -> None:
    asked = after(Failure(Fault.ASKED_TO_WAIT, retry_after=17))
    assert asked.until == later(17)
    assert after(Failure(Fault.TROUBLE, retry_after=40)).until == later(40)
    assert after(Failure(Fault.ASKED_TO_WAIT, retry_after=1e9)).until == NOON + LONGEST_ASKED
    assert after(Failure(Fault.ASKED_TO_WAIT, retry_after=0)).until == later(1)


def test_a_side_that_asks_to_wait_and_names_no_time_is_given_more_each_time() -> None:
    asked = Failure(Fault.ASKED_TO_WAIT)
    first = after(asked)
    assert first.until == later(1)
    assert failed(tried(first, later(1)), asked, later(1), trial=True).until == later(3)


def test_a_later_shorter_wait_shortens_nothing() -> None:
    asked = after(Failure(Fault.ASKED_TO_WAIT, retry_after=60))
    assert after(Failure(Fault.ASKED_TO_WAIT, retry_after=2), breaker=asked).until == later(60)


def test_a_trial_that_fails_after_a_wait_that_was_asked_for_rests_longer() -> None:
    asked = after(Failure(Fault.ASKED_TO_WAIT, retry_after=1))
    again = failed(tried(asked, later(1)), LOST, later(1), trial=True)
    assert seconds_left(again, later(1)) == 10


def test_a_side_that_lets_nobody_in_is_tried_once_a_minute_and_the_setting_is_named() -> None:
    shut = after(REVOKED)
    assert (shut.setting, shut.reason, shut.until) == ("SQUARE_ACCESS_TOKEN", REVOKED.sentence, later(60))
    again = failed(tried(shut, later(60)), REVOKED, later(60), trial=True)
    assert again.until == later(120)
    assert answered(tried(again, later(120)), trial=True) == CLOSED


class Calls(RuleBasedStateMachine):
    """Calls that begin, overlap and end in any order, against what is promised."""

    calls: Bundle[bool | None] = Bundle("calls")

    def __init__(self) -> None:
        super().__init__()
        self.breaker, self.now = CLOSED, NOON
        self.in_a_row = 0
        self.trial_ends: datetime | None = None

    @rule(seconds=st.sampled_from([0.2, 1, 5, 7, 31, 60, 700]))
    def time_passes(self, seconds: float) -> None:
        self.now = self.now + timedelta(seconds=seconds)

    @rule(target=calls)
    def a_call_asks(self) -> bool | None:
        told = leave(self.breaker, self.now)
        if told is Leave.GO:
            assert self.breaker.is_closed
            return False
        if told is Leave.TRY:
            assert self.trial_ends is None or self.now >= self.trial_ends, "two trials at once"
            self.breaker = tried(self.breaker, self.now)
            self.trial_ends = self.now + TRIAL_LASTS
            return True
        assert seconds_left(self.breaker, self.now) > 0
        return None

    @rule(trial=consumes(calls))
    def it_is_answered(self, trial: bool | None) -> None:
        if trial is None:
            return
        was = self.breaker
        self.breaker = answered(was, trial=trial)
        assert self.breaker == (CLOSED if trial or was.is_closed else was)
        self._count(False, trial, was)

    @rule(
        trial=consumes(calls),
        fault=st.sampled_from(list(Fault)),
        asked=st.sampled_from([None, None, 0.0, 3.0, 90.0, 1e9]),
        shuts=st.booleans(),
    )
    def it_fails(self, trial: bool | None, fault: Fault, asked: float | None, shuts: bool) -> None:
        if trial is None:
            return
        failure = Failure(fault, "It failed.", "A_SETTING", asked, shuts and fault is Fault.NOT_LET_IN)
        was = self.breaker
        self.breaker = failed(was, failure, self.now, trial=trial)
        if failure.counts and trial:
            assert not self.breaker.is_closed
        self._count(failure.counts, trial, was)

    def _count(self, counts: bool, trial: bool, was: Breaker) -> None:
        if trial and (self.breaker.is_closed or self.breaker.state is BreakerState.OPEN):
            self.trial_ends = None
        if was.is_closed:
            self.in_a_row = self.in_a_row + 1 if counts else 0
            assert self.in_a_row < OPENS_AFTER or not self.breaker.is_closed
        if self.breaker.is_closed and not was.is_closed:
            self.in_a_row = 0

    @invariant()
    def it_is_always_tried_again_within_an_hour(self) -> None:
        if self.breaker.is_closed:
            assert self.breaker.until is None and self.breaker.failures < OPENS_AFTER
        else:
            assert self.breaker.until is not None
            assert seconds_left(self.breaker, self.now) <= LONGEST_ASKED.total_seconds()


TestCalls = Calls.TestCase
