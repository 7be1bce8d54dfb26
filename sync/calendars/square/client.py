"""The way to Square: the `squareup` client with our own clocks, each call tried once, every failure classified.

The client's own retries are off (they repeat a 409 and would hide a lost write), its pager is not used (it stops at an
empty middle page), and the exceptions of httpx that it lets through are caught here.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from ssl import SSLContext
from threading import local
from typing import Any, cast
from urllib.parse import urlsplit

import httpx
from pydantic import BaseModel
from square import Square
from square.core.api_error import ApiError
from square.core.http_response import BaseHttpResponse
from square.core.pagination import SyncPager
from square.core.request_options import RequestOptions

from sync.calendars import ReadFailed
from sync.calendars.calls import Stopwatch, Verdict
from sync.calendars.square.direct import doc_of
from sync.calendars.square.errors import (
    BASE_URL,
    TOKEN,
    Failure,
    How,
    SquareFailed,
    answered,
    read_error,
    request_id,
    verdict_of,
    write_error,
)
from sync.model import Side
from sync.model.calls import SquareName

Doc = Mapping[str, Any]
"""A JSON object of Square's, with only the fields it sent."""

Call = Callable[[Square, RequestOptions], object]
"""One call on the client; must pass the options on, which hold the time limit and switch retries off."""

PageCall = Callable[[Square, RequestOptions, str | None], object]
"""One page of a listing; the text is the cursor, None for the first page."""

READ_SECONDS = 5.0
WRITE_SECONDS = 10.0
CONNECT_SHARE = 0.4
"""How much of a call's time its connection may take, so that connecting and waiting together keep within the limit."""

MOST_PAGES = 2_000
"""A listing with more pages than this is a server that goes round in circles: 100 rows a page, no salon has 200,000."""

# Raised when nothing was sent yet. LocalProtocolError comes from a header that cannot be sent, which is the token.
UNSENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.ProxyError)
BAD_ADDRESS = (httpx.UnsupportedProtocol, httpx.InvalidURL)
BAD_TOKEN = (httpx.LocalProtocolError, UnicodeEncodeError)
# What the client raises over an answer whose JSON has another shape than any of Square's.
ODD_SHAPE = (TypeError, AttributeError, ValueError, KeyError, RecursionError)


@dataclass(frozen=True, slots=True)
class Answer:
    """What Square said to a write, and its id of the call."""

    doc: Doc
    request_id: str


@dataclass(frozen=True, slots=True)
class Shown:
    """What may be shown of the settings: the host, the first signs of the token, the location's id."""

    where: str
    token: str
    location_id: str


class SquareClient:
    """Square as the rest of this room calls it. Safe for several threads; `close` ends its connections.

    Each call is told under its name (`sync.calendars.calls`); a listing is one call a page."""

    def __init__(self, api: Square, http: httpx.Client, times: tuple[float, float], shown: Shown) -> None:
        self._api = api
        self._http = http
        self._reads, self._writes = (_options(seconds) for seconds in times)
        self.shown = shown

    @property
    def location_id(self) -> str:
        """The location asked for, '' when it was left out."""
        return self.shown.location_id

    def read(self, name: SquareName, call: Call) -> Doc:
        """The answer to a read, whole; an answer with `errors` is none. Raises ReadFailed."""
        try:
            return self.asked(name, call).doc
        except SquareFailed as error:
            raise read_error(error.failure, self.shown.token) from None

    def write(self, name: SquareName, call: Call) -> Answer:
        """The answer to a write. Raises Declined (a WriteRefused) or OutcomeUnknown."""
        try:
            return self._tried(name, call, self._writes)
        except SquareFailed as error:
            raise write_error(error.failure) from None

    def asked(self, name: SquareName, call: Call) -> Answer:
        """As `read`, but raises SquareFailed with the Failure itself, for those who judge it."""
        return self._tried(name, call, self._reads)

    def pages(self, name: SquareName, call: PageCall) -> Iterator[Doc]:
        """Every page of a listing, also behind an empty one, by its cursor.

        Raises CursorExpired when the listing must be begun anew, ReadFailed when a page could not be read.
        """
        cursor: str | None = None
        seen: set[str] = set()
        for _ in range(MOST_PAGES):
            page = self._page(name, call, cursor)
            yield page
            cursor = page.get("cursor") or None
            if cursor is None:
                return
            if cursor in seen:
                break
            seen.add(cursor)
        raise ReadFailed("Square's listing goes round in circles: nothing was concluded from it, try again.")

    def _page(self, name: SquareName, call: PageCall, cursor: str | None) -> Doc:
        return self.read(name, lambda api, options: call(api, options, cursor))

    def close(self) -> None:
        """Ends the connections."""
        self._http.close()

    def _tried(self, name: SquareName, call: Call, options: RequestOptions) -> Answer:
        """One call, and telling of it."""
        watch = Stopwatch(Side.SQUARE, name)
        try:
            answer = self._sent(call, options)
        except SquareFailed as error:
            watch.ended(verdict_of(error.failure))
            raise
        watch.ended(Verdict("ok", 200, request_id=answer.request_id))
        return answer

    def _sent(self, call: Call, options: RequestOptions) -> Answer:
        failure = Failure(How.LOST, self.shown.where)
        try:
            answer = _answer_of(call(self._api, options))
        except ApiError as error:
            now = datetime.now(UTC)
            failure = answered(error.status_code or 0, error.headers or {}, error.body, self.shown.where, now)
        except BAD_TOKEN:
            failure = Failure(How.UNSENT, self.shown.where, setting=TOKEN, never=True)
        except BAD_ADDRESS:
            failure = Failure(How.UNSENT, self.shown.where, setting=BASE_URL, never=True)
        except UNSENT:
            failure = Failure(How.UNSENT, self.shown.where, setting=BASE_URL)
        except (httpx.HTTPError, httpx.StreamError, *ODD_SHAPE):
            failure = Failure(How.LOST, self.shown.where)
        else:
            if not answer.doc.get("errors"):
                return answer
            headers = {"x-request-id": answer.request_id}
            failure = answered(200, headers, answer.doc, self.shown.where, datetime.now(UTC))
        raise SquareFailed(failure)


