"""The developer's four pages, driven without a browser: what they say of a busy day, and of nothing."""

from __future__ import annotations

from datetime import timedelta

import pytest
import sqlalchemy as sa
from sqlalchemy import Engine
from streamlit.testing.v1 import AppTest

from dashboard.letters import MOST_AT_ONCE
from sync.inbox.dead_letters import resend
from sync.model import Breaker, BreakerState, Choice, ChoiceKind, Ref, Side
from sync.store import breakers, looks, requests
from sync.store.connection import reading, writing
from sync.store.hints import OPEN
from sync.store.tables import hints
from tests.dashboard.conftest import Open
from tests.dashboard.letters_store import bury, bury_many, end_all, hold, measure, some_letters, wait_for_lock
from tests.dashboard.reading import page_text
from tests.dashboard.small_store import NOW, STAFF, Shop
from tests.sync.wording.test_plain_words import NOT_WORDS

PAGES = ("latency.py", "dead_letters.py", "locks.py", "api_errors.py")
ROLES = ("manager", "developer", "both", "viewer")


@pytest.fixture
def busy_store(small_store: Engine) -> Engine:
    """A day measured, four letters, a lock held and somebody who waits for it."""
    measure(small_store, NOW, range(0, 1440, 180))
    some_letters(small_store, NOW)
    hold(small_store, "host:4711", NOW)
    wait_for_lock(small_store, Ref(Side.SQUARE, "bk0003QX"), NOW - timedelta(seconds=3), NOW + timedelta(hours=1))
    return small_store


def tables(at: AppTest) -> str:
    return " ".join(str(one.value.to_csv(index=False)) for one in at.table).replace("\N{NO-BREAK SPACE}", " ")


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("page", PAGES)
def test_every_page_opens_for_whoever_has_its_address(
    page: str, role: str, small_store: Engine, open_page: Open
) -> None:
    at = open_page(page, role)
    assert not at.exception
    assert at.title


@pytest.mark.parametrize(
    ("page", "means"),
    [
        ("latency.py", "No hint has been carried in this day."),
        ("dead_letters.py", "No dead letter waits: every hint was carried, or somebody is done with it."),
        ("locks.py", "Nobody holds a lock just now, and nobody waits for one. No lock was asked for in this day."),
        ("api_errors.py", "No calendar was called in this day."),
    ],
)
def test_on_an_empty_store_a_page_says_what_that_means(
    page: str, means: str, empty_store: Engine, open_page: Open
) -> None:
    at = open_page(page, "developer")
    assert not at.exception
    assert means in page_text(at)


@pytest.mark.parametrize("page", PAGES)
def test_no_page_names_a_client_or_shows_what_is_no_word(
    page: str, busy_store: Engine, shop: Shop, open_page: Open
) -> None:
    at = open_page(page, "developer")
    assert not at.exception
    said = f"{page_text(at)} {tables(at)}"
    clients = {client.name for visit in shop.appointments for client in visit.clients}
    assert not [name for name in clients if name in said]
    assert not NOT_WORDS.findall(said)


def test_latency_tells_the_whole_each_part_and_the_exposure(busy_store: Engine, open_page: Open) -> None:
    at = open_page("latency.py", "developer")
    assert "Changes cross within a minute, not within 2 s, in the last day" in page_text(at)
    said = tables(at)
    for part in ("The whole", "Delay at the source", "Waiting with us", "Getting the lock", "Our own work", "Exposure"):
        assert part in said
    assert "Square,webhook" in said and "Bookly,poll" in said
    assert len(at.get("plotly_chart")) == 3


def test_the_range_stands_in_the_address(busy_store: Engine, open_page: Open) -> None:
    assert "in the last 7 days" in page_text(open_page("latency.py", "developer", range="7 days"))
    assert "No hint has been carried in this hour." not in page_text(
        open_page("latency.py", "developer", range="An hour")
    )


