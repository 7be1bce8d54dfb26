from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as some
from sqlalchemy import Engine

from dashboard import actions, desk
from dashboard.current_user import Role, User
from dashboard.salon import Salon, salon
from dashboard.today import _chosen as chosen
from sync.model import ChoiceKind, Kind, Side
from sync.settings import settings
from sync.store.connection import reading
from tests.dashboard.small_store import NOW, ZONE, Shop, busy_day


def _rows(shop: Shop) -> list[desk.Row]:
    return [desk.Row(number, finding, "open", False) for number, finding in enumerate(shop.findings, 1)]


def test_three_in_one_chair_are_one_card_and_cards_come_soonest_first(shop: Shop) -> None:
    assert [[row.number for row in group] for group in desk.grouped(_rows(shop))] == [[1], [2, 3], [4]]


def test_a_chain_found_out_of_order_is_still_one_card(shop: Shop) -> None:
    rows = _rows(shop)
    long = replace(rows[2].finding, concerned=rows[0].finding.concerned[:1], person=rows[0].finding.person)
    joined = [rows[1], rows[0], replace(rows[2], finding=long)]
    assert [[row.number for row in group] for group in desk.grouped(joined)] == [[1, 3], [2]]


def _with_what_follows(shop: Shop) -> list[desk.Row]:
    """The busy day's rows, and Anna, who meets Sam at two, missing in Square."""
    anna = next(visit for visit in shop.appointments if visit.clients[0].name == "Anna Barros")
    shop.find(Kind.MISSING_IN_SQUARE, anna)
    return _rows(shop)


def test_what_one_calendar_lacks_of_a_clash_stands_on_the_card_of_the_clash(shop: Shop) -> None:
    rows = _with_what_follows(shop)
    assert [[row.number for row in group] for group in desk.grouped(rows)] == [[1, 5], [2, 3], [4]]


def test_once_the_clash_is_settled_it_stands_alone(shop: Shop) -> None:
    rows = [row for row in _with_what_follows(shop) if row.number != 1]
    assert [[row.number for row in group] for group in desk.grouped(rows)] == [[5], [2, 3], [4]]


def test_the_card_is_about_the_clash_and_says_what_follows_in_a_line(shop: Shop, small_store: Engine) -> None:
    rows = _with_what_follows(shop)
    with reading(small_store) as conn:
        here = salon(conn, settings(), NOW)
        card = desk.cards(conn, here, rows)[0]
    assert card.kind is Kind.DOUBLE_BOOKING
    assert card.when == "today 14:15, in 40 minutes"
    assert card.story[-1] == "Anna Barros is not in Square yet."
    assert len(card.about) == 1


def test_two_stylists_never_share_a_card(shop: Shop) -> None:
    rows = _rows(shop)
    other = replace(rows[2], finding=replace(rows[2].finding, person="bookly:6"))
    assert [len(group) for group in desk.grouped([rows[1], other])] == [1, 1]


@given(some.lists(some.sets(some.integers(0, 6), min_size=2, max_size=2), max_size=10))
def test_findings_that_share_a_visit_share_a_card_and_no_others_do(couples: list[set[int]]) -> None:
    shop = Shop()
    visits = [shop.book(Side.BOOKLY, 1, "14:00", f"Client {number}") for number in range(7)]
    rows = [desk.Row(n, shop.clash(*(visits[v] for v in sorted(c))), "open", False) for n, c in enumerate(couples)]
    groups = desk.grouped(rows)
    assert sorted(row.number for group in groups for row in group) == list(range(len(couples)))
    seen = [{v for row in group for v in couples[row.number]} for group in groups]
    assert all(not (one & other) for n, one in enumerate(seen) for other in seen[:n])


def _way_words(shop: Shop, number: int) -> tuple[desk.Way, ...]:
    return desk.ways(shop.findings[number], shop.board())


def test_ways_out_come_least_harm_first_and_cancelling_last_and_never_suggested(shop: Shop) -> None:
    ways = _way_words(shop, 0)
    order = list(dict.fromkeys(way.choice.kind for way in ways))
    assert order == [
        ChoiceKind.OTHER_STYLIST, ChoiceKind.OTHER_TIME, ChoiceKind.LEAVE, ChoiceKind.SHOW_BOTH, ChoiceKind.CANCEL,
    ]  # fmt: skip
    suggested = [way for way in ways if way.choice.suggested]
    assert len(suggested) == 1
    assert suggested[0].choice.kind is not ChoiceKind.CANCEL
    assert suggested[0].reason.endswith("the time stays.")


def test_every_way_says_beforehand_what_changes_and_who_hears(shop: Shop) -> None:
    for number in range(len(shop.findings)):
        for way in _way_words(shop, number):
            assert way.in_bookly and way.in_square and way.hears, way.label
            assert bool(way.second_tap) is (way.choice.kind is ChoiceKind.CANCEL)


def test_what_cannot_be_put_into_the_other_calendar_says_why_and_what_to_do(shop: Shop) -> None:
    missing = next(finding for finding in shop.findings if finding.kind is Kind.MISSING_IN_SQUARE)
    assert desk.why_not_sent(missing, shop.board()) == ()
    (said,) = desk.why_not_sent(missing, replace(shop.board(), service_map={}))
    assert "no counterpart in Square" in said and "by hand" in said
    assert desk.why_not_sent(shop.findings[0], replace(shop.board(), service_map={})) == ()


def test_a_day_is_the_salons_and_may_have_23_or_25_hours() -> None:
    start, end = desk.day_of(NOW, ZONE)
    assert (start, end) == (datetime(2026, 11, 20, 6, tzinfo=UTC), datetime(2026, 11, 21, 6, tzinfo=UTC))
    for day, hours in ((datetime(2026, 3, 8, 18, tzinfo=UTC), 23), (datetime(2026, 11, 1, 18, tzinfo=UTC), 25)):
        start, end = desk.day_of(day, ZONE)
        assert end - start == timedelta(hours=hours)


def _salon(engine: Engine) -> Salon:
    with reading(engine) as conn:
        return salon(conn, settings(), NOW)


def test_the_salon_as_every_page_shows_it(small_store: Engine) -> None:
    now = _salon(small_store)
    assert (now.zone, now.paused, now.may_write, now.writing) == (ZONE, False, True, True)
    assert [reading.read_at for reading in now.readings] == [NOW - timedelta(minutes=2)] * 2
    assert now.alive_at == NOW
    assert now.scene.name_on(Side.SQUARE, "TM2") == "Theo Abara"
    assert now.scene.name_on(Side.SQUARE, "gone") == "somebody on the staff"


def test_a_card_under_way_is_not_asked_about_again(small_store: Engine, shop: Shop) -> None:
    choice = _way_words(shop, 0)[0].choice
    actions.settle(small_store, User("Dana", Role.MANAGER), actions.Wish(1, shop.findings[0].seen, choice), NOW)
    with reading(small_store) as conn:
        card = desk.open_cards(conn, _salon(small_store))[0]
    assert card.result is not None
    assert card.result.under_way and card.result.by == "Dana"
    assert not card.to_decide


def test_kinds_settled_elsewhere_do_not_bury_the_clashes() -> None:
    shop = busy_day()
    visits = [shop.book(Side.BOOKLY, 1, "10:00", f"Client {n}", days=1) for n in range(4)]
    rows = [desk.Row(n, shop.find(Kind.MISSING_IN_SQUARE, visit), "open", False) for n, visit in enumerate(visits)]
    cards = [desk.Card((row,), "", "", "", ()) for row in rows]
    assert chosen(cards) == ([], cards)
    assert chosen(cards[:2]) == (cards[:2], [])
