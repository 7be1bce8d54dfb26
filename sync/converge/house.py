"""What the road needs to be walked: the store, the locks, both calendars, a clock. Put together once, at the edge."""

from __future__ import annotations

import os
import socket
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import Engine

from sync.calendars import CalendarReader, CalendarWriter
from sync.locking.contract import Locks
from sync.model import Side

READ_SECONDS = 5.0
WRITE_SECONDS = 10.0
"""Each call is tried once, bounded; an outside write starts only with this much and a second of lease left."""


@dataclass(frozen=True, slots=True)
class House:
    """`owner` names this process in leases. `writes` is the setting WRITES: "off" wins over everything."""

    engine: Engine
    locks: Locks
    readers: Mapping[Side, CalendarReader]
    writers: Mapping[Side, CalendarWriter]
    writes: str
    lease_seconds: float
    owner: str
    clock: Callable[[], datetime]
    monotonic: Callable[[], float] = time.monotonic

    def now(self) -> datetime:
        return self.clock()


def utc_now() -> datetime:
    return datetime.now(UTC)


def process_name() -> str:
    """This process by host and id, for leases and claims."""
    return f"{socket.gethostname()}:{os.getpid()}"
