"""A request is asked once, carried by one worker at a time, and ended once."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine

from sync.model import Choice, ChoiceKind, LeaveReason, Side
from sync.store import requests
from sync.store.connection import writing
from sync.store.requests import Asked, Request
from sync.store.tables import requests as table
from tests.sync.store.made import NOON, at, bookly, square

LASTING = timedelta(minutes=2)
CHOICE = Choice(ChoiceKind.LINK, ref=bookly(1), other=square("a"), start=NOON, side=Side.SQUARE)


@pytest.fixture
def conn(store: Engine) -> Iterator[Connection]:
    with writing(store) as conn:
        yield conn


def _ask(conn: Connection, key: str = "k", now: float = 0, **given: Any) -> Asked:
    values: dict[str, Any] = {"finding": 3, "choice": CHOICE, "seen": "h", "who": "Ida", "role": "manager"} | given
    return requests.ask(conn, key=key, now=at(now), **values)


def _claim(conn: Connection, now: float = 1, worker: str = "w1") -> Request | None:
    return requests.claim(conn, worker, at(now), LASTING)


def test_a_button_hit_twice_asks_once(conn: Connection) -> None:
    first = _ask(conn)
    assert first == Asked(first.id, True, "waiting")
    assert _ask(conn, who="Theo") == Asked(first.id, False, "waiting")
    kept = requests.get(conn, first.id)
    assert kept is not None
    assert (kept.choice, kept.asked_by, kept.role, kept.seen, kept.asked_at) == (CHOICE, "Ida", "manager", "h", NOON)
    assert kept.refs == (bookly(1), square("a"))


def test_who_asks_again_hears_how_far_it_is(conn: Connection) -> None:
    asked = _ask(conn)
    _claim(conn)
    assert _ask(conn) == Asked(asked.id, False, "working")
    requests.finish(conn, asked.id, "w1", "done", {}, at(2))
    assert _ask(conn) == Asked(asked.id, False, "done")


def test_a_claimed_request_is_nobody_elses(conn: Connection) -> None:
    asked = _ask(conn)
    assert requests.any_due(conn, at(1))
    claimed = _claim(conn)
    assert claimed is not None
    assert (claimed.id, claimed.state) == (asked.id, "working")
    assert not requests.any_due(conn, at(1))
    assert _claim(conn, worker="w2") is None


def test_what_was_asked_first_is_taken_up_first_and_a_click_before_a_bulk(conn: Connection) -> None:
    rows = [(f"b{n}", n, CHOICE, "h") for n in (1, 2)]
    bulk = requests.ask_many(conn, rows, who="Ida", role="manager", now=at(-1))
    first, second = _ask(conn, "k1"), _ask(conn, "k2")
    taken = [_claim(conn) for _ in range(4)]
    assert [t.id for t in taken[:2] if t] == [first.id, second.id]
    assert [t.bulk for t in taken[2:] if t] == [bulk, bulk]


def test_a_dead_workers_request_comes_back_and_its_late_word_does_not_count(conn: Connection) -> None:
    asked = _ask(conn)
    _claim(conn, 1, "w1")
    assert _claim(conn, 2.9, "w2") is None
    again = _claim(conn, 3.1, "w2")
    assert again is not None
    assert not requests.finish(conn, asked.id, "w1", "done", {"late": True}, at(4))
    assert not requests.put_back(conn, asked.id, "w1", at(9), "busy", at(4), waiting=False)
    assert requests.finish(conn, asked.id, "w2", "refused", {"word": "past"}, at(4))
    kept = requests.get(conn, asked.id)
    assert kept is not None
    assert (kept.state, kept.outcome, kept.attempts) == ("refused", {"word": "past"}, 1)


def test_a_request_ends_once(conn: Connection) -> None:
    asked = _ask(conn)
    _claim(conn)
    assert requests.finish(conn, asked.id, "w1", "done", {}, at(2))
    assert not requests.finish(conn, asked.id, "w1", "half", {}, at(3))
    assert _claim(conn, 99) is None
    assert requests.under_way(conn) == ()


@pytest.mark.parametrize(("waiting", "attempts"), [(True, 0), (False, 1)])
def test_waiting_is_no_attempt_and_nothing_is_taken_up_before_it_is_due(
    conn: Connection, waiting: bool, attempts: int
) -> None:
    asked = _ask(conn)
    _claim(conn)
    assert requests.put_back(conn, asked.id, "w1", at(5), "busy", at(1), waiting=waiting)
    assert _claim(conn, 4.9) is None
    again = _claim(conn, 5)
    assert again is not None
    assert again.attempts == attempts


def test_for_what_a_request_waits_is_kept_with_the_moment_it_began(conn: Connection) -> None:
    asked = _ask(conn)
    for again, reason in ((1, "busy"), (2, "busy"), (3, "breaker")):
        _claim(conn, again)
        requests.put_back(conn, asked.id, "w1", at(again + 1), reason, at(again), waiting=True)
        row = conn.execute(sa.select(table.c.waits_for, table.c.waits_since)).one()
        assert row == (reason, at(1 if reason == "busy" else 3).timestamp())


def test_each_bulk_has_a_number_of_its_own(conn: Connection) -> None:
    rows = [(f"b{n}", n, CHOICE, "h") for n in range(3)]
    bulk = requests.ask_many(conn, rows, who="Ida", role="manager", now=NOON)
    other = requests.ask_many(conn, [("c", 9, CHOICE, "h")], who="Ida", role="manager", now=NOON)
    assert [request.bulk for request in requests.under_way(conn)] == [bulk, bulk, bulk, other]
    assert other != bulk


def test_who_settled_a_finding_is_told_only_when_somebody_did(conn: Connection) -> None:
    asked = _ask(conn)
    _claim(conn)
    assert requests.settled_by(conn, 3) is None
    requests.finish(conn, asked.id, "w1", "done", {}, at(2))
    second = _ask(conn, "k2", who="Theo")
    _claim(conn, 3)
    requests.finish(conn, second.id, "w1", "refused", {"word": "settled_already"}, at(4))
    settled = requests.settled_by(conn, 3)
    assert settled is not None
    assert (settled.asked_by, settled.ended_at) == ("Ida", at(2))
    assert [r.id for r in requests.for_finding(conn, 3)] == [asked.id, second.id]


def test_an_undo_names_what_it_undoes(conn: Connection) -> None:
    first = _ask(conn)
    undo = _ask(conn, "u", choice=Choice(ChoiceKind.UNDO, reason=LeaveReason.OTHER), undo_of=first.id)
    kept = requests.get(conn, undo.id)
    assert kept is not None
    assert (kept.undo_of, kept.choice.kind, kept.refs) == (first.id, ChoiceKind.UNDO, ())
    assert requests.get(conn, 999) is None
