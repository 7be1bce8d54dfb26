"""The board holds what stands near the times in question, what is asked for, the partners of all, and who is who."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from sqlalchemy.engine import Connection, Engine

from sync.model import OWN_TIME, Board, Side, Standing
from sync.store import keeping, mapping, mirror, pairs
from sync.store.board import load_board, timezone_of
from sync.store.connection import writing
from tests.sync.store.made import NOON, at, bookly, directory, snapshot, square, visit

ANNA, BEN, CLEO, DORA = bookly(1), bookly(2), bookly(3), bookly(4)
A, B = square("a"), square("b")


@pytest.fixture
def conn(store: Engine) -> Iterator[Connection]:
    """Ida and Theo on both sides, only Ida's mapping confirmed; Mo is in Square alone."""
    here = [visit(ANNA), visit(BEN, 30, standing=Standing.CANCELLED), visit(CLEO, 600), visit(DORA, -300)]
    there = [visit(A, 55, staff="T1", client="C7"), visit(B, 605, staff="T2", client="C8")]
    listed_here = directory(Side.BOOKLY, ("1", "Ida"), ("2", "Theo"))
    listed_there = directory(Side.SQUARE, ("T1", "Ida V."), ("T2", "Theo"), ("T3", "Mo"), zone="UTC")
    with writing(store) as conn:
        mirror.commit_snapshot(conn, snapshot(Side.BOOKLY, 0, here, listed=listed_here), NOON)
        mirror.commit_snapshot(conn, snapshot(Side.SQUARE, 0, there, listed=listed_there), NOON)
        mapping.confirm_staff(conn, {"1": "T1"}, "Ida", NOON)
        mapping.confirm_services(conn, {"3": "V3"}, "Ida", NOON)
        yield conn


def _board(conn: Connection, *refs: object) -> Board:
    return load_board(conn, at(-10), at(0), at(60), refs)  # type: ignore[arg-type]


def test_what_stands_near_is_on_it_and_what_is_cancelled_or_far_is_not(conn: Connection) -> None:
    assert set(_board(conn).appointments) == {ANNA, A}


def test_what_is_asked_for_is_on_it_whatever_its_standing_with_its_partners(conn: Connection) -> None:
    number = pairs.link(conn, Side.BOOKLY, [(CLEO, None), (B, None)], NOON)
    board = _board(conn, BEN, CLEO)
    assert set(board.appointments) == {ANNA, A, BEN, CLEO, B}
    assert [pair.visit for pair in board.pairs] == [number]


def test_pairs_of_what_stands_near_are_on_it(conn: Connection) -> None:
    pairs.link(conn, Side.BOOKLY, [(ANNA, None), (B, None)], NOON)
    pair = _board(conn).pair_of(ANNA)
    assert pair is not None
    assert [partner.ref for partner in pair.partners] == [ANNA, B]


def test_two_are_one_person_only_where_a_person_confirmed_it(conn: Connection) -> None:
    people = {p.id: (p.name, bool(p.bookly), bool(p.square)) for p in _board(conn).people}
    assert people == {
        "bookly:1": ("Ida", True, True),
        "bookly:2": ("Theo", True, False),
        "square:T2": ("Theo", False, True),
        "square:T3": ("Mo", False, True),
    }


def test_services_maps_and_clients_come_along(conn: Connection) -> None:
    mapping.link_client(conn, "7", "C9", NOON)
    mapping.link_client(conn, "1", "C7", NOON)
    mapping.link_client(conn, "2", "C2", NOON)
    board = _board(conn)
    assert board.service_map == {"3": "V3"}
    own = (OWN_TIME.side, OWN_TIME.id)
    assert {(s.side, s.id) for s in board.services} == {(Side.BOOKLY, "3"), (Side.SQUARE, "3"), own}
    assert board.clients == {"7": "C9", "1": "C7"}
    assert board.now == at(-10)


def test_the_pinned_zone_counts_then_what_bookly_says_then_utc(store: Engine) -> None:
    with writing(store) as conn:
        assert timezone_of(conn) == "UTC"
        mirror.commit_snapshot(conn, snapshot(Side.BOOKLY, 0, []), NOON)
        assert timezone_of(conn) == "America/Chicago"
        keeping.pin_timezone(conn, "Europe/Berlin")
        assert timezone_of(conn) == "Europe/Berlin"
