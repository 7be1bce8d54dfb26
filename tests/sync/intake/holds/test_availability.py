"""Is a time free: by what we have while it is fresh, else by asking both calendars."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from sync.inbox.opening import open_crew
from sync.intake.desk import FRESH, mirror_age
from sync.model import End, Ref, Side, Source
from sync.model.polled import SQUARE_DAYS_AHEAD
from sync.rounds.polling import Memory, look
from sync.store import hints, runs
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


def soon(front: Front, day: int) -> Front:
    """The same salon on a day that a short look at Square covers, and that no other test has touched."""
    front.salon.pull()
    front.age.is_true = True
    return replace(front, day=day)


def looked(front: Front, *sides: Side) -> None:
    """A short look at these sides; what it finds is left to the worker."""
    for side in sides or Side:
        done = look(front.desk.engine, front.salon.house.readers[side], Memory(), front.clock.now)
        assert done.whole, done.sentence


def aged(front: Front, ahead: datetime | None = None) -> float | None:
    """How old the mirror is, of what stands before a time."""
    with reading(front.desk.engine) as conn:
        return mirror_age(conn, front.clock.now, ahead or front.clock.now + timedelta(days=1))


def test_the_mirror_is_as_old_as_the_older_sides_read_and_not_known_while_one_cannot_be_read(front: Front) -> None:
    front.salon.pull()
    front.clock.pass_by(seconds=30)
    assert aged(front) == 30.0
    with writing(front.desk.engine) as conn:
        runs.read_failed(conn, Side.SQUARE, "Square does not answer.", "", front.clock.now)
    assert aged(front) is None


def test_short_looks_keep_the_mirror_fresh_between_whole_reads(front: Front) -> None:
    front = soon(front, 2)
    front.clock.pass_by(minutes=20)
    assert asked(front, 10)["live"]
    looked(front)
    front.clock.pass_by(seconds=7)
    said = asked(front, 10)
    assert (said["free"], said["age"], said["live"]) == (True, 7.0, False)


def test_a_look_at_one_side_does_not_answer_for_the_other(front: Front) -> None:
    front.salon.pull()
    front.clock.pass_by(minutes=20)
    looked(front, Side.BOOKLY)
    assert aged(front) == 1200.0


def test_what_a_look_found_and_nobody_has_read_yet_makes_the_mirror_as_old_as_the_news(front: Front) -> None:
    front = soon(front, 3)
    front.clock.pass_by(minutes=20)
    looked(front)
    front.salon.people.books_in_square(front.chair, front.treat, front.at(10), BEN)
    front.clock.pass_by(minutes=2)
    looked(front)
    front.clock.pass_by(minutes=2)
    looked(front)
    said = asked(front, 10)
    assert (said["reason"], said["live"]) == ("taken", True)
    open_crew(front.salon.house).work_off()
    said = asked(front, 10)
    assert (said["reason"], said["live"]) == ("taken", False)


def test_a_look_at_square_answers_for_the_days_it_covers_and_no_more(front: Front) -> None:
    front.salon.pull()
    front.clock.pass_by(minutes=20)
    looked(front)
    now = front.clock.now
    assert aged(front, now + timedelta(days=SQUARE_DAYS_AHEAD - 1)) == 0.0
    assert aged(front, now + timedelta(days=SQUARE_DAYS_AHEAD - 1, minutes=1)) == 1200.0


def test_an_appointment_that_could_not_be_read_is_not_in_the_mirror_before_the_next_whole_read(front: Front) -> None:
    front.salon.pull()
    front.clock.pass_by(minutes=20)
    with writing(front.desk.engine) as conn:
        hints.put(conn, Ref(Side.SQUARE, "never-shown"), Source.WEBHOOK, front.clock.now)
        (hint,) = hints.claim(conn, "a worker", front.clock.now, timedelta(minutes=1), 1)
        assert hints.finish(conn, hint, "a worker", End.DEAD, "not_shown", front.clock.now)
    front.clock.pass_by(minutes=5)
    looked(front)
    assert aged(front) == 300.0
    front.salon.pull()
    looked(front)
    assert aged(front) == 0.0
