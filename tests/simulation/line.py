"""The line to the practice Square without a network: a call is answered in this process, or lost, as faults want it.

Two ways onto it: as a transport under the real `squareup` client, and, much quicker, as a stand-in for that client
which skips its models. Every history may go either way.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import httpx
from square.core.api_error import ApiError
from square.core.http_response import BaseHttpResponse

from practice_salon.square.call import Call
from practice_salon.square.endpoint import Answer, afterwards, instead
from practice_salon.square.errors import SquareError, invalid
from practice_salon.square.faults import Armed, strike
from practice_salon.square.grants import TOKEN, admit
from practice_salon.square.routes import ROUTES, SquareRoute
from practice_salon.square.state import Doc, World
from tests.simulation.clock import VirtualClock
from tests.simulation.points import Points

CALL_SECONDS = 0.12
"""How long a call takes that nothing disturbs."""

READ_SECONDS = 5.0
WRITE_SECONDS = 10.0
MUTATING = frozenset({"bookings.create", "bookings.update", "bookings.cancel"})
BY_NAME = {route.name: route for route in ROUTES}
BY_NAME["o_auth.retrieve_token_status"] = BY_NAME["oauth.token_status"]  # as the client calls it
PATTERNS = [(route, re.compile(re.sub(r"\{(\w+)\}", r"(?P<\1>[^/]+)", route.path))) for route in ROUTES]
BEARER = f"Bearer {TOKEN}"


@dataclass(frozen=True, slots=True)
class Sent:
    """One call as it went out: the route, its idempotency key, and how many steps the worker had begun by then."""

    route: str
    key: str
    step: int


@dataclass(slots=True)
class Line:
    """The way to one Square. `sent` is every call, `step` what the worker is at."""

    world: World
    clock: VirtualClock
    points: Points
    sent: list[Sent] = field(default_factory=list)
    step: int = 0
    down_until: float = 0.0
    """By the world's monotonic clock."""
    seconds: float = CALL_SECONDS

    @property
    def down(self) -> bool:
        """Whether nobody answers."""
        return self.clock.monotonic() < self.down_until

    def goes_down(self, seconds: float) -> None:
        """Nobody answers for so long."""
        self.down_until = self.clock.monotonic() + seconds

    def call(
        self, route: SquareRoute, path: Mapping[str, str], query: Mapping[str, str], body: Doc, bearer: str = BEARER
    ) -> Answer:
        """One call and its answer. Raises httpx's errors where a client would meet them."""
        self.points.refuse_the_dead()
        self.sent.append(Sent(route.name, str(body.get("idempotency_key") or ""), self.step))
        self.world.counts[route.name] += 1
        if self.down:
            self.clock.pass_by(self.seconds)
            raise httpx.ConnectError("nobody answers")
        due = self.world.faults.due(route.name)
        self.clock.pass_by(self.seconds + sum(slow.seconds for slow in [strike(due, "slow")] if slow))
        self._lose(due, route, "hang_before", "reset_before")
        answer = self._replaced(due) or afterwards(due, self._answered(route, path, query, body, due, bearer))
        self._lose(due, route, "hang_after", "reset_after")
        if strike(due, "cut_short"):
            raise httpx.RemoteProtocolError("the answer ended in the middle")
        return answer

    def _lose(self, due: tuple[Armed, ...], route: SquareRoute, *names: str) -> None:
        lost = strike(due, *names)
        if lost is None:
            return
        if lost.fault.name.startswith("hang"):
            self.clock.pass_by(WRITE_SECONDS if route.name in MUTATING else READ_SECONDS)
            raise httpx.ReadTimeout("no answer came")
        raise httpx.ReadError("the connection was reset")

    def _replaced(self, due: tuple[Armed, ...]) -> Answer | None:
        for armed in due:
            answer = instead(armed)
            if answer is not None:
                strike((armed,), armed.fault.name)
                return answer
        return None

    def _answered(
        self,
        route: SquareRoute,
        path: Mapping[str, str],
        query: Mapping[str, str],
        body: Doc,
        due: tuple[Armed, ...],
        bearer: str,
    ) -> Answer:
        mutating = route.name in MUTATING
        if mutating:
            self.points.at("before the call")
        assert route.handler is not None
        try:
            with self.world.change():
                grant = admit(self.world, bearer, route.scopes)
                call = Call(route.name, grant, self.world.now(), path, query, body, due)
                answer = Answer.of(200, route.handler(self.world, call))
        except SquareError as refused:
            return Answer.refused(refused)
        if mutating:
            self.points.at("after the call")
        return answer


