"""When a hint is tried again: never too soon, never too often, and a wait is no attempt."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sync.decide.retry import PAUSES, TRIES, Again, Bury, Failed, Wait, after_failure, waiting, worn_out

CHANCES = st.floats(0, 1, exclude_max=True)
MIDDLE = 0.5
LOST = Failed("no_answer")


def test_a_hint_is_tried_again_after_one_two_and_four_seconds_and_then_buried() -> None:
    told = [after_failure(attempts, LOST, MIDDLE) for attempts in range(4)]
    assert told == [
        Again(1.0, "no_answer", attempt=True),
        Again(2.0, "no_answer", attempt=True),
        Again(4.0, "no_answer", attempt=True),
        Bury(False, "no_answer"),
    ]


@given(attempts=st.integers(0, 2), chance=CHANCES)
def test_a_pause_is_a_fifth_longer_or_shorter_at_most(attempts: int, chance: float) -> None:
    again = after_failure(attempts, LOST, chance)
    assert isinstance(again, Again)
    assert 0.8 * 2**attempts <= again.seconds <= 1.2 * 2**attempts


@given(attempts=st.integers(0, 2))
def test_what_failed_together_does_not_come_back_together(attempts: int) -> None:
    early, late = (after_failure(attempts, LOST, chance) for chance in (0.0, 0.99))
    assert isinstance(early, Again) and isinstance(late, Again)
    assert late.seconds - early.seconds > 0.39 * 2**attempts


@given(attempts=st.integers(0, 10_000), chance=CHANCES)
def test_what_can_never_help_is_buried_at_once_and_for_a_person(attempts: int, chance: float) -> None:
    assert after_failure(attempts, Failed("refused", permanent=True), chance) == Bury(True, "refused")


@given(attempts=st.integers(3, 10_000), chance=CHANCES)
def test_nothing_is_tried_a_fifth_time(attempts: int, chance: float) -> None:
    assert after_failure(attempts, LOST, chance) == Bury(False, "no_answer")


@given(asked=st.floats(0, 1e9), attempts=st.integers(0, 50), waits=st.integers(0, 5000), chance=CHANCES)
def test_retry_after_is_a_floor_of_an_hour_at_most_and_no_attempt(
    asked: float, attempts: int, waits: int, chance: float
) -> None:
    again = after_failure(attempts, Failed("asked_to_wait", retry_after=asked), chance, waits)
    assert isinstance(again, Again) and not again.attempt
    assert again.reason == "asked_to_wait"
    assert min(asked, 3600) <= again.seconds <= max(1.2, min(asked, 3600) + 10)


def test_what_can_never_help_is_not_put_off_by_retry_after() -> None:
    assert isinstance(after_failure(0, Failed("not_let_in", permanent=True, retry_after=5), MIDDLE), Bury)


@given(why=st.sampled_from(list(Wait)), waits=st.integers(0, 100_000), chance=CHANCES)
def test_a_wait_is_no_attempt_and_stays_within_its_pauses(why: Wait, waits: int, chance: float) -> None:
    again = waiting(why, waits, chance)
    first, longest = PAUSES[why]
    assert not again.attempt and again.reason == why
    assert 0.8 * first <= again.seconds <= 1.2 * longest


@pytest.mark.parametrize(
    ("why", "pauses"),
    [
        (Wait.BUSY, [0.2, 0.4, 0.8, 1.6, 2.0, 2.0]),
        (Wait.UNSETTLED, [0.2, 0.4, 0.8, 1.6, 2.0, 2.0]),
        (Wait.OURS, [0.2, 0.4, 0.8, 1.6, 2.0, 2.0]),
        (Wait.HALF_WRITTEN, [1.0, 1.0, 1.0]),
        (Wait.NOT_SHOWN_YET, [1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 60.0]),
        (Wait.PAUSED, [5.0, 10.0, 20.0, 40.0, 60.0]),
    ],
)
def test_pauses_grow(why: Wait, pauses: list[float]) -> None:
    assert [waiting(why, waits, MIDDLE).seconds for waits in range(len(pauses))] == pytest.approx(pauses)


def test_a_wait_of_another_word_grows_too() -> None:
    assert [waiting("overtaken", waits, MIDDLE).seconds for waits in (0, 1, 2, 9)] == pytest.approx([1, 2, 4, 60])


@given(left=st.floats(0.5, 60), waits=st.integers(0, 5000), chance=CHANCES)
def test_what_waits_for_a_side_comes_as_soon_as_it_may_be_tried(left: float, waits: int, chance: float) -> None:
    assert left <= waiting(Wait.BREAKER, waits, chance, at_least=left).seconds <= 1.1 * left


def test_a_hint_under_which_every_worker_died_is_for_a_person() -> None:
    assert [worn_out(attempts, "") for attempts in range(TRIES)] == [None] * TRIES
    for reason in ("", Wait.BUSY, "joined"):
        assert worn_out(TRIES, reason) == Bury(True, "worker_died")


@pytest.mark.parametrize("reason", ["no_answer", "unreached", "trouble", "not_shown", "stopped"])
def test_a_death_after_failures_that_pass_buries_a_hint_as_the_failures_would(reason: str) -> None:
    assert worn_out(TRIES - 1, reason) is None
    assert worn_out(TRIES, reason) == Bury(False, reason)
