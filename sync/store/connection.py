"""The way into the store: `open_store` once a process, then `writing` and `reading` transactions.

The only file that knows which database is underneath. On SQLite: WAL, synchronous=FULL, foreign keys on, and every
transaction that may write begins IMMEDIATE. SQLAlchemy's own defaults begin too late and lose updates without an error
(tests/sync/store/test_connection.py shows both), so the driver is put into autocommit and we say BEGIN ourselves. On
PostgreSQL one advisory lock gives writers the same order.
"""

from __future__ import annotations

import json
import random
import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import cast

import sqlalchemy as sa
from sqlalchemy.engine import URL, Connection, Engine, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError

from sync.store.schema import bring_up_to_date
from sync.store.trouble import StoreProblem, explain, is_readonly

__all__ = ["StoreProblem", "open_store", "reading", "writing"]

WAIT_FOR_TURN = 30.0
"""Seconds a writer waits for its turn before it says that the store is busy: longer than a first pull of many years."""

_PAUSE = (0.0005, 0.002)  # seconds between two tries; random, so that no neighbour starves (facts: performance)
_DRIVERS = {"sqlite": "sqlite", "postgresql": "postgresql+psycopg"}
_WRITERS_LOCK = 0x510_7CEE9  # any constant: the advisory lock all our writers share on PostgreSQL
_READS = "slotkeeper_reads"
_TROUBLE = (DBAPIError, sqlite3.Error)  # the second from our own handlers, which speak to the driver directly


def open_store(url: str) -> Engine:
    """The store at `url` (DATABASE_URL), its schema up to date; safe when several processes start at once.

    Takes `sqlite:///path` and `postgresql://...`. A missing folder is made. Raises StoreProblem, whose text is one
    plain sentence naming DATABASE_URL, when the store cannot be used.
    """
    address = _address(url)
    _make_folder(address)
    try:
        engine = _engine(address)
    except ModuleNotFoundError:
        raise StoreProblem(
            "DATABASE_URL points to PostgreSQL, whose driver is not installed: install psycopg[binary] beside "
            "Slotkeeper, or write sqlite:///var/slotkeeper.db"
        ) from None
    try:
        if engine.dialect.name == "sqlite":
            _switch_to_wal(engine)
        with engine.begin() as conn:
            bring_up_to_date(conn)
    except _TROUBLE as error:
        engine.dispose()
        raise explain(error, address) from error
    except StoreProblem:
        engine.dispose()
        raise
    return engine


@contextmanager
def writing(engine: Engine) -> Iterator[Connection]:
    """A transaction that may write: it holds the write lock from its first moment, so what it read stays true until it
    commits (at the end of the block; an exception rolls back). Keep it short, and do nothing outside in it.

    Raises StoreProblem when the turn does not come within WAIT_FOR_TURN, or when the disk is full or gone.
    """
    try:
        with engine.begin() as conn:
            yield conn
    except _TROUBLE as error:
        _raise_if_the_store_is_to_blame(error, engine)
        raise


@contextmanager
def reading(engine: Engine) -> Iterator[Connection]:
    """A short transaction that sees one moment of the store and cannot write. Raises StoreProblem as `writing` does."""
    try:
        with engine.connect() as conn, _for_reading(conn).begin():
            yield conn
    except _TROUBLE as error:
        if not is_readonly(error):  # writing in a reading transaction is a mistake of ours, not of the disk
            _raise_if_the_store_is_to_blame(error, engine)
        raise


def _for_reading(conn: Connection) -> Connection:
    if conn.dialect.name == "postgresql":
        return conn.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True, **{_READS: True})
    return conn.execution_options(**{_READS: True})


def _raise_if_the_store_is_to_blame(error: Exception, engine: Engine) -> None:
    problem = explain(error, engine.url, only_known=True)
    if problem:
        raise problem from error


# --- the address --------------------------------------------------------------------------------------------------


