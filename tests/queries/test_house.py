"""Jobs, sides, staff, locks: what the house says about itself."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa
from sqlalchemy import Engine
from sqlalchemy.engine import Connection

from queries import jobs, locks, sides, staff
from queries.register import Asked, named
from sync.locking.contract import Claim, Lease
from sync.locking.opening import open_locks
from sync.store import keeping, runs, tables
from sync.store.connection import reading, writing
from tests.dashboard.small_store import NOW

ASKED = Asked(NOW)


def _run(engine: Engine, job: str, seconds: int, who: str = "the schedule", *, ended: bool = True) -> None:
    at = NOW + timedelta(seconds=seconds)
    with writing(engine) as conn:
        number = runs.start(conn, job, who, at)
        if ended:
            runs.end(conn, number, whole=True, sentence="All read.", counts={}, setting="", now=at)


def test_the_last_run_and_the_last_that_ended_are_told_apart(engine: Engine) -> None:
    _run(engine, "pull-bookly", 0)
    _run(engine, "pull-bookly", 60, ended=False)
    with reading(engine) as conn:
        assert list(jobs.last(conn, ASKED)["state"]) == ["working"]
        assert list(jobs.last_ended(conn, ASKED)["state"]) == ["whole"]
        assert len(jobs.recent(conn, ASKED)) == 2


def test_everybody_is_listed_with_their_confirmed_partner(engine: Engine) -> None:
    with writing(engine) as conn:
        conn.execute(sa.delete(tables.staff_map).where(tables.staff_map.c.bookly == "2"))
    with reading(engine) as conn:
        found = {(row["side"], row["id"]): row["partner"] for row in staff.people(conn, ASKED).to_dict("records")}
        assert found["bookly", "1"] == "TM1" and found["square", "TM1"] == "1"
        assert found["bookly", "2"] is None and found["square", "TM2"] is None
        assert len(staff.offered(conn, ASKED)) == 10
        assert staff.names(conn)[:2] == ["Dana Whitlow", "Luca Costa"]


def test_the_stamp_changes_with_news_and_not_with_a_sign_of_life(engine: Engine) -> None:
    def stamp() -> tuple[object, ...]:
        with reading(engine) as conn:
            return sides.stamp(conn)

    before = stamp()
    with writing(engine) as conn:
        keeping.beat(conn, "worker", NOW + timedelta(hours=1))
    assert stamp() == before
    with writing(engine) as conn:
        keeping.set_paused(conn, True, "Dana", NOW)
    paused = stamp()
    assert paused != before
    _run(engine, "reconcile", 0)
    assert stamp() != paused


def test_only_leases_that_still_run_are_shown(engine: Engine) -> None:
    at = NOW.timestamp()
    with writing(engine) as conn:
        for token, ends in ((1, at - 1), (2, at + 30)):
            row = {"token": token, "owner": "w", "granted_at": at - 9, "expires_at": ends}
            conn.execute(sa.insert(tables.leases).values(row))
            claim = {"token": token, "number": 0, "subject": "staff:1", "start": at, "end": at + 60}
            conn.execute(sa.insert(tables.grants).values(**claim, granted_at=at - 9))
    with reading(engine) as conn:
        assert list(locks.held(conn, ASKED)["token"]) == [2]


def test_a_visit_that_is_held_as_a_whole_has_no_end(engine: Engine) -> None:
    lease = open_locks(engine, "").acquire([Claim.visit("18"), Claim.span("bookly:1", NOW, NOW + ASKED.since)], "w", 30)
    assert isinstance(lease, Lease)
    with reading(engine) as conn:
        found = locks.held(conn, Asked(datetime.now(UTC))).set_index("subject")
    assert list(found["end"].isna()[["visit:18", "staff:bookly:1"]]) == [True, False]
    assert found.loc["staff:bookly:1", "end"] == NOW + ASKED.since


def test_how_each_side_was_read(conn: Connection) -> None:
    found = sides.readings(conn, ASKED)
    assert list(found["side"]) == ["bookly", "square"]
    assert (found["whole_began_at"] == NOW - timedelta(minutes=2)).all()
    assert found["failing_since"].isna().all()


def test_two_queries_cannot_share_a_name() -> None:
    with pytest.raises(ValueError, match="two queries are called sides"):
        named("sides", "again")(sides.readings)
