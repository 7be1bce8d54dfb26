"""One call's road: count it, let a fault strike, check the caller, answer; and how an answer gets lost."""

import asyncio
import json
import re
import socket
import struct
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import httpx
from starlette.requests import Request
from starlette.types import Receive, Scope, Send

from practice_salon.square import courier, subscriptions
from practice_salon.square.call import Call
from practice_salon.square.errors import API, INVALID, RATE, SquareError, invalid, out_of_scope, unauthorized
from practice_salon.square.events import API_VERSION
from practice_salon.square.faults import Armed, strike
from practice_salon.square.grants import admit
from practice_salon.square.routes import SquareRoute
from practice_salon.square.state import Doc, World

WIRE = "practice_salon.wire"
"""Where the outermost `send` is kept in the scope; its owner holds the connection."""

PAGE = "<html><head><title>{0}</title></head><body><h1>{0}</h1><p>Something went wrong.</p></body></html>"
CODES = {500: "INTERNAL_SERVER_ERROR", 502: "BAD_GATEWAY", 503: "SERVICE_UNAVAILABLE", 504: "GATEWAY_TIMEOUT"}


@dataclass(frozen=True, slots=True)
class Answer:
    """What goes back: status, bytes, headers."""

    status: int
    body: bytes
    headers: Mapping[str, str]

    @classmethod
    def of(cls, status: int, doc: Doc, **headers: str) -> "Answer":
        """A JSON answer; header names are written with underscores."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        common = {"content-type": "application/json", "square-version": API_VERSION}
        return cls(status, json.dumps(doc).encode(), {**common, **named})

    @classmethod
    def refused(cls, error: SquareError, **headers: str) -> "Answer":
        """An error in Square's shape."""
        return cls.of(error.status, error.body(), **headers)


def _server_error(status: int) -> Answer:
    return Answer.refused(SquareError(status, API, CODES[status], "The server could not answer."))


def _too_many(**headers: str) -> Answer:
    return Answer.refused(SquareError(429, RATE, "RATE_LIMITED", "Too many requests."), **headers)


def _html(status: int) -> Answer:
    return Answer(status, PAGE.format(status).encode(), {"content-type": "text/html"})


def instead(armed: Armed) -> Answer | None:
    """What is answered without looking at the call; None for a fault that works otherwise."""
    name = armed.fault.name
    if name == "rate_limited":
        return _too_many()
    if name == "rate_limited_retry_after":
        return _too_many(retry_after=f"{armed.seconds:g}")
    if found := re.fullmatch(r"error_(5\d\d)", name):
        return _server_error(int(found[1]))
    if found := re.fullmatch(r"html_(5\d\d)", name):
        return _html(int(found[1]))
    if name == "ok_with_errors":
        return Answer.of(200, {"errors": [SquareError(200, API, "TEMPORARY_ERROR", "Try again.").doc()]})
    refusals = {
        "token_expired": unauthorized("ACCESS_TOKEN_EXPIRED"),
        "token_revoked": unauthorized("ACCESS_TOKEN_REVOKED"),
        "scope_missing": out_of_scope(),
        "unknown_error_code": SquareError(400, INVALID, "SOMETHING_NEVER_SEEN", "A code that is in no list."),
    }
    return Answer.refused(refusals[name]) if name in refusals else None