def _address(url: str) -> URL:
    try:
        address = make_url(url)
        driver = _DRIVERS[address.get_backend_name()]
    except (ArgumentError, KeyError, NoSuchModuleError):
        raise StoreProblem(
            f"DATABASE_URL ({_shown(url)}) is not an address the store can use: write sqlite:///var/slotkeeper.db "
            "or postgresql://..."
        ) from None
    if driver == "sqlite" and address.database in (None, "", ":memory:"):
        raise StoreProblem("DATABASE_URL names no file, so nothing would be kept: write sqlite:///var/slotkeeper.db")
    return address.set(drivername=driver)


def _shown(url: str) -> str:
    """What may be shown of an address that cannot be used: never its password or its options."""
    try:
        return make_url(url).set(query={}).render_as_string(hide_password=True)
    except ArgumentError:
        return "nothing that reads as an address"


def _make_folder(address: URL) -> None:
    if address.get_backend_name() != "sqlite":
        return
    folder = Path(str(address.database)).parent
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise StoreProblem(
            f"DATABASE_URL names a file in {folder}, and that folder cannot be made "
            f"({error.strerror or 'not allowed'}): choose another place or make the folder."
        ) from error


# --- the engine ---------------------------------------------------------------------------------------------------


def _engine(address: URL) -> Engine:
    if address.get_backend_name() == "postgresql":
        engine = sa.create_engine(address, pool_pre_ping=True, json_serializer=_to_json)
        sa.event.listen(engine, "begin", _begin_on_postgresql)
        return engine
    settings = {"isolation_level": None, "timeout": WAIT_FOR_TURN}
    engine = sa.create_engine(address, connect_args=settings, json_serializer=_to_json)
    sa.event.listen(engine, "connect", _prepare_sqlite)
    sa.event.listen(engine, "begin", _begin_on_sqlite)
    return engine


def _to_json(value: object) -> str:
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False)


def _prepare_sqlite(connection: sqlite3.Connection, _record: object) -> None:
    connection.isolation_level = None
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute("PRAGMA foreign_keys = ON")
    connection.execute("PRAGMA journal_size_limit = 16777216")


def _begin_on_sqlite(conn: Connection) -> None:
    driver = _sqlite(conn.connection.dbapi_connection)
    if conn.get_execution_options().get(_READS):
        driver.execute("PRAGMA query_only = ON")
        driver.execute("BEGIN DEFERRED")
        return
    driver.execute("PRAGMA query_only = OFF")
    _begin_immediate(driver)


def _begin_immediate(driver: sqlite3.Connection) -> None:
    """SQLite's own waiting lets a busy neighbour starve the others; many short random pauses are fair."""
    until = time.monotonic() + WAIT_FOR_TURN
    driver.execute("PRAGMA busy_timeout = 0")
    try:
        while True:
            try:
                driver.execute("BEGIN IMMEDIATE")
                return
            except sqlite3.OperationalError as error:
                if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY:
                    raise
                if time.monotonic() > until:
                    raise StoreProblem(
                        "The store named by DATABASE_URL is busy: another program holds its write lock for more than "
                        f"{WAIT_FOR_TURN:.0f} seconds; close what has it open, or try again."
                    ) from error
            time.sleep(random.uniform(*_PAUSE))
    finally:
        driver.execute(f"PRAGMA busy_timeout = {int(WAIT_FOR_TURN * 1000)}")


def _begin_on_postgresql(conn: Connection) -> None:
    if not conn.get_execution_options().get(_READS):
        conn.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_WRITERS_LOCK})")


def _switch_to_wal(engine: Engine) -> None:
    """WAL stays with the file. The switch needs the file for itself and does not wait by itself, so we do."""
    until = time.monotonic() + WAIT_FOR_TURN
    raw = engine.raw_connection()
    try:
        while not _is_wal(_sqlite(raw.dbapi_connection)) and time.monotonic() < until:
            time.sleep(random.uniform(*_PAUSE))
    finally:
        raw.close()


def _is_wal(driver: sqlite3.Connection) -> bool:
    try:
        return bool(driver.execute("PRAGMA journal_mode = WAL").fetchone()[0] == "wal")
    except sqlite3.OperationalError as error:
        if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY:
            raise
        return False


def _sqlite(connection: object) -> sqlite3.Connection:
    return cast(sqlite3.Connection, connection)
