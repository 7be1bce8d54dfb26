"""Each call on Square is told under its name, once, with how it ended and nothing of what was said."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import astuple
from typing import Any

import httpx
import pytest
from square import Square
from square.core.request_options import RequestOptions

from sync.calendars import CalendarError
from sync.calendars.calls import listening
from sync.calendars.square.client import open_square
from sync.calendars.square.direct import sent
from sync.model import Client, Side
from sync.model.calls import NAMES, Call
from tests.sync.calendars.square.conftest import Salon


def get(api: Square, options: RequestOptions) -> object:
    return api.bookings.with_raw_response.get("bk1", request_options=options)


def get_directly(api: Square, options: RequestOptions) -> object:
    return sent(api, options, "POST", "v2/bookings/bulk-retrieve", body={"booking_ids": ["bk1"]})


def get_a_page(api: Square, options: RequestOptions) -> object:
    return api.bookings.list(request_options=options)


Way = Callable[[Square, RequestOptions], object]
WAYS: tuple[Way, ...] = (get, get_directly, get_a_page)


def told_of(answer: httpx.Response | Exception, way: Way = get) -> Call:
    def handler(_: httpx.Request) -> httpx.Response:
        if isinstance(answer, Exception):
            raise answer
        return answer

    heard: list[Call] = []
    client = open_square("https://square.example", "secret", transport=httpx.MockTransport(handler))
    try:
        with listening(heard.append):
            client.read("get bookings", way)
    except CalendarError:
        pass
    (call,) = heard
    assert (call.side, call.name) == (Side.SQUARE, "get bookings")
    return call


def error(code: str, **more: str) -> dict[str, Any]:
    return {"errors": [{"category": "INVALID_REQUEST_ERROR", "code": code, **more}]}


@pytest.mark.parametrize(
    ("answer", "ended"),
    [
        (httpx.Response(200, headers={"x-request-id": "r1"}, json={"booking": {}}), ("ok", 200, "", "r1")),
        (
            httpx.Response(404, headers={"x-request-id": "r2"}, json=error("NOT_FOUND")),
            ("refused", 404, "NOT_FOUND", "r2"),
        ),
        (httpx.Response(200, json=error("INVALID_VALUE")), ("refused", 200, "INVALID_VALUE", "")),
        (httpx.Response(429, json=error("RATE_LIMITED")), ("lost", 429, "RATE_LIMITED", "")),
        (httpx.Response(503, text="busy"), ("lost", 503, "", "")),
        (httpx.ReadTimeout("slow"), ("lost", 0, "", "")),
        (httpx.ConnectError("refused"), ("unsent", 0, "", "")),
    ],
)
@pytest.mark.parametrize("way", WAYS)
def test_how_a_call_ended_is_told_whichever_way_it_went(
    answer: httpx.Response | Exception, ended: tuple[str, int, str, str], way: Way
) -> None:
    call = told_of(answer, way)
    assert (call.outcome, call.status, call.code, call.request_id) == ended


def test_nothing_that_square_says_of_a_client_is_told() -> None:
    body = error("INVALID_PHONE_NUMBER", detail="+13125550142 of Anna Falk is not valid", field="Anna Falk")
    shown = str(astuple(told_of(httpx.Response(400, json=body))))
    assert "INVALID_PHONE_NUMBER" in shown
    assert not any(word in shown for word in ("Anna", "5550142", "secret"))


def test_every_call_of_the_road_has_its_name(salon: Salon) -> None:
    heard: list[Call] = []
    with listening(heard.append):
        salon.reader.check()
        salon.snapshot()
        customer = salon.writer.client_for(Client("7", "Anna Falk", "+13125550188", "anna@mail.example"), "client-7")
        done = salon.writer.write(salon.place(client=customer))
        booking = next(one for one in salon.bookings() if one["id"] == done.ref.key)
        salon.writer.write(salon.move(booking, 3))
        salon.writer.write(salon.cancel(booking))
        salon.reader.read([done.ref])
    later = {"search availability", "search events", "get staff"}
    assert {call.name for call in heard} == NAMES[Side.SQUARE] - later
    assert {call.outcome for call in heard} == {"ok"}
    assert [call.name for call in heard].count("create booking") == 1
