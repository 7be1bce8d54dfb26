"""One run of a job at a time on one store, and an end of it when it is asked for.

The turn is a lock of the operating system on a file beside the store: whoever is killed has let go of it.
"""

from __future__ import annotations

import fcntl
import hashlib
import signal
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import IO

from sqlalchemy import Engine

LOOK_EVERY = 0.1
"""Seconds between looks whether the turn has come."""
ENDINGS = (signal.SIGTERM, signal.SIGINT)


@contextmanager
def turn(engine: Engine, name: str, patience: float, wait_said: Callable[[], None] | None = None) -> Iterator[bool]:
    """True when it is this process's turn at `name` on this store; False when it did not come in `patience` seconds.

    `wait_said` is called once, before it waits. A store that is no file is guarded among the processes of one machine.
    """
    with _file(engine, name).open("a") as file:
        mine = _taken(file, patience, wait_said)
        try:
            yield mine
        finally:
            if mine:
                fcntl.flock(file, fcntl.LOCK_UN)


@dataclass
class Ending:
    """Whether somebody has asked for an end. An exception raised while Python tidies an object up is lost, so whoever
    goes round looks here besides."""

    asked: bool = False

    def raise_if_asked(self) -> None:
        """Raises KeyboardInterrupt."""
        if self.asked:
            raise KeyboardInterrupt


@contextmanager
def breaking_off() -> Iterator[Ending]:
    """Within it SIGTERM and SIGINT raise KeyboardInterrupt, once: what is being tidied up then is not interrupted."""
    ending = Ending()
    if threading.current_thread() is not threading.main_thread():
        yield ending
        return
    before = {number: signal.getsignal(number) for number in ENDINGS}

    def handle(_number: int, _frame: FrameType | None) -> None:
        for number in ENDINGS:
            signal.signal(number, signal.SIG_IGN)
        ending.asked = True
        raise KeyboardInterrupt

    for number in ENDINGS:
        signal.signal(number, handle)
    try:
        yield ending
    finally:
        for number, former in before.items():
            signal.signal(number, former)


def _file(engine: Engine, name: str) -> Path:
    if engine.dialect.name == "sqlite":
        return Path(f"{engine.url.database}.{name}.lock")
    address = hashlib.sha256(engine.url.render_as_string(hide_password=True).encode()).hexdigest()[:16]
    return Path(tempfile.gettempdir()) / f"slotkeeper-{address}.{name}.lock"


def _taken(file: IO[str], patience: float, wait_said: Callable[[], None] | None) -> bool:
    until = time.monotonic() + patience
    while not _try(file):
        if time.monotonic() >= until:
            return False
        if wait_said:
            wait_said()
            wait_said = None
        time.sleep(LOOK_EVERY)
    return True


def _try(file: IO[str]) -> bool:
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
