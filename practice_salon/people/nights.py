"""The two nights on which the clocks change: visits at hours that do not exist, or come twice, on both sides."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from itertools import pairwise

from practice_salon import PracticeError
from practice_salon.bookly.door import Form
from practice_salon.people.people import People
from practice_salon.people.standing import Standing

DIGITS = ("00:30", "01:30", "02:30", "03:30")
HOURS = 6
MINUTES = 30


def clock_changes(zone: tzinfo, year: int) -> tuple[date, date]:
    """The nights (their local dates) of that year in which the clocks go forward and back.

    Raises PracticeError for a zone without them.
    """
    first = date(year, 1, 1)
    noons = [datetime.combine(first + timedelta(days=n), time(12), tzinfo=zone) for n in range(366)]
    days = [(b.date(), (b.utcoffset() or timedelta()) - (a.utcoffset() or timedelta())) for a, b in pairwise(noons)]
    forward = [day for day, change in days if change > timedelta()]
    back = [day for day, change in days if change < timedelta()]
    if not forward or not back:
        raise PracticeError(f"The clocks of {zone} do not change in {year}; choose another time zone or year.")
    return forward[0], back[0]


def book_through(people: People, clients: Sequence[Form], night: date) -> list[Standing]:
    """One visit at half past each hour of the night: in Bookly as digits on the clock face, in Square as moments.

    Bookly's back end takes 02:30 also where it does not exist, and cannot say which 01:30 of two is meant; Square
    knows both. Everybody has a stylist's hour of their own as far as there are stylists.
    """
    made = []
    for number, clock in enumerate(DIGITS):
        made.append(_in_bookly(people, number, datetime.combine(night, time.fromisoformat(clock)), clients[number]))
    midnight = people.stage.utc(datetime.combine(night, time(0, 30)))
    for number in range(HOURS):
        start = midnight + timedelta(hours=number)
        made.append(_in_square(people, number, start, clients[len(DIGITS) + number]))
    return made


def _in_bookly(people: People, number: int, digits: datetime, form: Form) -> Standing:
    """From the first stylist on, each hour the next."""
    chair = people.stage.chairs[number % 3]
    treat = next(t for t in people.stage.does(chair) if t.minutes == MINUTES)
    return people.books_in_office(chair, treat, people.stage.utc(digits), [form], typed=digits)


def _in_square(people: People, number: int, start: datetime, form: Form) -> Standing:
    """From the fourth stylist on, each hour the next."""
    chairs = people.stage.chairs
    chair = chairs[(3 + number % 3) % len(chairs)]
    treat = next(t for t in people.stage.does(chair) if t.minutes == MINUTES and t.variation)
    return people.books_in_square(chair, treat, start.astimezone(UTC), form)
