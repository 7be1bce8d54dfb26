"""What stands in the way of a booking, as Bookly judges it twice: when offering times, and once more before saving.

The two judgements differ, and both have holes; the table in the tests names each. Pure.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

BUSY_WORDS = frozenset({"pending", "approved"})
"""The statuses that occupy in a Bookly without add-ons. `done` does not."""


@dataclass(frozen=True, slots=True)
class Taken:
    """One appointment row as both checks see it. Times naive local; seconds as Bookly keeps them."""

    id: int
    service: int | None
    start: datetime | None
    end: datetime | None
    extras_s: int
    left_s: int
    right_s: int
    clients: int
    """Customer rows on it, whatever their status."""
    persons: int
    """Persons on it whose status occupies."""
    capacity: int | None
    """The stored capacity_max of this staff member for this service; None without such a row."""
    one_booking_fills: bool = False


@dataclass(frozen=True, slots=True)
class Wish:
    """What somebody wants to book; `end` without extras."""

    service: int
    start: datetime
    end: datetime
    persons: int = 1
    extras_s: int = 0
    left_s: int = 0
    right_s: int = 0
    capacity: int = 1


def hides(taken: Taken, wish: Wish) -> bool:
    """Whether the finder keeps the wished time from the customer because of this row."""
    if not _meet(taken, wish) or (taken.clients and not taken.persons):
        return False
    same_slot = (taken.service, taken.start, taken.end) == (wish.service, wish.start, wish.end)
    if not same_slot:
        return True
    if taken.one_booking_fills and taken.persons:
        return True
    return taken.persons + wish.persons > wish.capacity


def refuses(taken: Taken, wish: Wish) -> bool:
    """Whether the final check refuses because of this row: only by persons over the row's stored capacity.

    A row without a service always refuses, also when everybody on it has cancelled; a row of a service that this
    person has no staff_services row for never does.
    """
    if not _meet(taken, wish):
        return False
    if taken.service is None:
        return True
    if taken.capacity is None or not taken.persons:
        return False
    return taken.one_booking_fills or taken.persons + wish.persons > taken.capacity


def _meet(taken: Taken, wish: Wish) -> bool:
    """Half-open busy times, paddings and extras included; a row without start or end meets nothing."""
    if taken.start is None or taken.end is None:
        return False
    start = taken.start - timedelta(seconds=taken.left_s)
    end = taken.end + timedelta(seconds=taken.extras_s + taken.right_s)
    wished_start, wished_end = busy_span(wish)
    return start < wished_end and wished_start < end


def busy_span(wish: Wish) -> tuple[datetime, datetime]:
    """The wished time with its own paddings and extras."""
    end = wish.end + timedelta(seconds=wish.extras_s + wish.right_s)
    return wish.start - timedelta(seconds=wish.left_s), end
