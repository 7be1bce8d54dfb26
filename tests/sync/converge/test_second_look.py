"""Between the first look and the lock others go on working: what they did is seen before anything is written."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace

from sync.locking.contract import Busy, Claim, Lease
from sync.model import ChoiceKind, Kind, Side
from tests.sync.converge.conftest import CLEO, Salon
from tests.sync.converge.stories import meeting
from tests.sync.locking.passing import Passing


@dataclass
class JustBefore(Passing):
    """Locks that let somebody act in the calendars the moment before the first lease is granted."""

    act: Callable[[], object]
    acted: bool = False

    def acquire(self, claims: Iterable[Claim], owner: str, ttl: float) -> Lease | Busy:
        if not self.acted:
            self.acted = True
            self.act()
        return super().acquire(claims, owner, ttl)


def test_a_time_taken_between_the_first_look_and_the_lock_is_not_written_over(salon: Salon) -> None:
    meeting(salon)
    (kept,) = salon.found(Kind.DOUBLE_BOOKING)
    choice = salon.first(kept, ChoiceKind.OTHER_STYLIST, Side.BOOKLY)
    chair = next(chair for chair in salon.people.stage.chairs if f"bookly:{chair.bookly}" == choice.person)
    locks = JustBefore(salon.house.locks, lambda: salon.people.books_in_square(chair, salon.cut(), salon.at(11), CLEO))
    before = salon.rows()
    request = salon.ask(kept, choice)
    salon.work(replace(salon.house, locks=locks))
    outcome = salon.ended(request)
    assert locks.acted
    assert (outcome.state, outcome.word) == ("refused", "taken")
    assert salon.rows() == before
    assert not salon.house.locks.leases()


def test_a_visit_moved_between_the_first_look_and_the_lock_is_not_moved_again(salon: Salon) -> None:
    anna, _ = meeting(salon)
    (kept,) = salon.found(Kind.DOUBLE_BOOKING)
    choice = salon.first(kept, ChoiceKind.OTHER_STYLIST, Side.BOOKLY)
    locks = JustBefore(salon.house.locks, lambda: salon.people.moves_in_office(anna, salon.at(15)))
    request = salon.ask(kept, choice)
    salon.work(replace(salon.house, locks=locks))
    outcome = salon.ended(request)
    assert (outcome.state, outcome.word) == ("refused", "changed")
    assert salon.rows()[int(anna.unit)].start_date.endswith("15:00:00")
    assert not salon.house.locks.leases()
