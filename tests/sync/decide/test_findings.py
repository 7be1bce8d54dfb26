"""Findings of a part of the calendars instead of the whole, and their keys."""

from __future__ import annotations

from dataclasses import replace

from sync.decide.findings import find
from sync.model import Kind, Side
from tests.sync.decide.views import (
    BEN,
    at,
    bookly,
    keys,
    of_kind,
    part,
    square,
    view,
)

SET_UP = (Kind.UNMAPPED_STAFF, Kind.UNMAPPED_SERVICE)


def test_with_a_scope_only_findings_about_its_units_come_back() -> None:
    seen = view(
        bookly("1", at(10)),
        bookly("2", at(10, 30), client=BEN),
        bookly("3", at(14)),
        bookly("4", at(14, 30), client=BEN),
    )
    found = find(seen, frozenset({(Side.BOOKLY, "1")}))
    assert keys(found) == ["double_booking|bookly:1|bookly:2", "missing_in_square|bookly:1"]


def test_with_a_scope_staff_and_services_are_asked_about_only_where_their_counts_are_given() -> None:
    scope = frozenset({(Side.BOOKLY, "1")})
    assert not of_kind(find(view(), scope), *SET_UP)
    first, *_ = find(view(staff_ahead={(Side.BOOKLY, "3"): 4}), scope)
    assert (first.key, first.detail["visits_ahead"]) == ("unmapped_staff|bookly:3", 4)


def test_with_a_scope_a_calendar_suddenly_small_comes_where_what_is_withheld_is_among_it() -> None:
    visits = [bookly(str(n), at(10 + n)) for n in range(3)]
    small = view(*visits, withheld={Side.BOOKLY: tuple(v.ref for v in visits)})
    for unit, found in (("1", True), ("7", False)):
        keys_found = keys(find(small, frozenset({(Side.BOOKLY, unit)})))
        assert ("anomaly|calendar_small|bookly" in keys_found) is found


def test_keys_fit_the_store_however_many_units_they_name() -> None:
    parts = tuple(part("1", at(10, n), 1, f"{n:036d}") for n in range(30))
    long = replace(square("S", at(10)), parts=tuple(replace(p, span=replace(p.span, staff="TM1")) for p in parts))
    (key,) = keys(find(view(long)), *SET_UP)
    assert len(key) <= 200
