"""The worker looks at what is asked for on a screen, one letter after the other, and never stops over one."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import cast

from sqlalchemy import Engine

from sync.converge.house import House
from sync.decide.resending import Now
from sync.inbox.looking import PlanOf, look_at_one
from sync.model import End, Ref, Side, Source
from sync.store import hints, looks
from sync.store.connection import reading, writing
from sync.store.hints import Hint

NOW = datetime(2026, 11, 21, 9, 0, tzinfo=UTC)
ANNA = Ref(Side.BOOKLY, "ca:1")
NEEDED = Now(End.APPLIED, writes=(Side.SQUARE,))


def house(store: Engine) -> House:
    """No more than a look needs when its plan is given."""
    return cast(House, SimpleNamespace(engine=store, clock=lambda: NOW))


def bury(store: Engine, *, permanent: bool = False) -> int:
    with writing(store) as conn:
        hints.put(conn, ANNA, Source.WEBHOOK, NOW)
        (hint,) = hints.claim(conn, "worker", NOW, timedelta(seconds=90), 1)
        hints.finish(conn, hint, "worker", End.DEAD, "no_answer", NOW, permanent=permanent)
    return hint.id


def looked(store: Engine, letter: int, plan_of: PlanOf = lambda _house, _letter: NEEDED) -> looks.Look:
    with writing(store) as conn:
        looks.ask(conn, (letter,), NOW)
    assert look_at_one(house(store), plan_of)
    with reading(store) as conn:
        return looks.of(conn, (letter,))[letter]


def test_the_answer_is_the_verdict_and_where_it_would_write(store: Engine) -> None:
    found = looked(store, bury(store))
    assert (found.verdict, found.writes) == ("still_needed", (Side.SQUARE,))
    assert not look_at_one(house(store))


def test_what_cannot_be_helped_is_said(store: Engine) -> None:
    assert looked(store, bury(store, permanent=True)).verdict == "cannot_help"


def test_a_look_that_fails_is_answered_all_the_same(store: Engine) -> None:
    def falls_over(_house: House, _letter: Hint) -> Now:
        raise ZeroDivisionError

    assert looked(store, bury(store), falls_over).verdict == "cannot_say"


def test_a_letter_that_is_done_with_is_not_looked_at(store: Engine) -> None:
    letter = bury(store)
    with writing(store) as conn:
        hints.close_dead(conn, ANNA, None, NOW)
    assert looked(store, letter, lambda _house, _letter: Now()).verdict == "already_true"
    assert looked(store, 4711).verdict == "already_true"
