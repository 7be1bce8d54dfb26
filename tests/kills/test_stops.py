"""A process that stands still for longer than its lock lasts: what it does late is refused, or found and taken back."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import sqlalchemy as sa

from practice_salon.people.standing import Standing
from sync.model import Side
from sync.store import ledger
from sync.store.connection import reading
from sync.store.tables import hints
from tests.kills.killing import LONG_AGO, Killing
from tests.kills.processes import Process, nursery, wait_for
from tests.kills.salon import Salon, environment, open_salon

TTL = 3.0
AFTER_GOING_ON = 10.0
"""Seconds after it goes on, in which no overlap may be left."""


@contextmanager
def opened(folder: Path) -> Iterator[Killing]:
    with open_salon(folder, TTL) as salon, nursery(folder, environment(salon)) as processes:
        killing = Killing(salon, processes)
        killing.open_the_intake()
        yield killing


def stopped_at(killing: Killing, point: str) -> tuple[Process, Standing]:
    """A worker that stands still at that point with the lock on a visit just made in Bookly, until the lock has run
    out; and the visit."""
    worker = killing.nursery.start("sync", "work", point=point, goes_on=True)
    visit = killing.salon.books(Side.BOOKLY)
    killing.nursery.reached(worker)
    worker.wait_until_stopped()
    wait_for(lambda: not killing.salon.live_leases(), "its lock runs out")
    return worker, visit


def counted(salon: Salon, kind: str) -> int:
    with reading(salon.store) as conn:
        return ledger.count(conn, kind, LONG_AGO)


def taken(salon: Salon, visit: Standing) -> int:
    """How many bookings Square has there."""
    return salon.in_square()[visit.staff or 0, visit.core[0]]


def state_of(salon: Salon, visit: Standing) -> set[str]:
    """How the hints of a visit of Bookly's ended."""
    its_own = hints.c.key == f"ca:{visit.seats[0]}"
    return {row.state for row in salon.rows(sa.select(hints.c.state).where(its_own))}


def test_what_stood_still_before_it_sent_sends_nothing_and_is_counted(tmp_path: Path) -> None:
    with opened(tmp_path) as killing:
        worker, visit = stopped_at(killing, "with the lease held")
        other = killing.nursery.start("sync", "work")
        wait_for(killing.salon.is_idle, "another takes it over")
        worker.send(signal.SIGCONT)
        wait_for(lambda: counted(killing.salon, ledger.LATE_WRITE_REFUSED) == 1, "it is refused and counted")
        assert killing.salon.square.world.counts["bookings.create"] == 1
        assert killing.not_once() == {}
        for process in (worker, other):
            process.end(signal.SIGTERM)
        assert killing.letters() == []
        assert visit.seats


def test_what_stood_still_while_it_sent_meets_a_client_of_squares_own_and_is_taken_back(tmp_path: Path) -> None:
    with opened(tmp_path) as killing:
        worker, visit = stopped_at(killing, "before the bytes leave")
        salon = killing.salon
        chair = next(chair for chair in salon.people.stage.chairs if chair.bookly == visit.staff)
        salon.books(Side.SQUARE, (chair, visit.core[0]))
        worker.send(signal.SIGCONT)
        wait_for(lambda: salon.square.world.counts["bookings.create"], "it sends what it was about to send")
        wait_for(
            lambda: counted(salon, ledger.WITHDRAWN_AFTER_WRITE) == 1 and taken(salon, visit) == 1,
            "ours is found, taken back and counted",
            AFTER_GOING_ON,
        )
        wait_for(salon.is_idle, "all ends")
        assert taken(salon, visit) == 1
        assert salon.open_intents() == 0
        assert state_of(salon, visit) == {"conflict"}
        worker.end(signal.SIGTERM)


def test_what_stood_still_while_it_sent_and_was_overtaken_sends_the_same_booking_and_not_another(
    tmp_path: Path,
) -> None:
    with opened(tmp_path) as killing:
        worker, _visit = stopped_at(killing, "before the bytes leave")
        other = killing.nursery.start("sync", "work")
        wait_for(killing.salon.is_idle, "another takes it over")
        worker.send(signal.SIGCONT)
        wait_for(lambda: counted(killing.salon, ledger.LATE_WRITE_REFUSED) == 1, "what it writes down is refused")
        assert killing.salon.square.world.counts["bookings.create"] == 2
        assert killing.not_once() == {}
        for process in (worker, other):
            process.end(signal.SIGTERM)