def open_square(
    base_url: str,
    token: str,
    location_id: str | None = None,
    *,
    read_seconds: float = READ_SECONDS,
    write_seconds: float = WRITE_SECONDS,
    transport: httpx.BaseTransport | None = None,
) -> SquareClient:
    """A client for the Square at `base_url`. Makes no call and never fails: what is wrong shows at the first call.

    `read_seconds` and `write_seconds` bound a call of each kind as a whole; `transport` stands in for the network.
    """
    hooks: dict[str, list[Callable[..., Any]]] = {"request": [_start_clock], "response": [_watch_clock]}
    http = httpx.Client(
        verify=_trusted(), timeout=read_seconds, follow_redirects=False, event_hooks=hooks, transport=transport
    )
    address = base_url.strip().rstrip("/")
    api = Square(base_url=address or "http://", token=token.strip(), httpx_client=http)
    shown = Shown(host_of(address), masked(token.strip()), (location_id or "").strip())
    return SquareClient(api, http, (read_seconds, write_seconds), shown)


@cache
def _trusted() -> SSLContext:
    """Whose certificates are trusted; read once a process, which takes longer than a call."""
    return httpx.create_ssl_context()


def masked(token: str) -> str:
    """What may be seen of a token: its first four signs at most, a quarter of a short one."""
    return f"{token[: min(4, len(token) // 4)]}…" if token else "(empty)"


def host_of(address: str) -> str:
    """The host (and port) an address names, without any password in it; what was written if it names none."""
    try:
        parts = urlsplit(address)
        named = f"{parts.hostname}:{parts.port}" if parts.port else parts.hostname
    except ValueError:
        named = None
    return named or (address.rpartition("@")[2] or "an empty address")[:60]


def plain_of(value: Any) -> Any:
    """A model of the client as the JSON it was read from: only the fields that were sent, unknown ones included."""
    if isinstance(value, BaseModel):
        fields = {**value.__dict__, **(value.model_extra or {})}
        return {name: plain_of(fields[name]) for name in value.model_fields_set if name in fields}
    if isinstance(value, Mapping):
        return {str(key): plain_of(inner) for key, inner in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain_of(inner) for inner in value]
    return value


def _answer_of(result: object) -> Answer:
    """Raises TypeError when the answer is no JSON object."""
    named = ""
    if isinstance(result, httpx.Response):
        named, result = request_id(result.headers), doc_of(result)
        if not isinstance(result, Mapping):
            raise TypeError("an answer of Square is a JSON object")
        return Answer(result, named)
    if isinstance(result, BaseHttpResponse):
        named = request_id(result.headers)
        result = getattr(result, "data", None)
    elif isinstance(result, SyncPager):  # a pager keeps no headers
        named, result = request_id(getattr(_latest, "headers", {})), result.response
    doc = plain_of(result)
    if not isinstance(doc, Mapping):
        raise TypeError("an answer of Square is a JSON object")
    return Answer(doc, named)


def _options(seconds: float) -> RequestOptions:
    return cast(RequestOptions, {"max_retries": 0, "timeout_in_seconds": seconds})


def _start_clock(request: httpx.Request) -> None:
    """httpx limits each step by itself; this makes the whole call end in time."""
    limits = request.extensions.get("timeout") or {}
    seconds = limits.get("read")
    if seconds is None:
        return
    connect = seconds * CONNECT_SHARE
    limits.update(connect=connect, pool=connect, read=seconds - connect)
    request.extensions["ends_by"] = time.monotonic() + seconds


_latest = local()
"""What came with the answer to the call that this thread made last."""


def _watch_clock(response: httpx.Response) -> None:
    _latest.headers = response.headers
    ends_by = response.request.extensions.get("ends_by")
    if ends_by is not None and isinstance(response.stream, httpx.SyncByteStream):
        response.stream = _InTime(response.stream, ends_by, response.request)


class _InTime(httpx.SyncByteStream):
    """A body that must have come by a moment: one that drips in for ever is a timeout."""

    def __init__(self, stream: httpx.SyncByteStream, ends_by: float, request: httpx.Request) -> None:
        self._stream, self._ends_by, self._request = stream, ends_by, request

    def __iter__(self) -> Iterator[bytes]:
        for chunk in self._stream:
            if time.monotonic() > self._ends_by:
                raise httpx.ReadTimeout("the answer came too slowly", request=self._request)
            yield chunk

    def close(self) -> None:
        self._stream.close()
