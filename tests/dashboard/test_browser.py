"""The screens in Chromium, on a real server: taps, reloads, restarts, phones."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from subprocess import Popen

import pytest
import sqlalchemy as sa
from playwright.sync_api import Page, expect
from sqlalchemy import Engine

from sync.store import keeping, requests, tables
from sync.store.connection import open_store, reading, writing
from tests.dashboard.small_store import busy_day, fill
from tests.servers.browser import DESKTOP, PHONE, PHONE_DARK, Look, settled
from tests.servers.dashboard import dashboard
from tests.servers.process import free_port

OpenPage = Callable[..., Page]
ROOT = Path(__file__).resolve().parents[2]
BOUND = 30_000  # milliseconds: a page on a busy two-core machine


def _zone_of_an_afternoon(now: datetime) -> str:
    """A zone in which it is between 13:05 and 14:04 now: the busy day's first clash is then still to come or on."""
    ahead = round(13.5 - (now.hour + now.minute / 60))
    return f"{'-' if ahead < 0 else '+'}{abs(ahead):02}:00"


@pytest.fixture(scope="module")
def live_store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    """The busy day, now, in a store that is alive and writing."""
    now = datetime.now(UTC)
    shop = busy_day(now, _zone_of_an_afternoon(now))
    engine = open_store(f"sqlite:///{tmp_path_factory.mktemp('live') / 'live.db'}")
    fill(engine, shop)
    with writing(engine) as conn:
        for name in ("worker", "jobs"):
            keeping.beat(conn, name, now + timedelta(minutes=30))
        keeping.set_writes(conn, True, "Dana", now)
    yield engine
    engine.dispose()


@pytest.fixture(autouse=True)
def _nothing_asked_yet(live_store: Engine) -> None:
    with writing(live_store) as conn:
        conn.execute(sa.delete(tables.requests))


Server = Callable[[int], AbstractContextManager[Popen[bytes]]]


@pytest.fixture(scope="module")
def server(live_store: Engine, tmp_path_factory: pytest.TempPathFactory) -> Server:
    """`with server(port):` runs the dashboard there; it can be stopped and started again."""
    log = tmp_path_factory.mktemp("log") / "dashboard.log"
    return lambda port: dashboard(live_store, port, log)


@pytest.fixture(scope="module")
def port(server: Server) -> Iterator[int]:
    """The port of a dashboard that runs for all tests here."""
    free = free_port()
    with server(free):
        yield free


@pytest.fixture
def visit(browser_page: OpenPage, port: int) -> Callable[..., Page]:
    """`visit("conflicts", PHONE)`: a new person on a page that has settled."""

    def open_it(path: str = "", look: Look = DESKTOP) -> Page:
        page = browser_page(look)
        page.goto(f"http://127.0.0.1:{port}/{path}")
        return settled(page)

    return open_it


def _asked(engine: Engine) -> list[requests.Request]:
    with reading(engine) as conn:
        return list(requests.under_way(conn))


def test_on_a_phone_a_clash_is_settled_in_two_taps(visit: Callable[..., Page], live_store: Engine) -> None:
    page = visit("", PHONE)
    page.locator(".st-key-card_1 button[kind=primary]").tap()
    page.get_by_role("dialog").get_by_role("button", name="Theo Abara").tap()
    expect(page.locator(".st-key-card_1")).to_contain_text("It is being done now", timeout=BOUND)
    (asked,) = _asked(live_store)
    assert (asked.finding, asked.asked_by) == (1, "Theo Abara")


def test_an_impatient_second_click_asks_only_once(visit: Callable[..., Page], live_store: Engine) -> None:
    page = visit()
    page.locator(".st-key-card_1 button[kind=primary]").click()
    name = page.get_by_role("dialog").get_by_role("button", name="Theo Abara")
    name.click(click_count=3, delay=20)
    expect(page.locator(".st-key-card_1")).to_contain_text("It is being done now", timeout=BOUND)
    page.reload()  # by then the taps that came after the first have been looked at too
    expect(settled(page).locator(".st-key-card_1")).to_contain_text("It is being done now", timeout=BOUND)
    with reading(live_store) as conn:
        assert conn.execute(sa.select(sa.func.count()).select_from(tables.requests)).scalar_one() == 1


def test_the_other_person_sees_who_was_first_without_a_reload(visit: Callable[..., Page]) -> None:
    first, second = visit(), visit()
    first.locator(".st-key-card_1 button[kind=primary]").click()
    first.get_by_role("dialog").get_by_role("button", name="Dana Whitlow").click()
    card = second.locator(".st-key-card_1")
    expect(card).to_contain_text("Dana Whitlow", timeout=BOUND)
    expect(card.locator("button[kind=primary]")).to_have_count(0, timeout=BOUND)


def test_a_question_survives_a_restart_of_the_server(
    server: Server, browser_page: OpenPage, live_store: Engine
) -> None:
    page, port = browser_page(), free_port()
    with server(port):
        page.goto(f"http://127.0.0.1:{port}/")
        settled(page).locator(".st-key-card_1 button[kind=primary]").click()
        expect(page.get_by_role("dialog")).to_be_visible(timeout=BOUND)
        address = page.url
    assert "ask=settle" in address
    with server(port):
        page.goto(address)
        settled(page).get_by_role("dialog").get_by_role("button", name="Luca Costa").click()
        expect(page.get_by_role("dialog")).to_have_count(0, timeout=BOUND)
        expect(page.locator(".st-key-card_1")).to_contain_text("It is being done now", timeout=BOUND)
    assert [asked.asked_by for asked in _asked(live_store)] == ["Luca Costa"]


def test_escape_closes_the_question_and_it_does_not_come_back(visit: Callable[..., Page]) -> None:
    page = visit()
    page.locator(".st-key-card_1 button[kind=primary]").click()
    expect(page.get_by_role("dialog")).to_be_visible(timeout=BOUND)
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0, timeout=BOUND)
    page.wait_for_function("!location.search.includes('ask')", timeout=BOUND)
    page.reload()
    expect(settled(page).get_by_role("dialog")).to_have_count(0)


def test_a_link_opens_one_finding_and_leads_back_to_the_list(visit: Callable[..., Page]) -> None:
    page = visit("conflicts?finding=1")
    expect(page.locator(".st-key-card_1")).to_be_visible(timeout=BOUND)
    expect(page.locator(".st-key-card_4")).to_have_count(0)
    page.get_by_role("link", name="All conflicts").click()
    expect(page.locator(".st-key-card_4")).to_be_visible(timeout=BOUND)


def test_no_page_is_wider_than_the_phone_and_all_can_be_paused(visit: Callable[..., Page]) -> None:
    for path in ("", "conflicts", "conflicts?finding=1", "jobs", "setup"):
        page = visit(path, PHONE_DARK)
        wide = page.evaluate("document.querySelector('[data-testid=stMain]').scrollWidth")
        assert wide <= 390, (path, wide)
        expect(page.locator(".st-key-frame_pause")).to_be_visible(timeout=BOUND)
        page.context.close()
