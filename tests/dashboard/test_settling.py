"""From the tap to what came of it: the question, who may answer it, and what is said afterwards, without a browser."""

from __future__ import annotations

from datetime import timedelta

import pytest
import sqlalchemy as sa
from sqlalchemy import Engine

from sync.decide.choices import choices
from sync.decide.plan import plan
from sync.model import Choice, ChoiceKind, DoneStep, Outcome, plain
from sync.store import keeping, requests, tables
from sync.store.connection import reading, writing
from sync.wording.outcomes import not_allowed
from tests.dashboard.conftest import Open
from tests.dashboard.reading import button, key, page_text
from tests.dashboard.small_store import NOW, Shop


def test_two_taps_settle_a_clash(small_store: Engine, open_page: Open) -> None:
    at = open_page()
    at.button(key=button(at, "Give Anna Barros to Priya Raman")).click().run()
    assert "Who is this?" in page_text(at)
    at.button(key="settle_who_0").click().run()
    assert [one.value for one in at.toast] == ["Asked for. It is being done now."]
    assert "ask" not in at.query_params
    with reading(small_store) as conn:
        (asked,) = requests.under_way(conn)
    assert (asked.finding, asked.asked_by, asked.role) == (1, "Dana Whitlow", "manager")
    assert not [one for one in at.button if key(one).startswith("way_1_")]


@pytest.mark.parametrize(
    ("reason", "words"),
    [
        ("breaker", "One of the calendars does not answer just now. It is done as soon as it does"),
        ("busy", "is being changed right now; this comes next"),
        ("paused", "so it waits for Go on"),
        ("kept_changing", "It is being done now."),
    ],
)
def test_a_click_that_has_to_wait_says_for_what(
    small_store: Engine, shop: Shop, open_page: Open, reason: str, words: str
) -> None:
    finding = shop.findings[0]
    choice = next(choice for choice in choices(finding, shop.board()) if choice.suggested)
    with writing(small_store) as conn:
        asked = requests.ask(
            conn, key="k", finding=1, choice=choice, seen=finding.seen, who="Dana", role="manager", now=NOW
        )
        assert requests.claim(conn, "w", NOW, timedelta(minutes=2))
        assert requests.put_back(conn, asked.id, "w", NOW + timedelta(minutes=1), reason, NOW, waiting=True)
    assert words in page_text(open_page())


def test_the_question_stands_in_the_address_and_comes_back_with_it(small_store: Engine, open_page: Open) -> None:
    first = open_page()
    first.button(key=button(first, "Give Anna Barros")).click().run()
    again = open_page(**{key: str(value) for key, value in first.query_params.items()})
    again.button(key="settle_who_1").click().run()
    with reading(small_store) as conn:
        assert requests.under_way(conn)[0].asked_by == "Luca Costa"


@pytest.mark.parametrize("address", [{"finding": "1", "way": "nonsense"}, {"finding": "abc", "way": "x"}, {}])
def test_a_question_that_no_longer_makes_sense_is_closed_with_a_sentence(
    address: dict[str, str], small_store: Engine, open_page: Open
) -> None:
    at = open_page(ask="settle", **address)
    assert not at.exception
    assert "This changed while you were looking" in page_text(at)
    assert "ask" not in at.query_params


def test_a_link_to_a_question_that_was_settled_meanwhile_names_who_did_it(
    small_store: Engine, shop: Shop, open_page: Open
) -> None:
    _settle(small_store, shop)
    assert "Dana settled this at 13:35" in page_text(open_page(ask="settle", finding="1", way="any"))


def test_whoever_may_not_settle_is_told_that_and_not_who_did(small_store: Engine, shop: Shop, open_page: Open) -> None:
    manager = open_page()
    manager.button(key=button(manager, "Give Anna Barros")).click().run()
    at = open_page(role="viewer", **{key: str(value) for key, value in manager.query_params.items()})
    _settle(small_store, shop)
    at.button(key="settle_who_0").click().run()
    assert [one.value for one in at.toast] == [not_allowed()]


@pytest.mark.parametrize("wanted", ["77", "abc", "-1", "999999999999999999999", ""])
def test_a_link_to_a_finding_there_is_not_leads_back_to_the_list(
    wanted: str, small_store: Engine, open_page: Open
) -> None:
    at = open_page("conflicts.py", finding=wanted)
    assert not at.exception
    assert "nothing under this address" in page_text(at)


def test_cancelling_is_last_never_suggested_and_asks_once_more(small_store: Engine, open_page: Open) -> None:
    at = open_page()
    ways = [one for one in at.button if key(one).startswith("way_1_")]
    cancels = [one for one in ways if one.label.startswith("Cancel")]
    assert ways[-len(cancels) :] == cancels
    cancels[0].click().run()
    assert not [one for one in at.button if key(one).startswith("settle_who")]
    assert at.button(key="sure").label.startswith("Yes, cancel Sam Kessler, today 14:15")
    at.button(key="sure").click().run()
    assert [one for one in at.button if key(one).startswith("settle_who")]


