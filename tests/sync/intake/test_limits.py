"""How much and how often: a body over the limit, an address that calls too often, and that Square is never stopped."""

from __future__ import annotations

import socket
from collections.abc import Iterable
from contextlib import closing
from urllib.parse import urlsplit

import pytest
from sqlalchemy import Engine

from sync.intake.app import app
from sync.intake.body import MOST_BYTES, read_body
from sync.intake.rates import CALLS, Buckets, Limit, source
from tests.sync.intake.conftest import Caller, called, event, kept, lines, listening, made, signed

ONE = Limit(burst=3, per_second=0.5)


# --- bodies ----------------------------------------------------------------------------------------------------------


def test_a_body_over_the_limit_is_refused_and_one_at_it_is_read(caller: Caller) -> None:
    room_left = MOST_BYTES - len(event())
    at_it = event() + b" " * room_left
    assert caller.square(at_it) == 200
    assert caller.square(at_it + b" ") == 413
    assert caller.listed(2) == [(200, "kept"), (413, "too_large")]


def sent(url: str, head: bytes, chunks: Iterable[bytes]) -> bytes:
    """The status line that answers a request of which this much is sent, and never the end."""
    where = urlsplit(url)
    with closing(socket.create_connection((where.hostname, where.port), timeout=30)) as line:
        line.sendall(head)
        for chunk in chunks:
            line.sendall(chunk)
        return line.makefile("rb").readline()


def test_a_body_in_pieces_without_a_length_is_cut_off_at_the_limit(store: Engine) -> None:
    head = b"POST /webhooks/square HTTP/1.1\r\nhost: intake.example\r\ntransfer-encoding: chunked\r\n\r\n"
    piece = b"1000\r\n" + b"x" * 0x1000 + b"\r\n"
    with listening(made(store, [])) as url:
        assert b" 413 " in sent(url, head, [piece] * (MOST_BYTES // 0x1000 + 1))
    assert [line.status for line in lines(store, 1)] == [413]


def test_who_is_refused_in_the_middle_of_a_body_is_hung_up_on(store: Engine) -> None:
    """Else somebody could go on sending for ever."""
    head = b"POST /webhooks/square HTTP/1.1\r\nhost: intake.example\r\ncontent-length: 999999999\r\n\r\n"
    with listening(made(store, [])) as url:
        where = urlsplit(url)
        with closing(socket.create_connection((where.hostname, where.port), timeout=30)) as line:
            line.sendall(head)
            answer = line.makefile("rb").read()
    assert answer.startswith(b"HTTP/1.1 413") and b"\r\nconnection: close\r\n" in answer


def test_a_length_over_the_limit_is_refused_before_anything_is_read(store: Engine) -> None:
    head = b"POST /webhooks/square HTTP/1.1\r\nhost: intake.example\r\ncontent-length: 999999999\r\n\r\n"
    with listening(made(store, [])) as url:
        assert b" 413 " in sent(url, head, ())


def test_a_body_that_does_not_come_is_not_waited_for_for_ever(store: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(read_body, "__defaults__", (MOST_BYTES, 0.05))
    head = b"POST /webhooks/square HTTP/1.1\r\nhost: intake.example\r\ncontent-length: 100\r\n\r\nhalf"
    with listening(made(store, [])) as url:
        assert b" 408 " in sent(url, head, ())
    assert [line.reason for line in lines(store, 1)] == ["too_slow"]


def test_a_body_that_breaks_off_is_listed(store: Engine) -> None:
    head = b"POST /webhooks/square HTTP/1.1\r\nhost: intake.example\r\ncontent-length: 100\r\n\r\nhalf"
    with listening(made(store, [])) as url:
        where = urlsplit(url)
        with closing(socket.create_connection((where.hostname, where.port), timeout=30)) as line:
            line.sendall(head)
        assert [line.reason for line in lines(store, 1)] == ["broken_off"]


# --- rates -----------------------------------------------------------------------------------------------------------


def test_a_bucket_gives_its_burst_at_once_and_then_one_after_the_other() -> None:
    bucket = Buckets(ONE)
    assert [bucket.take("a", 0.0) for _ in range(4)] == [0.0, 0.0, 0.0, 2.0]
    assert bucket.take("a", 1.0) == 1.0
    assert bucket.take("a", 2.0) == 0.0
    assert bucket.take("a", 2.0) > 0
    assert [bucket.take("a", 1000.0) for _ in range(4)] == [0.0, 0.0, 0.0, 2.0], "never more than its burst"


def test_each_address_has_its_own_and_the_one_not_heard_of_longest_is_forgotten() -> None:
    bucket = Buckets(Limit(burst=1, per_second=0.001), most=2)
    assert [bucket.take(name, 0.0) for name in ("a", "b")] == [0.0, 0.0]
    assert bucket.take("a", 0.0) > 0
    assert bucket.take("c", 0.0) == 0.0, "and b is forgotten"
    assert bucket.take("a", 0.0) > 0
    assert bucket.take("b", 0.0) == 0.0


@pytest.mark.parametrize(
    ("host", "name"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("fe80::1%eth0", "fe80::/64"),
        ("a:b", "a:b"),
        ("", ""),
    ],
)
def test_a_callers_address_counts_with_its_neighbourhood(host: str, name: str) -> None:
    assert source(host) == name


def test_an_address_that_calls_too_often_is_told_when_to_come_again(store: Engine) -> None:
    intake = made(store, [])
    intake.rates.calls = Buckets(ONE)
    with called(app(intake)) as http:
        bodies = [event(name=f"e{n}") for n in range(4)]
        answers = [http.post("/webhooks/square", body, signed(body)) for body in bodies]
    assert [answer.status_code for answer in answers] == [200, 200, 200, 429]
    assert answers[-1].headers["retry-after"] == "2"
    assert len(kept(store)) == 3 - 2, "three events for one booking"
    assert (429, "too_many") in [(line.status, line.reason) for line in lines(store, 4)]


def test_many_bad_signatures_from_an_address_never_stop_good_ones_from_it(store: Engine) -> None:
    intake = made(store, [])
    intake.rates.failures = Buckets(ONE)
    with called(app(intake)) as http:
        statuses = [http.post("/webhooks/square", event()).status_code for _ in range(5)]
        assert statuses == [401, 401, 401, 429, 429]
        assert http.post("/webhooks/square", event(), signed(event())).status_code == 200


def test_what_square_sends_in_a_burst_after_a_day_passes() -> None:
    bucket = Buckets(CALLS)
    assert [bucket.take("square", 0.0) for _ in range(2000)] == [0.0] * 2000


def test_metrics_are_within_the_same_limits(store: Engine) -> None:
    intake = made(store, [])
    intake.rates.calls = Buckets(ONE)
    with called(app(intake, lambda: "numbers")) as http:
        assert [http.get("/metrics").status_code for _ in range(4)] == [200, 200, 200, 429]
