"""A worker in a process of its own that dies by SIGKILL at the point it was told, and says where its points are."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from pydantic import SecretStr

from sync.calendars import CalendarWriter
from sync.converge import House, open_house
from sync.inbox.opening import open_worker
from sync.locking.sqlite import StoreLocks
from sync.model import Client, Side, Write, Written
from sync.settings import Settings
from sync.store.connection import open_store

STORE = "before the store commits"
PATIENCE = 60
"""Seconds after which a worker that hangs is ended by its own alarm."""


@dataclass(frozen=True)
class Salon:
    """Where everything is, for the other process. `now`: its clock (seconds since 1970), which stands still."""

    store: str
    bookly: str
    square: str
    now: float


class Points:
    """Counts the points at which a worker may die, writes each down before it happens, and dies at the `last`."""

    def __init__(self, notes: Path, last: int) -> None:
        self._notes, self._last, self._count = notes, last, 0

    def at(self, what: str) -> None:
        self._count += 1
        with self._notes.open("a") as notes:
            notes.write(f"{what}\n")
        if self._count == self._last:
            os.kill(os.getpid(), signal.SIGKILL)


@dataclass
class Watched:
    """A calendar's writer that passes a point before each call."""

    side: Side
    inner: CalendarWriter
    points: Points

    def write(self, write: Write) -> Written:
        self.points.at(f"before {self.side} is written")
        return self.inner.write(write)

    def settle(self, write: Write) -> Written | None:
        self.points.at(f"before {self.side} is asked what became of it")
        return self.inner.settle(write)

    def client_for(self, client: Client, key: str) -> str | None:
        self.points.at(f"before {self.side} is asked for the client")
        return self.inner.client_for(client, key)


def open_at(salon: Salon, clock: Callable[[], datetime]) -> House:
    """A house on that salon whose clock, the one of its locks too, is this."""
    settings = Settings(
        bookly_database_url=SecretStr(salon.bookly),
        square_base_url=salon.square,
        square_access_token=SecretStr("practice"),
        square_location_id="",
        writes="on",
    )
    house = open_house(open_store(salon.store), settings, clock)
    return replace(house, locks=StoreLocks(house.engine, wall=lambda: clock().timestamp()))


def _work(salon: Salon, notes: Path, last: int) -> None:
    """Carry what is due. Points: before each commit of the store and of Bookly, before each call of a writer."""
    now = datetime.fromtimestamp(salon.now, UTC)
    house = open_at(salon, lambda: now)
    points = Points(notes, last)
    house = replace(house, writers={side: Watched(side, inner, points) for side, inner in house.writers.items()})
    sa.event.listen(house.engine, "commit", lambda _conn: points.at(STORE))

    def see(_conn: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        if statement == "COMMIT":
            points.at("before Bookly commits")

    sa.event.listen(sa.Engine, "before_cursor_execute", see)
    worker = open_worker(house)
    while worker.take_one():
        pass
    house.close()


@contextmanager
def nursery() -> Iterator[Callable[[Salon, Path, int], int]]:
    """Gives what lets a worker work until its point number `last` (0: to the end) and says its exit code, negative
    for a signal; the Path's file gets a line a point.

    The workers are forks of one process that has imported everything and done nothing, or each would take a second.
    """
    command = [sys.executable, "-m", __name__]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        orders, answers = process.stdin, process.stdout

        def work(salon: Salon, notes: Path, last: int) -> int:
            orders.write(json.dumps([asdict(salon), str(notes), last]) + "\n")
            orders.flush()
            return int(answers.readline())

        yield work
        orders.close()


def _nurse() -> None:
    """One worker a line of input; its exit code as a line of output."""
    for line in sys.stdin:
        salon, notes, last = json.loads(line)
        child = os.fork()
        if child == 0:
            signal.alarm(PATIENCE)
            _work(Salon(**salon), Path(notes), last)
            os._exit(0)
        _, status = os.waitpid(child, 0)
        sys.stdout.write(f"{os.waitstatus_to_exitcode(status)}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    _nurse()
