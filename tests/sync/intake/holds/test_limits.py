"""How often and how slowly the website may ask, and that strangers cannot guess at the secret without end."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import closing, contextmanager
from urllib.parse import urlsplit

import httpx
import pytest
from starlette.applications import Starlette

from sync.intake.body import MOST_BYTES, read_body
from sync.intake.bookly import BooklySign
from sync.intake.door import Rates
from sync.intake.holds import hold_routes
from sync.intake.rates import Buckets, Limit
from tests.sync.intake.holds.asking import SECRET, Plugin
from tests.sync.intake.holds.conftest import Front
from tests.sync.intake.holds.serving import served

THREE = Limit(burst=3, per_second=0.001)


@contextmanager
def asking(front: Front, rates: Rates) -> Iterator[Plugin]:
    """The plugin before the same desk, with limits of its own."""
    routes = hold_routes(front.desk, BooklySign((SECRET,)), rates)
    with served(Starlette(routes=routes)) as address, httpx.Client(base_url=address, timeout=30.0) as http:
        yield Plugin(http)


def test_a_website_that_asks_too_often_is_told_when_to_come_again(front: Front) -> None:
    front.age.seconds = 1.0
    with asking(front, Rates(calls=Buckets(THREE))) as plugin:
        answers = [plugin.available(**front.wish(10)) for _ in range(3)]
        assert [answer.status_code for answer in answers] == [200, 200, 200]
        for answer in (plugin.available(**front.wish(10)), plugin.hold(**front.wish(10)), plugin.look("any")):
            assert (answer.status_code, answer.json()["reason"]) == (429, "too_often")
            assert int(answer.headers["retry-after"]) > 900


def test_many_unsigned_questions_from_an_address_never_stop_its_signed_ones(front: Front) -> None:
    with asking(front, Rates(failures=Buckets(THREE))) as plugin:
        statuses = [plugin.http.post("/holds", json=front.wish(10)).status_code for _ in range(5)]
        assert statuses == [401, 401, 401, 429, 429]
        assert plugin.available(**front.wish(10)).status_code == 200


def test_a_question_that_does_not_come_to_its_end_is_not_waited_for(
    front: Front, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(read_body, "__defaults__", (MOST_BYTES, 0.05))
    where = urlsplit(str(front.plugin.http.base_url))
    with closing(socket.create_connection((where.hostname, where.port), timeout=30)) as line:
        line.sendall(b"POST /availability HTTP/1.1\r\nhost: intake.example\r\ncontent-length: 100\r\n\r\nhalf")
        answer = line.makefile("rb").read()
    assert answer.startswith(b"HTTP/1.1 408") and b"too_slow" in answer