class LineTransport(httpx.BaseTransport):
    """The line under the real client."""

    def __init__(self, line: Line) -> None:
        self._line = line

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """See httpx."""
        route, path = _route(request.method, request.url.path)
        body = json.loads(request.content) if request.content.strip() else {}
        bearer = request.headers.get("authorization", "")
        answer = self._line.call(route, path, dict(request.url.params), body, bearer)
        return httpx.Response(answer.status, headers=dict(answer.headers), content=answer.body, request=request)


def _route(method: str, path: str) -> tuple[SquareRoute, dict[str, str]]:
    """The route of a path, and what the path names."""
    found = ((route, pattern.fullmatch(path)) for route, pattern in PATTERNS if route.method == method)
    return next((route, match.groupdict()) for route, match in found if match)


class _Told(BaseHttpResponse):
    """A raw answer as the client gives it, its JSON as it came."""

    def __init__(self, headers: Mapping[str, str], data: Any) -> None:
        self._named = dict(headers)
        self.data = data

    @property
    def headers(self) -> dict[str, str]:
        """See BaseHttpResponse."""
        return self._named


@dataclass(frozen=True, slots=True)
class QuickSquare:
    """Stands in for `Square`: `api.bookings.with_raw_response.get(...)` becomes one call on the line."""

    line: Line
    name: str = ""

    def __getattr__(self, word: str) -> Any:
        if word == "with_raw_response":
            return self
        if word == "_client_wrapper":
            return QuickSender(self.line)
        name = f"{self.name}.{word}" if self.name else word
        return _caller(self.line, BY_NAME[name]) if name in BY_NAME else QuickSquare(self.line, name)


@dataclass(frozen=True, slots=True)
class QuickSender:
    """Stands in for the client's own sender: a call on a path becomes one call on the line, and its raw answer."""

    line: Line

    @property
    def httpx_client(self) -> QuickSender:
        """Itself: the client keeps its sender one step further in."""
        return self

    def request(
        self, path: str, *, method: str, params: Doc | None = None, json: Doc | None = None, **_: object
    ) -> httpx.Response:
        """See the client."""
        route, named = _route(method, f"/{path}")
        query = {key: _text(value) for key, value in (params or {}).items()}
        answer = self.line.call(route, named, query, json or {})
        return httpx.Response(answer.status, headers=dict(answer.headers), content=answer.body)


def _caller(line: Line, route: SquareRoute) -> Callable[..., _Told]:
    names = re.findall(r"\{(\w+)\}", route.path)

    def call(*positional: Any, request_options: Any = None, **given: Any) -> _Told:
        path = {name: str(value) for name, value in zip(names, positional, strict=False)}
        path |= {name: str(given.pop(name)) for name in names if name in given}
        if route.method == "GET":
            query = {key: _text(value) for key, value in given.items() if value is not None}
            return _told(line.call(route, path, query, {}))
        return _told(line.call(route, path, {}, given))

    return call


def _text(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _told(answer: Answer) -> _Told:
    try:
        doc = json.loads(answer.body)
    except ValueError:
        raise ApiError(
            headers=dict(answer.headers), status_code=answer.status, body=answer.body.decode(errors="replace")
        ) from None
    if not 200 <= answer.status < 300:
        raise ApiError(headers=dict(answer.headers), status_code=answer.status, body=doc)
    return _Told(answer.headers, doc)


def rows(world: World, kind: str) -> Iterator[Doc]:
    """The documents of one kind."""
    yield from world[kind].values()


__all__ = ["BEARER", "Line", "LineTransport", "QuickSquare", "Sent", "invalid"]
