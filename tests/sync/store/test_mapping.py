"""A map holds what a person confirmed, each of the two in one couple at most."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from sqlalchemy.engine import Connection, Engine

from sync.store import keeping, mapping
from sync.store.connection import writing
from sync.store.mapping import Confirmed
from tests.sync.store.made import NOON, at


@pytest.fixture
def conn(store: Engine) -> Iterator[Connection]:
    with writing(store) as conn:
        yield conn


def test_who_confirmed_a_couple_and_when_is_kept(conn: Connection) -> None:
    mapping.confirm_staff(conn, {"1": "T1", "2": "T2"}, "Ida", NOON)
    assert mapping.staff_map(conn) == {"1": "T1", "2": "T2"}
    assert mapping.confirmed_staff(conn)[0] == Confirmed("1", "T1", "Ida", NOON)


def test_a_new_couple_parts_the_older_ones_of_both(conn: Connection) -> None:
    mapping.confirm_staff(conn, {"1": "T1", "2": "T2"}, "Ida", NOON)
    mapping.confirm_staff(conn, {"1": "T2"}, "Theo", at(1))
    assert mapping.confirmed_staff(conn) == (Confirmed("1", "T2", "Theo", at(1)),)


def test_two_may_change_places(conn: Connection) -> None:
    mapping.confirm_staff(conn, {"1": "T1", "2": "T2"}, "Ida", NOON)
    mapping.confirm_staff(conn, {"1": "T2", "2": "T1"}, "Ida", at(1))
    assert mapping.staff_map(conn) == {"1": "T2", "2": "T1"}


def test_several_services_may_be_one_in_square(conn: Connection) -> None:
    mapping.confirm_services(conn, {"3": "V1", "4": "V1"}, "Ida", NOON)
    assert mapping.service_map(conn) == {"3": "V1", "4": "V1"}
    assert [line.by for line in mapping.confirmed_services(conn)] == ["Ida", "Ida"]


def test_a_couple_can_be_taken_back(conn: Connection) -> None:
    mapping.confirm_staff(conn, {"1": "T1"}, "Ida", NOON)
    mapping.confirm_services(conn, {"3": "V1"}, "Ida", NOON)
    assert mapping.forget_staff(conn, "1")
    assert mapping.forget_service(conn, "3")
    assert not mapping.forget_staff(conn, "1")
    assert (mapping.staff_map(conn), mapping.service_map(conn)) == ({}, {})


def test_each_change_of_a_map_gets_a_value_of_the_change_counter(conn: Connection) -> None:
    assert mapping.last_change(conn) == 0
    mapping.confirm_staff(conn, {"1": "T1"}, "Ida", NOON)
    first = mapping.last_change(conn)
    assert first == keeping.last_change(conn) > 0
    mapping.forget_service(conn, "3")
    assert mapping.last_change(conn) == first
    mapping.forget_staff(conn, "1")
    assert mapping.last_change(conn) > first


def test_clients_are_found_by_either_id_and_a_merge_is_followed(conn: Connection) -> None:
    mapping.link_client(conn, "7", "C7", NOON)
    mapping.link_client(conn, "8", "C8", NOON)
    mapping.link_client(conn, "9", "C9", NOON)
    mapping.link_client(conn, "8", "C7", at(1))
    assert mapping.clients(conn) == {"7": "C7", "8": "C7", "9": "C9"}
    assert mapping.clients(conn, ["9"], ["C7"]) == {"7": "C7", "8": "C7", "9": "C9"}
    assert mapping.clients(conn, ["8"]) == {"8": "C7"}
    assert mapping.clients(conn, []) == {}
    assert mapping.square_client(conn, "8") == "C7"
    assert mapping.square_client(conn, "6") is None


def test_a_client_whom_square_no_longer_has_is_nobodys_and_that_is_news_once(conn: Connection) -> None:
    for one in ("7", "8"):
        mapping.link_client(conn, one, "C7", NOON)
    mapping.link_client(conn, "9", "C9", NOON)
    assert mapping.forget_client(conn, "C7")
    assert not mapping.forget_client(conn, "C7")
    assert mapping.clients(conn) == {"9": "C9"}
