"""200 means on disk: what comes together shares a commit, and what cannot be kept is not acknowledged."""

from __future__ import annotations

import asyncio
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from itertools import pairwise

import pytest
import sqlalchemy as sa
from sqlalchemy import Engine

from sync.intake import keeper as room
from sync.intake import taking
from sync.intake.app import app
from sync.intake.keeper import Keeper
from sync.intake.news import Booking, News, Reason, Refused
from sync.intake.refusals import Refusals
from sync.intake.taking import Came, retries
from sync.model import Side
from sync.store import deliveries, tallies
from sync.store.connection import reading, writing
from sync.store.deliveries import Delivery
from sync.telemetry.running import measuring
from tests.sync.intake.conftest import BOUND, Caller, called, event, kept, lines, made, signed


def delivery(name: str) -> tuple[Came, News]:
    return Came(Side.SQUARE, 1000.0, 0.0), News(name, Booking(f"b-{name}", 1), None)


@contextmanager
def commits(store: Engine) -> Iterator[list[int]]:
    """How many transactions are committed in the block that may write."""
    counted: list[int] = []

    def count(conn: sa.Connection) -> None:
        if not conn.get_execution_options().get("slotkeeper_reads"):
            counted.append(1)

    sa.event.listen(store, "commit", count)
    yield counted
    sa.event.remove(store, "commit", count)


def kept_by(keeper: Keeper, *names: str) -> list[Reason | BaseException]:
    """What becomes of deliveries that arrive in one turn of the loop."""

    async def go() -> list[Reason | BaseException]:
        keeper.start()
        try:
            return await asyncio.gather(*(keeper.keep(delivery(name)) for name in names), return_exceptions=True)
        finally:
            await keeper.stop()

    return asyncio.run(go())


def words(answers: list[Reason | BaseException]) -> list[str]:
    return [str(answer) for answer in answers]


# --- one commit ----------------------------------------------------------------------------------------------------


def test_what_arrives_in_one_turn_of_the_loop_shares_one_commit_and_one_ring(store: Engine) -> None:
    rung: list[int] = []
    with commits(store) as counted:
        answers = kept_by(Keeper(store, lambda: rung.append(1)), *(f"e{n}" for n in range(50)))
    assert words(answers) == ["kept"] * 50
    assert (len(counted), len(rung), len(kept(store))) == (1, 1, 50)


def test_nothing_is_written_before_the_turn_is_over(store: Engine) -> None:
    """Between two that arrive in one turn the thread has all the time it could want, and takes none of it."""
    rung = threading.Event()

    async def dawdle() -> None:
        assert not rung.wait(0.2)

    async def go() -> None:
        keeper = Keeper(store, rung.set)
        keeper.start()
        await asyncio.gather(keeper.keep(delivery("one")), dawdle(), keeper.keep(delivery("two")))
        await keeper.stop()

    with commits(store) as counted:
        asyncio.run(go())
    assert len(counted) == 1


