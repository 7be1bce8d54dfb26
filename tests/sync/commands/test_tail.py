"""What happens, said once each and in order, with nobody's name in it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from sqlalchemy import Engine

from sync.commands.tail import follow
from sync.model import Choice, ChoiceKind, End, Ref, Side, Source
from sync.store import deliveries, hints, requests
from sync.store.connection import writing
from sync.store.deliveries import Delivery
from tests.sync.store.test_hints import NOW


def ended_hint(store: Engine, key: str, at: float) -> None:
    with writing(store) as conn:
        hints.put(conn, Ref(Side.SQUARE, key), Source.WEBHOOK, NOW, changed_at=NOW)
        (hint,) = hints.claim(conn, "one", NOW, timedelta(seconds=90), 1)
        hints.finish(conn, hint, "one", End.APPLIED, "time", NOW + timedelta(seconds=at))


def said(store: Engine, *between: Callable[[], object]) -> list[str]:
    """What is said over one look and one more after each of `between` was done."""
    lines: list[str] = []
    todo = list(between)

    def go_on() -> bool:
        if not todo:
            return False
        todo.pop(0)()
        return True

    follow(store, NOW - timedelta(minutes=10), lines.append, go_on)
    return lines


def test_a_hint_that_ended_is_said_with_its_end_and_its_why(store: Engine) -> None:
    ended_hint(store, "abc", 1.5)
    (line,) = said(store)
    assert line.startswith("09:00:01.500") and "square/abc: applied after 1.50 s. It was moved" in line


def test_each_line_is_said_once(store: Engine) -> None:
    ended_hint(store, "abc", 1)
    lines = said(store, lambda: ended_hint(store, "def", 2), lambda: None)
    assert [line.split(": ")[0].split("/")[1] for line in lines] == ["abc", "def"]


def test_messages_and_clicks_are_said_too_in_the_order_of_time(store: Engine) -> None:
    ended_hint(store, "abc", 3)
    with writing(store) as conn:
        came = Delivery(
            Side.SQUARE,
            (NOW + timedelta(seconds=1)).timestamp(),
            200,
            "kept",
            2.0,
            event_id="e1",
            key="abc",
        )
        deliveries.note(conn, [came])
        asked = requests.ask(
            conn, key="k", finding=None, choice=Choice(ChoiceKind.LEAVE), seen="", who="Dana", role="manager", now=NOW
        )
        requests.claim(conn, "one", NOW, timedelta(seconds=90))
        requests.finish(conn, asked.id, "one", "done", {}, NOW + timedelta(seconds=2))
    lines = said(store)
    assert [line.split()[1] for line in lines] == ["webhook", "request", "hint"]
    assert "asked by Dana: done" in lines[1] and "200 kept" in lines[0]
