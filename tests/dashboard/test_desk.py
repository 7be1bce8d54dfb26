from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as some
from sqlalchemy import Engine

from dashboard import actions, desk
from dashboard.current_user import Role, User
from dashboard.salon import Salon, salon
from dashboard.today import _chosen as chosen
from sync.model import Breaker, BreakerState, Choice, ChoiceKind, Kind, Outcome, Side, plain
from sync.settings import settings
from sync.store import breakers, requests, runs, tables
from sync.store.connection import reading, writing
from sync.wording.outcomes import already_asked
from tests.dashboard.small_store import NOW, ZONE, Shop, busy_day, put_finding


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


@pytest.mark.parametrize("kind", [Kind.DRIFT, Kind.ANOMALY, Kind.SAME_VISIT])
def test_what_is_a_question_of_its_own_has_a_card_of_its_own(kind: Kind, shop: Shop) -> None:
    anna = next(visit for visit in shop.appointments if visit.clients[0].name == "Anna Barros")
    shop.find(kind, anna)
    assert sorted(len(group) for group in desk.grouped(_rows(shop))) == [1, 1, 1, 2]


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


def test_what_is_missing_alone_tells_its_visit_and_has_its_hour_in_the_title_only(
    shop: Shop, small_store: Engine
) -> None:
    with reading(small_store) as conn:
        (card,) = desk.cards(conn, salon(conn, settings(), NOW), _rows(shop)[3:])
    assert card.kind is Kind.MISSING_IN_SQUARE
    assert card.story[0].startswith("Wren Ashdown: Women's Haircut, today 16:30")
    assert card.when == ""


def test_what_was_asked_about_the_lack_is_not_said_of_the_clash(shop: Shop, small_store: Engine) -> None:
    rows = _with_what_follows(shop)
    with writing(small_store) as conn:
        put_finding(conn, rows[4].finding, NOW.timestamp())
    _ask(small_store, "lack", 5, "Theo", "refused")
    with reading(small_store) as conn:
        card = desk.cards(conn, salon(conn, settings(), NOW), rows)[0]
    assert (len(card.rows), card.result) == (2, None)


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


def _opened(engine: Engine, minutes: float) -> None:
    """Square has not answered for so long."""
    since = NOW - timedelta(minutes=minutes)
    down = Breaker(BreakerState.OPEN, 5, since, NOW + timedelta(seconds=5), "Square gave no answer.")
    with writing(engine) as conn:
        breakers.change(conn, Side.SQUARE, lambda _: down, NOW)


def test_a_calendar_that_does_not_answer_is_told_between_two_reads_too(small_store: Engine) -> None:
    _opened(small_store, 1)
    bookly, square = _salon(small_store).readings
    assert bookly.failing_since is None
    assert (square.failing_since, square.problem) == (NOW - timedelta(minutes=1), "Square gave no answer.")


def test_a_calendar_that_does_not_answer_for_a_moment_is_nobodys_concern(small_store: Engine) -> None:
    _opened(small_store, 0.9)
    assert [reading.failing_since for reading in _salon(small_store).readings] == [None, None]


def test_since_when_a_calendar_was_not_read_stays_what_the_read_said(small_store: Engine) -> None:
    long_ago = NOW - timedelta(hours=1)
    with writing(small_store) as conn:
        runs.read_failed(conn, Side.SQUARE, "The token was revoked.", "SQUARE_ACCESS_TOKEN", long_ago)
    _opened(small_store, 5)
    square = _salon(small_store).readings[1]
    assert (square.failing_since, square.problem) == (long_ago, "The token was revoked.")


def _ask(engine: Engine, key: str, finding: int, who: str, ended: str = "", undo_of: int | None = None) -> int:
    """A request, and how it ended if it did; its number."""
    choice = Choice(ChoiceKind.LEAVE if undo_of is None else ChoiceKind.UNDO)
    with writing(engine) as conn:
        asked = requests.ask(
            conn, key=key, finding=finding, choice=choice, seen="", who=who, role="manager", now=NOW, undo_of=undo_of
        )
        if ended:
            requests.claim(conn, "w", NOW, timedelta(seconds=9))
            requests.finish(conn, asked.id, "w", ended, plain(Outcome(ended)), NOW)
    return asked.id


def _close(engine: Engine, finding: int) -> None:
    with writing(engine) as conn:
        conn.execute(sa.update(tables.findings).where(tables.findings.c.id == finding).values(state="closed"))


def _just_settled(engine: Engine) -> list[desk.Card]:
    with reading(engine) as conn:
        return desk.just_settled(conn, _salon(engine))


def test_a_settled_card_says_who_came_too_late_and_not_who_was_refused_before(small_store: Engine) -> None:
    _ask(small_store, "a", 1, "Noor", "refused")
    _ask(small_store, "b", 1, "Dana", "done")
    _ask(small_store, "c", 1, "Theo", "refused")
    _close(small_store, 1)
    (card,) = _just_settled(small_store)
    assert card.result is not None
    assert card.result.by == "Dana"
    assert [late.partition(",")[0] for late in card.result.too_late] == ["Theo"]


def test_what_was_taken_back_is_not_shown_as_settled_and_what_was_settled_anew_is(small_store: Engine) -> None:
    done = _ask(small_store, "a", 1, "Dana", "done")
    _ask(small_store, "u", 1, "Noor", "done", undo_of=done)
    _close(small_store, 1)
    assert _just_settled(small_store) == []
    _ask(small_store, "b", 1, "Theo", "done")
    assert [card.result.by for card in _just_settled(small_store) if card.result] == ["Theo"]


def test_what_is_open_again_is_not_shown_as_settled(small_store: Engine) -> None:
    _ask(small_store, "a", 1, "Dana", "done")
    assert _just_settled(small_store) == []


@pytest.mark.parametrize(
    ("states", "said"),
    [
        ((), ""),
        (("refused",), ""),
        (("done",), "Person 0 settled this at 13:35."),
        (("half", "refused"), "Person 0 settled this at 13:35."),
        (("refused", ""), already_asked("Person 1")),
    ],
)
def test_whoever_was_first_is_named_to_the_next(states: tuple[str, ...], said: str, small_store: Engine) -> None:
    for number, state in enumerate(states):
        _ask(small_store, f"k{number}", 1, f"Person {number}", state)
    with reading(small_store) as conn:
        assert desk.who_was_first(conn, _salon(small_store), 1) == said


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
