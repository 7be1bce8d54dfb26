"""The named points at which a process is stopped, and how it is brought to stop there.

Nothing in the program knows of them: in the process that is to be stopped the functions at a point are wrapped, before
anything runs. Where a point has several places, `place` chooses one.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from functools import wraps
from typing import Any
from unittest import mock

import httpx

from sync.calendars.bookly.lock import Held
from sync.calendars.bookly.write import BooklyWriter
from sync.calendars.square.client import SquareClient
from sync.converge import acting
from sync.inbox import crew, dead_letters, opening
from sync.intake import keeper
from sync.intake.keeper import Keeper
from sync.locking.contract import Lease
from sync.locking.sqlite import StoreLocks
from sync.model import End
from sync.rounds import pull
from sync.store import hints, mirror, requests
from sync.store.hints import Hint
from sync.store.requests import Request

Stop = Callable[[], None]
"""Tells that the point is reached, and does not come back."""
Test = Callable[[Any, tuple[Any, ...]], bool]
"""Whether this passing counts, by what came of the call (None before it) and what it was given."""

INTAKE = ("after receive", "after commit", "before the 200")
ROAD = (
    "with the lease held",
    "before the call",
    "during the call",
    "after the call",
    "before the record",
    "before the release",
    "before the end",
)
OTHERS = ("in burying", "in a resend", "in a click", "in a pull")
POINTS = (*INTAKE, *ROAD, *OTHERS)
PLACES = {"in burying": 3, "in a resend": 3, "in a click": 4, "in a pull": 3}
"""How many places a point has; one, where it is not named."""

_carried = threading.local()


def lay(point: str, place: int, stop: Stop) -> None:
    """Let this process stop at the point."""
    for name in ("converge_hint", "converge"):
        _know_what_is_carried(name)
    LAID[point](place, stop)


def on_the_road(*_: Any) -> bool:
    """Whether this thread carries a hint for the first time: whoever died under it once is let through, or one visit
    would be killed until nobody tries it any more."""
    return isinstance(_now(), Hint) and _now().attempts == 0


def on_a_click(*_: Any) -> bool:
    """The same for a click."""
    return isinstance(_now(), Request) and _now().attempts == 0


def _now() -> Any:
    return getattr(_carried, "what", None)


def _know_what_is_carried(name: str) -> None:
    road = vars(opening)[name]

    def carry(house: Any, what: Any) -> Any:
        _carried.what = what
        return road(house, what)

    vars(opening)[name] = carry


# --- how to stop ----------------------------------------------------------------------------------------------------


def always(*_: Any) -> bool:
    return True


def before(owner: Any, name: str, stop: Stop, when: Test = always) -> None:
    """Stop before a function is called."""
    inner = getattr(owner, name)

    @wraps(inner)
    def stopping(*given: Any, **named: Any) -> Any:
        if when(None, given):
            stop()
        return inner(*given, **named)

    setattr(owner, name, stopping)


def after(owner: Any, name: str, stop: Stop, when: Test = always) -> None:
    """Stop after a function came back."""
    inner = getattr(owner, name)

    @wraps(inner)
    def stopping(*given: Any, **named: Any) -> Any:
        answer = inner(*given, **named)
        if when(answer, given):
            stop()
        return answer

    setattr(owner, name, stopping)


def around_the_wire(stop: Stop, when: Test, *, event: str = "", at_end: bool = False) -> None:
    """Stop in a call that changes one of Square's bookings: before it, at that event of the connection, or when the
    answer begins to come."""
    inner = httpx.HTTPTransport.handle_request

    def handle(self: httpx.HTTPTransport, request: httpx.Request) -> httpx.Response:
        if request.method == "GET" or not request.url.path.startswith("/v2/bookings") or not when(None, ()):
            return inner(self, request)
        if event:
            request.extensions["trace"] = lambda name, _info: stop() if name == event else None
        elif not at_end:
            stop()
        answer = inner(self, request)
        if at_end:
            stop()
        return answer

    mock.patch.object(httpx.HTTPTransport, "handle_request", handle).start()  # for as long as the process lives


# --- where ----------------------------------------------------------------------------------------------------------


def _arrived(_answer: Any, given: tuple[Any, ...]) -> bool:
    return any(item.arrived for item in given[1])


def _answered(_answer: Any, given: tuple[Any, ...]) -> bool:
    return any(item.arrived for item, _ in given[0])


def _lease_held(_place: int, stop: Stop) -> None:
    after(StoreLocks, "acquire", stop, lambda answer, _: isinstance(answer, Lease) and on_the_road())


def _before_the_call(_place: int, stop: Stop) -> None:
    around_the_wire(stop, on_the_road)
    before(BooklyWriter, "write", stop, on_the_road)


def _during_the_call(_place: int, stop: Stop) -> None:
    """The request has left and is not answered; the rows are written and not committed."""
    around_the_wire(stop, on_the_road, event="http11.send_request_body.complete")
    before(Held, "make_sure", stop, on_the_road)


def _after_the_call(_place: int, stop: Stop) -> None:
    around_the_wire(stop, on_the_road, at_end=True)
    after(BooklyWriter, "write", stop, on_the_road)


def _at_the_end(_answer: Any, given: tuple[Any, ...]) -> bool:
    return bool(given[1].attempts == 0)


def _dies(_answer: Any, given: tuple[Any, ...]) -> bool:
    return End.DEAD in given


def _burying(place: int, stop: Stop) -> None:
    """Not yet written; written and not committed; committed."""
    if place == 2:
        before(crew, "told_hint", stop, lambda _, given: given[1].state == End.DEAD)
    else:
        (before, after)[place](hints, "finish", stop, _dies)


def _resend(place: int, stop: Stop) -> None:
    """Not yet put into the inbox; put and not committed; told, before it is over."""
    from sync.commands import resend

    if place == 2:
        after(resend, "_ring", stop)
    else:
        (before, after)[place](dead_letters, "_put", stop)


def _click(place: int, stop: Stop) -> None:
    """The plan is kept; before the first write; the first write done and not recorded; all done, not ended."""
    if place == 0:
        after(requests, "keep_plan", stop, on_a_click)
    elif place == 3:
        before(requests, "finish", stop, on_a_click)
    else:
        (before, after)[place - 1](BooklyWriter, "write", stop, on_a_click)


def _pull(place: int, stop: Stop) -> None:
    """Read and not taken; taken and not committed; committed."""
    if place == 2:
        after(pull, "_commit", stop)
    else:
        (before, after)[place](mirror, "commit_snapshot", stop)


LAID: dict[str, Callable[[int, Stop], None]] = {
    "after receive": lambda _, stop: before(Keeper, "_written", stop, _arrived),
    "after commit": lambda _, stop: after(Keeper, "_written", stop, _arrived),
    "before the 200": lambda _, stop: before(keeper, "_answer", stop, _answered),
    "with the lease held": _lease_held,
    "before the call": _before_the_call,
    "during the call": _during_the_call,
    "after the call": _after_the_call,
    "before the record": lambda _, stop: before(acting, "record_step", stop, on_the_road),
    "before the release": lambda _, stop: before(StoreLocks, "release", stop, on_the_road),
    "before the end": lambda _, stop: before(hints, "finish", stop, _at_the_end),
    "in burying": _burying,
    "in a resend": _resend,
    "in a click": _click,
    "in a pull": _pull,
    "before the bytes leave": lambda _, stop: around_the_wire(
        stop, on_the_road, event="http11.send_request_headers.started"
    ),
    "after the answer": lambda _, stop: after(SquareClient, "write", stop, on_the_road),
}