def test_what_arrives_while_the_disk_works_is_the_next_commit(store: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    """The first commit is held up until nine more have arrived."""
    writes, goes_on = threading.Event(), threading.Event()
    take = taking.take

    def held_up(conn: sa.Connection, arrived: list[tuple[Came, News]]) -> list[Reason]:
        if not writes.is_set():
            writes.set()
            assert goes_on.wait(BOUND)
        return take(conn, arrived)

    monkeypatch.setattr(room, "take", held_up)

    async def go() -> None:
        keeper = Keeper(store, lambda: None)
        keeper.start()
        first = asyncio.create_task(keeper.keep(delivery("first")))
        assert await asyncio.to_thread(writes.wait, BOUND)
        for n in range(9):
            others = asyncio.create_task(keeper.keep(delivery(f"e{n}")))
            await asyncio.sleep(0)
            await asyncio.sleep(0)
        goes_on.set()
        await asyncio.gather(first, others)
        await keeper.stop()

    with commits(store) as counted:
        asyncio.run(go())
    assert len(counted) == 2
    assert len(kept(store)) == 10


def test_the_same_event_twice_in_one_commit_is_taken_once(store: Engine) -> None:
    assert sorted(words(kept_by(Keeper(store, lambda: None), "one", "one"))) == ["duplicate", "kept"]
    assert [hint.counter for hint in kept(store)] == [1]


def test_a_great_heap_is_kept_in_several_commits(store: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(room, "MOST_AT_ONCE", 4)
    with commits(store) as counted:
        assert words(kept_by(Keeper(store, lambda: None), *(f"e{n}" for n in range(10)))) == ["kept"] * 10
    assert len(counted) == 3


def test_the_bell_rings_after_the_commit(store: Engine) -> None:
    seen: list[int] = []
    kept_by(Keeper(store, lambda: seen.append(len(kept(store)))), "one")
    assert seen == [1]


def test_what_is_queued_when_it_ends_is_kept_first(store: Engine) -> None:
    async def go() -> list[Reason]:
        keeper = Keeper(store, lambda: None)
        keeper.start()
        tasks = [asyncio.create_task(keeper.keep(delivery(f"e{n}"))) for n in range(5)]
        await asyncio.sleep(0)
        await keeper.stop()
        return list(await asyncio.gather(*tasks))

    assert asyncio.run(go()) == [Reason.KEPT] * 5
    assert len(kept(store)) == 5


# --- what cannot be kept ---------------------------------------------------------------------------------------------


@contextmanager
def full_disk(store: Engine) -> Iterator[None]:
    """The store's file cannot grow: it may have no more pages than it has."""

    def bound(connection: sqlite3.Connection, _record: object) -> None:
        connection.execute("PRAGMA max_page_count = 1")

    store.dispose()
    sa.event.listen(store, "connect", bound)
    try:
        yield
    finally:
        sa.event.remove(store, "connect", bound)
        store.dispose()


def test_on_a_full_disk_nothing_is_acknowledged_and_when_there_is_room_it_goes_on(
    caller: Caller, caplog: pytest.LogCaptureFixture
) -> None:
    big = [event(name=f"e{n}", booking={"id": f"b{n}", "version": 1}) for n in range(400)]
    with full_disk(caller.store):
        answers = [caller.square(body) for body in big]
        assert set(answers[-5:]) == {503}, "it was full"
        acknowledged = answers.count(200)
        assert len(caller.hints()) == acknowledged, "what was acknowledged is there, and nothing else"
        assert "is full" in caller.intake.keeper.problem
    assert caller.square(big[-1]) == 200
    assert len(caller.hints()) == acknowledged + 1
    refused = answers.count(503)
    assert caller.listed(401).count((503, "cannot_keep")) == refused
    said = ["DATABASE_URL" in message for message in caplog.messages]
    assert said[0] and not said[-1], "when it begins, and when it is over"
    assert all(one is not other for one, other in pairwise(said)), "and not for each"


def test_a_store_that_refuses_one_delivery_keeps_the_others(store: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    take = taking.take

    def picky(conn: sa.Connection, arrived: list[tuple[Came, News]]) -> list[Reason]:
        if any(news.event_id == "odd" for _, news in arrived):
            conn.exec_driver_sql("INSERT INTO no_such_table VALUES (1)")
        return take(conn, arrived)

    monkeypatch.setattr(room, "take", picky)
    assert words(kept_by(Keeper(store, lambda: None), "one", "odd", "two")) == ["kept", "cannot_keep", "kept"]
    assert {str(hint.ref) for hint in kept(store)} == {"square/b-one", "square/b-two"}


def test_a_queue_over_its_bound_is_told_to_come_again(store: Engine) -> None:
    answers = kept_by(Keeper(store, lambda: None, most_waiting=3), *(f"e{n}" for n in range(5)))
    assert words(answers) == ["kept"] * 3 + ["queue_full"] * 2
    assert all(answer.status == 503 and answer.after for answer in answers if isinstance(answer, Refused))


def test_a_sender_does_not_wait_longer_than_it_would_itself(store: Engine) -> None:
    async def go() -> None:
        keeper = Keeper(store, lambda: None, answer_within=0.01)
        keeper.start()
        with writing(store), pytest.raises(Refused, match="too_late"):
            await keeper.keep(delivery("one"))
        await keeper.stop()

    asyncio.run(go())
    assert kept(store) == [], "it was not acknowledged, and it comes again"


def test_without_its_writer_nothing_is_acknowledged(store: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Keeper, "_commit_next", lambda _: False)
    assert words(kept_by(Keeper(store, lambda: None), "one")) == ["cannot_keep"]


# --- the list --------------------------------------------------------------------------------------------------------


def test_each_delivery_is_listed_with_time_answer_and_retry(caller: Caller) -> None:
    retried = {"square-retry-number": "2", "square-retry-reason": "http_timeout"}
    caller.square(event(), {**signed(event()), **retried})
    (line,) = lines(caller.store, 1)
    assert (line.side, line.status, line.reason, line.event_id, line.key) == ("square", 200, "kept", "event-1", "abc")
    assert (line.retry_number, line.retry_reason) == (2, "http_timeout")
    assert line.ms > 0 and line.source_at == 1795255200.0
    assert abs(line.at - caller.hints()[0].received_at.timestamp()) < 0.001


@pytest.mark.parametrize("number", ["", "two", "-1", "9" * 50, "²"])
def test_a_retry_number_that_is_none_counts_as_a_first_try(number: str) -> None:
    assert retries({"number": number, "reason": "x" * 99}, "number", "reason") == (0, "x" * 40)


def test_nothing_of_a_body_is_listed(caller: Caller) -> None:
    body = event(booking={"id": "abc", "version": 1, "customer_note": "Robin Vale, +1 555 0100"})
    caller.square(body)
    caller.square(body, {})
    assert "Robin" not in str(lines(caller.store, 2))


def test_a_refused_delivery_waits_for_no_disk(store: Engine) -> None:
    intake = made(store, [])
    with called(app(intake)) as http, writing(store):
        assert http.post("/webhooks/square", event()).status_code == 401
    assert [line.reason for line in lines(store, 1)] == ["no_signature"]


def test_every_answer_is_measured_also_where_there_was_no_line_for_it(store: Engine) -> None:
    refused = [line(1), Delivery(Side.BOOKLY, 1.0, 401, Reason.NOT_LISTED, 0.0, key="500")]
    with measuring(store, lambda: datetime(2026, 11, 21, tzinfo=UTC), every=3600.0):
        keeper = Keeper(store, lambda: None)
        for one in refused:
            keeper.list_refused(one)
        assert words(kept_by(keeper, "one", "two")) == ["kept", "kept"]
    with reading(store) as conn:
        counted = {one.label: one.value for one in tallies.total(conn) if one.name == "deliveries"}
    assert counted == {"square|200": 2, "square|401": 1, "bookly|401": 500}


def line(number: int) -> Delivery:
    return Delivery(Side.SQUARE, float(number), 401, Reason.NO_SIGNATURE, 0.1)


def test_a_flood_of_refused_deliveries_is_counted_where_there_is_no_line_for_each() -> None:
    refusals = Refusals()
    for number in range(1500):
        refusals.add(line(number), now=0.0)
    taken = refusals.take(9.0)
    assert len(taken) == 1001
    assert (taken[-1].reason, taken[-1].key, taken[-1].status) == ("not_listed", "500", 401)
    assert len(refusals) == 0


def test_lines_that_could_not_be_written_are_kept_in_their_order() -> None:
    refusals = Refusals()
    for number in range(1002):
        refusals.add(line(number), now=0.0)
    refusals.put_back(refusals.take(9.0))
    again = refusals.take(9.0)
    assert [one.at for one in again[:3]] == [0.0, 1.0, 2.0]
    assert again[-1].key == "2"


def test_hints_and_list_are_one_commit(store: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    """Else an event could be known whose hint was lost."""

    def fails(*_: object) -> None:
        raise sa.exc.OperationalError("INSERT", {}, Exception("gone"))

    monkeypatch.setattr(deliveries, "note", fails)
    assert words(kept_by(Keeper(store, lambda: None), "one")) == ["cannot_keep"]
    with reading(store) as conn:
        assert conn.exec_driver_sql("SELECT count(*) FROM hints").scalar_one() == 0
