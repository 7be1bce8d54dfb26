"""What stands in one calendar and is not in the other, and what only seems so."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from sync.decide.findings import find
from sync.decide.view import WholeRead
from sync.model import Kind, Pair, Partner, Ref, Side, Window
from tests.sync.decide.views import (
    ANNA_THERE,
    BEN,
    DAY,
    NOW,
    WINDOW,
    at,
    block,
    bookly,
    cancelled,
    keys,
    of_kind,
    only,
    pair,
    part,
    square,
    view,
)

MISSING = (Kind.MISSING_IN_SQUARE, Kind.MISSING_IN_BOOKLY)
SET_UP = (Kind.UNMAPPED_STAFF, Kind.UNMAPPED_SERVICE)


def test_a_visit_without_a_partner_is_missing_on_the_other_side() -> None:
    found = find(view(bookly("1", at(10)), square("S", at(14))))
    assert keys(of_kind(found, *MISSING)) == ["missing_in_bookly|square:S", "missing_in_square|bookly:1"]


def test_what_is_linked_is_not_missing() -> None:
    here, there = bookly("1", at(10)), square("S", at(10), client=ANNA_THERE)
    assert keys(find(view(here, there, pairs=(pair(here, there),))), *SET_UP) == []


def test_a_visit_under_way_now_is_still_missing_and_one_that_ended_is_not() -> None:
    found = find(view(bookly("1", at(5, 30)), bookly("2", at(4, 30), client=BEN)))
    assert keys(of_kind(found, *MISSING)) == ["missing_in_square|bookly:1"]


def test_staff_whom_nobody_mapped_are_one_finding_and_their_visits_none() -> None:
    found = find(view(bookly("1", at(10), staff="3"), bookly("2", at(12), staff="3")))
    assert not of_kind(found, *MISSING)
    assert "unmapped_staff|bookly:3" in keys(found)


def test_a_cancelled_visit_is_not_missing() -> None:
    assert not of_kind(find(view(cancelled(bookly("1", at(10))))), *MISSING)


def test_a_visit_that_changed_less_than_two_minutes_ago_is_on_its_way() -> None:
    one = bookly("1", at(10))
    reads = dict.fromkeys(Side, WholeRead(NOW, WINDOW))
    fresh, settled = ({one.ref: NOW - timedelta(seconds=s)} for s in (119, 120))
    assert not of_kind(find(view(one, changed=fresh, reads=reads)), *MISSING)
    assert of_kind(find(view(one, changed=settled, reads=reads)), *MISSING)


def test_nothing_is_missing_until_the_other_side_was_read_whole_after_the_change() -> None:
    one = bookly("1", at(10))
    changed = {one.ref: NOW - timedelta(minutes=10)}
    early, late = ({Side.SQUARE: WholeRead(NOW - timedelta(minutes=m), WINDOW)} for m in (11, 9))
    assert not of_kind(find(view(one, changed=changed, reads=early)), *MISSING)
    assert of_kind(find(view(one, changed=changed, reads=late)), *MISSING)


def test_nothing_is_missing_from_a_side_that_was_never_read() -> None:
    assert keys(find(view(bookly("1", at(10)), reads={}))) == []


def test_nothing_is_missing_outside_the_window_that_was_read() -> None:
    short = {Side.SQUARE: WholeRead(NOW, Window(DAY, DAY + timedelta(hours=9)))}
    assert not of_kind(find(view(bookly("1", at(10)), reads=short)), *MISSING)


def test_a_visit_with_a_click_on_its_way_is_not_missing() -> None:
    one = bookly("1", at(10))
    assert not of_kind(find(view(one, under_way=frozenset({one.ref}))), *MISSING)


def test_a_visit_whose_partner_is_only_a_former_one_is_missing() -> None:
    one = bookly("1", at(10))
    found = find(view(one, pairs=(pair(one, former=[Ref(Side.SQUARE, "OLD")]),)))
    assert keys(of_kind(found, *MISSING)) == ["missing_in_square|bookly:1"]


OURS = replace(square("S", at(10)), mark="slotkeeper:abc:1:0")
"""A client's booking in Square that we made."""


@pytest.mark.parametrize(
    ("owner", "still_there", "missing"),
    [(Side.SQUARE, False, True), (Side.BOOKLY, False, True), (Side.BOOKLY, True, False)],
)
def test_a_client_booked_again_by_us_is_missing_where_no_visit_of_the_other_side_stands_behind_it(
    owner: Side, still_there: bool, missing: bool
) -> None:
    behind = Partner(Ref(Side.BOOKLY, "ca:1"), current=still_there, agreed=None)
    linked = Pair(1, owner, 0, (behind, Partner(OURS.ref, current=True, agreed=OURS)))
    assert bool(of_kind(find(view(OURS, pairs=(linked,))), Kind.MISSING_IN_BOOKLY)) is missing


@pytest.mark.parametrize("odd", [{"clients": ()}, {"anomaly": "unknown_status"}])
def test_what_we_booked_for_nobody_or_what_is_odd_is_not_missing(odd: dict[str, Any]) -> None:
    one = replace(OURS, **odd)
    linked = Pair(1, Side.SQUARE, 0, (Partner(one.ref, current=True, agreed=one),))
    assert not of_kind(find(view(one, pairs=(linked,))), Kind.MISSING_IN_BOOKLY)


def test_our_own_block_is_no_visit_of_its_own() -> None:
    found = find(view(block("5", at(10), mark="slotkeeper:abc:1:0")))
    assert keys(found, *SET_UP) == ["anomaly|bookly:5"]


def test_time_that_staff_shut_for_themselves_takes_the_chair_but_is_not_missing() -> None:
    found = find(view(block("5", at(10), label="Dentist"), square("S", at(10, 30))))
    assert keys(found, *SET_UP) == ["double_booking|bookly:5|square:S", "missing_in_bookly|square:S"]


def test_a_walk_in_without_a_client_in_square_is_missing_in_bookly() -> None:
    assert of_kind(find(view(square("S", at(10), client=None))), Kind.MISSING_IN_BOOKLY)


def test_two_visits_on_one_row_that_are_missing_share_a_finding() -> None:
    found = find(view(bookly("7", at(10), ca="1"), bookly("7", at(10), ca="2", client=BEN)))
    one = only(found, Kind.MISSING_IN_SQUARE)
    assert one.key == "missing_in_square|bookly:7" and len(one.concerned[0].refs) == 2


def test_a_compound_visit_is_missing_once_with_all_its_rows() -> None:
    parts = (part("1", at(10), 30, "5"), part("2", at(10, 30), 30, "6"))
    compound = replace(bookly("5", at(10)), ref=Ref(Side.BOOKLY, "compound:5"), parts=parts)
    assert keys(of_kind(find(view(compound)), *MISSING)) == ["missing_in_square|bookly:5|bookly:6"]
