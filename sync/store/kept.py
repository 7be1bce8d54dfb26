"""Connections that are kept between two transactions: taking one from a pool and setting it up takes longer than a
short transaction does."""

from __future__ import annotations

import sqlite3
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from typing import cast

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine

READS, WRITES = "slotkeeper_reads", "slotkeeper_writes"
"""What a connection is for; the name of its execution option, too."""
_IDLE = "slotkeeper_idle"


@contextmanager
def taken(engine: Engine, purpose: str) -> Iterator[Connection]:
    """A connection for that purpose, outside any transaction. On SQLite it is kept for the next one; elsewhere the
    engine's pool does that."""
    if engine.dialect.name != "sqlite":
        with engine.connect() as conn:
            yield _repeatable(conn) if purpose == READS else conn
        return
    idle = _idle(engine, purpose)
    try:
        conn = idle.pop()
    except IndexError:
        conn = _set_up(engine, purpose)
    try:
        yield conn
    finally:
        if _is_good(conn):
            idle.append(conn)
        else:
            conn.close()


def _is_good(conn: Connection) -> bool:
    """Whether it is as it was taken: a rollback that failed, too, leaves it in the middle of a transaction."""
    return not (conn.closed or conn.invalidated) and not driver_beneath(conn).in_transaction


def driver_beneath(conn: Connection) -> sqlite3.Connection:
    """SQLite's own connection."""
    return cast(sqlite3.Connection, conn.connection.dbapi_connection)


def _idle(engine: Engine, purpose: str) -> deque[Connection]:
    """Those that nobody uses just now, the last used at the end; kept on the engine, so that they go when it goes."""
    known: dict[str, deque[Connection]] | None = vars(engine).get(_IDLE)
    if known is None:
        known = vars(engine).setdefault(_IDLE, {READS: deque(), WRITES: deque()})
        sa.event.listen(engine, "engine_disposed", _close)
    return known[purpose]


def _set_up(engine: Engine, purpose: str) -> Connection:
    """One that never writes, or one on which SQLite never waits by itself (sync/store/turns.py)."""
    conn = engine.connect().execution_options(**{purpose: True})
    conn.detach()
    driver_beneath(conn).execute("PRAGMA query_only = ON" if purpose == READS else "PRAGMA busy_timeout = 0")
    return conn


def _close(engine: Engine) -> None:
    for idle in vars(engine).get(_IDLE, {}).values():
        while idle:
            idle.pop().close()


def _repeatable(conn: Connection) -> Connection:
    return conn.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True, **{READS: True})
