"""What lies there, how much of it over time, and who waits for a lock."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pandas as pd
import pytest
import sqlalchemy as sa
from sqlalchemy import Engine

from queries import breakers as breaker_queries
from queries import dead_letters, locks
from queries.register import Asked, Run
from sync.inbox.dead_letters import resend
from sync.model import Breaker, BreakerState, End, Ref, Side, Source
from sync.store import breakers, hints
from sync.store.connection import open_store, reading, writing
from sync.store.hints import Measured
from sync.store.tables import calls, spans, tallies

NOW = datetime(2026, 11, 21, 12, 30, tzinfo=UTC)
HOLDING = timedelta(seconds=90)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Engine]:
    engine = open_store(f"sqlite:///{tmp_path}/store.db")
    yield engine
    engine.dispose()


def hours(count: float) -> datetime:
    return NOW + timedelta(hours=count)


def bury(
    store: Engine, key: str, at: datetime, starts: datetime | None = None, reason: str = "no_answer",
    *, permanent: bool = False, side: Side = Side.SQUARE,
) -> int:  # fmt: skip
    with writing(store) as conn:
        hints.put(conn, Ref(side, key), Source.WEBHOOK, at)
        (hint,) = hints.claim(conn, "worker", at, HOLDING, 1)
        measured = Measured(visit_start=starts)
        hints.finish(conn, hint, "worker", End.DEAD, reason, at, permanent=permanent, measured=measured)
    return hint.id


def called(store: Engine, hint: int, outcome: str, status: int, at: datetime = NOW) -> None:
    row = {"hint": hint, "attempt": 1, "side": "square", "name": "bookings.create", "at": at.timestamp(), "ms": 120.0,
           "outcome": outcome, "status": status, "request_id": f"r{status}"}  # fmt: skip
    with writing(store) as conn:
        conn.execute(calls.insert().values(row))


def asked(store: Engine, run: Run, since: timedelta = timedelta(hours=24)) -> pd.DataFrame:
    with reading(store) as conn:
        found = run(conn, Asked(NOW, since))
    assert isinstance(found, pd.DataFrame)
    return found


def test_they_are_ranked_by_how_soon_the_visit_is(store: Engine) -> None:
    bury(store, "past", hours(-5), hours(-1))
    bury(store, "unknown", hours(-4))
    bury(store, "tomorrow", hours(-3), hours(20))
    bury(store, "soon", hours(-2), hours(0.5), permanent=True)
    found = asked(store, dead_letters.waiting)
    assert list(found["key"]) == ["soon", "tomorrow", "unknown", "past"]
    assert list(found["permanent"]) == [True, False, False, False]
    assert list(found["age"]) == [7200, 10800, 14400, 18000]
    assert found["starts_in"].tolist()[:2] == [1800, 72000] and pd.isna(found["starts_in"][2])


def test_each_says_the_last_call_that_failed(store: Engine) -> None:
    letter, silent = bury(store, "anna", hours(-1)), bury(store, "ben", hours(-1))
    for outcome, status in (("lost", 0), ("refused", 503), ("ok", 200)):
        called(store, letter, outcome, status)
    called(store, silent, "ok", 200)
    found = asked(store, dead_letters.waiting).set_index("id")
    said = found[["call", "outcome", "status", "request_id"]]
    assert said.loc[[letter]].to_numpy().tolist() == [["bookings.create", "refused", 503, "r503"]]
    assert said.loc[[silent]].isna().to_numpy().all()
    assert list(asked(store, dead_letters.tries)["outcome"]) == ["lost", "refused", "ok", "ok"]


def test_what_is_done_with_lies_there_no_more(store: Engine) -> None:
    letter = bury(store, "anna", hours(-1))
    with writing(store) as conn:
        hints.close_dead(conn, Ref(Side.SQUARE, "anna"), None, NOW)
    called(store, letter, "lost", 0)
    for run in (dead_letters.waiting, dead_letters.by_cause, dead_letters.tries):
        assert len(asked(store, run)) == 0


def test_the_size_at_each_full_hour(store: Engine) -> None:
    bury(store, "anna", hours(-30))
    bury(store, "ben", hours(-2.25), permanent=True)
    bury(store, "cleo", hours(-2))
    with writing(store) as conn:
        hints.close_dead(conn, Ref(Side.SQUARE, "anna"), None, hours(-1))
    found = asked(store, dead_letters.size, timedelta(hours=3))
    assert list(found["at"]) == [hours(-2.5), hours(-1.5), hours(-0.5), NOW]
    assert list(found["open"]) == [1, 3, 2, 2]
    assert list(found["permanent"]) == [0, 1, 1, 1]


def test_the_size_of_an_hour_is_told_by_the_minute(store: Engine) -> None:
    bury(store, "anna", NOW - timedelta(minutes=30, seconds=30))
    found = asked(store, dead_letters.size, timedelta(hours=1))
    assert len(found) == 61
    assert list(found["open"]) == [0] * 30 + [1] * 31


def test_they_are_counted_by_cause(store: Engine) -> None:
    bury(store, "anna", hours(-3), hours(5))
    bury(store, "ben", hours(-2), hours(2))
    bury(store, "ca:1", hours(-1), reason="refused", permanent=True, side=Side.BOOKLY)
    found = asked(store, dead_letters.by_cause)
    assert found[["reason", "side", "permanent", "count"]].to_numpy().tolist() == [
        ["no_answer", "square", False, 2], ["refused", "bookly", True, 1],
    ]  # fmt: skip
    assert (found["soonest"][0], found["oldest"][0]) == (hours(2), hours(-3))


def test_how_far_what_was_sent_again_is(store: Engine) -> None:
    letters = [bury(store, key, hours(-1)) for key in ("anna", "ben", "cleo")]
    with writing(store) as conn:
        for letter in letters:
            resend(conn, letter, "Theo", NOW)
        for end in (End.APPLIED, End.DEAD):
            (hint,) = hints.claim(conn, "worker", NOW, HOLDING, 1)
            hints.finish(conn, hint, "worker", end, "", NOW)
    (row,) = asked(store, dead_letters.resends).to_dict("records")
    assert (row["asked_by"], row["total"], row["waiting"], row["ended"], row["dead"]) == ("Theo", 3, 1, 1, 1)


def test_one_that_is_on_its_way_again_says_since_when_and_by_whom(store: Engine) -> None:
    letter, other = bury(store, "anna", hours(-1), hours(1)), bury(store, "ben", hours(-1), hours(2))
    with reading(store) as conn:
        before = dead_letters.stamp(conn)
    with writing(store) as conn:
        sent = resend(conn, letter, "Theo", NOW)
    found = asked(store, dead_letters.waiting).set_index("id")
    again = found[["again", "again_by", "again_at"]]
    assert again.loc[[letter]].to_numpy().tolist() == [[sent.hint, "Theo", NOW]]
    assert again.loc[[other]].isna().to_numpy().all()
    with reading(store) as conn:
        assert dead_letters.stamp(conn) != before


def test_one_says_who_serves_where_our_copy_knows_it(store: Engine) -> None:
    letter, other = bury(store, "anna", hours(-1)), bury(store, "ben", hours(-1))
    with writing(store) as conn:
        for part, staff in enumerate(("TM1", "TM2")):
            row = {"side": "square", "key": "anna", "part": part, "unit": "anna", "staff": staff, "start": 0, "end": 1,
                   "busy_start": 0, "busy_end": 1, "stands": True}  # fmt: skip
            conn.execute(sa.insert(spans).values(row))
    found = asked(store, dead_letters.waiting).set_index("id")
    assert found.loc[letter, "staff"] == "TM1"
    assert found["staff"].isna()[other]


def test_who_waits_for_a_lock(store: Engine) -> None:
    with writing(store) as conn:
        for key, reason in (("anna", "busy"), ("ben", "breaker"), ("cleo", "busy")):
            hints.put(conn, Ref(Side.SQUARE, key), Source.WEBHOOK, hours(-1))
            (hint,) = hints.claim(conn, "worker", NOW, HOLDING, 1)
            hints.put_back(conn, hint, "worker", hours(1), reason, attempt=False)
    found = asked(store, locks.waiting)
    assert list(found["key"]) == ["anna", "cleo"]
    assert list(found["waited"]) == [3600, 3600] and list(found["waits"]) == [1, 1]


def test_how_often_a_lock_was_busy(store: Engine) -> None:
    rows = [
        ("minute", hours(-1), "lock_granted", 30), ("minute", hours(-1), "lock_busy", 10),
        ("minute", hours(-0.5), "lock_granted", 5), ("minute", hours(-30), "lock_busy", 9),
        ("minute", hours(-1), "something_else", 9), ("hour", hours(-60), "lock_busy", 4),
    ]  # fmt: skip
    with writing(store) as conn:
        for grain, at, name, value in rows:
            row = {"grain": grain, "at": at.timestamp(), "name": name, "label": "", "value": value}
            conn.execute(sa.insert(tallies).values(row))
    found = asked(store, locks.contention)
    assert found[["granted", "busy", "rate"]].to_numpy().tolist() == [[30, 10, 0.25], [5, 0, 0.0]]
    assert asked(store, locks.contention, timedelta(days=7))["rate"].tolist() == [1.0]


def test_which_calendar_is_left_alone(store: Engine) -> None:
    shut = Breaker(BreakerState.OPEN, 1, NOW, hours(1), "The access token was revoked.", "SQUARE_ACCESS_TOKEN")
    with writing(store) as conn:
        breakers.change(conn, Side.SQUARE, lambda _: shut, NOW)
    (row,) = asked(store, breaker_queries.states).to_dict("records")
    assert (row["side"], row["state"], row["until"]) == ("square", "open", hours(1))
    assert row["reason"] == "SQUARE_ACCESS_TOKEN: The access token was revoked."
