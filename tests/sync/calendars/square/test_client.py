"""One call to Square: tried once, in time, and every way to fail told apart."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest
from square import Square
from square.core.request_options import RequestOptions

from sync.calendars import OutcomeUnknown, ReadFailed, WriteRefused
from sync.calendars.square.client import SquareClient, open_square
from sync.calendars.square.errors import CursorExpired, Declined, request_id, retry_after
from sync.calendars.square.read import SquareReader
from sync.calendars.square.write import SquareWriter
from sync.model import Fault, Place, PlacedPart, Ref, Side
from tests.sync.calendars.square.conftest import HORIZON, at

TOKEN = "EAAA-secret"
Handler = Callable[[httpx.Request], httpx.Response]


def answering(handler: Handler) -> SquareClient:
    return open_square("https://square.example", TOKEN, "L1", transport=httpx.MockTransport(handler))


def always(response: httpx.Response) -> SquareClient:
    return answering(lambda _: response)


def failing(error: Exception) -> SquareClient:
    def handler(request: httpx.Request) -> httpx.Response:
        raise error

    return answering(handler)


def get(api: Square, options: RequestOptions) -> object:
    return api.bookings.with_raw_response.get("bk1", request_options=options)


def cancel(api: Square, options: RequestOptions) -> object:
    return api.bookings.with_raw_response.cancel("bk1", booking_version=1, request_options=options)


def errors(code: str, category: str = "INVALID_REQUEST_ERROR", **more: str) -> dict[str, Any]:
    return {"errors": [{"category": category, "code": code, **more}]}


LOST = [
    httpx.ReadTimeout("slow"),
    httpx.WriteTimeout("slow"),
    httpx.ReadError("reset"),
    httpx.WriteError("reset"),
    httpx.RemoteProtocolError("closed"),
    httpx.DecodingError("bad gzip"),
]
UNSENT = [httpx.ConnectError("refused"), httpx.ConnectTimeout("slow"), httpx.PoolTimeout("full")]

ODD_BODIES = [
    httpx.Response(200, text=""),
    httpx.Response(200, text='{"booking": {"id": "bk'),
    httpx.Response(200, text="null"),
    httpx.Response(200, text="[1, 2]"),
    httpx.Response(200, text='"fine"'),
    httpx.Response(200, text="17"),
    httpx.Response(200, html="<h1>busy</h1>"),
    httpx.Response(200, json=errors("TEMPORARY_ERROR", "API_ERROR")),
    httpx.Response(429, json=errors("RATE_LIMITED", "RATE_LIMIT_ERROR")),
    httpx.Response(408, json=errors("REQUEST_TIMEOUT", "API_ERROR")),
    httpx.Response(500, json=errors("INTERNAL_SERVER_ERROR", "API_ERROR")),
    httpx.Response(502, html="<h1>Bad gateway</h1>"),
    httpx.Response(504, text=""),
]


@pytest.mark.parametrize("error", LOST, ids=repr)
def test_a_call_whose_answer_was_lost_is_a_failed_read_or_a_write_of_unknown_outcome(error: Exception) -> None:
    with pytest.raises(ReadFailed):
        failing(error).read("get bookings", get)
    with pytest.raises(OutcomeUnknown):
        failing(error).write("cancel booking", cancel)


@pytest.mark.parametrize("response", ODD_BODIES, ids=lambda r: f"{r.status_code} {r.text[:20]}")
def test_an_answer_that_is_none_is_a_failed_read_or_a_write_of_unknown_outcome(response: httpx.Response) -> None:
    with pytest.raises(ReadFailed) as raised:
        always(response).read("get bookings", get)
    assert not raised.value.permanent
    with pytest.raises(OutcomeUnknown):
        always(response).write("cancel booking", cancel)


@pytest.mark.parametrize("error", UNSENT, ids=repr)
def test_what_never_left_is_a_refusal_that_names_the_address(error: Exception) -> None:
    with pytest.raises(WriteRefused, match="SQUARE_BASE_URL") as raised:
        failing(error).write("cancel booking", cancel)
    assert (raised.value.setting, raised.value.permanent) == ("SQUARE_BASE_URL", False)


@pytest.mark.parametrize(
    ("status", "code", "permanent"),
    [
        (400, "BAD_REQUEST", True),
        (404, "NOT_FOUND", True),
        (409, "CONFLICT", False),
        (422, "UNPROCESSABLE_ENTITY", False),
        (400, "SOMETHING_NEVER_SEEN", False),
        (200, "INVALID_VALUE", True),
    ],
)
def test_a_refusal_is_one_whatever_status_carries_it(status: int, code: str, permanent: bool) -> None:
    client = always(httpx.Response(status, json=errors(code)))
    with pytest.raises(Declined, match=code) as raised:
        client.write("cancel booking", cancel)
    assert raised.value.permanent is permanent
    with pytest.raises(ReadFailed):
        client.read("get bookings", get)


@pytest.mark.parametrize(
    ("status", "code", "word"),
    [
        (401, "UNAUTHORIZED", "does not know"),
        (401, "ACCESS_TOKEN_EXPIRED", "expired"),
        (401, "ACCESS_TOKEN_REVOKED", "revoked"),
        (403, "INSUFFICIENT_SCOPES", "lacks a right"),
        (403, "FORBIDDEN", "lacks a right"),
    ],
)
def test_a_token_turned_away_is_named_and_lasting(status: int, code: str, word: str) -> None:
    client = always(httpx.Response(status, json=errors(code, "AUTHENTICATION_ERROR")))
    for kind, ask in (
        (ReadFailed, lambda: client.read("get bookings", get)),
        (WriteRefused, lambda: client.write("cancel booking", cancel)),
    ):
        with pytest.raises(kind, match=word) as raised:
            ask()
        assert "SQUARE_ACCESS_TOKEN" in str(raised.value)
        assert (raised.value.setting, raised.value.permanent) == ("SQUARE_ACCESS_TOKEN", True)


@pytest.mark.parametrize("status", [400, 402, 403, 409, 200])
def test_a_plan_that_does_not_allow_it_is_lasting_whatever_status_carries_it(status: int) -> None:
    body = errors("MERCHANT_SUBSCRIPTION_NOT_FOUND", "MERCHANT_SUBSCRIPTION_ERROR")
    with pytest.raises(Declined, match="plan does not allow") as raised:
        always(httpx.Response(status, json=body)).write("cancel booking", cancel)
    told = raised.value
    assert (told.setting, told.permanent, told.fault) == ("SQUARE_ACCESS_TOKEN", True, Fault.NOT_ALLOWED)


def test_no_token_and_nothing_that_square_said_of_a_client_is_in_an_error() -> None:
    detail = "The number +13125550142 of Anna Falk is not valid"
    client = always(httpx.Response(400, json=errors("INVALID_PHONE_NUMBER", detail=detail, field="Anna Falk")))
    with pytest.raises(WriteRefused) as raised:
        client.write("cancel booking", cancel)
    shown = f"{raised.value!r} {raised.value.__context__ and raised.value.__suppress_context__}"
    assert "Anna" not in shown and "secret" not in shown
    with pytest.raises(ReadFailed) as read:
        open_square("https://square.example", "two\nsecret lines").read("get bookings", get)
    assert "secret" not in str(read.value)
    assert read.value.__suppress_context__


def test_a_code_that_is_no_code_is_not_repeated() -> None:
    with pytest.raises(WriteRefused, match=r"\(HTTP 400\)"):
        always(httpx.Response(400, json=errors("Anna Falk said no"))).write("cancel booking", cancel)


def test_each_call_is_made_once_whatever_comes_back() -> None:
    seen: list[str] = []

    def handler(request: httpx.Request) -> httpx.Response:
        seen.append(request.url.path)
        return httpx.Response(409 if request.method == "POST" else 503, json=errors("CONFLICT"))

    client = answering(handler)
    with pytest.raises(ReadFailed):
        client.read("get bookings", get)
    with pytest.raises(WriteRefused):
        client.write("cancel booking", cancel)
    assert seen == ["/v2/bookings/bk1", "/v2/bookings/bk1/cancel"]


def test_retry_after_and_the_calls_own_id_are_kept() -> None:
    headers = {"Retry-After": "7", "X-Request-Id": "req-1"}
    client = always(httpx.Response(429, headers=headers, json=errors("RATE_LIMITED", "RATE_LIMIT_ERROR")))
    with pytest.raises(ReadFailed) as read:
        client.read("get bookings", get)
    with pytest.raises(OutcomeUnknown) as written:
        client.write("cancel booking", cancel)
    for error in (read.value, written.value):
        assert (error.retry_after, error.request_id) == (7.0, "req-1")


def test_the_calls_own_id_is_kept_when_all_went_well() -> None:
    client = always(httpx.Response(200, headers={"square-request-id": "req-2"}, json={"booking": {"id": "bk1"}}))
    assert client.write("cancel booking", cancel).request_id == "req-2"
    assert request_id({}) == ""


def test_retry_after_is_seconds_or_a_date() -> None:
    now = datetime(2026, 3, 2, 15, 0, tzinfo=UTC)
    assert retry_after({"retry-after": "0"}, now) == 0.0
    assert retry_after({"Retry-After": "1.5"}, now) == 1.5
    assert retry_after({"retry-after": "Mon, 02 Mar 2026 15:00:30 GMT"}, now) == 30.0
    assert retry_after({"retry-after": "Mon, 02 Mar 2026 14:00:00 GMT"}, now) == 0.0
    for odd in ("soon", "", "-3"):
        assert retry_after({"retry-after": odd}, now) is None


def test_fields_square_sends_and_nobody_knows_are_kept_and_absent_ones_stay_absent() -> None:
    body = {"booking": {"id": "bk1", "status": "NEW_WORD", "appointment_segments": [{"duration_minutes": 5, "x": 1}]}}
    assert always(httpx.Response(200, json=body)).read("get bookings", get) == body


def test_both_bounds_the_place_and_a_limit_are_always_asked_for() -> None:
    asked: list[httpx.URL] = []

    def handler(request: httpx.Request) -> httpx.Response:
        if request.url.path == "/v2/bookings":
            asked.append(request.url)
        places = {"locations": [{"id": "L1", "status": "ACTIVE", "timezone": "America/Chicago"}]}
        return httpx.Response(200, json=places if request.url.path == "/v2/locations" else {})

    SquareReader(answering(handler)).snapshot(HORIZON)
    assert len(asked) == 17
    for url in asked:
        assert (url.params["limit"], url.params["location_id"]) == ("100", "L1")
        low, high = (datetime.fromisoformat(url.params[name]) for name in ("start_at_min", "start_at_max"))
        assert low.utcoffset() == high.utcoffset() == at(0).utcoffset()
        assert (high - low).days < 30


def test_a_listing_that_goes_round_in_circles_is_a_failed_read() -> None:
    client = always(httpx.Response(200, json={"bookings": [], "cursor": "same"}))

    def page(api: Square, options: RequestOptions, cursor: str | None) -> object:
        return api.bookings.list(cursor=cursor, request_options=options)

    with pytest.raises(ReadFailed, match="circles"):
        list(client.pages("list bookings", page))


@pytest.mark.parametrize("odd", [{"bookings": "none"}, {"bookings": [1]}, {"bookings": {"id": "bk1"}}])
def test_a_page_whose_rows_are_no_rows_is_a_failed_read(odd: dict[str, Any]) -> None:
    def handler(request: httpx.Request) -> httpx.Response:
        return httpx.Response(200, json={"locations": [{"id": "L1"}]} if "locations" in request.url.path else odd)

    with pytest.raises(ReadFailed):
        SquareReader(answering(handler)).around("TM1", at(0), at(1))


@pytest.mark.parametrize(
    "body",
    [errors("INVALID_CURSOR"), errors("BAD_REQUEST", field="cursor"), errors("BAD_REQUEST", detail="Cursor expired")],
)
def test_an_expired_cursor_is_known_by_what_the_error_is_about(body: dict[str, Any]) -> None:
    with pytest.raises(CursorExpired):
        always(httpx.Response(400, json=body)).read("get bookings", get)


def test_a_body_that_drips_in_for_ever_ends_in_time() -> None:
    class Drip(httpx.SyncByteStream):
        def __iter__(self) -> Iterator[bytes]:
            started = time.monotonic()
            while time.monotonic() - started < 30:
                yield b" "

    transport = httpx.MockTransport(lambda _: httpx.Response(200, stream=Drip()))
    client = open_square("https://square.example", TOKEN, read_seconds=0.05, transport=transport)
    with pytest.raises(ReadFailed, match="in time"):
        client.read("get bookings", get)


@pytest.mark.parametrize("body", [{}, {"booking": None}, {"booking": {}}, {"booking": {"version": 1}}])
def test_a_create_answered_without_a_booking_is_of_unknown_outcome(body: dict[str, Any]) -> None:
    def handler(request: httpx.Request) -> httpx.Response:
        places = {"locations": [{"id": "L1"}]}
        if request.url.path == "/v2/bookings" and request.method == "POST":
            return httpx.Response(200, json=body)
        return httpx.Response(200, json=places if "locations" in request.url.path else {})

    client = answering(handler)
    place = Place(Side.SQUARE, (PlacedPart("TM1", at(1), at(2), "V1", 5),), "slotkeeper:t1:1:1", "", "k")
    with pytest.raises(OutcomeUnknown):
        SquareWriter(client, SquareReader(client)).write(place)


def test_a_bulk_answer_that_leaves_an_id_out_is_a_failed_read() -> None:
    client = always(httpx.Response(200, json={"bookings": {"bk1": {"booking": {"id": "bk1"}}}}))
    with pytest.raises(ReadFailed):
        SquareReader(client).read([Ref(Side.SQUARE, "bk1"), Ref(Side.SQUARE, "bk2")])


def test_a_booking_that_cannot_be_understood_is_named_in_a_snapshot_and_never_missing() -> None:
    def handler(request: httpx.Request) -> httpx.Response:
        rows = {"bookings": [{"id": "bk1", "start_at": "soon"}]} if request.url.path == "/v2/bookings" else {}
        places = {"locations": [{"id": "L1"}]} if "locations" in request.url.path else {}
        bulk = {"bookings": {"bk1": {"booking": {"id": "bk1"}}}} if "bulk" in request.url.path else {}
        return httpx.Response(200, json={**rows, **places, **bulk})

    reader = SquareReader(answering(handler))
    found = reader.snapshot(HORIZON, (Ref(Side.SQUARE, "bk1"),))
    assert found.appointments == ()
    assert [key for key, _ in found.unreadable] == ["bk1"]
    with pytest.raises(ReadFailed):
        reader.read([Ref(Side.SQUARE, "bk1")])
