"""The proof in small: two days of one seed in three ways, what it counts, and what it says."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from xml.etree import ElementTree

import pytest

from tests.proof import page, stage
from tests.proof.chart import Bar, svg
from tests.proof.plan import Delay, load
from tests.proof.playing import Result, play
from tests.proof.telling import UNEXPLAINED, Told, told
from tests.proof.truth import BOOKLY, SQUARE, Double, Truth, Visit
from tests.proof.wishes import DESK, WEBSITE, Wish, wishes
from tests.simulation.salon import CUT

WHOLE = load()
ENGINE = next(way for way in WHOLE.ways if not way.every)
SMALL = replace(WHOLE, days=2, bookings_a_day=8, seeds=(7,))
LATE = replace(WHOLE, days=1, ways=(ENGINE,), square_webhooks=Delay(20.0, 0.0, 20.0))
AT = datetime(2026, 5, 19, 15, tzinfo=UTC)
pytestmark = pytest.mark.timeout(300)


@pytest.fixture(scope="module")
def small() -> dict[str, Result]:
    return {way.name: play(SMALL, way, 7) for way in SMALL.ways}


def test_the_same_people_come_whatever_keeps_the_calendars_in_step(small: dict[str, Result]) -> None:
    people = wishes(SMALL, 7)
    assert people == wishes(SMALL, 7) != wishes(SMALL, 8)
    assert len(people) == 16 and {one.door for one in people} == {WEBSITE, DESK}
    for result in small.values():
        moved = sum(one.moves and one.changes_after is not None for one in people)
        assert 0 <= result.visits - (len(people) - result.unserved) <= moved


def test_a_poll_leaves_a_time_for_sale_until_it_comes_and_the_engine_for_seconds(small: dict[str, Result]) -> None:
    slow, quick, ours = (small[way.name] for way in SMALL.ways)
    assert 60 < slow.percentile(0.5) <= slow.percentile(0.95) < 16 * 60
    assert 1 < quick.percentile(0.5) <= quick.percentile(0.95) < 75
    assert 0 < ours.percentile(0.5) < 10 and ours.exposure < quick.exposure < slow.exposure


def test_a_play_can_be_repeated_to_the_last_figure(small: dict[str, Result]) -> None:
    assert play(SMALL, ENGINE, 7) == small[ENGINE.name]


def test_what_the_engine_cannot_prevent_is_counted_and_explained_one_by_one(monkeypatch: pytest.MonkeyPatch) -> None:
    """At the desk and on the website they choose the first time there is, and press a second after each other."""
    at = AT.replace(day=13)
    both = [Wish(0, DESK, at, 40.0, CUT, (1,), None, 0.0), Wish(1, WEBSITE, at, 41.0, CUT, (1,), None, 0.0)]
    monkeypatch.setattr(stage, "wishes", lambda _plan, _seed: both)
    (double,) = play(LATE, ENGINE, 3).doubles
    assert "sold at the desk, in Square at 10:00:40" in double.what and "1.0 s later" in double.what
    assert double.why == "Square's message about the first took 20.0 s; nobody could know before."


def test_a_client_who_presses_after_the_message_came_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    at = AT.replace(day=13)
    both = [Wish(0, DESK, at, 40.0, CUT, (1,), None, 0.0), Wish(1, WEBSITE, at, 70.0, CUT, (1,), None, 0.0)]
    monkeypatch.setattr(stage, "wishes", lambda _plan, _seed: both)
    result = play(LATE, ENGINE, 3)
    assert (result.doubles, result.refused, result.unserved, result.visits) == ((), 1, 0, 2)
    assert 20 < result.percentile(1.0) < 25


# --- what is counted ----------------------------------------------------------------------------------------------


def visit(side: str, *, at: int = 0, minutes: int = 30, staff: int = 1, made: float = 0.0) -> Visit:
    start = AT + timedelta(minutes=at)
    return Visit(1, side, staff, start, start + timedelta(minutes=minutes), AT - timedelta(days=1, seconds=-made), side)


def truth(**covered: bool) -> Truth:
    def at(side: str) -> Callable[[Visit], bool]:
        return lambda _visit: covered.get(side, False)

    return Truth({side: at(side) for side in (BOOKLY, SQUARE)})


@pytest.mark.parametrize(
    ("second", "doubles"),
    [
        (visit(SQUARE, at=15), 1),
        (visit(SQUARE, at=30), 0),
        (visit(SQUARE, at=-30), 0),
        (visit(SQUARE, staff=2), 0),
        (visit(BOOKLY, at=29), 1),
    ],
)
def test_a_double_booking_is_one_persons_time_promised_twice(second: Visit, doubles: int) -> None:
    book = truth()
    book.made(visit(BOOKLY))
    book.made(second)
    assert len(book.doubles) == doubles
    assert second.doubled is bool(doubles)


def test_who_called_it_off_is_in_nobodys_way() -> None:
    book, first = truth(), visit(BOOKLY)
    book.made(first)
    book.gone(first, first.made_at + timedelta(seconds=9))
    book.made(visit(SQUARE))
    assert not book.doubles and first.exposed == 9


def test_a_time_is_for_sale_until_the_other_side_shows_it_as_taken() -> None:
    book, here, there = truth(square=True), visit(BOOKLY), visit(SQUARE, staff=2)
    book.made(here)
    book.made(there)
    book.look(here.made_at + timedelta(seconds=4))
    assert (here.exposed, there.exposed) == (4, None)
    book.look(there.start + timedelta(hours=1))
    assert there.exposed == 86_400


# --- what is said -------------------------------------------------------------------------------------------------


def couple(*, told_after: float | None, lost: bool = False, shut_after: float | None = None) -> Double:
    first, second = visit(SQUARE), visit(BOOKLY, made=5)
    first.told_at = None if told_after is None else first.made_at + timedelta(seconds=told_after)
    first.shut_at = None if shut_after is None else first.made_at + timedelta(seconds=shut_after)
    first.lost = lost
    return Double(first, second, first_was_doubled=False)


@pytest.mark.parametrize(
    ("double", "why"),
    [
        (couple(told_after=8), "Square's message about the first took 8.0 s; nobody could know before."),
        (couple(told_after=None, lost=True), "got lost; the look every half a minute had not come yet."),
        (couple(told_after=4, shut_after=6), "We had known for 1.0 s, and were just carrying it across."),
        (replace(couple(told_after=1), first_was_doubled=True), "The first shared its chair already"),
        (couple(told_after=1, shut_after=2), UNEXPLAINED),
    ],
)
def test_each_double_booking_says_what_we_did_not_know_or_had_not_done(double: Double, why: str) -> None:
    assert why in told(double).why
    assert "5.0 s later" in told(double).what


def results() -> list[Result]:
    one = Told("Maria was sold twice.", "Square's message was late.")
    return [
        Result(way.name, seed, (1.0, 2.0, 40.0), (one,) * (seed % 2 + (way.every > 1)), 3, 0)
        for way in WHOLE.ways
        for seed in WHOLE.seeds
    ]


def test_the_table_has_a_column_a_way_and_the_spread_of_all_weeks() -> None:
    rows = page.table(WHOLE, results())
    assert rows[0].strip("| ").split(" | ")[0].strip() == WHOLE.ways[0].name
    assert any("1.5 (1 to 2)" in row and "0.5 (0 to 1)" in row for row in rows)


def test_the_page_explains_each_that_remains() -> None:
    said = page.page(WHOLE, results())
    assert said.count("Maria was sold twice. Square's message was late.") == 5
    nobody = [replace(one, doubles=()) for one in results()]
    assert "Nothing, in these weeks." in page.page(WHOLE, nobody)


def test_the_picture_has_a_dot_for_each_week_of_each_way() -> None:
    bars = [Bar(way.name, range(10), 2.0, 20.0) for way in WHOLE.ways]
    drawn = ElementTree.fromstring(svg(bars))
    dots = [one for one in drawn if one.tag.endswith("circle") and one.get("r") == "4.5"]
    assert len(dots) == 30


def test_the_page_that_is_kept_is_of_the_weeks_in_the_file() -> None:
    kept = page.PAGE.read_text(encoding="utf-8")
    assert f"{len(WHOLE.seeds)} made-up weeks of {WHOLE.days} days" in kept
    assert f"about {WHOLE.bookings_a_day} bookings a day" in kept
    for way in WHOLE.ways:
        assert f"| {way.name}" in kept
    assert "How it is played" in kept and page.PICTURE.exists()


def test_the_file_names_ten_seeds_and_the_ways_that_are_compared() -> None:
    assert len(set(WHOLE.seeds)) == 10
    assert [way.every for way in WHOLE.ways] == [15.0, 1.0, 0.0]
    assert (WHOLE.square_webhooks.median, WHOLE.square_webhooks.longest) == (2.0, 60.0)
