"""Each transaction on Bookly's database and each wait for its lock is told, with how it ended."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from sync.calendars import Stale, Taken, WriteRefused
from sync.calendars.bookly import BooklyReader, open_bookly
from sync.calendars.bookly.lock import lock_name
from sync.calendars.calls import listening
from sync.model import Side
from sync.model.calls import Call
from tests.sync.calendars.bookly.salon import YEAR, Salon
from tests.sync.calendars.bookly.writes import cancel, place, shown


def said(heard: list[Call]) -> list[tuple[str, str, str]]:
    assert all(call.side is Side.BOOKLY for call in heard)
    return [(call.name, call.outcome, call.code) for call in heard]


def test_a_read_is_one_call(salon: Salon) -> None:
    heard: list[Call] = []
    with listening(heard.append):
        salon.reader.snapshot(YEAR)
    assert said(heard) == [("read rows", "ok", "")]


def test_a_write_is_the_lock_the_transaction_and_the_look_afterwards(salon: Salon) -> None:
    heard: list[Call] = []
    with listening(heard.append):
        salon.writer.write(place())
    lock = [] if salon.usual_door.on_sqlite else [("named lock", "ok", "")]
    assert said(heard) == [*lock, ("write rows", "ok", ""), ("read rows", "ok", "")]


def test_what_kept_us_from_writing_is_the_code_of_a_refused_call(salon: Salon) -> None:
    line = salon.visit("2026-12-01 10:00")
    seen = cancel(shown(salon, line))
    salon.writer.write(seen)
    salon.visit("2026-12-01 10:00")
    heard: list[Call] = []
    with listening(heard.append):
        with pytest.raises(Taken):
            salon.writer.write(place())
        with pytest.raises(Stale):
            salon.writer.write(seen)
    refused = [call for call in said(heard) if call[1] == "refused"]
    assert refused == [("write rows", "refused", "TAKEN"), ("write rows", "refused", "STALE")]


def test_settling_is_told_as_such(sqlite_salon: Salon) -> None:
    heard: list[Call] = []
    with listening(heard.append):
        assert sqlite_salon.writer.settle(place()) is None
    assert said(heard) == [("settle rows", "ok", "")]


def test_a_database_that_is_not_there_was_never_reached() -> None:
    heard: list[Call] = []
    with listening(heard.append):
        assert BooklyReader(open_bookly("mysql://nobody@127.0.0.1:1/none")).check()
    assert said(heard) == [("read rows", "unsent", "2003")]


@pytest.mark.mariadb
def test_a_lock_that_is_not_granted_is_refused_and_nothing_else_is_called(mariadb_salon: Salon) -> None:
    database = mariadb_salon.engine.url.database or ""
    heard: list[Call] = []
    with mariadb_salon.engine.connect() as bookly:
        bookly.execute(sa.text("SELECT GET_LOCK(:n, 0)"), {"n": lock_name(database, "wp_")})
        with listening(heard.append), pytest.raises(WriteRefused):
            mariadb_salon.writer.write(place())
        bookly.execute(sa.text("SELECT RELEASE_ALL_LOCKS()"))
    assert said(heard) == [("named lock", "refused", "")]
