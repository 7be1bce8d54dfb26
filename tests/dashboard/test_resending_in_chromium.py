"""Dead letters sent again in Chromium, in front of two real calendars: one, the selected, all that match."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta

import pytest
import sqlalchemy as sa
from playwright.sync_api import Locator, Page, expect

from sync.inbox.looking import look_at_one
from sync.inbox.opening import open_crew
from sync.model import End, Ref, Side
from sync.store import hints
from sync.store.connection import reading, writing
from sync.store.looks import LOOK
from sync.store.tables import audit, keeping
from sync.store.tables import hints as hint_rows
from tests.dashboard.letters_store import bury
from tests.dashboard.live_salon import LiveSalon, live_salon, now
from tests.servers.browser import DESKTOP, PHONE, PHONE_DARK, Look, settled
from tests.servers.dashboard import dashboard
from tests.servers.process import free_port

BOUND = 30_000  # milliseconds: a page on a busy two-core machine
Visit = Callable[..., Page]
LETTERS = "dead_letters?as=developer"


@pytest.fixture(scope="module")
def salon(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveSalon]:
    """The practice salon at this hour, for all tests here; nothing is on its way."""
    with live_salon(tmp_path_factory.mktemp("salon")) as made:
        made.switch_writing(True)
        open_crew(made.house).work_off()
        yield made


@pytest.fixture(scope="module")
def port(salon: LiveSalon, tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    """The dashboard of that salon."""
    free = free_port()
    with dashboard(salon.engine, free, tmp_path_factory.mktemp("log") / "dashboard.log"):
        yield free


@pytest.fixture
def visit(browser_page: Callable[..., Page], port: int) -> Visit:
    """`visit(LETTERS, PHONE)`: one more person on a page that has settled."""

    def open_it(path: str = LETTERS, look: Look = DESKTOP) -> Page:
        page = browser_page(look)
        page.goto(f"http://127.0.0.1:{port}/{path}")
        return settled(page)

    return open_it


@pytest.fixture(autouse=True)
def _nothing_lies_there(salon: LiveSalon) -> Iterator[None]:
    yield
    with writing(salon.engine) as conn:
        conn.execute(sa.update(hint_rows).where(hint_rows.c.closed_at.is_(None)).values(closed_at=now().timestamp()))
        conn.execute(sa.delete(hint_rows).where(hint_rows.c.state.in_(hints.OPEN)))
        conn.execute(sa.delete(audit))
        conn.execute(sa.delete(keeping).where(keeping.c.key.startswith(LOOK)))


def bury_some(salon: LiveSalon, *keys: str, reason: str = "no_answer") -> list[int]:
    """Letters about visits that Square no longer has, a quarter of an hour apart."""
    at = now() - timedelta(minutes=5)
    return [
        bury(salon.engine, Ref(Side.SQUARE, key), at, at + timedelta(hours=1, minutes=15 * place), reason)
        for place, key in enumerate(keys)
    ]


def booked_in_square(salon: LiveSalon) -> tuple[Ref, datetime]:
    """A visit that somebody typed into Square for a free chair tomorrow."""
    stage = salon.people.stage
    start = (now() + timedelta(days=1)).replace(minute=0, second=0, microsecond=0)
    chair, treat = next(
        (chair, treat) for chair in stage.chairs for treat in stage.does(chair) if treat.variation is not None
    )
    made = salon.people.types_into_square(chair, treat, start, salon.clients[0])
    return Ref(Side.SQUARE, str(made.unit)), start


def row(page: Page, letter: int) -> Locator:
    return page.locator(f".st-key-letter_{letter}")


def names(page: Page) -> Locator:
    return page.get_by_role("dialog").locator("[class*=_who_] button")


def on_the_way(salon: LiveSalon) -> list[str]:
    """Who asked for what goes round again, in order."""
    with reading(salon.engine) as conn:
        asked = sa.select(hint_rows.c.asked_by).where(hint_rows.c.state.in_(hints.OPEN)).order_by(hint_rows.c.id)
        return list(conn.execute(asked).scalars())


def audited(salon: LiveSalon) -> list[tuple[str, str, str]]:
    with reading(salon.engine) as conn:
        rows = conn.execute(sa.select(audit.c.who, audit.c.role, audit.c.what).order_by(audit.c.id))
        return [tuple(one) for one in rows]


def test_one_is_sent_after_its_plan_was_told_and_stands_in_bookly(visit: Visit, salon: LiveSalon) -> None:
    ref, start = booked_in_square(salon)
    letter = bury(salon.engine, ref, now(), start)
    before = salon.both()[1]
    page = visit()
    row(page, letter).get_by_role("button", name="Send again").click()
    question = page.get_by_role("dialog")
    expect(question).to_contain_text("Both calendars are being looked at", timeout=BOUND)
    assert look_at_one(salon.house)
    expect(question).to_contain_text("still needed", timeout=BOUND)
    expect(question).to_contain_text("It would write to Bookly.", timeout=BOUND)
    assert salon.both()[1] == before
    who = names(page).first.inner_text()
    names(page).first.click()
    expect(row(page, letter)).to_contain_text("On its way again", timeout=BOUND)
    assert audited(salon) == [(who, "developer", "dead letter resent")]
    open_crew(salon.house).work_off()
    expect(page.get_by_text("No dead letter waits")).to_be_visible(timeout=BOUND)
    assert len(salon.both()[1]) == len(before) + 1


def test_an_impatient_second_click_sends_it_once(visit: Visit, salon: LiveSalon) -> None:
    (letter,) = bury_some(salon, "gone-1")
    page = visit(LETTERS, PHONE)
    row(page, letter).get_by_role("button", name="Send again").tap()
    names(page).first.click(click_count=3, delay=20)
    expect(row(page, letter)).to_contain_text("On its way again", timeout=BOUND)
    page.reload()  # by then the clicks that came after the first have been looked at too
    expect(row(settled(page), letter).get_by_role("button", name="Send again")).to_be_disabled(timeout=BOUND)
    assert len(on_the_way(salon)) == len(audited(salon)) == 1


def test_the_selected_are_sent_and_the_others_stay(visit: Visit, salon: LiveSalon) -> None:
    first, second, third = bury_some(salon, "gone-1", "gone-2", "gone-3")
    page = visit()
    for letter in (first, third):
        page.locator(f".st-key-pick_{letter} label").click()
    page.get_by_role("button", name="Send 2 selected letters again").click()
    question = page.get_by_role("dialog")
    expect(question).to_contain_text("Send 2 letters again", timeout=BOUND)
    assert [look_at_one(salon.house) for _ in range(3)] == [True, True, False]
    expect(question).to_contain_text("Of 2 letters 2 are true already.", timeout=BOUND)
    names(page).first.click()
    for letter in (first, third):
        expect(row(page, letter)).to_contain_text("On its way again", timeout=BOUND)
    expect(row(page, second).get_by_role("button", name="Send again")).to_be_enabled(timeout=BOUND)
    assert len(on_the_way(salon)) == 2
    expect(page.get_by_role("button", name="Send selected again")).to_be_disabled(timeout=BOUND)


def test_all_that_match_are_sent_and_how_far_they_are_survives_a_reload(visit: Visit, salon: LiveSalon) -> None:
    bury_some(salon, "gone-1", "gone-2")
    (other,) = bury_some(salon, "gone-3", reason="stopped")
    page = visit(f"{LETTERS}&cause=no_answer")
    page.get_by_role("button", name="Send all 2 that match again").click()
    expect(page.get_by_role("dialog")).to_contain_text("Send 2 letters again", timeout=BOUND)
    names(page).first.click()
    expect(page.get_by_text("0 of 2 ended well, 2 to go")).to_be_visible(timeout=BOUND)
    page.reload()
    expect(settled(page).get_by_text("0 of 2 ended well, 2 to go")).to_be_visible(timeout=BOUND)
    with writing(salon.engine) as conn:
        (taken,) = hints.claim(conn, "worker", now(), timedelta(seconds=90), 1)
        hints.finish(conn, taken, "worker", End.APPLIED, "", now())
    expect(page.get_by_text("1 of 2 ended well, 1 to go")).to_be_visible(timeout=BOUND)
    open_crew(salon.house).work_off()
    expect(page.get_by_text("2 of 2 ended well")).to_be_visible(timeout=BOUND)
    expect(row(page, other)).to_be_visible(timeout=BOUND)  # nothing is left of that cause, so it narrows no more
    assert len(audited(salon)) == 1


def test_of_two_people_one_sends_it_and_the_other_is_told_by_whom(visit: Visit, salon: LiveSalon) -> None:
    (letter,) = bury_some(salon, "gone-1")
    first, second = visit(), visit(LETTERS, PHONE)
    first.locator(f".st-key-send_{letter} button").click()
    second.locator(f".st-key-send_{letter} button").tap()
    who = names(first).nth(0).inner_text()
    expect(names(second).nth(1)).to_be_visible(timeout=BOUND)
    names(first).nth(0).click()
    expect(row(first, letter)).to_contain_text(f"asked for by {who}", timeout=BOUND)
    names(second).nth(1).tap()
    told = re.compile(f"on its way already, asked for by {who}")
    expect(second.locator("[data-testid=stToast]")).to_contain_text(told, timeout=BOUND)
    assert on_the_way(salon) == [who]
    assert len(audited(salon)) == 1


def ask_for_both(page: Page, how: str, letters: list[int]) -> None:
    """Open the question about these two, by their boxes or by the button for all."""
    for letter in letters if how == "selected" else ():
        page.locator(f".st-key-pick_{letter} label").click()
    page.get_by_role(
        "button", name="Send 2 selected letters again" if how == "selected" else "Send all 2 again"
    ).click()
    expect(page.get_by_role("dialog")).to_contain_text("Send 2 letters again", timeout=BOUND)
    expect(names(page).nth(1)).to_be_visible(timeout=BOUND)


@pytest.mark.parametrize("how", ["selected", "all"])
def test_an_impatient_second_click_sends_each_of_many_once(how: str, visit: Visit, salon: LiveSalon) -> None:
    letters = bury_some(salon, "gone-1", "gone-2")
    page = visit()
    ask_for_both(page, how, letters)
    names(page).first.click(click_count=3, delay=20)
    for letter in letters:
        expect(row(page, letter)).to_contain_text("On its way again", timeout=BOUND)
    page.reload()  # by then the clicks that came after the first have been looked at too
    expect(row(settled(page), letters[0]).get_by_role("button", name="Send again")).to_be_disabled(timeout=BOUND)
    assert (len(on_the_way(salon)), len(audited(salon))) == (2, 1)


@pytest.mark.parametrize("how", ["selected", "all"])
def test_two_people_who_ask_for_the_same_many_at_once_send_each_once(how: str, visit: Visit, salon: LiveSalon) -> None:
    letters = bury_some(salon, "gone-1", "gone-2")
    first, second = visit(), visit()
    for page in (first, second):
        ask_for_both(page, how, letters)
    who = {names(first).nth(0).inner_text(), names(second).nth(1).inner_text()}
    names(first).nth(0).click(no_wait_after=True)
    names(second).nth(1).click(no_wait_after=True)
    for page in (first, second):
        expect(row(page, letters[1])).to_contain_text("On its way again", timeout=BOUND)
        expect(page.locator("[data-testid=stException]")).to_have_count(0)
    sent = on_the_way(salon)
    assert len(sent) == 2 and len(set(sent)) == 1 and set(sent) < who
    assert len(audited(salon)) == 1


def test_no_page_is_wider_than_the_phone_and_each_opens_with_a_sentence(visit: Visit, salon: LiveSalon) -> None:
    bury_some(salon, "gone-1", "gone-2")
    for path in ("latency", LETTERS, "locks", "api_errors"):
        page = visit(path, PHONE_DARK)
        expect(page.locator("[class*=st-key-opening_0]")).to_be_visible(timeout=BOUND)
        wide = page.evaluate("document.querySelector('[data-testid=stMain]').scrollWidth")
        assert wide <= 390, (path, wide)
        page.context.close()
