"""What the road needs to be walked: the store, the locks, both calendars, a clock. Put together once, at the edge."""

from __future__ import annotations

import os
import socket
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import Engine

from sync.breakers.keeper import Breakers
from sync.calendars import CalendarReader, CalendarWriter
from sync.converge.alongside import Alongside, one_by_one
from sync.locking.contract import Locks
from sync.model import Side

READ_SECONDS = 5.0
WRITE_SECONDS = 10.0
READS_BEFORE = 3
"""Each call is tried once, bounded. A writer looks this often at most (the chair, in two windows of a listing, and the
service's present version) before it sends."""


@dataclass(frozen=True, slots=True)
class House:
    """`owner` names this process in leases. `writes` is the setting WRITES: "off" wins over everything.
    `close` lets go of every connection; `breakers` stand before the readers and writers. `alongside` makes a read while
    another one waits for its answer."""

    engine: Engine
    locks: Locks
    readers: Mapping[Side, CalendarReader]
    writers: Mapping[Side, CalendarWriter]
    writes: str
    lease_seconds: float
    owner: str
    clock: Callable[[], datetime]
    close: Callable[[], None]
    monotonic: Callable[[], float] = time.monotonic
    breakers: Breakers | None = None
    alongside: Alongside = one_by_one

    def now(self) -> datetime:
        return self.clock()


def utc_now() -> datetime:
    return datetime.now(UTC)


def process_name() -> str:
    """This process by host and id, for leases and claims."""
    return f"{socket.gethostname()}:{os.getpid()}"
