"""The store's own leases, on SQLite: the contract, and what is particular to rows."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from functools import partial
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import Engine

from sync.locking.contract import Claim, Locks
from sync.locking.fencing import Superseded, forget_grants, refuse_if_superseded
from sync.locking.rows import ROWS_AT_MOST
from sync.locking.sqlite import StoreLocks
from sync.store.connection import open_store, reading, writing
from sync.store.tables import grants, leases
from tests.sync.locking.contract import NOON, TTL, Clocks, LocksContract, granted, span


class OnSqlite:
    """A store in a file of its own."""

    def __init__(self, folder: Path) -> None:
        self.clocks = Clocks()
        self.url = f"sqlite:///{folder / 'store.db'}"
        self.store: Engine = open_store(self.url)

    def locks(self) -> Locks:
        return StoreLocks(self.store, self.clocks.wall, self.clocks.monotonic)

    def restarted(self) -> Locks:
        self.close()
        self.store = open_store(self.url)
        return self.locks()

    def opener(self) -> Callable[[], Locks]:
        return partial(opened, self.url)

    def close(self) -> None:
        self.store.dispose()


def opened(url: str) -> Locks:
    """In another process."""
    return StoreLocks(open_store(url))


@pytest.fixture
def backend(tmp_path: Path) -> Iterator[OnSqlite]:
    made = OnSqlite(tmp_path)
    yield made
    made.close()


class TestStoreLocks(LocksContract):
    """All of the contract."""


def rows(backend: OnSqlite, table: sa.Table) -> int:
    with reading(backend.store) as conn:
        return int(conn.execute(sa.select(sa.func.count()).select_from(table)).scalar_one())


def test_what_has_ended_is_swept_now_and_then_and_what_runs_stays(backend: OnSqlite) -> None:
    held = granted(backend.locks().acquire([span(20, 21)], "first", 10 * TTL))
    for number in range(3 * ROWS_AT_MOST):
        lease = granted(backend.locks().acquire([span(10, 11)], "second", 1))
        if number % 2:
            backend.locks().release(lease)
        else:
            backend.clocks.turn(1)
        assert rows(backend, leases) <= ROWS_AT_MOST + 1
    assert backend.locks().leases() == (held,)
    assert rows(backend, grants) == 1 + 3 * ROWS_AT_MOST


def test_the_token_sequence_goes_on_behind_the_last_grant_also_when_all_leases_are_gone(backend: OnSqlite) -> None:
    for number in range(3):
        backend.locks().release(granted(backend.locks().acquire([span(number, number + 1)], "first", TTL)))
    with writing(backend.store) as conn:
        conn.execute(sa.delete(leases))
    backend.restarted()
    assert granted(backend.locks().acquire([span(9, 10)], "first", TTL)).token == 4


def test_a_refused_call_writes_nothing_and_does_not_wait_for_the_write_lock(backend: OnSqlite) -> None:
    granted(backend.locks().acquire([span(10, 11)], "first", TTL))
    with writing(backend.store):
        busy = backend.locks().acquire([span(10, 11)], "second", TTL)
    assert not hasattr(busy, "token") and rows(backend, grants) == 1


def test_old_grants_are_forgotten_and_younger_ones_kept(backend: OnSqlite) -> None:
    old = granted(backend.locks().acquire([span(10, 11)], "first", TTL))
    backend.clocks.turn(timedelta(days=2).total_seconds())
    granted(backend.locks().acquire([span(10, 11)], "second", TTL))
    with writing(backend.store) as conn:
        assert forget_grants(conn, backend.clocks.now - timedelta(days=1).total_seconds()) == 1
        with pytest.raises(Superseded, match="overtaken"):
            refuse_if_superseded(conn, old)


def test_a_claim_is_longer_than_nothing_and_about_something() -> None:
    for wrong in (("staff:1", 5.0, 5.0), ("staff:1", 6.0, 5.0), ("", 1.0, 2.0)):
        with pytest.raises(ValueError, match="a claim needs"):
            Claim(*wrong)


def test_claims_say_what_they_are_about() -> None:
    claim = Claim.span("bookly:1", NOON, NOON + timedelta(hours=1))
    assert (claim.subject, claim.end - claim.start) == ("staff:bookly:1", 3600.0)
    assert Claim.visit("square/S").subject == "visit:square/S"
    assert claim.meets(claim) and not claim.meets(Claim.visit("square/S"))