def afterwards(due: tuple[Armed, ...], answer: Answer) -> Answer:
    """The answer to a call that was applied, as faults let it through."""
    if strike(due, "rate_limited_after_write"):
        return _too_many()
    if strike(due, "server_error_after_write"):
        return _server_error(500)
    if strike(due, "unavailable_after_write"):
        return _server_error(503)
    if strike(due, "truncated_json"):
        return Answer(answer.status, answer.body[: len(answer.body) // 2], answer.headers)
    return answer


class Endpoint:
    """The ASGI application behind one route."""

    def __init__(self, world: World, route: SquareRoute) -> None:
        self.world = world
        self.route = route

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answers, or loses the answer, as the armed faults want it."""
        request = Request(scope, receive)
        raw = await request.body()
        with self.world.lock:
            self.world.counts[self.route.name] += 1
            due = self.world.faults.due(self.route.name)
        if slow := strike(due, "slow"):
            await _left(receive, slow.seconds)
        lost = strike(due, "hang_before", "reset_before")
        if lost is not None:
            await _lose(lost, scope, receive)
            return
        answer = self._replaced(due) or afterwards(due, await self._answer(request, raw, due))
        lost = strike(due, "hang_after", "reset_after")
        if lost is not None:
            await _lose(lost, scope, receive)
        elif strike(due, "cut_short"):
            await _cut(scope, send, answer)
        else:
            await _send(send, answer, len(answer.body))

    def _replaced(self, due: tuple[Armed, ...]) -> Answer | None:
        for armed in due:
            answer = instead(armed)
            if answer is not None:
                strike((armed,), armed.fault.name)
                return answer
        return None

    async def _answer(self, request: Request, raw: bytes, due: tuple[Armed, ...]) -> Answer:
        try:
            if self.route.handler is None:
                return Answer.of(200, await self._trial(self._call(request, raw, due)))
            with self.world.change():
                return Answer.of(200, self.route.handler(self.world, self._call(request, raw, due)))
        except SquareError as refused:
            return Answer.refused(refused)

    def _call(self, request: Request, raw: bytes, due: tuple[Armed, ...]) -> Call:
        grant = admit(self.world, request.headers.get("authorization"), self.route.scopes)
        version = request.headers.get("square-version")
        if version is not None and not re.fullmatch(r"\d{4}-\d{2}-\d{2}", version):
            raise invalid("INVALID_SQUARE_VERSION_FORMAT", "The Square-Version header is not a date.")
        return Call(
            route=self.route.name,
            grant=grant,
            now=self.world.now(),
            path=dict(request.path_params),
            query=dict(request.query_params),
            body=_object(raw),
            due=due,
        )

    async def _trial(self, call: Call) -> Doc:
        """The webhook test: one delivery at once, whatever it answers."""
        with self.world.change():
            parcel = subscriptions.trial_parcel(self.world, call)
        status: int | None = None
        with suppress(httpx.HTTPError):
            async with httpx.AsyncClient(trust_env=False) as client:
                status = await courier.post(client, parcel, self.world.rules.webhook_timeout_s)
        return subscriptions.trial_result(self.world, parcel, status)


def _object(raw: bytes) -> Doc:
    if not raw.strip():
        return {}
    try:
        body = json.loads(raw)
    except ValueError:
        body = None
    if not isinstance(body, dict):
        raise invalid("EXPECTED_JSON_BODY", "The body is not a JSON object.")
    return body


async def _send(send: Send, answer: Answer, length: int) -> None:
    headers = {**answer.headers, "content-length": str(length)}
    encoded = [(name.encode(), value.encode()) for name, value in headers.items()]
    await send({"type": "http.response.start", "status": answer.status, "headers": encoded})
    await send({"type": "http.response.body", "body": answer.body, "more_body": length > len(answer.body)})


async def _lose(armed: Armed, scope: Scope, receive: Receive) -> None:
    if armed.fault.name.startswith("hang"):
        await _left(receive, armed.seconds)
    _reset(scope)


async def _cut(scope: Scope, send: Send, answer: Answer) -> None:
    half = Answer(answer.status, answer.body[: len(answer.body) // 2], answer.headers)
    await _send(send, half, len(answer.body))
    _transport(scope).close()


async def _left(receive: Receive, seconds: float) -> None:
    """Returns when the caller has gone or the seconds are over."""

    async def gone() -> None:
        while (await receive())["type"] != "http.disconnect":
            pass

    with suppress(TimeoutError):
        await asyncio.wait_for(gone(), seconds)


def _reset(scope: Scope) -> None:
    """Ends the connection with a TCP reset, no answer."""
    transport = _transport(scope)
    raw = transport.get_extra_info("socket")
    if raw is not None:
        raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    transport.abort()


def _transport(scope: Scope) -> Any:
    """The connection below: uvicorn's `send` is a method of the object that holds it."""
    return scope[WIRE].__self__.transport
