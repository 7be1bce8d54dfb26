"""A connection serves one transaction after the other, and is closed with its store."""

from __future__ import annotations

import gc
import sqlite3
import weakref
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine

from sync.store.connection import driver_of, open_store, quick_writing, reading, sqlite_of, writing
from sync.store.kept import WRITES, driver_beneath, taken
from sync.store.tables import keeping


@contextmanager
def counted(store: Engine) -> Iterator[list[object]]:
    """The connections that are opened meanwhile."""
    opened: list[object] = []

    def note(connection: object, _record: object) -> None:
        opened.append(connection)

    sa.event.listen(store, "connect", note)
    yield opened
    sa.event.remove(store, "connect", note)


def rows(conn: Connection) -> int:
    return int(conn.execute(sa.select(sa.func.count()).select_from(keeping)).scalar_one())


def put(conn: Connection, key: str) -> None:
    conn.execute(keeping.insert().values(key=key, value=1, changed_at=0.0))


def test_many_transactions_need_one_connection_to_read_and_one_to_write(store: Engine) -> None:
    with counted(store) as opened:
        for number in range(10):
            with writing(store) as conn:
                put(conn, f"k{number}")
            quick_writing(store, lambda db: db.execute("UPDATE keeping SET value = 2", {}).rowcount)
            with reading(store) as conn:
                assert rows(conn) == number + 1
    assert len(opened) == 2


def test_two_at_once_have_one_each_and_each_sees_its_own_moment(store: Engine) -> None:
    with reading(store) as before:
        assert rows(before) == 0
        with writing(store) as conn:
            put(conn, "k")
        with reading(store) as after:
            assert sqlite_of(after) is not sqlite_of(before)
            assert (rows(before), rows(after)) == (0, 1)


def test_what_failed_leaves_nothing_behind_for_the_next(store: Engine) -> None:
    with pytest.raises(sa.exc.IntegrityError), writing(store) as conn:
        conn.execute(keeping.insert(), [{"key": key, "value": 1, "changed_at": 0.0} for key in ("k", "k")])
    with pytest.raises(sa.exc.OperationalError, match="readonly"), reading(store) as conn:
        put(conn, "k")
    with writing(store) as conn:
        assert rows(conn) == 0
        put(conn, "k")
    with reading(store) as conn:
        assert rows(conn) == 1


def test_one_that_was_left_in_the_middle_of_a_transaction_is_not_handed_on(store: Engine) -> None:
    with taken(store, WRITES) as left:
        driver_beneath(left).execute("BEGIN IMMEDIATE")
    with writing(store) as conn:
        put(conn, "k")
    with reading(store) as conn:
        assert rows(conn) == 1


def test_they_are_closed_with_the_store_and_opened_again_at_need(tmp_path: Path) -> None:
    store = open_store(f"sqlite:///{tmp_path / 'store.db'}")
    with reading(store) as conn:
        reads = driver_beneath(conn)
    with writing(store) as conn:
        writes = driver_beneath(conn)
    store.dispose()
    for driver in (reads, writes):
        with pytest.raises(sqlite3.ProgrammingError, match="closed"):
            driver.execute("SELECT 1")
    with reading(store) as conn:
        assert driver_of(conn).execute("SELECT count(*) FROM keeping", {}).fetchone()[0] == 0
    store.dispose()


def test_a_store_that_nobody_disposed_of_goes_with_its_connections(tmp_path: Path) -> None:
    store = open_store(f"sqlite:///{tmp_path / 'store.db'}")
    with reading(store) as conn:
        assert rows(conn) == 0
    gone = weakref.ref(store)
    del store, conn
    gc.collect()
    assert gone() is None