def test_locks_tell_who_holds_what_and_who_waits(busy_store: Engine, open_page: Open) -> None:
    at = open_page("locks.py", "developer")
    assert "1 lock is held just now; 1 hint waits for one, the hint was received 3.0 s ago." in page_text(at)
    said = tables(at)
    assert "received 3.0 s ago" in said
    assert f"{STAFF[0]}, today 13:35 to 14:35" in said
    assert "Visit 18" in said and "`host:4711`" in said and "`square:bk0003QX`" in said


def test_a_click_that_waits_for_a_lock_is_told_beside_the_hints(busy_store: Engine, open_page: Open) -> None:
    with writing(busy_store) as conn:
        choice, since = Choice(ChoiceKind.OTHER_TIME, Ref(Side.SQUARE, "bk0003QX")), NOW - timedelta(seconds=2)
        asked = requests.ask(conn, key="k", finding=None, choice=choice, seen="", who="Dana", role="manager", now=since)
        assert requests.claim(conn, "w1", since, timedelta(minutes=2))
        assert requests.put_back(conn, asked.id, "w1", NOW, "busy", since, waiting=True)
    at = open_page("locks.py", "developer")
    assert "1 hint and 1 click wait for one" in page_text(at)
    said = tables(at).replace("\\", "")
    assert f'"a click, other time",`square:bk0003QX`,`request {asked.id}`,waits for 2.0 s' in said


