"""A clash in the practice salon, settled in Chromium: the click, both calendars, and what everybody is told."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Locator, Page, expect

from jobs.registry import JOBS
from jobs.running import Work, run
from sync.store import runs
from sync.store.connection import writing
from tests.dashboard.live_salon import LiveSalon, live_salon, now
from tests.servers.browser import DESKTOP, PHONE, Look, settled
from tests.servers.dashboard import dashboard
from tests.servers.process import free_port

BOUND = 30_000  # milliseconds: a page on a busy two-core machine
Visit = Callable[..., Page]


@pytest.fixture
def salon(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveSalon]:
    """The practice salon at this hour, of one test alone: what one settled leaves the next no fewer ways out."""
    with live_salon(tmp_path_factory.mktemp("salon")) as made:
        yield made


@pytest.fixture
def port(salon: LiveSalon, tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    """The dashboard of that salon."""
    free = free_port()
    with dashboard(salon.engine, free, tmp_path_factory.mktemp("log") / "dashboard.log"):
        yield free


@pytest.fixture
def visit(browser_page: Callable[..., Page], port: int) -> Visit:
    """`visit("jobs", PHONE)`: one more person on a page that has settled."""

    def open_it(path: str = "", look: Look = DESKTOP) -> Page:
        page = browser_page(look)
        page.goto(f"http://127.0.0.1:{port}/{path}")
        return settled(page)

    return open_it


def _card(page: Page, number: int) -> Locator:
    return page.locator(f".st-key-card_{number}")


def _names(page: Page) -> Locator:
    return page.get_by_role("dialog").locator("[class*=_who_] button")


class Taps:
    """A thumb that counts."""

    def __init__(self) -> None:
        self.count = 0

    def on(self, what: Locator) -> None:
        self.count += 1
        what.tap()


def test_with_a_thumb_a_clash_is_settled_in_three_taps_at_most_and_square_shows_it(
    visit: Visit, salon: LiveSalon
) -> None:
    clash, number = salon.clash()
    before = salon.both()
    page, taps = visit("", PHONE), Taps()
    taps.on(_card(page, number).locator("button[kind=primary]"))
    taps.on(_names(page).first)
    expect(_card(page, number)).to_contain_text("It is being done now", timeout=BOUND)
    salon.work()
    expect(_card(page, number)).to_contain_text("Done.", timeout=BOUND)
    assert taps.count <= 3
    assert salon.both() != before
    expect(_card(page, number)).to_contain_text("told.", timeout=BOUND)
    assert _card(page, number).get_by_role("link", name=re.compile("^.*Call ")).first.get_attribute("href")
    salon.look()
    expect(page.get_by_text(f"are both booked with {clash.staff}")).to_have_count(0, timeout=BOUND)


def test_undo_brings_back_what_stood_there(visit: Visit, salon: LiveSalon) -> None:
    clash, number = salon.clash()
    was = salon.booking(clash.booking)
    page = visit()
    _card(page, number).get_by_text("Other ways").click()
    give = _card(page, number).get_by_role("button", name=re.compile("^Give ")).first
    give.click()
    _names(page).first.click()
    expect(_card(page, number)).to_contain_text("It is being done now", timeout=BOUND)
    salon.work()
    undo = _card(page, number).get_by_role("button", name="Undo")
    expect(undo).to_be_visible(timeout=BOUND)
    undo.click()
    _names(page).first.click()
    expect(page.get_by_role("dialog")).to_have_count(0, timeout=BOUND)
    salon.work()
    expect(_card(page, number).get_by_role("button", name="Undo")).to_have_count(0, timeout=BOUND)
    now = salon.booking(clash.booking)
    assert (now["start_at"], _who_serves(now)) == (was["start_at"], _who_serves(was))


def _who_serves(booking: dict[str, object]) -> list[str]:
    segments = booking["appointment_segments"]
    assert isinstance(segments, list)
    return [str(segment["team_member_id"]) for segment in segments]


def test_of_two_people_on_one_card_one_is_done_and_the_other_is_told_by_whom(visit: Visit, salon: LiveSalon) -> None:
    _, number = salon.clash()
    first, second = visit(), visit("", PHONE)
    for page in (first, second):
        expect(_card(page, number)).to_be_visible(timeout=BOUND)
    _card(first, number).locator("button[kind=primary]").click()
    _card(second, number).get_by_text("Other ways").tap()
    _card(second, number).get_by_role("button", name=re.compile("^Leave it: same")).tap()
    here, there = _names(first).nth(0), _names(second).nth(1)
    who, other = here.inner_text(), there.inner_text()
    here.click()
    there.tap()
    expect(first.get_by_role("dialog")).to_have_count(0, timeout=BOUND)
    expect(second.get_by_role("dialog")).to_have_count(0, timeout=BOUND)
    salon.work()
    for page in (first, second):
        expect(_card(page, number)).to_contain_text("Done.", timeout=BOUND)
        expect(_card(page, number)).to_contain_text(who, timeout=BOUND)
    expect(_card(second, number)).to_contain_text(re.compile(f"{other}.*{who} settled this at"), timeout=BOUND)


def test_whoever_taps_after_it_was_done_is_told_by_whom(visit: Visit, salon: LiveSalon) -> None:
    _, number = salon.clash()
    first, late = visit(), visit()
    for page in (first, late):
        _card(page, number).locator("button[kind=primary]").click()
    who = _names(first).nth(2).inner_text()
    _names(first).nth(2).click()
    expect(first.get_by_role("dialog")).to_have_count(0, timeout=BOUND)
    salon.work()
    _names(late).nth(3).click()
    expect(late.locator("[data-testid=stToast]")).to_contain_text(f"{who} settled this at", timeout=BOUND)


def test_while_only_watching_a_button_says_so_and_nothing_is_written(visit: Visit, salon: LiveSalon) -> None:
    _, number = salon.clash()
    salon.switch_writing(False)
    before = salon.both()
    page = visit()
    button = _card(page, number).locator("button[kind=primary]")
    expect(button).to_contain_text("Would do: ", timeout=BOUND)
    button.click()
    expect(page.get_by_role("dialog")).to_contain_text("nothing is written", timeout=BOUND)
    _names(page).first.click()
    expect(page.get_by_role("dialog")).to_have_count(0, timeout=BOUND)
    salon.work()
    expect(_card(page, number)).to_contain_text("It would have done this", timeout=BOUND)
    assert salon.both() == before


def test_pause_stands_on_every_page_and_holds_what_is_asked(visit: Visit, salon: LiveSalon) -> None:
    _, number = salon.clash()
    page = visit("jobs")
    page.locator(".st-key-frame_pause button").click()
    page.locator("[class*=pause_who_0] button").click()
    paused = page.get_by_text("Nothing new is written to Bookly or Square")
    expect(paused).to_be_visible(timeout=BOUND)
    expect(page.locator("[class*=_who_] button")).to_have_count(0, timeout=BOUND)  # nothing is left for a second tap
    for path in ("", "conflicts", f"conflicts?finding={number}", "jobs", "setup"):
        other = visit(path)
        expect(other.get_by_text("Nothing new is written to Bookly or Square")).to_be_visible(timeout=BOUND)
        expect(other.locator(".st-key-frame_pause")).to_contain_text("Go on", timeout=BOUND)
        other.context.close()
    before = salon.both()
    page = visit()
    _card(page, number).locator("button[kind=primary]").click()
    _names(page).first.click()
    expect(page.get_by_role("dialog")).to_have_count(0, timeout=BOUND)
    salon.work()
    assert salon.both() == before


def test_run_now_starts_a_run_and_shows_how_far_it_is(visit: Visit, salon: LiveSalon) -> None:
    page = visit("jobs")
    job = page.locator(".st-key-job_pull-square")
    taken = _run_now(page, job, salon)
    with writing(salon.engine) as conn:
        runs.progress(conn, taken.id, 120, 400)
    expect(job).to_contain_text("120 of 400", timeout=BOUND)
    with writing(salon.engine) as conn:
        runs.end(conn, taken.id, whole=False, sentence="Square did not answer.", counts={}, setting="", now=now())
    expect(job).to_contain_text("Found out nothing", timeout=BOUND)
    again = _run_now(page, job, salon)
    work = Work(salon.engine, salon.settings, now(), lambda _done, _total: None)
    run(JOBS[again.job], work, again.asked_by, again.id)
    expect(job).to_contain_text("Square was read whole", timeout=BOUND)


def _run_now(page: Page, job: Locator, salon: LiveSalon) -> runs.Run:
    """The button, a name; taken up as the loop does it."""
    job.get_by_role("button", name="Run now").click()
    _names(page).first.click()
    expect(job).to_contain_text("Waits for its turn", timeout=BOUND)
    with writing(salon.engine) as conn:
        asked = runs.take_asked(conn, now())
    assert asked is not None
    return asked
