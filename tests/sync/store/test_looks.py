"""Looks at dead letters: asked for once a minute, answered in their order, forgotten soon."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from sqlalchemy.engine import Engine

from sync.model import Side
from sync.store import looks
from sync.store.connection import reading, writing

NOW = datetime(2026, 11, 21, 9, 0, tzinfo=UTC)


def later(seconds: float) -> datetime:
    return NOW + timedelta(seconds=seconds)


def test_what_was_asked_is_answered_in_the_order_of_asking(store: Engine) -> None:
    with writing(store) as conn:
        assert looks.ask(conn, (7, 3), NOW) == 2
        assert looks.ask(conn, (1,), later(1)) == 1
        order = []
        while (letter := looks.next_asked(conn)) is not None:
            order.append(letter)
            looks.answer(conn, letter, "still_needed", (Side.SQUARE,), later(2))
    assert order == [7, 3, 1]
    with reading(store) as conn:
        found = looks.of(conn, (3, 4))
        assert looks.newest(conn) == later(2).timestamp()
    assert found == {3: looks.Look(3, "still_needed", (Side.SQUARE,), later(2))}


def test_a_look_counts_for_a_minute_and_is_then_made_again(store: Engine) -> None:
    with writing(store) as conn:
        looks.ask(conn, (7,), NOW)
        looks.answer(conn, 7, "already_true", (), NOW)
        assert looks.ask(conn, (7, 7), later(59)) == 0
        assert looks.next_asked(conn) is None
        assert looks.ask(conn, (7, 7), later(60)) == 1
        assert not looks.of(conn, (7,))[7].answered


def test_what_is_old_is_forgotten(store: Engine) -> None:
    with writing(store) as conn:
        looks.ask(conn, (7,), NOW)
        looks.ask(conn, (8,), later(looks.FORGOTTEN_AFTER + 1))
        assert set(looks.of(conn, (7, 8))) == {8}
