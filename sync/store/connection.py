"""The way into the store: `open_store` once a process, then `writing` and `reading` transactions.

The only file that knows which database is underneath. On SQLite: WAL, synchronous=FULL, foreign keys on, and every
transaction that may write begins IMMEDIATE. SQLAlchemy's own defaults begin too late and lose updates without an error
(tests/sync/store/test_connection.py shows both), so the driver is put into autocommit and we say BEGIN ourselves. On
PostgreSQL one advisory lock gives writers the same order.
"""

from __future__ import annotations

import json
import re
import sqlite3
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path
from typing import Any, Protocol, TypeVar, cast

import sqlalchemy as sa
from sqlalchemy.engine import URL, Connection, Engine, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError

from sync.store import kept, turns
from sync.store.schema import bring_up_to_date
from sync.store.trouble import StoreProblem, explain, is_readonly

__all__ = [
    "Driver",
    "StoreProblem",
    "driver_of",
    "from_json",
    "open_store",
    "quick_writing",
    "reading",
    "sqlite_of",
    "to_json",
    "writing",
]

T = TypeVar("T")

CACHE_KB = 200
"""What each connection keeps of the file, which the operating system keeps anyway: all together must not grow with the
file."""
_DRIVERS = {"sqlite": "sqlite", "postgresql": "postgresql+psycopg"}
_WRITERS_LOCK = 0x510_7CEE9  # any constant: the advisory lock all our writers share on PostgreSQL
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

    Raises StoreProblem when the turn does not come within WAIT_FOR_TURN (sync/store/turns.py), or when the disk is full
    or gone.
    """
    try:
        with turns.my_turn(engine), kept.taken(engine, kept.WRITES) as conn, conn.begin():
            yield conn
    except _TROUBLE as error:
        _raise_if_the_store_is_to_blame(error, engine)
        raise


@contextmanager
def reading(engine: Engine) -> Iterator[Connection]:
    """A short transaction that sees one moment of the store and cannot write. Raises StoreProblem as `writing` does."""
    try:
        with kept.taken(engine, kept.READS) as conn, conn.begin():
            yield conn
    except _TROUBLE as error:
        if not is_readonly(error):  # writing in a reading transaction is a mistake of ours, not of the disk
            _raise_if_the_store_is_to_blame(error, engine)
        raise


# --- as fast as the commit itself -------------------------------------------------------------------------------------


class Rows(Protocol):
    """What a statement gave."""

    @property
    def rowcount(self) -> int: ...
    def fetchone(self) -> Any: ...
    def fetchall(self) -> list[Any]: ...


class Driver(Protocol):
    """A connection that takes a statement as text, with `:name` where a value goes."""

    def execute(self, text: str, values: Mapping[str, object], /) -> Rows: ...


def driver_of(conn: Connection) -> Driver:
    """An open transaction's own driver, for statements that are run for every hint: built as text once and for all they
    cost a tenth of the same ones put together and compiled anew."""
    return sqlite_of(conn) or _Through(conn)


def sqlite_of(conn: Connection) -> sqlite3.Connection | None:
    """SQLite's own connection beneath an open transaction; None on another database."""
    return kept.driver_beneath(conn) if conn.dialect.name == "sqlite" else None


def from_json(db: Driver, value: Any) -> Any:
    """What a JSON column holds, where a driver gave it: SQLite gives the text, and a number as it is."""
    return json.loads(value) if isinstance(db, sqlite3.Connection) and isinstance(value, str) else value


def quick_writing(
    engine: Engine, work: Callable[[Driver], T], before: Callable[[Driver], T | None] = lambda _: None
) -> T:
    """Do `work` in a transaction as `writing` gives it, and return what it returns. For the few things that must cost
    hardly more than their commit: on SQLite nothing stands between the statements and the driver.

    While another writer has its turn, `before` is asked first, on what was committed so far; when it has an answer
    that is returned, and nobody waits. Raises as `writing` does.
    """
    if engine.dialect.name != "sqlite":
        return _through_sqlalchemy(engine, work, before)
    try:
        with kept.taken(engine, kept.WRITES) as conn:
            return _in_turn(engine, kept.driver_beneath(conn), work, before)
    except _TROUBLE as error:
        _raise_if_the_store_is_to_blame(error, engine)
        raise