def test_a_viewer_may_look_and_not_touch(small_store: Engine, open_page: Open) -> None:
    at = open_page(role="viewer")
    ways = [one for one in at.button if key(one).startswith("way_")]
    assert ways
    assert all(one.disabled for one in ways)


def test_while_only_watching_buttons_say_what_they_would_do(small_store: Engine, open_page: Open) -> None:
    with writing(small_store) as conn:
        keeping.set_writes(conn, False, "Dana", NOW)
    at = open_page()
    assert button(at, "Would do: give Anna Barros to Priya Raman")
    assert "Only watching" in page_text(at)


def test_after_the_click_it_says_what_was_done_who_to_call_and_how_to_take_it_back(
    small_store: Engine, shop: Shop, open_page: Open
) -> None:
    number = _settle(small_store, shop)
    said = page_text(open_page())
    assert "Sam Kessler, Blowout, goes from Maria Lindqvist to" in said
    assert "**Sam Kessler has not been told.**" in said
    assert "(tel:+1312555" in said
    at = open_page()
    at.button(key=f"undo_{number}").click().run()
    at.button(key="undo_who_0").click().run()
    with reading(small_store) as conn:
        (asked,) = requests.under_way(conn)
    assert asked.undo_of == number


def test_settled_anew_after_it_was_taken_back_it_is_shown_again(
    small_store: Engine, shop: Shop, open_page: Open
) -> None:
    first = _settle(small_store, shop)
    with writing(small_store) as conn:
        done = requests.get(conn, first)
        assert done is not None and done.finding is not None
        for key, kind, undo_of in (("u", ChoiceKind.UNDO, first), ("k2", done.choice.kind, None)):
            choice = Choice(kind) if undo_of else done.choice
            asked = requests.ask(
                conn, key=key, finding=done.finding, choice=choice, seen=done.seen, who="Noor", role="manager",
                now=NOW, undo_of=undo_of,
            )  # fmt: skip
            requests.claim(conn, "w", NOW, timedelta(seconds=9))
            requests.finish(conn, asked.id, "w", "done", plain(Outcome("done")), NOW)
    assert "*Noor, today 13:35*" in page_text(open_page())


def test_the_history_says_who_did_what(small_store: Engine, shop: Shop, open_page: Open) -> None:
    _settle(small_store, shop)
    said = page_text(open_page("conflicts.py", finding="1"))
    assert "Dana, today 13:35" in said
    assert "Done. In " in said and "Sam Kessler, Blowout, goes from" in said
    assert "Settled." in said


def _settle(engine: Engine, shop: Shop) -> int:
    """The first finding settled by its suggested choice, as the worker leaves it."""
    finding, board = shop.findings[0], shop.board()
    choice = next(choice for choice in choices(finding, board) if choice.suggested)
    planned = plan(choice, finding, board)
    done = tuple(DoneStep(step, step.ref, step.after) for step in planned.steps)
    with writing(engine) as conn:
        asked = requests.ask(
            conn, key="k", finding=1, choice=choice, seen=finding.seen, who="Dana", role="manager", now=NOW
        )
        requests.claim(conn, "w", NOW, timedelta(seconds=9))
        requests.finish(conn, asked.id, "w", "done", plain(Outcome("done", done=done, tell=planned.tell)), NOW)
        conn.execute(
            sa.update(tables.findings)
            .where(tables.findings.c.id == 1)
            .values(state="closed", closed_at=NOW.timestamp())
        )
    return asked.id


def test_half_done_stays_on_the_card_with_what_to_do_by_hand(small_store: Engine, shop: Shop, open_page: Open) -> None:
    finding, board = shop.findings[0], shop.board()
    choice = next(choice for choice in choices(finding, board) if choice.kind == "show_both")
    steps = plan(choice, finding, board).steps
    half = Outcome(
        "half", done=(DoneStep(steps[0], steps[0].ref, None),), left=steps[1:], error="Bookly did not answer."
    )
    with writing(small_store) as conn:
        asked = requests.ask(
            conn, key="k", finding=1, choice=choice, seen=finding.seen, who="Dana", role="manager", now=NOW
        )
        requests.claim(conn, "w", NOW, timedelta(seconds=9))
        requests.finish(conn, asked.id, "w", "half", plain(half), NOW)
    said = page_text(open_page())
    assert "Half done. Bookly did not answer." in said
    assert "Please do the rest by hand: In " in said


def test_a_settled_card_says_so_and_who_came_too_late(small_store: Engine, shop: Shop, open_page: Open) -> None:
    _settle(small_store, shop)
    with writing(small_store) as conn:
        late = requests.ask(
            conn, key="late", finding=1, choice=Choice(ChoiceKind.LEAVE), seen="", who="Theo", role="manager", now=NOW
        )
        requests.claim(conn, "w", NOW, timedelta(seconds=9))
        first = Outcome("refused", word="settled_already", by="Dana", by_at=NOW.timestamp())
        requests.finish(conn, late.id, "w", "refused", plain(first), NOW)
    said = page_text(open_page())
    assert "Theo, today 13:35: Dana settled this at 13:35." in said
    assert "green-badge[:material/check: Settled]" in said
