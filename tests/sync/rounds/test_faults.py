"""Every fault of the practice salon on every call that a pull makes, page by page, on both sides: nothing is said to be
missing, gone or cancelled that is not, the run says what it did, and afterwards a real cancellation is found."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from datetime import datetime

import pytest

from practice_salon.bookly import faults as bookly
from practice_salon.bookly.faults import Wound
from practice_salon.square.faults import BY_NAME, FAULTS, HOOKS, VERSIONED, WRITES, makes_sense
from sync.calendars.square.client import open_square
from sync.calendars.square.read import SquareReader
from sync.model import ChoiceKind, Kind, Side
from sync.rounds.pull import Pulled, pull
from sync.rounds.reconcile import GRACE
from sync.store.connection import reading
from sync.store.runs import side_read
from tests.sync.converge.conftest import NOON, Salon
from tests.sync.rounds.busy import HORIZON, Busy

BULK = "bookings.bulk_retrieve_bookings"
LISTING = "bookings.list"
HANGS = ("hang_before", "hang_after")
PATIENCE = 0.4
PULLED = (
    "locations.list",
    "team_members.search",
    "bookings.team_member_profiles.list",
    "catalog.search_items",
    LISTING,
    "customers.bulk_retrieve_customers",
)
"""What a pull calls at least; `usual` has all of it."""
SQUARE_FAULTS = [fault.name for fault in FAULTS if any(makes_sense(fault, route) for route in PULLED)]

NOT_MET_BY_A_PULL = {
    *(fault.name for fault in FAULTS if fault.routes in (WRITES, VERSIONED, HOOKS)),
    "customer_search_lag",
}
"""Faults of writes, of looking a client up before one, and of deliveries: a pull makes no such call."""

BOOKLY_FAULTS: dict[str, Callable[[Salon], AbstractContextManager[Wound]]] = {
    "half_written": lambda s: bookly.half_written(s.site, *_free_chair(s), 1),
    "service_without_client": lambda s: bookly.service_without_client(s.site, *_free_chair(s)),
    "rows_vanish": lambda s: bookly.rows_vanish(s.site),
    "reused_ids": lambda s: bookly.reused_ids(s.site, 7),
    "table_missing": lambda s: bookly.table_missing(s.site),
    "timezone_changed": lambda s: bookly.timezone_changed(s.site),
    "unknown_status": lambda s: bookly.unknown_status(s.site),
    "file_gone": lambda s: bookly.file_gone(s.site),
}
ODD: dict[str, set[str | None]] = {
    "service_without_client": {"service_without_client"},
    "unknown_status": {"unknown_status"},
    "rows_vanish": {"calendar_small"},
    "reused_ids": {"calendar_small", None},
}
"""What a fault makes known besides: odd rows, a calendar suddenly small; None: a service that nobody has named."""


def _free_chair(salon: Salon) -> tuple[int, int, datetime]:
    treat = salon.cut()
    return salon.stylists(treat)[2].bookly, treat.bookly, salon.people.stage.local(salon.at(17))


@pytest.fixture(scope="module")
def tried() -> Counter[str]:
    """How many combinations were tried, by side."""
    return Counter()


@pytest.fixture(scope="module")
def usual(made: Busy) -> Counter[str]:
    """How often a pull of Square makes each call."""
    made.back()
    assert made.pull(Side.SQUARE).whole
    found = Counter(dict(made.salon.square.world.counts))
    assert set(found) >= set(PULLED)
    assert found[LISTING] >= 3, "the listing has several pages"
    return found


def places(name: str, usual: Counter[str]) -> Iterator[tuple[str, int]]:
    """The calls that a fault can spoil: each route, and of its pages the first, the second and the last; what is read
    again by id is asked for only when something is not listed, so there another fault helps."""
    for route, count in usual.items():
        if not makes_sense(BY_NAME[name], route):
            continue
        pages = {1} if name in HANGS and route != LISTING else {1, 2, count} if route == LISTING else {1, count}
        yield from ((route, page) for page in sorted(pages))
    if makes_sense(BY_NAME[name], BULK):
        yield BULK, 1


def said(busy: Busy, done: Pulled, side: Side) -> None:
    """A run that concluded nothing says so in a sentence, also on the screen; a whole one says that it was whole."""
    with reading(busy.salon.house.engine) as conn:
        kept = side_read(conn, side)
    assert kept is not None
    if done.whole:
        assert "was read whole" in done.sentence and not kept.problem
    else:
        assert done.sentence.endswith((".", "!", "pin-timezone")) and "Traceback" not in done.sentence
        assert kept.problem == done.sentence and kept.failing_since is not None and done.counts == {}


def hasty(busy: Busy) -> SquareReader:
    client = open_square(busy.salon.square.url, "practice", read_seconds=PATIENCE, write_seconds=PATIENCE)
    return SquareReader(client, clock=busy.salon.house.clock)


@pytest.mark.parametrize("name", SQUARE_FAULTS)
def test_no_fault_of_square_makes_anything_missing_gone_or_cancelled(
    busy: Busy, usual: Counter[str], tried: Counter[str], name: str
) -> None:
    house = busy.salon.house
    before = busy.statuses()
    reader = hasty(busy) if name in HANGS else house.readers[Side.SQUARE]
    fired = 0
    for route, page in places(name, usual):
        busy.back()
        if route == BULK:
            busy.salon.square.arm("list_missing_row", LISTING)
        armed = busy.salon.square.arm(name, route, page, seconds=0.01 if name == "slow" else 30.0)
        done = pull(house.engine, reader, HORIZON, house.now())
        looked = busy.look()
        assert armed.fired or name == "list_suddenly_small", (name, route, page, "found nothing to spoil")
        fired += armed.fired
        said(busy, done, Side.SQUARE)
        assert looked.whole
        new, lost = busy.findings() - busy.found, busy.found - busy.findings()
        assert not lost, (name, route, page)
        assert not new or (done.whole and new == {f"same_visit|{busy.twin}"}), (name, route, page, new)
        assert busy.known <= busy.shown(), (name, route, page)
    busy.salon.square.world.faults.clear()
    assert busy.statuses() == before
    assert fired, "the fault found nothing to spoil"
    tried["square"] += fired
    a_real_cancellation_is_found(busy)


def a_real_cancellation_is_found(busy: Busy) -> None:
    gone = busy.square[0]
    busy.salon.people.cancels_in_square(gone, who="buyer")
    assert busy.pull(Side.SQUARE).whole
    busy.look()
    drifts = [one.finding for one in busy.salon.found(Kind.DRIFT)]
    assert [found.detail["differs"] for found in drifts] == [["standing"]]
    assert f"square:{gone.unit}" in drifts[0].key


@pytest.mark.parametrize("name", sorted(bookly.FAULTS))
def test_no_fault_of_bookly_makes_anything_missing_gone_or_cancelled(
    busy: Busy, tried: Counter[str], name: str
) -> None:
    """What a fault shows besides is true while it lasts (an odd row), and is gone with it."""
    before = busy.statuses()
    with BOOKLY_FAULTS[name](busy.salon) as wound:
        done = busy.pull(Side.BOOKLY, NOON + GRACE if name == "half_written" else None)
        looked = busy.look()
        assert wound.fired
        said(busy, done, Side.BOOKLY)
        assert looked.whole and not busy.found - busy.findings()
        assert {one.finding.detail.get("what") for one in busy.salon.found() if one.finding.key not in busy.found} == {
            *ODD.get(name, ())
        }
        assert busy.known <= busy.shown()
        tried["bookly"] += 1
    assert busy.pull(Side.BOOKLY).whole
    busy.look()
    if name == "reused_ids":
        the_strange_ones_are_let_go(busy)
    assert busy.findings() == busy.found and busy.known <= busy.shown()
    if name != "half_written":
        assert busy.statuses() == before
    gone = busy.website[0]
    busy.salon.people.cancels_on_website(gone)
    assert busy.pull(Side.BOOKLY).whole
    busy.look()
    drifts = [one.finding for one in busy.salon.found(Kind.DRIFT)]
    assert [found.detail["differs"] for found in drifts] == [["standing"]]
    assert f"bookly:{gone.unit}" in drifts[0].key


def the_strange_ones_are_let_go(busy: Busy) -> None:
    """Who stood under the reused ids has vanished all at once, which is not believed before a person says so."""
    (small,) = [one for one in busy.salon.found(Kind.ANOMALY) if one.finding.detail["what"] == "calendar_small"]
    assert busy.salon.click(small, busy.salon.first(small, ChoiceKind.IS_REAL)).state == "done"
    assert busy.pull(Side.BOOKLY).whole
    busy.look()


def test_every_fault_of_the_practice_salon_is_tried_or_cannot_be_met_by_a_pull() -> None:
    assert set(SQUARE_FAULTS) | NOT_MET_BY_A_PULL == set(BY_NAME)
    assert not set(SQUARE_FAULTS) & NOT_MET_BY_A_PULL
    assert set(BOOKLY_FAULTS) == set(bookly.FAULTS)


def test_so_many_combinations_were_tried(tried: Counter[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert tried["square"] >= len(SQUARE_FAULTS) or not tried["square"]
    assert tried["bookly"] in (0, len(BOOKLY_FAULTS))
    with capsys.disabled():
        print(
            f"\npages x faults x sides: {len(SQUARE_FAULTS)} faults on {tried['square']} calls to Square, "
            f"{tried['bookly']} faults of Bookly"
        )
