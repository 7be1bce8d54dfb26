"""The calls made for a hint are kept with it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from sqlalchemy import Engine

from sync.model import Side
from sync.model.calls import Call
from sync.store import calls
from sync.store.connection import reading, writing

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)
READ = Call(Side.BOOKLY, "read rows", NOON, 3.5, "ok")
LOST = Call(Side.SQUARE, "create booking", NOON + timedelta(seconds=1), 10_000.0, "lost", 503, "", "req-1")
MADE = Call(Side.SQUARE, "create booking", NOON + timedelta(seconds=5), 120.0, "ok", 200, "", "req-2")


def test_each_call_is_kept_as_it_was_told_with_its_attempt(store: Engine) -> None:
    with writing(store) as conn:
        calls.keep(conn, 7, 1, [READ, LOST])
        calls.keep(conn, 7, 2, [MADE])
        calls.keep(conn, 8, 1, [READ])
        calls.keep(conn, 9, 1, [])
    with reading(store) as conn:
        assert [(kept.attempt, kept.call) for kept in calls.of(conn, 7)] == [(1, READ), (1, LOST), (2, MADE)]
        assert calls.of(conn, 9) == ()


def test_old_calls_are_forgotten(store: Engine) -> None:
    with writing(store) as conn:
        calls.keep(conn, 7, 1, [READ, LOST])
        assert calls.forget_before(conn, LOST.at) == 1
    with reading(store) as conn:
        assert [kept.call for kept in calls.of(conn, 7)] == [LOST]
