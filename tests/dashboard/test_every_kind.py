"""Every kind of finding on its own page: its card, its ways out, their order, and what is asked before."""

from __future__ import annotations

from dataclasses import replace
from itertools import groupby

import pytest
import sqlalchemy as sa
from sqlalchemy import Engine
from streamlit.testing.v1 import AppTest

from sync.model import Kind, Side, plain
from sync.store import keeping, tables
from sync.store.connection import writing
from sync.wording import KINDS
from tests.dashboard.conftest import Open
from tests.dashboard.small_store import NOW, Shop, fill, put_appointment
from tests.sync.wording.people import salon_of_every_kind


@pytest.fixture
def shop() -> Shop:
    """Several odd things are about one visit there; in a store each has a key of its own."""
    made = salon_of_every_kind()
    made.findings = [replace(finding, key=f"{finding.key}|{n}") for n, finding in enumerate(made.findings)]
    return made


@pytest.fixture
def every_kind(empty_store: Engine, shop: Shop) -> Engine:
    """One finding of every kind at least; the two that disagree are a pair."""
    fill(empty_store, shop)
    drift = next(finding for finding in shop.findings if finding.kind is Kind.DRIFT)
    known = {made.ref: made for made in shop.appointments}
    with writing(empty_store) as conn:
        keeping.set_writes(conn, True, "Dana", NOW)
        conn.execute(sa.insert(tables.visits).values(id=1, owner="bookly", made_at=0))
        for ref in (ref for concerned in drift.concerned for ref in concerned.refs):
            conn.execute(
                sa.insert(tables.partners).values(
                    side=ref.side, key=ref.key, visit=1, current=True, agreed_at=0, agreed=plain(known[ref])
                )
            )
    return empty_store


def _opened(shop: Shop, open_page: Open, kind: Kind, what: str = "") -> AppTest:
    number = next(
        number for number, finding in enumerate(shop.findings, 1)
        if finding.kind is kind and (not what or finding.detail.get("what") == what) and finding.end >= NOW
    )  # fmt: skip
    at = open_page("conflicts.py", finding=str(number))
    assert not at.exception
    return at


def _ways(at: AppTest) -> list[str]:
    return [one.label.replace("\\", "") for one in at.button if str(one.key).startswith("way_")]


def _first_words(at: AppTest) -> list[str]:
    return [word for word, _ in groupby(label.split()[0] for label in _ways(at))]


@pytest.mark.parametrize("kind", Kind)
def test_every_kind_has_a_page_of_its_own_that_says_what_it_is(
    kind: Kind, every_kind: Engine, shop: Shop, open_page: Open
) -> None:
    at = _opened(shop, open_page, kind)
    assert f"{KINDS[kind]}" in " ".join(str(one.value) for one in at.markdown)


@pytest.mark.parametrize("kind", [Kind.DOUBLE_BOOKING, Kind.PADDING_CLASH])
def test_of_a_clash_the_least_harm_comes_first_and_cancelling_last_and_apart(
    kind: Kind, every_kind: Engine, shop: Shop, open_page: Open
) -> None:
    at = _opened(shop, open_page, kind)
    assert _first_words(at) == ["Give", "Start", "Leave", "Show", "Cancel"]
    assert [one.type for one in at.get("divider")] == ["divider"]
    assert len([label for label in _ways(at) if label.startswith("Leave it: ")]) == 4


def test_too_many_at_once_go_to_another_stylist_or_time_or_stay(
    every_kind: Engine, shop: Shop, open_page: Open
) -> None:
    assert _first_words(_opened(shop, open_page, Kind.OVER_CAPACITY)) == ["Give", "Start", "Leave"]


def test_what_is_missing_is_sent_across_or_left(every_kind: Engine, shop: Shop, open_page: Open) -> None:
    assert _ways(_opened(shop, open_page, Kind.MISSING_IN_SQUARE)) == [
        "Put Wren Ashdown into Square too", "Leave it as it is",
    ]  # fmt: skip
    assert _first_words(_opened(shop, open_page, Kind.MISSING_IN_BOOKLY)) == ["Put", "Leave"]


def test_what_may_be_there_already_is_named_on_the_button(every_kind: Engine, shop: Shop, open_page: Open) -> None:
    with writing(every_kind) as conn:
        there = replace(shop).book(Side.SQUARE, 3, "16:45", "Wren Ashdone", 1)
        put_appointment(conn, there, NOW.timestamp())
    ways = _ways(_opened(shop, open_page, Kind.MISSING_IN_SQUARE))
    assert "It is there already: Wren Ashdone with Priya Raman, today 16:45" in ways


def test_where_the_calendars_disagree_each_value_is_a_button(every_kind: Engine, shop: Shop, open_page: Open) -> None:
    number, drift = next((n, f) for n, f in enumerate(shop.findings, 1) if f.kind is Kind.DRIFT)
    only_time = {**drift.detail, "differs": ["time"]}
    in_the_way = next(made.ref.key for made in shop.appointments if made.clients[0].name == "Bo Finch")
    with writing(every_kind) as conn:
        for table in (tables.spans, tables.appointments):
            conn.execute(sa.delete(table).where(table.c.key == in_the_way))
        conn.execute(sa.update(tables.findings).where(tables.findings.c.id == number).values(detail=only_time))
    assert _ways(_opened(shop, open_page, Kind.DRIFT)) == [
        "Bookly is right: tomorrow 12:00 to 12:45 with Priya Raman",
        "Square is right: tomorrow 13:00 to 13:45 with Priya Raman",
    ]


def test_the_same_visit_is_linked_or_two(every_kind: Engine, shop: Shop, open_page: Open) -> None:
    at = _opened(shop, open_page, Kind.SAME_VISIT)
    assert _ways(at) == ["Yes, it is one visit", "No, these are two visits"]
    assert "nothing is written" in " ".join(str(one.value) for one in at.markdown)


@pytest.mark.parametrize("kind", [Kind.UNMAPPED_STAFF, Kind.UNMAPPED_SERVICE])
def test_who_is_who_is_asked_on_set_up(kind: Kind, every_kind: Engine, shop: Shop, open_page: Open) -> None:
    at = _opened(shop, open_page, kind)
    assert _ways(at) == []
    assert "Match it on Set-up" in [one.proto.label for one in at.get("page_link")]


@pytest.mark.parametrize(
    ("what", "first"),
    [
        ("calendar_small", "Yes, those visits are really gone"),
        ("vanished", "Yes, the visit is really gone"),
        ("no_end", "Leave it as it is"),
        ("a word nobody knows", "Leave it as it is"),
    ],
)
def test_something_odd_is_never_settled_by_itself(
    what: str, first: str, every_kind: Engine, shop: Shop, open_page: Open
) -> None:
    at = _opened(shop, open_page, Kind.ANOMALY, what)
    ways = _ways(at)
    assert (ways[0], ways[-1]) == (first, "Leave it as it is")
    assert not [one for one in at.button if str(one.key).startswith("way_") and one.proto.type == "primary"]
