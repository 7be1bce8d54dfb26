"""Each outside call is told to whoever listens: which, how long, how it ended. Nothing of what was said in it.

A listener is called in the thread that made the call, after it, and must not raise.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import UTC, datetime
from threading import Lock

from sync.model import Side
from sync.model.calls import Call, Ended, Name


@dataclass(frozen=True, slots=True)
class Verdict:
    """How a call ended: see Call."""

    outcome: Ended
    status: int = 0
    code: str = ""
    request_id: str = ""


OK = Verdict("ok")
Listener = Callable[[Call], None]
Judge = Callable[[Exception], Verdict]

_here: ContextVar[tuple[Listener, ...]] = ContextVar("listeners", default=())
_guard = Lock()
_everywhere: tuple[Listener, ...] = ()


@contextmanager
def listening(listener: Listener) -> Iterator[None]:
    """For the block, every call made in this thread (or task) is told to the listener, beside those that listen
    already."""
    token = _here.set((*_here.get(), listener))
    try:
        yield
    finally:
        _here.reset(token)


@contextmanager
def listening_everywhere(listener: Listener) -> Iterator[None]:
    """For the block, every call made in this process, in whatever thread, is told to the listener."""
    global _everywhere
    with _guard:
        _everywhere = (*_everywhere, listener)
    try:
        yield
    finally:
        with _guard:
            rest = list(_everywhere)
            rest.remove(listener)
            _everywhere = tuple(rest)


def tell(call: Call) -> None:
    """Tell everybody who listens."""
    for listener in (*_here.get(), *_everywhere):
        listener(call)


class Stopwatch:
    """Begins when it is made."""

    def __init__(self, side: Side, name: Name) -> None:
        self._side, self._name = side, name
        self._at, self._began = datetime.now(UTC), time.perf_counter()

    def ended(self, verdict: Verdict) -> None:
        """The call is over: tell it."""
        ms = (time.perf_counter() - self._began) * 1000
        known = verdict.outcome, verdict.status, verdict.code, verdict.request_id
        tell(Call(self._side, self._name, self._at, ms, *known))


@contextmanager
def told(side: Side, name: Name, judge: Judge) -> Iterator[None]:
    """The block is one call; `judge` says what an exception that leaves it means. It is raised on."""
    watch = Stopwatch(side, name)
    try:
        yield
    except Exception as error:
        watch.ended(judge(error))
        raise
    watch.ended(OK)
