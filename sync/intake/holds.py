"""`POST /availability`, `POST /holds`, `GET` and `DELETE /holds/{id}`: what the website asks before it sells a time.

Every request is signed as the plugin's webhooks are. What is signed is the body; where there is none, the method and
the path, so that a signed question cannot be made an order ("DELETE /holds/1f0c").
"""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Mapping
from datetime import UTC, datetime
from functools import partial
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from sync.calendars import ReadFailed
from sync.intake.asked import NotUnderstood, asked_from
from sync.intake.body import read_body
from sync.intake.bookly import BooklySign
from sync.intake.desk import HoldDesk, ask_availability, ask_hold
from sync.intake.door import Rates, caller_of, refusal_headers
from sync.intake.news import Refused
from sync.locking.contract import LocksUnavailable
from sync.logs import say
from sync.model.holds import LIMIT_REACHED, Hold, HoldState, Refusal
from sync.store import holds
from sync.store.connection import reading, writing
from sync.store.trouble import StoreProblem
from sync.wording.holds import (
    BROKEN_OFF,
    CANNOT_ASK,
    NO_SUCH_HOLD,
    NOT_SIGNED,
    REFUSED,
    STANDS,
    TOO_LONG,
    TOO_OFTEN,
    TOO_SLOW,
)

LONGEST_BODY = 8_192

UNHEARD = {
    400: ("broken_off", BROKEN_OFF),
    401: ("not_signed", NOT_SIGNED),
    408: ("too_slow", TOO_SLOW),
    413: ("too_long", TOO_LONG),
    429: ("too_often", TOO_OFTEN),
}
"""Reason and sentence for what is refused before it is read as a question."""

Answer = Callable[[bytes], Response]
"""Does the work in a thread, given the body."""


def hold_routes(desk: HoldDesk, sign: BooklySign, rates: Rates | None = None) -> list[Route]:
    """The routes, to be mounted into the intake application. `rates` are limits of their own: a flood of webhooks keeps
    nobody from booking."""
    limits = rates or Rates()

    def route(path: str, method: str, answer: Callable[[HoldDesk, Request, bytes], Response]) -> Route:
        return Route(path, _endpoint(desk, sign, limits, answer), methods=[method])

    return [
        route("/availability", "POST", _availability),
        route("/holds", "POST", _hold),
        route("/holds/{id}", "GET", _look),
        route("/holds/{id}", "DELETE", _let_go),
    ]


def _endpoint(
    desk: HoldDesk, sign: BooklySign, rates: Rates, answer: Callable[[HoldDesk, Request, bytes], Response]
) -> Callable[[Request], Awaitable[Response]]:
    async def endpoint(request: Request) -> Response:
        try:
            body = await _believed(sign, rates, request)
        except Refused as refused:
            return _refused(refused)
        return await run_in_threadpool(_guarded, partial(answer, desk, request), body)

    return endpoint


async def _believed(sign: BooklySign, rates: Rates, request: Request) -> bytes:
    """The body of a request that is signed. Raises Refused."""
    host = caller_of(request)
    rates.call(host)
    body = await read_body(request, LONGEST_BODY)
    try:
        sign.verify(body or f"{request.method} {request.url.path}".encode(), request.headers)
    except Refused:
        rates.failure(host)
        raise
    return body


def _refused(refused: Refused) -> Response:
    reason, sentence = UNHEARD[refused.status]
    return _said(refused.status, reason, sentence, refusal_headers(refused))


def _guarded(answer: Answer, body: bytes) -> Response:
    try:
        return answer(body)
    except NotUnderstood as error:
        return _said(400, "not_understood", str(error))
    except ReadFailed as error:
        return _cannot_ask("calendar", error.setting)
    except StoreProblem:
        return _cannot_ask("store", "DATABASE_URL")
    except LocksUnavailable as error:
        return _cannot_ask("locks", error.setting)


def _cannot_ask(what: str, setting: str) -> Response:
    say("hold", level=logging.WARNING, outcome="cannot_ask", reason=what, setting=setting)
    return _said(503, "cannot_ask", CANNOT_ASK)


def _availability(desk: HoldDesk, _request: Request, body: bytes) -> Response:
    found = ask_availability(desk, asked_from(body, needs_client=False))
    said = _refusal(found.refusal) if found.refusal else {"reason": "", "sentence": ""}
    answer = {"free": found.refusal is None, **said, "age": round(found.age, 1), "live": found.live}
    return JSONResponse(answer)


def _hold(desk: HoldDesk, _request: Request, body: bytes) -> Response:
    found = ask_hold(desk, asked_from(body, needs_client=True))
    if isinstance(found, Refusal):
        say("hold", outcome="refused", reason=found.value)
        return JSONResponse(_refusal(found), 429 if found in LIMIT_REACHED else 409)
    say("hold", outcome=found.state.value)
    return JSONResponse(_shown(found, desk.clock()), 201)


def _look(desk: HoldDesk, request: Request, _body: bytes) -> Response:
    with reading(desk.engine) as conn:
        hold = holds.get(conn, request.path_params["id"])
    return JSONResponse(_shown(hold, desk.clock())) if hold else _said(404, "unknown", NO_SUCH_HOLD)


def _let_go(desk: HoldDesk, request: Request, _body: bytes) -> Response:
    with writing(desk.engine) as conn:
        known = holds.get(conn, request.path_params["id"])
        if known is not None:
            holds.release(conn, known.id, desk.clock())
    return Response(status_code=204) if known else _said(404, "unknown", NO_SUCH_HOLD)


def _shown(hold: Hold, now: datetime) -> dict[str, Any]:
    """A hold as the plugin sees it: `good` says whether the checkout may go on."""
    good = hold.lives(now)
    state = HoldState.EXPIRED if hold.state is HoldState.HELD and not good else hold.state
    return {
        "id": hold.id,
        "good": good,
        "state": state.value,
        "reason": hold.reason or ("" if good else state.value),
        "sentence": STANDS[state],
        "expires_at": hold.expires_at.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z"),
        "seconds_left": max(0, int((hold.expires_at - now).total_seconds())) if good else 0,
        "ref": hold.ref,
    }


def _refusal(refusal: Refusal) -> dict[str, str]:
    return {"reason": refusal.value, "sentence": REFUSED[refusal]}


def _said(status: int, reason: str, sentence: str, headers: Mapping[str, str] | None = None) -> JSONResponse:
    return JSONResponse({"reason": reason, "sentence": sentence}, status, headers)
