"""A visit's ends on both sides: one visit an appointment, former ones remembered, agreed kept a side."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from sqlalchemy.engine import Connection, Engine

from sync.model import Pair, Partner, Ref, Side
from sync.store import keeping, mirror, pairs
from sync.store.connection import writing
from tests.sync.store.made import NOON, at, bookly, snapshot, square, visit

ANNA, BEN = bookly(1), bookly(2)
A, B = square("a"), square("b")


@pytest.fixture
def conn(store: Engine) -> Iterator[Connection]:
    with writing(store) as conn:
        yield conn


def _linked(conn: Connection) -> int:
    return pairs.link(conn, Side.BOOKLY, [(ANNA, visit(ANNA)), (A, visit(A))], NOON)


def _only(conn: Connection, ref: Ref) -> Pair:
    (pair,) = pairs.pairs_of(conn, [ref])
    return pair


def test_a_linked_visit_is_found_from_either_end_with_what_each_side_showed(conn: Connection) -> None:
    number = _linked(conn)
    pair = Pair(number, Side.BOOKLY, 0, (Partner(ANNA, True, visit(ANNA)), Partner(A, True, visit(A))))
    assert pairs.pairs_of(conn, [ANNA]) == pairs.pairs_of(conn, [A]) == pairs.pairs_of(conn, [A, ANNA, B]) == (pair,)
    assert pairs.all_pairs(conn) == (pair,)
    assert pairs.visit_of(conn, A) == number
    assert pairs.pairs_of(conn, [B]) == ()


@pytest.mark.parametrize("former", [False, True])
def test_an_appointment_belongs_to_one_visit_at_most(conn: Connection, former: bool) -> None:
    number = _linked(conn)
    if former:
        pairs.make_former(conn, A, at(1))
    other = pairs.link(conn, Side.BOOKLY, [(BEN, visit(BEN))], NOON)
    with pytest.raises(pairs.LinkedAlready) as caught:
        pairs.link(conn, Side.SQUARE, [(B, visit(B)), (A, visit(A))], NOON)
    assert (caught.value.ref, caught.value.visit) == (A, number)
    with pytest.raises(pairs.LinkedAlready):
        pairs.add_partner(conn, other, A, visit(A), NOON)
    assert pairs.visit_of(conn, B) is None


def test_a_replaced_partner_is_former_and_the_generation_grows(conn: Connection) -> None:
    number = _linked(conn)
    assert pairs.make_former(conn, A, at(1))
    assert not pairs.make_former(conn, A, at(2))
    pairs.add_partner(conn, number, B, visit(B, 30), at(3))
    pair = _only(conn, A)
    assert pair.generation == 1
    assert [p.ref for p in pair.current(Side.SQUARE)] == [B]
    assert {p.ref: p.current for p in pair.partners} == {ANNA: True, A: False, B: True}


def test_a_former_partner_that_stands_again_is_current_again(conn: Connection) -> None:
    number = _linked(conn)
    pairs.make_former(conn, A, at(1))
    pairs.add_partner(conn, number, A, visit(A, 30), at(2))
    pair = _only(conn, A)
    assert pair.current(Side.SQUARE) == (Partner(A, True, visit(A, 30)),)
    assert pair.generation == 1


def test_agreeing_concerns_one_side_and_needs_a_visit(conn: Connection) -> None:
    _linked(conn)
    assert pairs.agree(conn, A, visit(A, 30), at(1))
    assert not pairs.agree(conn, B, visit(B), at(1))
    assert {p.ref: p.agreed for p in _only(conn, A).partners} == {ANNA: visit(ANNA), A: visit(A, 30)}
    assert pairs.agree(conn, A, None, at(2))
    assert _only(conn, A).current(Side.SQUARE)[0].agreed is None


def test_agreeing_as_shown_takes_the_mirror_and_lets_what_is_gone_go(conn: Connection) -> None:
    _linked(conn)
    mirror.commit_snapshot(conn, snapshot(Side.BOOKLY, 0, [visit(ANNA, 45)]), NOON)
    assert pairs.agree_as_shown(conn, ANNA, at(1))
    pair = _only(conn, ANNA)
    assert pair.current(Side.BOOKLY) == (Partner(ANNA, True, visit(ANNA, 45)),)
    assert pair.current(Side.SQUARE) == ()
    assert not pairs.agree_as_shown(conn, BEN, at(1))


def test_what_is_unlinked_is_on_its_own_again_and_looked_at_again(conn: Connection) -> None:
    mirror.commit_snapshot(conn, snapshot(Side.BOOKLY, 0, [visit(ANNA), visit(BEN)]), NOON)
    mirror.commit_snapshot(conn, snapshot(Side.SQUARE, 0, [visit(A)]), NOON)
    _linked(conn)
    before = keeping.last_change(conn)
    assert pairs.unlink(conn, A, at(1))
    assert not pairs.unlink(conn, A, at(1))
    assert pairs.all_pairs(conn) == ()
    assert set(mirror.changed_since(conn, before)) == {ANNA, A}
    assert pairs.link(conn, Side.SQUARE, [(A, visit(A)), (BEN, visit(BEN))], at(2))


def test_every_change_of_a_pair_is_told_to_who_asks_what_changed(conn: Connection) -> None:
    number = _linked(conn)
    seen = keeping.last_change(conn)
    assert pairs.changed_since(conn, seen) == ()
    assert pairs.changed_since(conn, 0) == (ANNA, A)
    pairs.agree(conn, ANNA, visit(ANNA), at(1))
    assert pairs.changed_since(conn, seen) == (ANNA,)
    pairs.make_former(conn, A, at(2))
    pairs.add_partner(conn, number, B, None, at(3))
    assert pairs.changed_since(conn, seen) == (ANNA, A, B)


def test_pairs_of_the_past_can_be_left_out(conn: Connection) -> None:
    mirror.commit_snapshot(conn, snapshot(Side.BOOKLY, 0, [visit(ANNA), visit(BEN, 600)]), NOON)
    _linked(conn)
    later = pairs.link(conn, Side.BOOKLY, [(BEN, visit(BEN, 600)), (B, None)], NOON)
    assert [pair.visit for pair in pairs.all_pairs(conn, ending_after=at(60))] == [later]
    assert len(pairs.all_pairs(conn, ending_after=at(59))) == 2


def test_many_pairs_are_found_at_once(conn: Connection) -> None:
    refs = [bookly(number) for number in range(1200)]
    for ref in refs:
        pairs.link(conn, Side.BOOKLY, [(ref, None)], NOON)
    assert [pair.partners[0].ref for pair in pairs.pairs_of(conn, refs)] == refs
