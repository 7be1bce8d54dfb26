"""The two webhook doors: believe it or not, keep it, and only then say so."""

from __future__ import annotations

import logging
import math
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from sync.intake.body import read_body
from sync.intake.keeper import Keeper
from sync.intake.news import News, Reason, Refused
from sync.intake.rates import CALLS, FAILURES, Buckets, source
from sync.intake.square import RETRY_NUMBER, RETRY_REASON
from sync.intake.taking import Came, retries
from sync.model import Side

log = logging.getLogger("slotkeeper.intake")

Read = Callable[[bytes, Mapping[str, str]], News]
"""Believes a body with its headers, or raises Refused."""

SENTENCES = {
    400: "This cannot be read.",
    401: "The signature does not hold.",
    408: "The body did not come in time.",
    413: "The body is too large.",
    429: "Too many calls: come again later.",
    503: "This cannot be kept now: come again later.",
}


UNREAD = (408, 413, 429)
"""Answers given while the body may still be coming, perhaps without end: the connection goes with them."""


@dataclass(slots=True)
class Rates:
    """The limits in force, for each address that calls."""

    calls: Buckets = field(default_factory=lambda: Buckets(CALLS))
    failures: Buckets = field(default_factory=lambda: Buckets(FAILURES))

    def call(self, host: str) -> None:
        """Raises Refused (429) when that address has called too often."""
        _or_refuse(self.calls.take(host, time.monotonic()))

    def failure(self, host: str) -> None:
        """The signature did not hold: raises Refused (429) when that was so too often."""
        _or_refuse(self.failures.take(host, time.monotonic()))


def caller_of(request: Request) -> str:
    """The address by which who calls is counted."""
    return source(request.client.host if request.client else "")


def _or_refuse(wait: float) -> None:
    if wait:
        raise Refused(429, Reason.TOO_MANY, wait)


@dataclass(frozen=True, slots=True)
class Door:
    """One side's webhooks. `read` knows how that side signs and what it says."""

    side: Side
    read: Read
    keeper: Keeper
    rates: Rates

    async def answer(self, request: Request) -> Response:
        """POST: 200 once it is on disk (or was before), else why not. Every delivery is listed."""
        came = self._came(request)
        try:
            await self._take(came, request)
        except Refused as refused:
            self.keeper.list_refused(came.refused(refused))
            return refusal(refused)
        return Response(status_code=200)

    def _came(self, request: Request) -> Came:
        number, reason = retries(request.headers, RETRY_NUMBER, RETRY_REASON)
        return Came(self.side, self.keeper.clock(), time.perf_counter(), number, reason)

    async def _take(self, came: Came, request: Request) -> None:
        host = caller_of(request)
        self.rates.call(host)
        raw = await read_body(request)
        try:
            news = self.read(raw, request.headers)
        except Refused as refused:
            if refused.status == 401:
                self.rates.failure(host)
            raise
        try:
            await self.keeper.keep((came, news))
        except Refused as refused:
            refused.event_id = news.event_id
            raise


def refusal(refused: Refused) -> Response:
    """The answer, one sentence; with when to come again where that is known."""
    return PlainTextResponse(SENTENCES[refused.status], refused.status, refusal_headers(refused))


def refusal_headers(refused: Refused) -> dict[str, str]:
    """When to come again, where that is known; and whether the connection ends."""
    headers = {"retry-after": str(math.ceil(refused.after))} if refused.after else {}
    if refused.status in UNREAD:
        headers["connection"] = "close"
    return headers