def _in_turn(
    engine: Engine, driver: sqlite3.Connection, work: Callable[[Driver], T], before: Callable[[Driver], T | None]
) -> T:
    turn = turns.turn_of(engine)
    if not turn.acquire(blocking=False):
        early = before(driver)
        if early is not None:
            return early
        turns.wait_for(turn)
    try:
        return _on_our_turn(driver, work, before)
    finally:
        turn.release()


def _on_our_turn(driver: sqlite3.Connection, work: Callable[[Driver], T], before: Callable[[Driver], T | None]) -> T:
    if not turns.began(driver):
        early = before(driver)
        if early is not None:
            return early
        turns.wait_for_turn(driver)
    try:
        done = work(driver)
        driver.execute("COMMIT")
    except BaseException:
        driver.rollback()
        raise
    return done


def _through_sqlalchemy(engine: Engine, work: Callable[[Driver], T], before: Callable[[Driver], T | None]) -> T:
    with reading(engine) as conn:
        early = before(_Through(conn))
    if early is not None:
        return early
    with writing(engine) as conn:
        return work(_Through(conn))


class _Through:
    """A driver behind SQLAlchemy's connection. SQLite takes `:name` itself."""

    def __init__(self, conn: Connection) -> None:
        self._conn = conn

    def execute(self, text: str, values: Mapping[str, object], /) -> Rows:
        if self._conn.dialect.paramstyle == "pyformat":
            text = _pyformat(text)
        return cast(Rows, self._conn.exec_driver_sql(text, dict(values)))


@lru_cache(maxsize=512)
def _pyformat(text: str) -> str:
    return re.sub(r":(\w+)", r"%(\1)s", text)


# --- whose trouble it is ------------------------------------------------------------------------------------------


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
        engine = sa.create_engine(address, pool_pre_ping=True, json_serializer=to_json)
        sa.event.listen(engine, "begin", _begin_on_postgresql)
        return engine
    settings = {"isolation_level": None, "timeout": turns.WAIT_FOR_TURN}
    engine = sa.create_engine(address, connect_args=settings, json_serializer=to_json, poolclass=sa.NullPool)
    sa.event.listen(engine, "connect", _prepare_sqlite)
    sa.event.listen(engine, "begin", _begin_on_sqlite)
    return engine


def to_json(value: object) -> str:
    """A plain value as a JSON column takes it from a driver."""
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False)


def _prepare_sqlite(connection: sqlite3.Connection, _record: object) -> None:
    connection.isolation_level = None
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute("PRAGMA foreign_keys = ON")
    connection.execute("PRAGMA journal_size_limit = 16777216")
    connection.execute(f"PRAGMA cache_size = -{CACHE_KB}")


def _begin_on_sqlite(conn: Connection) -> None:
    driver, options = kept.driver_beneath(conn), conn.get_execution_options()
    if options.get(kept.READS):
        driver.execute("BEGIN DEFERRED")
    elif options.get(kept.WRITES):
        turns.wait_for_turn(driver)
    else:
        turns.begin_immediate(driver)


def _begin_on_postgresql(conn: Connection) -> None:
    if not conn.get_execution_options().get(kept.READS):
        conn.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_WRITERS_LOCK})")


def _switch_to_wal(engine: Engine) -> None:
    """WAL stays with the file. The switch needs the file for itself and does not wait by itself, so we do."""
    until = time.monotonic() + turns.WAIT_FOR_TURN
    raw = engine.raw_connection()
    try:
        while not _is_wal(cast(sqlite3.Connection, raw.dbapi_connection)) and time.monotonic() < until:
            turns.pause()
    finally:
        raw.close()


def _is_wal(driver: sqlite3.Connection) -> bool:
    try:
        return bool(driver.execute("PRAGMA journal_mode = WAL").fetchone()[0] == "wal")
    except sqlite3.OperationalError as error:
        if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY:
            raise
        return False
