"""Reads that are made side by side, since most of their time is waiting for a calendar to answer."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from typing import NoReturn, Protocol, TypeVar

T = TypeVar("T")

MOST_AT_ONCE = 32
"""Two for each thread of the crew; more wait for their turn."""


class Alongside(Protocol):
    """Begins a read and gives what waits for it: that returns what the read found, or raises what it raised."""

    def __call__(self, read: Callable[[], T], /) -> Callable[[], T]: ...


def one_by_one(read: Callable[[], T]) -> Callable[[], T]:
    """Where nothing else may run meanwhile: the read is over before this returns."""
    try:
        found = read()
    except Exception as error:
        return _raising(error)
    return lambda: found


def _raising(error: Exception) -> Callable[[], NoReturn]:
    def fail() -> NoReturn:
        raise error

    return fail


class Threads:
    """In threads of its own, which begin when they are first needed. Whoever listens to calls (`sync.calendars.calls`)
    hears of these, too."""

    def __init__(self) -> None:
        self._pool = ThreadPoolExecutor(MOST_AT_ONCE, thread_name_prefix="alongside")

    def __call__(self, read: Callable[[], T]) -> Callable[[], T]:
        return self._pool.submit(copy_context().run, read).result

    def close(self) -> None:
        """What has begun comes to its end, and nobody waits for it."""
        self._pool.shutdown(wait=False, cancel_futures=True)


def together(alongside: Alongside, reads: Iterable[Callable[[], T]]) -> list[T]:
    """What each of them finds, in their order; the first is made by whoever asks. Raises what one of them raises."""
    wanted = list(reads)
    begun = [alongside(read) for read in wanted[1:]]
    return [*(read() for read in wanted[:1]), *(wait() for wait in begun)]
