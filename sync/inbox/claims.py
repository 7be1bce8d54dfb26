"""What this process has taken up is its own while it is carried: held on to until it is put away, for a while at most.

A claim lasts as long as a lease does, so that what a dead process leaves behind, hint, click and lock alike, is free
again within one lease. Whoever carries longer than that holds on; whoever stands still does not, and is overtaken.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, Engine

from sync import logs
from sync.store.connection import writing
from sync.store.trouble import StoreProblem

LASTING = timedelta(seconds=30)
"""How long a claim lasts where nothing else is said: the default of LEASE_SECONDS."""

HELD_AT_MOST = 90.0
"""Seconds after which nobody holds on any more: longer than the longest road with all its bounded calls."""

Keep = Callable[[Connection, datetime, timedelta], bool]
"""Holds on to one row for so long from now; False when it is no longer ours."""


@dataclass(slots=True)
class _Held:
    """`since` when, and when it is to be held on to anew, on the monotonic clock."""

    keep: Keep
    since: float
    renew_at: float


class Claims:
    """What one process carries just now. Safe for several threads; `clock` gives the time in UTC."""

    def __init__(
        self,
        engine: Engine,
        clock: Callable[[], datetime],
        lasting: timedelta = LASTING,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self.lasting = lasting
        self._engine, self._clock, self._monotonic = engine, clock, monotonic
        self._every = lasting.total_seconds() / 3
        self._rows: dict[int, _Held] = {}
        self._lock = threading.Lock()

    @contextmanager
    def held(self, keep: Keep) -> Iterator[None]:
        """Hold on to a row, by `keep`, while the block runs."""
        now = self._monotonic()
        held = _Held(keep, now, now + self._every)
        with self._lock:
            self._rows[id(held)] = held
        try:
            yield
        finally:
            with self._lock:
                del self._rows[id(held)]

    def renew(self) -> int:
        """Hold on to what was taken up, or last held on to, a third of a claim ago or more; returns how many. What is
        carried for less long costs nothing."""
        now = self._monotonic()
        with self._lock:
            due = [one for one in self._rows.values() if one.renew_at <= now < one.since + HELD_AT_MOST]
        if due:
            with writing(self._engine) as conn:
                at = self._clock()
                for one in due:
                    one.keep(conn, at, self.lasting)
                    one.renew_at = now + self._every
        return len(due)

    def keep_renewing(self, over: threading.Event) -> None:
        """Renew until `over` is set; a store that cannot be written is told and tried again."""
        while not over.wait(self._every / 2):
            try:
                self.renew()
            except StoreProblem as problem:
                logs.failed("claims_not_held", problem)
