"""Alive, able to work, and measured."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import Engine
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route

from sync.intake.app import app
from sync.intake.keeper import Keeper
from sync.intake.rates import Buckets, Limit
from sync.model import Side
from sync.store import keeping, runs
from sync.store.connection import writing
from sync.store.tables import sides
from tests.sync.intake.conftest import Caller, Http, called, made
from tests.sync.intake.test_keeping import full_disk


def now() -> datetime:
    return datetime.now(UTC)


@pytest.fixture
def well(caller: Caller) -> Caller:
    """A worker that lives, and both calendars read."""
    with writing(caller.store) as conn:
        keeping.beat(conn, "host:1", now())
        for side in Side:
            conn.execute(sides.insert().values(side=side.value, timezone="UTC", whole_began_at=now().timestamp()))
    return caller


def wrong(http: Http, status: int = 503) -> list[str]:
    answer = http.get("/readyz")
    assert answer.status_code == status
    found: list[str] = answer.json()
    return found


def test_it_is_alive_before_anything_was_read(caller: Caller) -> None:
    assert caller.http.get("/healthz").status_code == 200


def test_it_is_ready_when_the_worker_lives_and_both_calendars_are_read(well: Caller) -> None:
    assert wrong(well.http, 200) == []


def test_before_the_start_everything_that_is_missing_is_told(caller: Caller) -> None:
    assert wrong(caller.http) == [
        "No worker has given a sign of life: start it with python -m sync work.",
        "Bookly has not been read yet, so nothing can be compared.",
        "Square has not been read yet, so nothing can be compared.",
    ]


def test_the_loop_of_jobs_is_no_worker(caller: Caller) -> None:
    with writing(caller.store) as conn:
        keeping.beat(conn, "jobs host:2", now())
    assert "No worker" in wrong(caller.http)[0]


def test_a_worker_that_stands_still_is_told(well: Caller) -> None:
    with writing(well.store) as conn:
        keeping.beat(conn, "host:1", now() - timedelta(minutes=5))
    (said,) = wrong(well.http)
    assert said.startswith("The worker gave its last sign of life 5 minutes ago")


def test_one_worker_of_two_is_enough(well: Caller) -> None:
    with writing(well.store) as conn:
        keeping.beat(conn, "host:0", now() - timedelta(hours=5))
    assert wrong(well.http, 200) == []


def test_a_calendar_that_cannot_be_read_is_told_with_its_reason(well: Caller) -> None:
    with writing(well.store) as conn:
        runs.read_failed(conn, Side.SQUARE, "Square does not answer.", "SQUARE_BASE_URL", now())
    (said,) = wrong(well.http)
    assert said.startswith("Square could not be read since") and said.endswith("Square does not answer.")


def test_a_calendar_read_long_ago_is_told(well: Caller) -> None:
    with writing(well.store) as conn:
        old = (now() - timedelta(hours=3)).timestamp()
        conn.execute(sides.update().where(sides.c.side == "bookly").values(whole_began_at=old))
    (said,) = wrong(well.http)
    assert said.startswith("Bookly was last read")


def test_a_disk_that_is_full_is_told(well: Caller) -> None:
    with full_disk(well.store):
        for number in range(500):
            with pytest.MonkeyPatch.context() as patch:
                patch.setattr("sync.intake.keeper.SIGN", f"{'x' * 50}{number}")
                answer = well.http.get("/readyz")
            if answer.status_code == 503:
                break
        assert "is full" in answer.json()[0]
    assert wrong(well.http, 200) == []


def test_without_its_writer_it_is_neither_alive_nor_ready(store: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Keeper, "_commit_next", lambda _: False)
    with called(app(made(store, []))) as http:
        assert http.get("/healthz").status_code == 503
        assert wrong(http) == ["The intake's own writer has ended: start it again."]


def test_asking_without_end_is_told_to_wait(store: Engine) -> None:
    intake = made(store, [])
    intake.rates.calls = Buckets(Limit(burst=1, per_second=0.01))
    with called(app(intake)) as http:
        assert [http.get("/readyz").status_code for _ in range(2)] == [503, 429]


@pytest.fixture
def with_more(store: Engine) -> Iterator[Http]:
    async def hello(_request: Request) -> PlainTextResponse:
        return PlainTextResponse("hello")

    with called(app(made(store, []), metrics=lambda: "up 1\n", more=[Route("/hello", hello)])) as http:
        yield http


def test_metrics_are_what_they_are_given_as(with_more: Http) -> None:
    answer = with_more.get("/metrics")
    assert (answer.status_code, answer.text) == (200, "up 1\n")
    assert answer.headers["content-type"].startswith("text/plain; version=0.0.4")


def test_further_routes_answer_beside_the_doors(with_more: Http) -> None:
    assert with_more.get("/hello").text == "hello"


@pytest.mark.parametrize("path", ["/metrics", "/", "/webhooks", "/webhooks/other"])
def test_what_is_not_there_is_not_there(caller: Caller, path: str) -> None:
    assert caller.http.get(path).status_code == 404


@pytest.mark.parametrize("path", ["/webhooks/square", "/webhooks/bookly"])
def test_a_webhook_is_posted(caller: Caller, path: str) -> None:
    assert caller.http.get(path).status_code == 405
