"""The oracle itself: what it imports, and what it says of calendars small enough to judge by eye."""

from __future__ import annotations

import ast
import inspect
from datetime import UTC, datetime, timedelta
from types import ModuleType
from typing import Any

import pytest

from tests.oracle import judge as judge_room
from tests.oracle import raw
from tests.oracle.judge import judged
from tests.oracle.raw import Calendars, Taken, known_by

TEN = datetime(2026, 5, 13, 15, 0, tzinfo=UTC)
MAILS = {("bookly", "1"): "maria@salon.example", ("square", "M"): "maria@salon.example", ("square", "N"): ""}
ANNA, BEN = known_by("+13125550101", "anna@mail.example"), known_by("(312) 555-0102", "")


def taken(side: str, unit: str, at: int = 0, minutes: int = 60, who: frozenset[str] = ANNA, **more: Any) -> Taken:
    start, staff = TEN + timedelta(minutes=at), {"bookly": "1", "square": "M"}[side]
    end = start + timedelta(minutes=minutes)
    busy_end = end + timedelta(minutes=more.pop("padding", 0))
    fields = {"staff": staff, **more}
    return Taken(side, unit, start=start, end=end, busy_start=start, busy_end=busy_end, who=who, **fields)


def verdict_on(*all_taken: Taken, crowded: frozenset[tuple[str, str]] = frozenset()) -> dict[str, list[list[str]]]:
    found = judged(Calendars(all_taken, MAILS, crowded)).but()
    return {name: sorted(sorted(unit for _, unit in visit) for visit in visits) for name, visits in found.items()}


@pytest.mark.parametrize("module", [judge_room, raw])
def test_it_imports_nothing_of_ours_but_its_own_reader(module: ModuleType) -> None:
    tree = ast.parse(inspect.getsource(module))
    named = {node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    named |= {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    ours = {name for name in named if name.partition(".")[0] in
            {"sync", "practice_salon", "jobs", "queries", "dashboard", "tools", "bench", "tests"}}  # fmt: skip
    assert ours <= {"tests.oracle.raw"}
    assert not [node for node in ast.walk(tree) if isinstance(node, ast.ImportFrom) and node.level]
    assert "import_module" not in ast.dump(tree) and "__import__" not in ast.dump(tree)


def test_one_visit_in_both_calendars_is_in_order() -> None:
    assert verdict_on(taken("bookly", "7"), taken("square", "A", who=known_by("312 555 0101", ""))) == {}


def test_a_visit_on_one_side_is_alone_and_staffs_own_time_is_not() -> None:
    assert verdict_on(taken("bookly", "7")) == {"alone": [["7"]]}
    assert verdict_on(taken("bookly", "7", who=frozenset(), own_time=True)) == {}
    assert verdict_on(taken("square", "A", staff="N")) == {}, "somebody who works on one side only"


def test_two_clients_in_one_chair_meet_on_one_side_and_across() -> None:
    assert verdict_on(
        taken("bookly", "7"), taken("square", "A", marked=True), taken("bookly", "8", at=30, who=BEN),
        taken("square", "B", at=30, who=BEN, marked=True),
    ) == {"double": [["7", "8", "A", "B"]]}  # fmt: skip
    across = verdict_on(taken("bookly", "7"), taken("square", "B", at=30, who=BEN))
    assert across == {"double": [["7", "B"]], "alone": [["7"], ["B"]]}


def test_visits_that_touch_do_not_meet_and_paddings_do() -> None:
    touching = [taken("bookly", "7", own_time=True), taken("bookly", "8", at=60, who=BEN, own_time=True)]
    assert verdict_on(*touching) == {}
    padded = [taken("bookly", "7", own_time=True, padding=15), touching[1]]
    assert verdict_on(*padded) == {"close": [["7", "8"]]}


def test_a_block_stands_for_a_booking_with_its_transition() -> None:
    booking = taken("square", "A", padding=15)
    assert verdict_on(taken("bookly", "7", minutes=75, who=frozenset(), marked=True), booking) == {}
    assert verdict_on(taken("bookly", "7", minutes=60, who=frozenset(), marked=True), booking)["alone"]
    assert verdict_on(taken("bookly", "7", minutes=60, at=5, who=frozenset(), marked=True), booking)["alone"]


def test_our_booking_that_was_moved_is_apart_and_not_two_alone() -> None:
    moved = taken("square", "A", at=180, marked=True)
    assert verdict_on(taken("bookly", "7"), moved) == {"apart": [["7", "A"]]}
    block = taken("bookly", "8", at=180, who=frozenset(), marked=True, named="Square · Anna Rao · Blowout")
    assert verdict_on(taken("square", "B", named="Anna Rao"), block) == {"apart": [["8", "B"]]}


def test_five_minutes_of_difference_are_one_visit_with_a_difference() -> None:
    assert verdict_on(taken("bookly", "7"), taken("square", "A", at=5)) == {"apart": [["7", "A"]]}


def test_a_second_copy_is_alone() -> None:
    twice = [taken("square", "A", marked=True), taken("square", "B", marked=True)]
    assert verdict_on(taken("bookly", "7"), *twice)["alone"] == [["B"]]


def test_what_was_left_on_purpose_is_not_told_again() -> None:
    both = Calendars((taken("bookly", "7"),), MAILS, frozenset({("bookly", "9")}))
    assert judged(both).but([("bookly", "7"), ("bookly", "9")]) == {}


def test_time_without_a_service_is_a_stranger_until_square_has_one_for_it() -> None:
    own = taken("bookly", "7", who=frozenset(), own_time=True)
    assert judged(Calendars((own,), MAILS, frozenset())).strangers == {("bookly", "service", "Time blocked in Bookly")}
    known = Calendars((own,), MAILS, frozenset(), titles={("square", "V9"): "Time blocked in Bookly"})
    assert not judged(known).strangers
    assert judged(known).alone == {("bookly", "7")}