def test_locks_say_that_redis_stands_in_front(
    busy_store: Engine, open_page: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "The leases are rows in the store" in page_text(open_page("locks.py", "developer"))
    monkeypatch.setenv("LOCK_URL", "redis://127.0.0.1:1/0")
    from sync.settings import settings

    settings.cache_clear()
    at = open_page("locks.py", "developer")
    assert "Redis (LOCK_URL) turns away first" in page_text(at)
    assert "`host:4711`" in tables(at)


def test_api_errors_tell_the_breaker_the_rate_and_the_codes(busy_store: Engine, open_page: Open) -> None:
    shut = Breaker(BreakerState.OPEN, 5, NOW - timedelta(minutes=5), NOW + timedelta(minutes=2), "No answer.")
    with writing(busy_store) as conn:
        breakers.change(conn, Side.SQUARE, lambda _: shut, NOW)
    at = open_page("api_errors.py", "developer")
    said = page_text(at)
    assert "Square is left alone, failing since 13:30. One call tries it again at 13:37. No answer." in said
    assert "Bookly is asked as usual" in said
    assert "`INTERNAL_SERVER_ERROR`" in tables(at)
    assert "Square could not be read since 13:30." in page_text(open_page())  # Today knows it too


def test_dead_letters_are_ranked_and_say_why_and_what_was_tried(busy_store: Engine, open_page: Open) -> None:
    at = open_page("dead_letters.py", "developer")
    said = page_text(at)
    assert "4 dead letters wait; the soonest visit is today 14:05, in 30 minutes, with Maria Lindqvist." in said
    order = [box.label for box in at.checkbox]
    assert [label.split("**")[1] for label in order] == [
        "today 14:05", "tomorrow 11:35", "Time not known", "today 12:35",
    ]  # fmt: skip
    assert "Square was asked and gave no answer." in said
    assert "lost 503, INTERNAL_SERVER_ERROR, request `rq-4711-aa`" in said
    assert "no_answer,Square,by itself,2" in tables(at).replace("\\", "")


def test_filters_leave_what_they_name_and_the_button_counts_it(busy_store: Engine, open_page: Open) -> None:
    def all_button(**query: str) -> str:
        return open_page("dead_letters.py", "developer", **query).button(key="send_all").label

    assert all_button() == "Send all 4 again"
    assert all_button(cause="no_answer") == "Send all 2 that match again"
    assert all_button(**{"from": "Bookly"}) == "Send all 2 that match again"
    assert all_button(within="within 2 hours") == "Send all 1 that match again"
    assert all_button(again="only after mending") == "Send all 1 that match again"


def test_only_the_role_may_send_and_the_page_says_so(busy_store: Engine, open_page: Open) -> None:
    at = open_page("dead_letters.py", "manager")
    assert "Sending again needs the role developer" in page_text(at)
    assert all(button.disabled for button in at.button if str(button.key).startswith(("send_", "away_")))


def test_the_question_tells_the_look_and_sends_what_was_counted(busy_store: Engine, open_page: Open) -> None:
    with writing(busy_store) as conn:
        looks.ask(conn, (1, 2), NOW)
        looks.answer(conn, 1, "still_needed", (Side.SQUARE,), NOW)
        looks.answer(conn, 2, "would_overwrite", (), NOW)
    at = open_page("dead_letters.py", "developer", ask="resend", letters="1.2")
    said = page_text(at)
    assert "2 of 2 letters looked at. Of 2 letters 1 is still needed and 1 meets something newer." in said
    assert "today 14:05, Maria Lindqvist (`square:bk0018QX`) is still needed: it would write to Square." in said
    assert "(`bookly:ca:1`) meets something newer." in said
    bury(busy_store, Ref(Side.SQUARE, "bk0098QX"), NOW)
    at.button(key="resend_who_0").click().run()
    assert "2 letters are on the way again." in page_text(at)
    with reading(busy_store) as conn:
        going = list(conn.execute(sa.select(hints.c.asked_by).where(hints.c.state.in_(OPEN))).scalars())
    assert sorted(going) == ["", "Dana Whitlow", "Dana Whitlow"]  # one waits for its lock


def test_more_than_are_sent_in_one_go_are_counted_on_the_button_and_in_the_question(
    busy_store: Engine, open_page: Open
) -> None:
    bury_many(busy_store, MOST_AT_ONCE, NOW - timedelta(minutes=5), NOW + timedelta(hours=1))
    at = open_page("dead_letters.py", "developer")
    assert at.button(key="send_all").label == "Send the 500 soonest of 504 again"
    at.button(key="send_all").click().run()
    said = page_text(at)
    assert "These are the 500 soonest of 504 letters: no more are sent in one go. Ask again for the others." in said
    at.button(key="resend_who_0").click().run()
    assert "500 letters are on the way again." in page_text(at)


def test_an_old_look_is_not_told_and_can_be_made_anew(busy_store: Engine, open_page: Open) -> None:
    with writing(busy_store) as conn:
        looks.ask(conn, (1,), NOW - timedelta(minutes=2))
        looks.answer(conn, 1, "already_true", (), NOW - timedelta(minutes=2))
    at = open_page("dead_letters.py", "developer", ask="resend", letter="1")
    assert "Nobody has looked at the calendars for it" in page_text(at)
    at.button(key="look_now").click().run()
    with reading(busy_store) as conn:
        assert looks.next_asked(conn) == 1
    assert "Both calendars are being looked at" in page_text(at)


@pytest.mark.parametrize("query", [{"letter": "4711"}, {"letters": "x.9"}, {"letter": "-1"}, {}])
def test_a_question_about_what_is_not_there_closes_itself(
    query: dict[str, str], busy_store: Engine, open_page: Open
) -> None:
    at = open_page("dead_letters.py", "developer", ask="resend", **query)
    assert not at.exception
    assert "ask" not in at.query_params
    assert "dealt with meanwhile" in page_text(at)


def test_how_far_it_is_stands_above_the_list(small_store: Engine, open_page: Open) -> None:
    letters = some_letters(small_store, NOW)
    with writing(small_store) as conn:
        for letter in letters[:2]:
            resend(conn, letter, "Devi", NOW)
    assert end_all(small_store, NOW, most=1) == 1
    at = open_page("dead_letters.py", "developer")
    assert "1 of 2 ended well, 1 to go (Devi, today 13:35)" in " ".join(one.proto.text for one in at.get("progress"))
    assert "On its way again since today 13:35, asked for by Devi." in page_text(at)
    assert at.button(key="send_all").label == "Send all 2 again"
