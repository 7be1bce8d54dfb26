"""Each page for each role, driven without a browser."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy import Engine

from dashboard import store
from dashboard.salon import salon
from sync.model import Choice, ChoiceKind, Finding, Kind, Outcome, Side, plain
from sync.store import keeping, requests, runs, tables
from sync.store.connection import reading, writing
from tests.dashboard.conftest import Open
from tests.dashboard.reading import key, page_text, texts
from tests.dashboard.small_store import NOW, Shop, fill, put_finding
from tests.sync.wording.test_plain_words import complaints

PAGES = ("today.py", "conflicts.py", "jobs.py", "setup.py")
ROLES = ("manager", "developer", "both", "viewer")


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("page", PAGES)
def test_every_page_opens_for_every_role(page: str, role: str, small_store: Engine, open_page: Open) -> None:
    at = open_page(page, role)
    assert not at.exception
    assert at.title


@pytest.mark.parametrize("page", PAGES)
def test_every_page_opens_on_an_empty_store(page: str, empty_store: Engine, open_page: Open) -> None:
    at = open_page(page)
    assert not at.exception


@pytest.mark.parametrize("page", PAGES)
def test_no_page_says_a_word_of_ours_or_shows_an_id(page: str, small_store: Engine, open_page: Open) -> None:
    said = [text for text in texts(open_page(page)) if ":material" not in text]
    assert len(said) > 3
    assert {text: complaints(text.replace("\\", "")) for text in said if complaints(text.replace("\\", ""))} == {}


def test_on_an_empty_store_today_says_that_nothing_was_read_yet(empty_store: Engine, open_page: Open) -> None:
    assert "Nothing was read yet" in page_text(open_page())


def test_a_store_that_cannot_be_used_is_one_sentence_and_no_traceback(
    tmp_path: Path, empty_store: Engine, open_page: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "no.db").write_text("this is no database, whatever it is called")
    monkeypatch.setattr(store, "engine", lambda: store._engine(f"sqlite:///{tmp_path / 'no.db'}"))
    at = open_page()
    assert not at.exception
    assert [one.value for one in at.error if "DATABASE_URL" in one.value]


def test_today_opens_with_the_soonest_clash_and_shows_its_card(small_store: Engine, open_page: Open) -> None:
    at = open_page()
    assert (
        at.error[0]
        .value.replace("\\", "")
        .startswith("**Anna Barros and Sam Kessler are both booked with Maria Lindqvist, today 14:15, in 40 minutes.")
    )
    said = page_text(at)
    assert "Ben Ivanov, Tara Yoon and Victor Larkin with Dana Whitlow" in said
    for before_the_click in ("**In Bookly:**", "**In Square:**", "**Who hears of it:**"):
        assert before_the_click in said


def test_a_past_clash_is_never_shown_as_needing_a_decision(small_store: Engine, shop: Shop, open_page: Open) -> None:
    with writing(small_store) as conn:
        conn.execute(sa.update(tables.findings).values(end=NOW.timestamp()))
    said = page_text(open_page())
    assert "All good" in said
    assert "Anna Barros and Sam Kessler" not in said
    listed = open_page("conflicts.py", state="Past")
    assert "This is over: nothing has to be decided." in page_text(listed)
    assert not [one for one in listed.button if key(one).startswith("way_")]


def test_pause_is_on_every_page_and_asks_who(small_store: Engine, open_page: Open) -> None:
    for page in PAGES:
        at = open_page(page)
        assert [one for one in at.button if one.key == "pause_who_0"], page
    at.button(key="pause_who_0").click().run()
    with reading(small_store) as conn:
        assert keeping.paused(conn)
    assert "Nothing new is written" in page_text(at)


def test_many_missing_visits_are_one_line_and_one_button(small_store: Engine, shop: Shop, open_page: Open) -> None:
    with writing(small_store) as conn:
        for number in range(5):
            visit = shop.book(Side.BOOKLY, 1, "10:00", f"Client {number}", days=2 + number)
            put_finding(conn, shop.find(Kind.MISSING_IN_SQUARE, visit), NOW.timestamp())
    today = page_text(open_page())
    assert "Client 3" not in today
    at = open_page("conflicts.py")
    assert at.button(key="bulk_send_square").label == "Put 6 visits into Square"
    at.button(key="bulk_send_square").click().run()
    assert "and 1 more" in page_text(at)
    at.button(key="bulk_who_0").click().run()
    with reading(small_store) as conn:
        asked = requests.under_way(conn)
    assert len(asked) == 6
    assert {one.bulk for one in asked} == {1}
    assert "0 of 6 visits done" in " ".join(one.proto.text for one in at.get("progress"))


def test_what_waits_in_a_list_is_counted_until_it_is_asked_for(
    small_store: Engine, shop: Shop, open_page: Open
) -> None:
    with writing(small_store) as conn:
        conn.execute(sa.update(tables.findings).values(state="closed"))
        numbers = [put_finding(conn, finding, NOW.timestamp()) for finding in _lists(shop)]
    assert "7 things wait for an answer below" in page_text(open_page())
    with writing(small_store) as conn:
        for number in numbers[:6]:
            requests.ask(
                conn, key=f"k{number}", finding=number, choice=Choice(ChoiceKind.LEAVE), seen="", who="Dana",
                role="manager", now=NOW,
            )  # fmt: skip
    said = page_text(open_page())
    assert "1 thing waits for an answer below" in said
    assert "All good" not in said


def _lists(shop: Shop) -> Iterator[Finding]:
    """Five visits that Square lacks, a visit in both calendars, and a stylist whom nobody matched."""
    for number in range(5):
        visit = shop.book(Side.BOOKLY, 1, "10:00", f"Client {number}", days=2 + number)
        yield shop.find(Kind.MISSING_IN_SQUARE, visit)
    twins = (
        shop.book(Side.BOOKLY, 2, "10:00", "Ava Lind", days=1),
        shop.book(Side.SQUARE, 2, "10:00", "Ava Lind", days=1),
    )
    yield shop.find(Kind.SAME_VISIT, *twins, likely=True, by="phone", differs=[])
    yield shop.ask_who(Kind.UNMAPPED_STAFF, Side.SQUARE, "TM9", "Zadie")


def test_a_batch_that_is_through_is_a_line_while_it_is_news_and_one_that_is_not_keeps_its_bar(
    small_store: Engine, shop: Shop, open_page: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    with writing(small_store) as conn:
        wanted = [("k", 4, Choice(ChoiceKind.SEND_ACROSS), shop.findings[3].seen)]
        requests.ask_many(conn, wanted, who="Dana", role="manager", now=NOW)
        requests.claim(conn, "w", NOW, timedelta(seconds=9))
        requests.finish(conn, 1, "w", "done", plain(Outcome("done")), NOW)
        waits = [("k2", 1, Choice(ChoiceKind.LEAVE), shop.findings[0].seen)]
        requests.ask_many(conn, waits, who="Dana", role="manager", now=NOW)
    for passed, line in ((timedelta(), True), (timedelta(hours=1, seconds=1), False)):
        monkeypatch.setattr(store, "now", lambda passed=passed: NOW + passed)
        at = open_page("conflicts.py")
        assert ("Putting across" in page_text(at)) is line
        assert ["Asked for in one go" in one.proto.text for one in at.get("progress")] == [True]


def test_a_question_is_not_said_as_loudly_as_a_clash_nor_as_softly_as_news(
    small_store: Engine, open_page: Open
) -> None:
    with writing(small_store) as conn:
        conn.execute(sa.update(tables.findings).where(tables.findings.c.id != 4).values(state="closed"))
    at = open_page()
    assert not at.error
    assert [one for one in at.warning if "not in Square" in one.value]


def test_run_now_leaves_a_run_for_the_jobs(small_store: Engine, open_page: Open) -> None:
    at = open_page("jobs.py")
    at.button(key="run_pull-square").click().run()
    at.button(key="run_who_0").click().run()
    with reading(small_store) as conn:
        row = conn.execute(sa.select(tables.runs)).one()
    assert (row.job, row.asked_by, row.state) == ("pull-square", "Dana Whitlow", "waiting")
    assert at.button(key="run_pull-square").disabled


def test_suggested_matches_are_confirmed_with_one_tap_and_a_name(
    empty_store: Engine, shop: Shop, open_page: Open
) -> None:
    fill(empty_store, shop, confirmed=False)
    at = open_page("setup.py")
    assert at.button(key="confirm_all_staff").label == "Confirm 6 suggestions for staff"
    at.button(key="confirm_all_staff").click().run()
    at.button(key="match_who_0").click().run()
    assert not at.exception
    with reading(empty_store) as conn:
        rows = conn.execute(sa.select(tables.staff_map)).all()
    assert {(row.bookly, row.square) for row in rows} == {(f"{n}", f"TM{n}") for n in range(1, 7)}
    assert "All of Bookly's staff are matched: 6." in page_text(at)


def test_writing_is_switched_on_by_a_person_on_set_up(small_store: Engine, open_page: Open) -> None:
    with writing(small_store) as conn:
        keeping.set_writes(conn, False, "Dana", NOW)
    at = open_page("setup.py")
    at.button(key="writes").click().run()
    at.button(key="writes_who_0").click().run()
    with reading(small_store) as conn:
        assert keeping.writes_on(conn, "on")


def test_names_from_a_calendar_are_never_markup(small_store: Engine, shop: Shop, open_page: Open) -> None:
    wild = shop.book(Side.BOOKLY, 6, "15:30", "**Bob** :red[x] <b>", 4)
    clash = shop.clash(wild, shop.book(Side.SQUARE, 6, "15:45", "[Sue](http://a.example)", 4))
    with writing(small_store) as conn:
        put_finding(conn, replace(clash, staff="# $Noor$"), NOW.timestamp())
    at = open_page()
    said = " ".join(texts(at))
    assert "\\*\\*Bob\\*\\* \\:red\\[x\\] \\<b\\>" in said
    assert "\\[Sue\\]" in said
    assert "](http://a.example)" not in said
    assert not at.exception


def test_a_wrong_setting_is_one_sentence_on_today_and_on_set_up(small_store: Engine, open_page: Open) -> None:
    sentence = "Square did not accept the access token (SQUARE_ACCESS_TOKEN ends in ...6x): put in a valid one."
    with writing(small_store) as conn:
        runs.read_failed(conn, Side.SQUARE, sentence, "SQUARE_ACCESS_TOKEN", NOW - timedelta(minutes=20))
    for page in ("today.py", "setup.py"):
        at = open_page(page)
        assert not at.exception
        said = page_text(at)
        assert said.count("SQUARE_ACCESS_TOKEN") == 1, page
        assert f"Square could not be read since 13:15. {sentence}" in said
        assert "All good" not in said


def test_filters_leave_what_they_name_and_stand_in_the_address(small_store: Engine, open_page: Open) -> None:
    assert "Anna Barros" in page_text(open_page("conflicts.py"))
    narrowed = open_page("conflicts.py", kind="Not in Square")
    assert "Wren Ashdown" in page_text(narrowed)
    assert "Anna Barros" not in page_text(narrowed)
    assert "Ben Ivanov" in page_text(open_page("conflicts.py", staff="Dana Whitlow"))
    none = open_page("conflicts.py", staff="Dana Whitlow", kind="Not in Square")
    assert "Nothing matches this choice." in page_text(none)
    none.button(key="clear").click().run()
    assert "Anna Barros" in page_text(none)


def test_a_list_counts_each_state_and_a_short_one_tells_the_particulars(
    small_store: Engine, shop: Shop, open_page: Open
) -> None:
    particulars = "Wren Ashdown: Women's Haircut"
    with writing(small_store) as conn:
        conn.execute(sa.update(tables.findings).where(tables.findings.c.id == 1).values(end=NOW.timestamp()))
    short = page_text(open_page("conflicts.py"))
    assert "3 open" in short and "1 past" in short and particulars in short
    with writing(small_store) as conn:
        for finding in _lists(shop):
            put_finding(conn, finding, NOW.timestamp())
    assert particulars not in page_text(open_page("conflicts.py"))


def test_each_card_of_the_list_has_a_link_of_its_own(small_store: Engine, shop: Shop, open_page: Open) -> None:
    links = [one.proto for one in open_page("conflicts.py").get("page_link") if one.proto.label == "Details"]
    assert sorted(link.query_string for link in links) == [f"finding={n}" for n in range(1, len(shop.findings) + 1)]


@pytest.mark.parametrize("page", PAGES)
def test_a_page_begins_with_its_title(page: str, small_store: Engine, open_page: Open) -> None:
    first = next(iter(open_page(page).main))
    assert not str(getattr(first, "value", "")), first


def test_what_happens_while_a_page_is_drawn_is_news_to_it(
    small_store: Engine, open_page: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    order: list[str] = []

    def reads(*given: Any) -> Any:
        order.append("read")
        return salon(*given)

    monkeypatch.setattr("dashboard.screen.salon", reads)
    monkeypatch.setattr("dashboard.screen.stamp", lambda _news=None: order.append("stamp"))
    open_page()
    assert order[:2] == ["stamp", "read"]
