"""Is a time free: by what we have while it is fresh, else by asking both calendars."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from sync.intake.desk import FRESH, mirror_age
from sync.model import Side
from sync.store import runs
from sync.store.connection import reading, writing
from tests.sync.converge.conftest import BEN
from tests.sync.intake.holds.conftest import Front


def asked(front: Front, hour: int, minute: int = 0, **more: Any) -> dict[str, Any]:
    """The answer for that time."""
    answer = front.plugin.available(**front.wish(hour, minute, **more))
    assert answer.status_code == 200, answer.text
    said: dict[str, Any] = answer.json()
    return said


def test_a_fresh_mirror_answers_without_a_call_to_square_and_says_how_old_it_is(front: Front) -> None:
    front.age.seconds = 12.34
    before = sum(front.salon.square.world.counts.values())
    assert asked(front, 10) == {"free": True, "reason": "", "sentence": "", "age": 12.3, "live": False}
    assert sum(front.salon.square.world.counts.values()) == before


def test_what_the_mirror_knows_is_not_free(front: Front) -> None:
    front.salon.people.books_in_square(front.chair, front.treat, front.at(10), BEN)
    front.salon.pull()
    front.age.seconds = 1.0
    said = asked(front, 10, 15)
    assert (said["free"], said["reason"], said["live"]) == (False, "taken", False)
    assert said["sentence"] == "This time has just been taken. Please choose another one."
    assert front.near_misses() == 0


@pytest.mark.parametrize("age", [None, FRESH])
def test_a_mirror_that_is_not_fresh_is_not_asked(front: Front, age: float | None) -> None:
    front.salon.people.books_in_square(front.chair, front.treat, front.at(10), BEN)
    front.age.seconds = age
    said = asked(front, 10)
    assert (said["free"], said["reason"], said["live"], said["age"]) == (False, "taken", True, 0.0)


def test_what_went_since_the_mirror_was_read_is_free_again(front: Front) -> None:
    ben = front.salon.people.books_in_square(front.chair, front.treat, front.at(10), BEN)
    front.salon.pull()
    front.salon.people.cancels_in_square(ben)
    assert asked(front, 10)["free"]


def test_blocked_time_is_found_when_square_is_asked(front: Front) -> None:
    front.blocks(10, 60)
    assert asked(front, 10)["reason"] == "blocked"


@pytest.mark.parametrize("age", [None, 1.0])
def test_a_hold_makes_its_time_taken_for_others_and_not_for_its_own_client(front: Front, age: float | None) -> None:
    front.held(10, client="one")
    front.age.seconds = age
    assert asked(front, 10, 15)["reason"] == "held"
    assert asked(front, 10, client="one")["free"]
    front.clock.pass_by(minutes=10)
    assert asked(front, 10, 15)["free"]


def test_a_question_needs_no_client(front: Front) -> None:
    wish = front.wish(10)
    del wish["client"]
    assert front.plugin.available(**wish).json()["free"]


def test_a_time_behind_is_not_free_whether_or_not_the_mirror_is_fresh(front: Front) -> None:
    start = front.salon.people.stage.local(front.clock.now).isoformat()
    for front.age.seconds in (None, 1.0):
        assert asked(front, 0, start=start)["reason"] == "past"


def test_an_offset_is_understood_and_naive_times_are_the_salons(front: Front) -> None:
    front.held(10)
    assert asked(front, 0, start=front.at(10).isoformat())["reason"] == "held"
    assert asked(front, 0, start=front.at(10).isoformat().replace("+00:00", "Z"))["reason"] == "held"


def test_nothing_is_said_while_square_does_not_answer_and_the_mirror_is_old(front: Front) -> None:
    front.salon.square.arm("error_503", "bookings.list")
    assert front.plugin.available(**front.wish(10)).status_code == 503
    front.salon.square.arm("error_503", "bookings.list")
    front.age.seconds = 1.0
    assert front.plugin.available(**front.wish(10)).status_code == 200


def test_the_mirror_is_as_old_as_the_older_sides_read_and_not_known_while_one_cannot_be_read(front: Front) -> None:
    front.salon.pull()
    now = front.clock.now
    with reading(front.desk.engine) as conn:
        assert mirror_age(conn, now + timedelta(seconds=30)) == 30.0
    with writing(front.desk.engine) as conn:
        runs.read_failed(conn, Side.SQUARE, "Square does not answer.", "", now)
        assert mirror_age(conn, now) is None
