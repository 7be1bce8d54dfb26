"""Faults on Bookly's side: each does what it says, says whether it did, and leaves no trace."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from practice_salon import PracticeError
from practice_salon.bookly import faults
from practice_salon.bookly.faults import FAULTS, Wound
from practice_salon.bookly.rights import Rights, user_with
from practice_salon.bookly.tables import open_engine
from practice_salon.bookly.wire import Mode, wire
from tests.practice_salon.bookly.small_salon import ANNA, BEN, BLOWOUT, CUT, MARIA, THEO, Salon, at, cut_at

MENDED: list[tuple[str, Callable[[Salon], AbstractContextManager[Wound]]]] = [
    ("service_without_client", lambda s: faults.service_without_client(s.site, THEO, BLOWOUT, at("15:00"))),
    ("rows_vanish", lambda s: faults.rows_vanish(s.site)),
    ("reused_ids", lambda s: faults.reused_ids(s.site)),
    ("table_missing", lambda s: faults.table_missing(s.site)),
    ("timezone_changed", lambda s: faults.timezone_changed(s.site)),
    ("unknown_status", lambda s: faults.unknown_status(s.site)),
]


def booked(salon: Salon) -> Salon:
    salon.website.book(cut_at("10:00"), ANNA)
    salon.website.book(cut_at("14:00"), BEN)
    salon.office.block(THEO, at("11:00"), 60)
    return salon


def everything(salon: Salon) -> dict[str, list[dict[str, Any]]]:
    names = ("appointments", "customer_appointments", "customers", "log")
    options = {row["option_name"]: row["option_value"] for row in salon.rows("options")}
    return {**{name: salon.rows(name) for name in names}, "options": [options]}


@pytest.mark.parametrize(("name", "inflict"), MENDED, ids=[name for name, _ in MENDED])
def test_afterwards_everything_is_as_before(
    either_salon: Salon, name: str, inflict: Callable[[Salon], AbstractContextManager[Wound]]
) -> None:
    before = everything(booked(either_salon))
    with inflict(either_salon) as wound:
        assert wound.fired and wound.name == name
        if name != "table_missing":
            assert everything(either_salon) != before
    assert everything(either_salon) == before


def test_every_fault_has_a_word_and_is_tried_here() -> None:
    assert {name for name, _ in MENDED} | {"half_written", "file_gone"} == set(FAULTS)
    assert all(does for does, _ in FAULTS.values())


def test_a_half_written_row_has_nobody_on_it_and_then_somebody(salon: Salon) -> None:
    customer = salon.website.book(cut_at("10:00"), ANNA).customer
    with faults.half_written(salon.site, MARIA, CUT, at("15:00"), customer) as wound:
        (row,) = wound.ids["appointments"]
        assert salon.rows("customer_appointments", appointment_id=row) == []
    assert len(salon.rows("customer_appointments", appointment_id=row)) == 1


def test_a_restored_backup_takes_the_newest_rows_and_leaves_no_log_line(salon: Salon) -> None:
    booked(salon)
    salon.forget_log()
    with faults.rows_vanish(salon.site, share=0.67) as wound:
        assert len(salon.rows("appointments")) == 1 and len(wound.ids["appointments"]) == 2
        assert salon.rows("log") == []


def test_a_fault_that_found_nothing_to_spoil_says_so(salon: Salon) -> None:
    with faults.rows_vanish(salon.site) as wound:
        assert not wound.fired
    with faults.unknown_status(salon.site) as wound:
        assert not wound.fired
    with faults.timezone_changed(salon.site, "America/Chicago") as wound:
        assert not wound.fired


def test_a_reused_id_belongs_to_another_visit_made_now(salon: Salon) -> None:
    booked(salon)
    was = salon.rows("appointments")[0]
    salon.now += timedelta(hours=2)
    with faults.reused_ids(salon.site, 1) as wound:
        row = salon.one("appointments", wound.ids["appointments"][0])
        assert row["id"] == was["id"]
        assert row["created_at"] > was["created_at"] and row["start_date"] != was["start_date"]


def test_a_missing_table_is_missing(either_salon: Salon) -> None:
    booked(either_salon)
    with faults.table_missing(either_salon.site), pytest.raises(sa.exc.DBAPIError):
        either_salon.rows("customer_appointments")
    either_salon.office.delete_service(CUT)
    assert either_salon.rows("customer_appointments") == [], "the foreign keys came back with the table"


def test_the_file_of_a_sqlite_can_be_somewhere_else(salon: Salon) -> None:
    booked(salon)
    before = everything(salon)
    with faults.file_gone(salon.site) as wound:
        assert wound.fired and not Path(str(salon.site.engine.url.database)).exists()
    assert everything(salon) == before


@pytest.mark.mariadb
def test_a_file_cannot_be_taken_from_mariadb(mariadb_salon: Salon) -> None:
    with pytest.raises(PracticeError, match="is for SQLite"), faults.file_gone(mariadb_salon.site):
        pass


# ---------------------------------------------------------------- the wire and the rights, on MariaDB


def _count(url: str) -> int:
    engine = sa.create_engine(url, connect_args={"read_timeout": 1, "connect_timeout": 2})
    try:
        with engine.connect() as connection:
            return int(connection.scalar(sa.text("SELECT COUNT(*) FROM information_schema.tables")) or 0)
    finally:
        engine.dispose()


@pytest.mark.mariadb
def test_a_wire_lets_through_and_a_broken_one_is_met_and_mended(mariadb_url: str) -> None:
    with wire(mariadb_url) as way:
        assert _count(way.url) > 0 and way.fired == 0
        modes: tuple[Mode, ...] = ("refuse", "cut", "hang")
        for number, mode in enumerate(modes, start=1):
            way.mode = mode
            with pytest.raises(sa.exc.DBAPIError):
                _count(way.url)
            assert way.fired == number
        way.mode = "through"
        assert _count(way.url) > 0


@pytest.mark.mariadb
def test_a_wire_cuts_in_the_middle_of_a_result(mariadb_url: str) -> None:
    with wire(mariadb_url) as way:
        engine = sa.create_engine(way.url)
        with engine.connect() as connection:
            way.after, way.mode = 20_000, "cut"
            with pytest.raises(sa.exc.DBAPIError):
                connection.execute(sa.text("SELECT REPEAT('x', 1000) FROM seq_1_to_1000")).all()
        way.mode = "through"
        engine.dispose()
        assert way.fired == 1


def _may(url: str, statement: str) -> bool:
    engine = open_engine(url)
    try:
        with engine.begin() as connection:
            connection.exec_driver_sql(statement)
        return True
    except sa.exc.DBAPIError:
        return False
    finally:
        engine.dispose()


READ_SEATS = "SELECT id, status FROM wp_bookly_customer_appointments"
READ_TOKENS = "SELECT token FROM wp_bookly_customer_appointments"
READ_OPTIONS = "SELECT option_value FROM wp_options"
READ_SITE = "SELECT option_value FROM wp_bookly_sync_site"
WRITE_ROWS = "UPDATE wp_bookly_appointments SET internal_note = 'x' WHERE id = 0"
WRITE_SEATS = "UPDATE wp_bookly_customer_appointments SET status = 'x' WHERE id = 0"
DELETE_SEATS = "DELETE FROM wp_bookly_customer_appointments WHERE id = 0"
ALL = (READ_SEATS, READ_TOKENS, READ_OPTIONS, READ_SITE, WRITE_ROWS, WRITE_SEATS, DELETE_SEATS)
ALLOWED: list[tuple[Rights, set[str]]] = [
    ("least", {READ_SEATS, READ_SITE, WRITE_ROWS, WRITE_SEATS}),
    ("read_only", {READ_SEATS, READ_SITE}),
    ("no_clients", {READ_SITE, WRITE_ROWS}),
    ("nothing", set()),
]


@pytest.mark.mariadb
@pytest.mark.parametrize(("rights", "allowed"), ALLOWED, ids=[rights for rights, _ in ALLOWED])
def test_a_user_may_do_only_so_much(mariadb_salon: Salon, rights: Rights, allowed: set[str]) -> None:
    with user_with(mariadb_salon.site, rights) as url:
        assert {statement for statement in ALL if _may(url, statement)} == allowed
    assert not _may(url, "SELECT 1")


def test_sqlite_has_no_users(salon: Salon) -> None:
    with pytest.raises(PracticeError, match="SQLite knows no users"), user_with(salon.site, "least"):
        pass
