"""A process that stands still for longer than its lock lasts: what it does late is refused, or found and taken back."""

from __future__ import annotations

import signal
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime

import pytest
import sqlalchemy as sa

from practice_salon.people.standing import Standing
from sync.model import Side
from sync.store import ledger
from sync.store.connection import reading
from sync.store.tables import hints
from tests.kills.killing import LONG_AGO, SAID, Killing
from tests.kills.processes import Process, nursery, wait_for
from tests.kills.salon import Salon, environment, open_salon

pytestmark = pytest.mark.timeout(600)

TTL = 3.0


@pytest.fixture(scope="module")
def killing(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Killing]:
    """One salon for all of them: each has times of its own."""
    folder = tmp_path_factory.mktemp("stops")
    with open_salon(folder, TTL) as salon, nursery(folder, environment(salon)) as processes:
        made = Killing(salon, processes)
        made.open_the_intake()
        yield made


@dataclass(frozen=True)
class Before:
    """What was counted before, so that it shows what has come since."""

    salon: Salon
    refused: int
    taken_back: int
    created: int

    def since(self) -> tuple[int, int, int]:
        """Late writes refused, projections taken back, and calls to Square that would make a booking."""
        now = before(self.salon)
        return now.refused - self.refused, now.taken_back - self.taken_back, now.created - self.created


def before(salon: Salon) -> Before:
    with reading(salon.store) as conn:
        kinds = (ledger.LATE_WRITE_REFUSED, ledger.WITHDRAWN_AFTER_WRITE)
        refused, taken_back = (ledger.count(conn, kind, LONG_AGO) for kind in kinds)
    return Before(salon, refused, taken_back, salon.square.world.counts["bookings.create"])


def stopped_at(killing: Killing, point: str) -> tuple[Process, Standing]:
    """A worker that stands still at that point with the lock on a visit just made in Bookly, until the lock has run
    out; and the visit."""
    worker = killing.nursery.start("sync", "work", point=point, goes_on=True)
    visit = killing.salon.books(Side.BOOKLY)
    killing.nursery.reached(worker)
    worker.wait_until_stopped()
    wait_for(lambda: not killing.salon.live_leases(), "its lock runs out")
    return worker, visit


def stands(salon: Salon, visit: Standing) -> tuple[int, int]:
    """How often that person is taken then, in Bookly and in Square."""
    where = visit.staff or 0, visit.core[0]
    return salon.in_bookly()[where], salon.in_square()[where]


def ever_made(salon: Salon, visit: Standing) -> int:
    """How many bookings Square ever had of that person then, cancelled ones too."""
    chair = next(chair for chair in salon.people.stage.chairs if chair.bookly == visit.staff)
    with salon.square.world.lock:
        docs = [kept["booking"] for kept in salon.square.world["bookings"].values()]
    here = [doc for doc in docs if datetime.fromisoformat(doc["start_at"]) == visit.core[0]]
    return sum(doc["appointment_segments"][0]["team_member_id"] == chair.square for doc in here)


def ends_of(salon: Salon, visit: Standing) -> set[str]:
    """How the hints of a visit of Bookly's ended."""
    its_own = hints.c.key == f"ca:{visit.seats[0]}"
    return {row.state for row in salon.rows(sa.select(hints.c.state).where(its_own))}


def test_what_stood_still_before_it_sent_sends_nothing_and_is_counted(killing: Killing) -> None:
    salon, then = killing.salon, before(killing.salon)
    worker, visit = stopped_at(killing, "with the lease held")
    other = killing.nursery.start("sync", "work")
    wait_for(salon.is_idle, "another takes it over")
    worker.send(signal.SIGCONT)
    wait_for(lambda: then.since()[0], "it is refused and counted")
    for process in (worker, other):
        process.end(signal.SIGTERM)
    assert then.since()[1:] == (0, 1)
    assert stands(salon, visit) == (1, 1)
    assert killing.letters() == []


def test_what_stood_still_while_it_sent_meets_a_client_of_squares_own_and_is_taken_back(
    killing: Killing, record_property: Callable[[str, object], None]
) -> None:
    salon, then = killing.salon, before(killing.salon)
    worker, visit = stopped_at(killing, "before the bytes leave")
    chair = next(chair for chair in salon.people.stage.chairs if chair.bookly == visit.staff)
    salon.books(Side.SQUARE, (chair, visit.core[0]))
    worker.send(signal.SIGCONT)
    went_on = time.monotonic()
    wait_for(lambda: then.since()[2], "it sends what it was about to send")
    wait_for(lambda: then.since()[1] and stands(salon, visit)[1] == 1, "ours is found, taken back and counted")
    seconds = time.monotonic() - went_on
    record_property(
        SAID, f"a worker stopped in the middle of a call went on: no overlap was left after {seconds:.1f} s"
    )
    wait_for(salon.is_idle, "all ends")
    worker.end(signal.SIGTERM)
    assert then.since()[1] == 1
    assert stands(salon, visit) == (2, 1), "two in Bookly: the visit, and the block for Square's client"
    assert ends_of(salon, visit) == {"conflict"}
    assert salon.open_intents() == 0


def test_what_was_overtaken_while_it_sent_sends_the_same_booking_and_not_another(killing: Killing) -> None:
    salon, then = killing.salon, before(killing.salon)
    worker, visit = stopped_at(killing, "before the bytes leave")
    other = killing.nursery.start("sync", "work")
    wait_for(salon.is_idle, "another takes it over")
    worker.send(signal.SIGCONT)
    for process in (worker, other):
        process.end(signal.SIGTERM)  # it carries what it has in hand to its end
    assert then.since()[1] == 0
    assert stands(salon, visit) == (1, 1)
    assert ever_made(salon, visit) == 1
