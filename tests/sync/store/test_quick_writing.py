"""Writing straight on the driver keeps every promise of `writing`, and looks first where it would have to wait."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import Engine

from sync.store import connection, turns
from sync.store.connection import Driver, StoreProblem, quick_writing, reading, writing
from sync.store.tables import keeping
from tests.sync.store.processes import COUNTER

PUT = "INSERT INTO keeping (key, value, changed_at) VALUES (:key, :value, 0)"
GET = "SELECT value FROM keeping WHERE key = :key"


def put(db: Driver, value: int = 0) -> int:
    return db.execute(PUT, {"key": COUNTER, "value": str(value)}).rowcount


def count_up(db: Driver) -> int:
    """A read and a write that belong together."""
    value = int(db.execute(GET, {"key": COUNTER}).fetchone()[0]) + 1
    db.execute("UPDATE keeping SET value = :value WHERE key = :key", {"key": COUNTER, "value": str(value)})
    return value


def counter(store: Engine) -> list[int]:
    with reading(store) as conn:
        return [
            int(value) for value in conn.execute(sa.select(keeping.c.value).where(keeping.c.key == COUNTER)).scalars()
        ]


def test_what_is_done_is_committed_and_its_answer_handed_on(store: Engine) -> None:
    assert quick_writing(store, put) == 1
    assert counter(store) == [0]


def test_what_raises_leaves_nothing_behind_and_the_next_goes_on(store: Engine) -> None:
    def then_fail(db: Driver) -> None:
        put(db)
        raise KeyError("gone wrong")

    with pytest.raises(KeyError):
        quick_writing(store, then_fail)
    assert counter(store) == []
    quick_writing(store, put)
    assert counter(store) == [0]


def test_it_is_durable_and_foreign_keys_hold(store: Engine) -> None:
    def settings(db: Driver) -> list[object]:
        return [
            db.execute(f"PRAGMA {name}", {}).fetchone()[0] for name in ("journal_mode", "synchronous", "foreign_keys")
        ]

    assert quick_writing(store, settings) == ["wal", 2, 1]


def test_threads_lose_no_update(store: Engine) -> None:
    quick_writing(store, put)
    with ThreadPoolExecutor(4) as threads:
        counted = list(threads.map(lambda _: quick_writing(store, count_up), range(200)))
    assert sorted(counted) == list(range(1, 201)) and counter(store) == [200]


def test_while_another_writes_it_looks_first_and_does_not_wait_where_that_is_enough(store: Engine) -> None:
    quick_writing(store, put)
    with writing(store):
        seen = quick_writing(store, count_up, lambda db: int(db.execute(GET, {"key": COUNTER}).fetchone()[0]))
    assert seen == 0 and counter(store) == [0]


def test_where_looking_is_not_enough_it_waits_for_its_turn(store: Engine) -> None:
    quick_writing(store, put)
    looked = threading.Event()

    def look(_: Driver) -> None:
        looked.set()

    with ThreadPoolExecutor(1) as threads:
        with writing(store) as conn:
            waiting = threads.submit(quick_writing, store, count_up, look)
            assert looked.wait(30)
            conn.execute(sa.update(keeping).values(value=5))
        assert waiting.result(30) == 6


def test_a_turn_that_never_comes_is_told(store: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(turns, "WAIT_FOR_TURN", 0.0)
    with writing(store), pytest.raises(StoreProblem, match="busy"):
        quick_writing(store, put)


def test_what_is_wrong_with_the_store_is_told_in_its_sentence(store: Engine) -> None:
    def too_much(db: Driver) -> None:
        db.execute(f"PRAGMA max_page_count = {db.execute('PRAGMA page_count', {}).fetchone()[0]}", {})
        db.execute(PUT, {"key": COUNTER, "value": "x" * 1_000_000})

    with pytest.raises(StoreProblem, match="DATABASE_URL .* is full"):
        quick_writing(store, too_much)


def test_on_another_database_the_same_goes_through_sqlalchemy(store: Engine) -> None:
    through = connection._through_sqlalchemy
    assert through(store, put, lambda _: None) == 1
    assert through(store, count_up, lambda db: int(db.execute(GET, {"key": COUNTER}).fetchone()[0])) == 0
    assert through(store, count_up, lambda _: None) == 1
    assert counter(store) == [1]
    assert connection._pyformat("a = :one AND b = :b2") == "a = %(one)s AND b = %(b2)s"
