"""Hints: one open row an appointment, claimed once, ended once, never lost when another one joins."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import Engine

from sync.model import End, Ref, Side, Source
from sync.store import hints
from sync.store.connection import reading, writing
from sync.store.hints import Hint, Measured

NOW = datetime(2026, 11, 21, 9, 0, tzinfo=UTC)
HOLDING = timedelta(seconds=90)
ANNA = Ref(Side.BOOKLY, "ca:1")
BEN = Ref(Side.SQUARE, "ben")


def later(seconds: float) -> datetime:
    return NOW + timedelta(seconds=seconds)


def put(store: Engine, ref: Ref = ANNA, **also: object) -> int:
    with writing(store) as conn:
        return hints.put(conn, ref, Source.WEBHOOK, NOW, **also)  # type: ignore[arg-type]


def claim(store: Engine, worker: str = "one", at: datetime = NOW, most: int = 10) -> tuple[Hint, ...]:
    with writing(store) as conn:
        return hints.claim(conn, worker, at, HOLDING, most)


def finish(
    store: Engine,
    hint: Hint,
    end: End = End.APPLIED,
    worker: str = "one",
    visit: int | None = None,
    reason: str = "carried",
) -> bool:
    with writing(store) as conn:
        return hints.finish(conn, hint, worker, end, reason, later(1), measured=Measured(visit=visit))


def kept(store: Engine, number: int) -> Hint:
    with reading(store) as conn:
        found = hints.get(conn, number)
    assert found is not None
    return found


def test_a_second_hint_for_the_same_appointment_joins_the_first(store: Engine) -> None:
    first = put(store, version=3, changed_at=later(-5))
    again = put(store, version=2, changed_at=later(-9))
    assert again == first
    hint = kept(store, first)
    assert (hint.counter, hint.version, hint.changed_at) == (2, 3, later(-9))


def test_a_hint_for_another_appointment_is_a_row_of_its_own(store: Engine) -> None:
    assert put(store, ANNA) != put(store, BEN)


def test_a_hint_is_claimed_once(store: Engine) -> None:
    put(store)
    assert len(claim(store, "one")) == 1
    assert claim(store, "two") == ()


def test_what_a_dead_worker_held_comes_back_as_an_attempt(store: Engine) -> None:
    put(store)
    claim(store, "one")
    (again,) = claim(store, "two", NOW + HOLDING + timedelta(seconds=1))
    assert again.attempts == 1
    assert not finish(store, again, worker="one")
    assert kept(store, again.id).state == "working"


def test_a_hint_that_another_one_joined_meanwhile_is_not_done(store: Engine) -> None:
    put(store)
    (hint,) = claim(store)
    put(store)
    assert not finish(store, hint)
    assert kept(store, hint.id).state == "waiting"
    (again,) = claim(store, at=later(2))
    assert finish(store, again)
    assert kept(store, hint.id).state == "applied"


def test_an_ended_hint_takes_no_other_in(store: Engine) -> None:
    number = put(store)
    (hint,) = claim(store)
    finish(store, hint)
    assert put(store) != number


def test_a_wait_is_no_attempt_and_a_try_is(store: Engine) -> None:
    put(store)
    (hint,) = claim(store)
    with writing(store) as conn:
        assert hints.put_back(conn, hint, "one", later(1), "busy", attempt=False)
    assert claim(store, at=later(0.5)) == ()
    (hint,) = claim(store, at=later(1))
    assert (hint.attempts, hint.waits) == (0, 1)
    with writing(store) as conn:
        hints.put_back(conn, hint, "one", later(2), "no_answer", attempt=True)
    assert kept(store, hint.id).attempts == 1


def test_those_that_wait_for_a_reason_are_woken_by_it(store: Engine) -> None:
    put(store)
    (hint,) = claim(store)
    with writing(store) as conn:
        hints.put_back(conn, hint, "one", later(60), "busy", attempt=False)
        assert hints.wake(conn, later(1), "breaker") == 0
        assert hints.wake(conn, later(1), "busy") == 1
    assert len(claim(store, at=later(1))) == 1


def test_the_first_due_is_claimed_first(store: Engine) -> None:
    put(store, ANNA, due_at=later(2))
    put(store, BEN, due_at=later(1))
    (first,) = claim(store, at=later(3), most=1)
    assert first.ref == BEN


def test_when_the_next_is_due_is_known(store: Engine) -> None:
    with reading(store) as conn:
        assert hints.next_due(conn) is None
    put(store, due_at=later(4))
    with reading(store) as conn:
        assert hints.next_due(conn) == later(4)


def test_a_later_success_closes_the_dead_letter_of_the_visit(store: Engine) -> None:
    put(store, ANNA)
    (hint,) = claim(store)
    finish(store, hint, End.DEAD, visit=7)
    put(store, BEN)
    (other,) = claim(store, at=later(2))
    finish(store, other, End.ALREADY_TRUE, visit=7)
    with reading(store) as conn:
        assert hints.dead(conn) == ()
    assert kept(store, hint.id).closed_because == "superseded"


def test_there_is_one_open_dead_letter_a_visit(store: Engine) -> None:
    for _ in range(2):
        put(store, ANNA)
        (hint,) = claim(store, at=later(5))
        finish(store, hint, End.DEAD)
    with reading(store) as conn:
        assert [one.id for one in hints.dead(conn)] == [hint.id]


def dead_beside(store: Engine, end: End, reason: str = "carried", ref: Ref = ANNA) -> int:
    """How many dead letters lie there when Anna's died and a later hint, of the same visit, ended so."""
    put(store)
    (hint,) = claim(store)
    finish(store, hint, End.DEAD, visit=7)
    put(store, ref)
    (again,) = claim(store, at=later(5))
    finish(store, again, end, visit=7, reason=reason)
    with reading(store) as conn:
        return len(hints.dead(conn))


