"""What is carried is held on to: as long as a lease at a time, and not for ever."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlalchemy import Connection, Engine

from sync.inbox.claims import HELD_AT_MOST, Claims
from sync.inbox.opening import open_crew, open_worker
from sync.model import Choice, ChoiceKind, Ref, Side, Source
from sync.store import hints, requests
from sync.store.connection import open_store, reading, writing
from sync.store.tables import hints as hints_table
from tests.sync.converge.conftest import Salon, quiet_bookly, salon

__all__ = ["quiet_bookly", "salon"]

NOW = datetime(2026, 5, 12, 17, 0, tzinfo=UTC)
TTL = timedelta(seconds=30)


@dataclass
class Hand:
    """Claims of one process on a store, and the clock by which they are held."""

    engine: Engine
    passed: float = 0.0
    claims: Claims = field(init=False)

    def __post_init__(self) -> None:
        self.claims = Claims(self.engine, lambda: self.now, TTL, lambda: self.passed)

    @property
    def now(self) -> datetime:
        return NOW + timedelta(seconds=self.passed)

    def hint(self) -> hints.Hint:
        with writing(self.engine) as conn:
            hints.put(conn, Ref(Side.SQUARE, "abc"), Source.WEBHOOK, self.now)
            return hints.claim(conn, "one", self.now, TTL, 1)[0]

    def until(self, hint: hints.Hint) -> float:
        """For how long from now it is still claimed."""
        with reading(self.engine) as conn:
            found = conn.execute(sa.select(hints_table.c.claimed_until).where(hints_table.c.id == hint.id)).scalar_one()
        return float(found) - self.now.timestamp()


@pytest.fixture
def hand(tmp_path: Path) -> Iterator[Hand]:
    engine = open_store(f"sqlite:///{tmp_path}/store.db")
    yield Hand(engine)
    engine.dispose()


def _keep(hint: hints.Hint, conn: Connection, now: datetime, lasting: timedelta) -> bool:
    return hints.keep(conn, hint, "one", now, lasting)


def test_what_is_carried_for_long_stays_ours_and_what_is_put_away_is_let_go(hand: Hand) -> None:
    hint = hand.hint()
    with hand.claims.held(partial(_keep, hint)):
        hand.passed = 9.0
        assert hand.claims.renew() == 0, "what is carried quickly costs nothing"
        hand.passed = 25.0
        assert hand.claims.renew() == 1
        assert hand.until(hint) == TTL.total_seconds()
    hand.passed = 50.0
    assert hand.claims.renew() == 0
    assert hand.until(hint) == 5.0


def test_nobody_holds_on_for_ever(hand: Hand) -> None:
    hint = hand.hint()
    with hand.claims.held(partial(_keep, hint)):
        hand.passed = HELD_AT_MOST
        assert hand.claims.renew() == 0


def test_what_another_has_taken_up_since_stays_theirs(hand: Hand) -> None:
    hint = hand.hint()
    with hand.claims.held(partial(_keep, hint)):
        hand.passed = 31.0
        with writing(hand.engine) as conn:
            assert hints.claim(conn, "two", hand.now, TTL, 1)
        hand.passed = 40.0
        hand.claims.renew()
        assert hand.until(hint) == TTL.total_seconds() - 9.0


def test_a_hint_and_a_click_are_claimed_for_as_long_as_a_lease_lasts(salon: Salon) -> None:
    short = replace(salon.house, lease_seconds=40.0)
    crew, worker = open_crew(short), open_worker(short)
    assert crew.claims.lasting == worker.claims.lasting == timedelta(seconds=40)
    with writing(short.engine) as conn:
        hints.put(conn, Ref(Side.SQUARE, "abc"), Source.WEBHOOK, short.now())
        asked = requests.ask(
            conn, key="k", finding=1, choice=Choice(ChoiceKind.LEAVE), seen="", who="Dana", role="manager",
            now=short.now(),
        )  # fmt: skip
        found = requests.claim(conn, "one", short.now(), worker.claims.lasting)
        assert found is not None and requests.keep(conn, asked.id, "one", short.now(), worker.claims.lasting)
        assert not requests.keep(conn, asked.id, "two", short.now(), worker.claims.lasting)
    (hint,) = crew.take(1)
    with reading(short.engine) as conn:
        row = conn.execute(sa.select(hints_table).where(hints_table.c.id == hint.id)).one()
    assert 39.0 < row.claimed_until - short.now().timestamp() <= 40.0
