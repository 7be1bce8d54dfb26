"""A click whose worker died between its two calendars: a hint carries the first change across before the click is
taken up again, and staff go on working. The click goes on from what stands by then."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta

import pytest

from sync.calendars import CalendarWriter
from sync.converge import House
from sync.inbox.opening import open_crew
from sync.model import ChoiceKind, Client, Kind, Outcome, Ref, Side, Source, Write, Written
from sync.store import hints, requests
from sync.store.connection import reading, writing
from tests.sync.converge.conftest import NOON, Salon
from tests.sync.converge.stories import asked, clash, meeting, only, shown_clash

LATER = timedelta(minutes=2)
"""By then the dead worker's claim on the request and its lease have run out."""


class Killed(BaseException):
    """Nobody catches that."""


@dataclass
class Dies:
    """A calendar's writer in whose first call the worker dies: once that was done, or before it is."""

    inner: CalendarWriter
    done: bool = True
    side: Side = Side.BOOKLY

    def write(self, write: Write) -> Written:
        if self.done:
            self.inner.write(write)
        raise Killed

    def settle(self, write: Write) -> Written | None:
        return self.inner.settle(write)

    def client_for(self, client: Client, key: str) -> str | None:
        return self.inner.client_for(client, key)


def later(salon: Salon) -> House:
    return replace(salon.house, clock=lambda: NOON + LATER)


def cut_short(salon: Salon, request: int, *, done: bool = True) -> Ref:
    """The worker dies once Bookly was changed and before Square is, or without that `done`; the visit it is about."""
    dies: CalendarWriter = Dies(salon.house.writers[Side.BOOKLY], done)
    writers = {**salon.house.writers, Side.BOOKLY: dies}
    with pytest.raises(Killed):
        salon.work(replace(salon.house, writers=writers))
    with reading(salon.house.engine) as conn:
        row = requests.get(conn, request)
    assert row is not None
    assert row.choice.ref is not None
    assert row.plan is not None
    return row.choice.ref


def carry_hint(salon: Salon, ref: Ref) -> str:
    """What the change leads to as a hint of its own; how that ended."""
    house = later(salon)
    with writing(house.engine) as conn:
        hints.put(conn, ref, Source.POLL, house.now())
    open_crew(house).work_off()
    with reading(house.engine) as conn:
        return max(hints.of(conn, [ref]), key=lambda one: one.id).state


def goes_on(salon: Salon, request: int) -> Outcome:
    salon.work(later(salon))
    return salon.ended(request)


def test_what_was_begun_and_not_done_is_carried_out_from_its_first_step(salon: Salon) -> None:
    request = asked(salon, clash(salon), ChoiceKind.OTHER_TIME, Side.BOOKLY)
    cut_short(salon, request, done=False)
    outcome = goes_on(salon, request)
    assert (outcome.state, outcome.word, len(outcome.done)) == ("done", "", 2)


def test_what_a_hint_showed_meanwhile_is_done_and_not_in_the_way(salon: Salon) -> None:
    request = asked(salon, clash(salon), ChoiceKind.OTHER_TIME, Side.BOOKLY)
    assert carry_hint(salon, cut_short(salon, request)) == "applied"
    shown = salon.bookings()
    outcome = goes_on(salon, request)
    assert (outcome.state, outcome.word, len(outcome.done)) == ("done", "", 2)
    assert outcome.done[1].ref is not None
    assert outcome.done[1].ref.key in shown
    assert salon.bookings() == shown


def test_what_is_shown_already_is_left_to_the_click_that_moves_it(salon: Salon) -> None:
    request = asked(salon, shown_clash(salon), ChoiceKind.OTHER_TIME, Side.BOOKLY)
    assert carry_hint(salon, cut_short(salon, request)) == "already_true"
    outcome = goes_on(salon, request)
    assert (outcome.state, outcome.word, len(outcome.done)) == ("done", "", 2)


@pytest.mark.parametrize("cancels", [False, True], ids=["moved on", "cancelled"])
def test_a_visit_that_no_longer_stands_where_the_click_had_put_it_is_not_shown_there(
    salon: Salon, cancels: bool
) -> None:
    anna, _ = meeting(salon)
    salon.pull()
    request = asked(salon, only(salon, Kind.DOUBLE_BOOKING), ChoiceKind.OTHER_TIME, Side.BOOKLY)
    moved = cut_short(salon, request)
    assert carry_hint(salon, moved) == "applied"
    if cancels:
        salon.people.cancels_in_office(anna)
    else:
        salon.people.moves_in_office(anna, salon.at(16))
    assert carry_hint(salon, moved) == "applied"
    shown = salon.bookings()
    outcome = goes_on(salon, request)
    assert (outcome.state, outcome.word, len(outcome.done)) == ("half", "changed", 1)
    assert salon.bookings() == shown
    assert (f"{salon.at(16):%Y-%m-%dT%H:%M:%SZ}" in {one["start_at"] for one in shown.values()}) is not cancels