@pytest.mark.parametrize("end", [End.CONFLICT, End.SUPERSEDED])
def test_what_it_names_was_asked_about_or_is_no_part_of_the_visit_any_more_so_its_dead_letter_is_closed(
    store: Engine, end: End
) -> None:
    assert dead_beside(store, end, "taken" if end is End.CONFLICT else "former") == 0


@pytest.mark.parametrize("end", [End.CONFLICT, End.SUPERSEDED])
def test_what_was_said_of_another_appointment_of_the_visit_settles_no_dead_letter(store: Engine, end: End) -> None:
    assert dead_beside(store, end, ref=BEN) == 1


@pytest.mark.parametrize("reason", ["watching", "another_installation"])
def test_what_nobody_was_asked_about_closes_no_dead_letter(store: Engine, reason: str) -> None:
    assert dead_beside(store, End.CONFLICT, reason) == 1


def test_what_a_dead_worker_held_is_taken_up_though_its_side_is_left_alone(store: Engine) -> None:
    put(store)
    (hint,) = claim(store)
    with writing(store) as conn:
        hints.put_back(conn, hint, "one", NOW, "breaker", attempt=False)
    claim(store)
    late = NOW + HOLDING + timedelta(seconds=1)
    with writing(store) as conn:
        due = hints.next_due(conn, but=["breaker"])
        assert due is not None and due < late, "who waits for what is due would look at once, again and again"
        assert [one.id for one in hints.claim(conn, "two", late, HOLDING, 10, but=["breaker"])] == [hint.id]
        assert hints.next_due(conn, but=["breaker"]) == late + HOLDING


def test_what_waits_for_a_side_that_is_left_alone_is_not_due(store: Engine) -> None:
    put(store)
    (hint,) = claim(store)
    with writing(store) as conn:
        hints.put_back(conn, hint, "one", NOW, "breaker", attempt=False)
        assert hints.next_due(conn, but=["breaker"]) is None
        assert hints.claim(conn, "two", later(60), HOLDING, 10, but=["breaker"]) == ()


def test_what_is_measured_adds_up_over_the_tries(store: Engine) -> None:
    put(store)
    (hint,) = claim(store)
    with writing(store) as conn:
        tried = Measured(calls=2, call_ms=120.0, lock_ms=3.0)
        hints.put_back(conn, hint, "one", later(1), "no_answer", attempt=True, measured=tried)
    (hint,) = claim(store, at=later(1))
    with writing(store) as conn:
        hints.finish(conn, hint, "one", End.APPLIED, "carried", later(2), measured=Measured(calls=1, call_ms=80.0))
    ended = kept(store, hint.id)
    assert (ended.calls, ended.call_ms, ended.lock_ms, ended.started_at) == (3, 200.0, 3.0, NOW)


def test_open_refs_are_those_under_way(store: Engine) -> None:
    put(store, ANNA)
    put(store, BEN)
    (hint,) = claim(store, most=1)
    finish(store, hint)
    with reading(store) as conn:
        assert hints.open_refs(conn) == {BEN}
