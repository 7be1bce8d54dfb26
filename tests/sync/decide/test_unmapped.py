"""Staff and services that nobody matched."""

from __future__ import annotations

from dataclasses import replace

from sync.decide.findings import find
from sync.decide.view import WholeRead
from sync.model import Kind, Side
from tests.sync.decide.views import (
    EVERYBODY,
    MARIA,
    NOW,
    THEO,
    WINDOW,
    at,
    bookly,
    keys,
    of_kind,
    only,
    view,
)

SET_UP = (Kind.UNMAPPED_STAFF, Kind.UNMAPPED_SERVICE)


def test_staff_without_a_partner_who_have_visits_ahead_are_counted() -> None:
    found = find(
        view(bookly("1", at(10), staff="3"), bookly("2", at(2), staff="3"), people=(MARIA, THEO, EVERYBODY[2]))
    )
    one = only(found, Kind.UNMAPPED_STAFF)
    assert (one.person, one.staff) == ("bookly:3", "Priya")
    assert {k: one.detail[k] for k in ("side", "id", "name", "visits_ahead", "suggestion", "visits")} == {
        "side": "bookly", "id": "3", "name": "Priya", "visits_ahead": 1, "suggestion": None, "visits": [],
    }  # fmt: skip


def test_staff_without_visits_matter_only_while_somebody_is_left_to_match() -> None:
    assert keys(find(view())) == ["unmapped_staff|bookly:3", "unmapped_staff|square:TM4"]
    assert keys(find(view(people=EVERYBODY[:3]))) == []


def test_two_who_are_probably_one_share_a_finding_with_the_suggestion() -> None:
    apart = (replace(MARIA, square=None), replace(MARIA, id="square:TM1", bookly=None))
    one = only(find(view(people=apart)), Kind.UNMAPPED_STAFF)
    assert one.key == "unmapped_staff|bookly:1"
    assert one.detail["suggestion"] == {"id": "TM1", "name": "Maria", "by": "name"}


def test_staff_who_left_are_not_asked_about() -> None:
    priya = EVERYBODY[2]
    assert priya.bookly is not None
    left = replace(priya, bookly=replace(priya.bookly, active=False))
    assert keys(find(view(people=(MARIA, THEO, left, EVERYBODY[3])))) == []


def test_a_service_that_visits_ahead_need_and_nobody_matched_is_a_finding_with_a_suggestion() -> None:
    found = find(view(bookly("1", at(10)), service_map={"2": "V2"}))
    one = only(found, Kind.UNMAPPED_SERVICE)
    assert one.key == "unmapped_service|bookly:1"
    assert one.detail["visits_ahead"] == 1
    assert one.detail["suggestion"] == {"id": "V1", "name": "Cut", "by": "name"}


def test_a_service_that_nobody_needs_is_not_asked_about() -> None:
    assert not of_kind(find(view(bookly("1", at(2)), service_map={})), Kind.UNMAPPED_SERVICE)


def test_before_both_sides_were_read_nobody_is_asked_to_match_anything() -> None:
    reads = {Side.BOOKLY: WholeRead(NOW, WINDOW)}
    assert not of_kind(find(view(bookly("1", at(10), staff="3"), service_map={}, reads=reads)), *SET_UP)
