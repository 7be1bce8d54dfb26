"""A disturbed salon of which some cards are settled by clicks in Chromium, the rest by request rows, all judged."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from sync.converge.house import utc_now
from sync.inbox.opening import open_worker
from sync.model import Choice, ChoiceKind, Kind
from sync.store import findings, keeping, requests
from sync.store.connection import reading, writing
from sync.store.findings import Kept
from tests.oracle.comparing import is_found_by
from tests.oracle.floor import Floor, open_floor
from tests.oracle.settling import BY_KIND
from tests.oracle.table import PROPERTY, SEEDS
from tests.oracle.trial import Trial, begin, named
from tests.servers.browser import settled
from tests.servers.dashboard import dashboard
from tests.servers.process import free_port

BOUND = 30_000  # milliseconds: a page on a busy two-core machine
EARLIER = timedelta(hours=4)
"""The salon begins this long ago, so that with all its pulls it has not overtaken the screen's clock."""
SAMPLE = (
    Kind.DOUBLE_BOOKING,
    Kind.PADDING_CLASH,
    Kind.MISSING_IN_SQUARE,
    Kind.MISSING_IN_BOOKLY,
    Kind.DRIFT,
    Kind.SAME_VISIT,
)

pytestmark = pytest.mark.timeout(600)


@pytest.mark.parametrize("seed", SEEDS[:1])
def test_what_is_clicked_in_the_browser_is_settled_for_the_oracle(
    seed: int,
    tmp_path: Path,
    browser_page: Callable[..., Page],
    record_property: Callable[[str, object], None],
) -> None:
    with open_floor(seed, tmp_path, datetime.now(UTC) - EARLIER) as floor:
        trial = begin(floor)
        floor.be_at(datetime.now(UTC))
        with _dashboard(floor, tmp_path) as port, _worker(floor):
            for kind in SAMPLE:
                _click_one(trial, kind, browser_page(), port)
        floor.be_at(datetime.now(UTC))
        floor.pull()
        trial.settle()
        record_property(PROPERTY, trial.tally().dumped(seed))
        assert not trial.faults(), "\n".join(trial.faults())
        assert len(trial.clicked) == len(SAMPLE)


def _click_one(trial: Trial, kind: Kind, page: Page, port: int) -> None:
    """Somebody opens the first card of that kind, takes a way out and taps on a name."""
    floor = trial.floor
    kept, choice = next(way for one in floor.found(kind) for way in _ways(trial, one))
    page.goto(f"http://127.0.0.1:{port}/conflicts?finding={kept.id}")
    card = settled(page).locator(f".st-key-card_{kept.id}")
    _button(card, f".st-key-way_{kept.id}_{choice.id} button").click()
    if choice.kind is ChoiceKind.CANCEL:
        page.get_by_role("dialog").locator(".st-key-sure button").click()
    page.get_by_role("dialog").get_by_role("button", name=floor.people.stage.chairs[0].name).click()
    try:
        expect(card).to_contain_text("Settled", timeout=BOUND)
    except AssertionError as error:
        raise AssertionError(_what_became_of(floor, kept)) from error
    with reading(floor.house.engine) as conn:
        (asked,) = requests.for_finding(conn, kept.id)
    assert (asked.state, asked.asked_by) == ("done", floor.people.stage.chairs[0].name)
    trial.settler.remember(kept, choice, floor.ended(asked.id))
    trial.clicked.add(kept.id)


def _what_became_of(floor: Floor, kept: Kept) -> str:
    with reading(floor.house.engine) as conn:
        asked = requests.for_finding(conn, kept.id)
        now = findings.get(conn, kept.id)
    states = [(one.choice.kind.value, one.state, one.attempts, one.outcome) for one in asked]
    return f"{named(kept)} is {now.state if now else 'gone'}, asked for: {states}"


def _ways(trial: Trial, kept: Kept) -> Iterator[tuple[Kept, Choice]]:
    """What does something about a finding that somebody made on purpose: the suggested way first."""
    if any(is_found_by(made, kept) for made in trial.made):
        offered = [choice for choice in trial.floor.offered(kept) if choice.kind in BY_KIND[kept.finding.kind]]
        yield from ((kept, choice) for choice in sorted(offered, key=lambda choice: not choice.suggested))


def _button(card: Locator, selector: str) -> Locator:
    button = card.locator(selector)
    expect(button).to_be_visible(timeout=BOUND)
    return button


@contextmanager
def _dashboard(floor: Floor, folder: Path) -> Iterator[int]:
    """The screens on the salon's store; the port they listen on."""
    port = free_port()
    with dashboard(floor.house.engine, port, folder / "dashboard.log"):
        yield port


@contextmanager
def _worker(floor: Floor) -> Iterator[None]:
    """A worker that carries what is asked for, as beside a real dashboard."""
    with writing(floor.house.engine) as conn:
        for name in ("worker", "jobs"):
            keeping.beat(conn, name, datetime.now(UTC) + timedelta(minutes=30))
    stop = threading.Event()
    house = replace(floor.another_house(), clock=utc_now)
    worker = threading.Thread(target=open_worker(house).work_until, args=(stop.wait,))
    worker.start()
    try:
        yield
    finally:
        stop.set()
        worker.join()
