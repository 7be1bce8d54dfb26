"""A statement put together once does what SQLAlchemy's own does."""

from __future__ import annotations

from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine

from sync.store.connection import reading, writing
from sync.store.prepared import Prepared
from sync.store.tables import calls, intents

COLUMNS = [column.key for column in intents.c if column.key != "id"]
NEW = Prepared(intents.insert().returning(intents.c.id), COLUMNS)
OF_STATE = Prepared(
    sa.select(intents.c.idempotency_key).where(intents.c.state == "open", intents.c.step == sa.bindparam("at"))
)


def values(key: str, **other: Any) -> dict[str, Any]:
    return {
        "visit": None,
        "request": None,
        "hint": 7,
        "step": 0,
        "side": "square",
        "generation": 0,
        "idempotency_key": key,
        "mark": "",
        "write": {"kind": "place", "clients": ["Zoë"], "deep": {"a": None}},
        "token": 1,
        "state": "open",
        "answer": None,
        "made_at": 1.5,
        "ended_at": None,
        **other,
    }


def kept(conn: Connection) -> list[tuple[Any, ...]]:
    columns = [column for column in intents.c if column.key not in ("id", "idempotency_key")]
    as_text = sa.cast(intents.c.answer, sa.Text), sa.cast(intents.c.write, sa.Text)
    return [tuple(row) for row in conn.execute(sa.select(*columns, *as_text).order_by(intents.c.id))]


@pytest.mark.parametrize("answer", [None, {"ref": None}, {}])
def test_what_it_keeps_is_what_sqlalchemy_keeps(store: Engine, answer: Any) -> None:
    with writing(store) as conn:
        conn.execute(intents.insert().values(values("one", answer=answer)))
        NEW.run(conn, values("two", answer=answer)).fetchall()
        first, second = kept(conn)
    assert first == second


def test_it_gives_the_number_of_a_new_row(store: Engine) -> None:
    with writing(store) as conn:
        made = [NEW.run(conn, values(key)).fetchall()[0][0] for key in ("one", "two")]
    with reading(store) as conn:
        assert made == list(conn.execute(sa.select(intents.c.id).order_by(intents.c.id)).scalars())


def test_what_is_written_into_it_stays_and_what_is_named_is_given_each_time(store: Engine) -> None:
    with writing(store) as conn:
        for key, state, step in (("one", "open", 0), ("two", "done", 0), ("three", "open", 1)):
            NEW.run(conn, values(key, state=state, step=step)).fetchall()
        assert OF_STATE.run(conn, {"at": 0}).fetchall() == [("one",)]
        assert OF_STATE.run(conn, {"at": 1}).fetchall() == [("three",)]


def test_many_rows_go_in_with_one_statement(store: Engine) -> None:
    names = ("hint", "attempt", "side", "name", "at", "ms", "outcome", "status", "code", "request_id")
    row = dict(zip(names, (1, 1, "square", "list bookings", 1.0, 3.5, "answered", 200, "", ""), strict=True))
    with writing(store) as conn:
        Prepared(calls.insert(), names).run_all(conn, [{**row, "attempt": n} for n in (1, 2, 3)])
    with reading(store) as conn:
        assert list(conn.execute(sa.select(calls.c.attempt).order_by(calls.c.attempt)).scalars()) == [1, 2, 3]


def test_what_it_writes_falls_with_its_transaction(store: Engine) -> None:
    def fail() -> None:
        with writing(store) as conn:
            NEW.run(conn, values("one")).fetchall()
            raise LookupError

    with pytest.raises(LookupError):
        fail()
    with reading(store) as conn:
        assert kept(conn) == []
