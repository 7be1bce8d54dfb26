"""Both calendars of one play, with its clock, its people and its truth."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from random import Random

from practice_salon.bookly.door import Website
from practice_salon.bookly.messages import Tell
from practice_salon.square.occupancy import occupied
from tests.proof.agenda import Agenda, WorldClock
from tests.proof.people import CLOSES, OPENS, People
from tests.proof.plan import Plan
from tests.proof.truth import BOOKLY, SQUARE, Truth, Visit
from tests.proof.wishes import ZONE, wishes
from tests.simulation.clock import NOON, SquaresClock
from tests.simulation.running import names
from tests.simulation.salon import Kept, Salon, kept_salon, open_salon, small_shop

TAKEN = """
select a.start_date, a.end_date from wp_bookly_appointments a
where a.staff_id = ? and a.start_date <= ? and a.end_date >= ? and (
    not exists (select 1 from wp_bookly_customer_appointments ca where ca.appointment_id = a.id)
    or exists (select 1 from wp_bookly_customer_appointments ca
               where ca.appointment_id = a.id and ca.status in ('approved', 'pending')))
"""
"""Rows that take the whole of a time on the website: ours and clients' that stand."""


@dataclass(slots=True)
class Stage:
    """One play. `rng` is chance beside people's own: how long calls and messages take."""

    plan: Plan
    salon: Salon
    clock: WorldClock
    truth: Truth
    people: People
    rng: Random
    ours: Agenda
    """What whoever copies does next; unlike the world outside it waits until the thing before is done."""

    def listen(self, tell: Tell) -> None:
        """Let the plugin tell what the website's requests change."""
        self.people.website = Website(replace(self.salon.site, tell=tell))


@contextmanager
def kept_for(plan: Plan) -> Iterator[Kept]:
    """The salon as every play finds it: open every day from nine to seven, nobody booked."""
    with kept_salon(small_shop(plan.staff)) as kept:
        with sqlite3.connect(kept.bookly) as conn:
            conn.execute("delete from wp_bookly_schedule_item_breaks")
            hours = f"{OPENS:02d}:00:00", f"{CLOSES:02d}:00:00"
            conn.execute("update wp_bookly_staff_schedule_items set start_time = ?, end_time = ?", hours)
        conn.close()
        yield kept


@contextmanager
def staged(plan: Plan, kept: Kept, seed: int) -> Iterator[Stage]:
    """The salon before anybody came, and everybody's coming put down."""
    with open_salon(kept) as salon, _reading(salon) as conn:
        clock = WorldClock()
        salon.clock = clock
        salon.world.clock = SquaresClock(clock)
        salon.site = replace(salon.site, clock=lambda: clock.at)
        members, variations = names(salon.world, kept.shop)
        squares = _Square(salon, members)
        truth = Truth({BOOKLY: lambda visit: _bookly_covers(conn, visit), SQUARE: squares.covers})
        people = People(salon, Website(salon.site), clock, truth, members, variations)
        clock.looked = lambda: truth.look(clock.at)
        for wish in wishes(plan, seed):
            people.come(wish)
        yield Stage(plan, salon, clock, truth, people, Random(f"world {seed}"), Agenda())


@contextmanager
def _reading(salon: Salon) -> Iterator[sqlite3.Connection]:
    conn = sqlite3.connect(salon.bookly_file, isolation_level=None)
    try:
        yield conn
    finally:
        conn.close()


def _bookly_covers(conn: sqlite3.Connection, visit: Visit) -> bool:
    start, end = _text(visit.start), _text(visit.end)
    return conn.execute(TAKEN, (visit.staff, start, end)).fetchone() is not None


def _text(moment: datetime) -> str:
    """As SQLite keeps Bookly's naive local times."""
    return moment.astimezone(ZONE).replace(tzinfo=None).isoformat(" ", "seconds")


@dataclass(slots=True)
class _Square:
    salon: Salon
    members: dict[int, str]

    def covers(self, visit: Visit) -> bool:
        who = self.members[visit.staff]
        return any(
            busy.team_member_id == who and busy.start <= visit.start and visit.end <= busy.end
            for kept in self.salon.world["bookings"].values()[::-1]
            for busy in occupied(kept["booking"])
        )


__all__ = ["NOON", "Stage", "kept_for", "staged"]
