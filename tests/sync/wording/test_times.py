from datetime import timedelta

import pytest

from sync.wording.times import ago, date, day, in_how_long, long_date, minutes, stretch, when
from tests.dashboard.small_store import NOW, ZONE
from tests.sync.wording.people import at


@pytest.mark.parametrize(
    ("clock", "days", "said"),
    [
        ("14:00", 0, "today 14:00"),
        ("09:05", 1, "tomorrow 09:05"),
        ("18:30", -1, "yesterday 18:30"),
        ("14:00", 2, "Sunday 14:00"),
        ("14:00", 6, "Thursday 14:00"),
        ("14:00", 7, "Fri 27 Nov 14:00"),
        ("14:00", -2, "Wed 18 Nov 14:00"),
        ("14:00", 60, "Tue 19 Jan 2027 14:00"),
    ],
)
def test_a_moment_is_told_by_its_day_and_hour_in_the_salon(clock: str, days: int, said: str) -> None:
    assert when(at(clock, days), NOW, ZONE) == said


def test_the_day_turns_at_the_salons_midnight_and_not_at_greenwichs() -> None:
    late = at("23:30")
    assert late.date() != NOW.date()  # already tomorrow in Greenwich
    assert day(late, NOW, ZONE) == "today"
    assert day(at("00:10", 1), NOW, ZONE) == "tomorrow"


def test_the_hour_told_is_the_one_on_the_wall_after_the_clocks_changed() -> None:
    summer = NOW - timedelta(days=60)
    assert stretch(summer, summer + timedelta(minutes=45), ZONE) == "14:35 to 15:20"


@pytest.mark.parametrize(
    ("ahead", "said"),
    [
        (timedelta(minutes=25), "in 25 minutes"),
        (timedelta(minutes=1), "in 1 minute"),
        (timedelta(seconds=20), "right now"),
        (timedelta(minutes=60), "in 1 hour"),
        (timedelta(minutes=63), "in 1 hour 5 minutes"),
        (timedelta(hours=3), "in 3 hours"),
        (timedelta(hours=3, minutes=1), ""),
        (timedelta(minutes=-1), ""),
    ],
)
def test_minutes_are_counted_only_while_they_help(ahead: timedelta, said: str) -> None:
    assert in_how_long(NOW + ahead, NOW) == said


@pytest.mark.parametrize(
    ("back", "said"),
    [
        (timedelta(seconds=59), "just now"),
        (timedelta(minutes=3), "3 minutes ago"),
        (timedelta(minutes=150), "2 hours ago"),
        (timedelta(days=3), "3 days ago"),
    ],
)
def test_how_long_ago(back: timedelta, said: str) -> None:
    assert ago(NOW - back, NOW) == said


def test_lengths_and_headings() -> None:
    assert minutes(135) == "2 hours 15 minutes"
    assert minutes(0) == "0 minutes"
    assert long_date(NOW, NOW, ZONE) == "Today, Friday 20 Nov"
    assert long_date(at("10:00", 4), NOW, ZONE) == "Tuesday 24 Nov"
    assert date(at("10:00", 4), NOW, ZONE) == "Tue 24 Nov"
