"""An intent is kept before anything is sent, and stays open until it is certain what became of it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy.engine import Connection, Engine

from sync.model import Ref, Side, Written, plain
from sync.store import intents, pairs
from sync.store.connection import writing
from tests.sync.store.made import NOON, at, bookly, square, visit

ANNA, BEN, A = bookly(1), bookly(2), square("a")


@pytest.fixture
def conn(store: Engine) -> Iterator[Connection]:
    with writing(store) as conn:
        yield conn


def _write(ref: Ref | None = None, body: str = "first") -> dict[str, Any]:
    return {"kind": "place", "ref": plain(ref), "write": {"note": body}}


def _open(conn: Connection, key: str = "k1", **given: Any) -> int:
    values: dict[str, Any] = {"visit": None, "request": 5, "step": 0, "write": _write()} | given
    return intents.open_intent(
        conn, key=key, side=Side.SQUARE, generation=2, mark=f"mark-{key}", token=9, now=NOON, **values
    )


def test_an_open_intent_holds_what_is_to_be_sent(conn: Connection) -> None:
    number = _open(conn)
    kept = intents.get(conn, number)
    assert kept is not None
    assert (kept.state, kept.key, kept.mark, kept.generation, kept.token) == ("open", "k1", "mark-k1", 2, 9)
    assert (kept.write, kept.made_at, kept.ended_at, kept.answer) == (_write(), NOON, None, None)
    assert len(intents.all_open(conn)) == 1


def test_the_answer_is_kept_and_an_intent_ends_once(conn: Connection) -> None:
    number = _open(conn)
    assert intents.settle(conn, number, "done", plain(Written(A, visit(A))), at(1))
    assert not intents.settle(conn, number, "nothing", None, at(2))
    (done,) = intents.done_for(conn, 5)
    assert (done.ref, done.answered, done.ended_at) == (A, visit(A), at(1))
    assert intents.all_open(conn) == ()


def test_an_answer_without_an_appointment_still_names_what_was_taken_away(conn: Connection) -> None:
    intents.settle(conn, _open(conn), "done", plain(Written(A, None)), at(1))
    (done,) = intents.done_for(conn, 5)
    assert (done.ref, done.answered) == (A, None)


def test_who_was_met_in_the_same_chair_is_kept_with_the_answer(conn: Connection) -> None:
    intents.settle(conn, _open(conn), "done", plain(Written(A, visit(A), overlaps=(ANNA, BEN))), at(1))
    assert [done.overlaps for done in intents.done_for(conn, 5)] == [(ANNA, BEN)]
    assert [row.overlaps for row in (intents.get(conn, _open(conn, "k2")),) if row] == [()]


def test_an_intent_ends_in_one_of_three_ways_only(conn: Connection) -> None:
    with pytest.raises(ValueError, match="open"):
        intents.settle(conn, _open(conn), "open", None, at(1))


@pytest.mark.parametrize("ending", ["refused", "nothing"])
def test_what_was_not_carried_out_may_be_tried_again_under_its_key(conn: Connection, ending: str) -> None:
    number = _open(conn)
    intents.settle(conn, number, ending, {"error": "no"}, at(1))
    assert _open(conn, write=_write(body="second")) == number
    kept = intents.get(conn, number)
    assert kept is not None
    assert (kept.state, kept.answer, kept.write) == ("open", None, _write(body="second"))


def test_a_key_is_never_sent_again_with_another_body_while_its_outcome_is_unknown(conn: Connection) -> None:
    number = _open(conn)
    assert _open(conn) == number
    with pytest.raises(intents.KeyUsed):
        _open(conn, write=_write(body="second"))


def test_what_was_carried_out_is_never_sent_again(conn: Connection) -> None:
    intents.settle(conn, _open(conn), "done", None, at(1))
    with pytest.raises(intents.KeyUsed):
        _open(conn)


def test_what_is_open_is_found_by_request_visit_and_appointment(conn: Connection) -> None:
    number = pairs.link(conn, Side.BOOKLY, [(ANNA, None), (A, None)], NOON)
    mine = _open(conn, "k1")
    of_visit = _open(conn, "k2", request=6, visit=number)
    of_ben = _open(conn, "k3", request=7, write=_write(BEN))

    def found(*args: Any, **named: Any) -> list[int]:
        numbers = [intent.id for intent in intents.open_for(conn, *args, **named)]
        assert intents.any_open_for(conn, *args, **named) is bool(numbers)
        return numbers

    assert found(5) == [mine]
    assert found(5, [A]) == [mine, of_visit]
    assert found(None, [ANNA]) == [of_visit]
    assert found(refs=[BEN]) == [of_ben]
    assert found(visit=number) == [of_visit]
    assert found() == []
    intents.settle(conn, of_visit, "nothing", None, at(1))
    assert found(None, [ANNA]) == []


def test_what_was_done_comes_in_the_order_of_its_steps(conn: Connection) -> None:
    for step in (2, 0, 1):
        intents.settle(conn, _open(conn, f"k{step}", step=step), "done", None, at(step))
    assert [intent.step for intent in intents.done_for(conn, 5)] == [0, 1, 2]


def test_a_stranger_is_known_again_by_its_mark(conn: Connection) -> None:
    number = _open(conn, "k1")
    assert {mark: intent.id for mark, intent in intents.by_mark(conn, ["mark-k1", "other"]).items()} == {
        "mark-k1": number
    }
    assert intents.by_mark(conn, []) == {}
