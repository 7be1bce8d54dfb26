"""The ledger: one row for each thing that a guard kept from happening, and its count."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import Engine

from sync.model import Ref, Side
from sync.store import ledger, tallies
from sync.store.connection import reading, writing

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)
BLOCK = Ref(Side.BOOKLY, "row:7")
HOUR = timedelta(hours=1)


def note(store: Engine, kind: str, at: datetime = NOON, ref: Ref | None = BLOCK) -> None:
    with writing(store) as conn:
        ledger.note(conn, kind, at, ref=ref, person="bookly:1", start=NOON + HOUR, visit=3, hint=9)


def test_a_row_says_what_it_is_about(store: Engine) -> None:
    note(store, "near_miss")
    with reading(store) as conn:
        (noted,) = ledger.noted(conn, NOON)
    assert (noted.kind, noted.ref, noted.at, noted.start) == (ledger.NEAR_MISS, BLOCK, NOON, NOON + HOUR)
    assert (noted.person, noted.visit, noted.hint) == ("bookly:1", 3, 9)


def test_what_is_not_known_is_left_out(store: Engine) -> None:
    with writing(store) as conn:
        ledger.note(conn, ledger.LATE_WRITE_REFUSED, NOON)
    with reading(store) as conn:
        (noted,) = ledger.noted(conn, NOON, ledger.LATE_WRITE_REFUSED)
    assert (noted.ref, noted.start, noted.visit, noted.hint, noted.person) == (None, None, None, None, "")


def test_put_backs_of_one_block_within_an_hour_are_counted(store: Engine) -> None:
    for at in (NOON - 2 * HOUR, NOON - HOUR / 2, NOON):
        note(store, "put_back", at)
    note(store, "put_back", NOON, Ref(Side.BOOKLY, "row:8"))
    note(store, "near_miss", NOON)
    with reading(store) as conn:
        assert ledger.count(conn, "put_back", NOON - HOUR, ref=BLOCK) == 2
        assert ledger.count(conn, "put_back", NOON - HOUR) == 3
        assert ledger.count(conn, "put_back", NOON - HOUR, side="bookly", visit=3) == 3
        assert ledger.count(conn, "put_back", NOON - HOUR, side="square") == 0


def test_a_move_that_was_seen_is_noted_and_not_counted_among_the_guards(store: Engine) -> None:
    note(store, "moved")
    with reading(store) as conn:
        assert ledger.count(conn, "moved", NOON) == 1
        assert tallies.total(conn) == ()


def test_each_row_is_counted_among_the_tallies_and_stays_counted_when_it_is_forgotten(store: Engine) -> None:
    note(store, "put_back", NOON - HOUR)
    note(store, "put_back", NOON)
    with writing(store) as conn:
        assert ledger.forget_before(conn, NOON) == 1
    with reading(store) as conn:
        assert [(one.name, one.value) for one in tallies.total(conn)] == [("put_back", 2)]
        assert [noted.at for noted in ledger.noted(conn, 0.0)] == [NOON]


def test_a_kind_that_there_is_not_is_refused(store: Engine) -> None:
    with pytest.raises(ValueError, match="gossip"):
        note(store, "gossip")
