"""Whose turn it is to write to SQLite: threads of a process hand it on to each other, processes try for it."""

from __future__ import annotations

import random
import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock
from weakref import WeakKeyDictionary

from sqlalchemy.engine import Engine

from sync.store.trouble import StoreProblem

WAIT_FOR_TURN = 30.0
"""Seconds a writer waits for its turn before it says that the store is busy: longer than a first pull of many years."""

PAUSE = (0.0005, 0.002)
"""Seconds between two tries; random, so that no neighbour starves (facts: performance)."""

_TURNS: WeakKeyDictionary[Engine, Lock] = WeakKeyDictionary()
_MAKING = Lock()


def turn_of(engine: Engine) -> Lock:
    """Who of this process may write to SQLite. Its threads hand the turn on to each other, at once; between processes
    there are only pauses and tries (`wait_for_turn`)."""
    turn = _TURNS.get(engine)
    if turn is None:
        with _MAKING:
            turn = _TURNS.setdefault(engine, Lock())
    return turn


def wait_for(turn: Lock) -> None:
    """Wait for the turn of this process. Raises StoreProblem when it does not come within WAIT_FOR_TURN."""
    if not turn.acquire(timeout=WAIT_FOR_TURN):
        raise _busy()


@contextmanager
def my_turn(engine: Engine) -> Iterator[None]:
    """Have the turn of this process while the block runs. Raises as `wait_for` does."""
    if engine.dialect.name != "sqlite":
        yield
        return
    turn = turn_of(engine)
    wait_for(turn)
    try:
        yield
    finally:
        turn.release()


def begin_immediate(driver: sqlite3.Connection) -> None:
    """Begin to write, once no other process does. Raises as `wait_for_turn` does."""
    driver.execute("PRAGMA busy_timeout = 0")
    try:
        wait_for_turn(driver)
    finally:
        driver.execute(f"PRAGMA busy_timeout = {int(WAIT_FOR_TURN * 1000)}")


def wait_for_turn(driver: sqlite3.Connection) -> None:
    """Begin to write as soon as no other process does. SQLite's own waiting lets a busy neighbour starve the others;
    many short random pauses are fair. Raises StoreProblem after WAIT_FOR_TURN."""
    until = time.monotonic() + WAIT_FOR_TURN
    while not began(driver):
        if time.monotonic() > until:
            raise _busy()
        pause()


def pause() -> None:
    """Between two tries for what another process holds, and SQLite cannot hand on."""
    time.sleep(random.uniform(*PAUSE))


def _busy() -> StoreProblem:
    return StoreProblem(
        "The store named by DATABASE_URL is busy: another program holds its write lock for more than "
        f"{WAIT_FOR_TURN:.0f} seconds; close what has it open, or try again."
    )


def began(driver: sqlite3.Connection) -> bool:
    """Whether the write lock was free, and is ours now."""
    try:
        driver.execute("BEGIN IMMEDIATE")
    except sqlite3.OperationalError as error:
        if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY:
            raise
        return False
    return True
