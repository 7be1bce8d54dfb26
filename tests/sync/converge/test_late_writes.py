"""A process stands still past its lease with a call in its hand, and goes on when others have long done the work."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from sync.calendars import CalendarWriter
from sync.converge import House
from sync.converge.hinted import Ended, converge_hint
from sync.model import Client, Place, Side, Write, Written
from sync.store import hints
from sync.store.connection import reading
from tests.sync.converge.conftest import Salon
from tests.sync.converge.test_hinted import in_square, pair_of, ref_of, row_of
from tests.sync.converge.test_hinted_again import tried
from tests.sync.converge.test_hinted_lost_answers import left_open


@dataclass
class StandsStill:
    """A writer that lets others act the moment before its first placement leaves."""

    inner: CalendarWriter
    meanwhile: Callable[[], object]
    stood: bool = False
    side: Side = Side.BOOKLY

    def write(self, write: Write) -> Written:
        if not self.stood and isinstance(write, Place):
            self.stood = True
            self.meanwhile()
        return self.inner.write(write)

    def settle(self, write: Write) -> Written | None:
        return self.inner.settle(write)

    def client_for(self, client: Client, key: str) -> str | None:
        return self.inner.client_for(client, key)


def standing_still(salon: Salon, meanwhile: Callable[[], object]) -> House:
    """A house whose process stands still before it first places something in Bookly; its lease runs out meanwhile."""

    def past_the_lease() -> None:
        for lease in salon.house.locks.leases():
            salon.house.locks.release(lease)
        meanwhile()

    writer = StandsStill(salon.house.writers[Side.BOOKLY], past_the_lease)
    return replace(salon.house, writers={**salon.house.writers, Side.BOOKLY: writer})


def what_waits(salon: Salon) -> None:
    """Every hint that waits by now is carried; nobody waits for the pause between two tries."""
    with reading(salon.house.engine) as conn:
        waiting = sorted(hints.open_refs(conn))
    for ref in waiting:
        tried(salon, salon.house, ref)


def test_a_block_that_is_written_late_is_taken_away_before_anybody_looks_around(salon: Salon) -> None:
    ben = in_square(salon)

    def another_process() -> None:
        salon.people.moves_in_square(ben, salon.at(15))
        with reading(salon.house.engine) as conn:
            (hint,) = hints.of(conn, [ref_of(ben)])
        assert isinstance(converge_hint(salon.house, hint), Ended)

    tried(salon, standing_still(salon, another_process), ref_of(ben))
    what_waits(salon)
    (block,) = pair_of(salon, ben).current(Side.BOOKLY)
    assert row_of(salon, block.ref) is not None
    assert [row.start_date[11:16] for row in salon.rows().values()] == ["15:00"]
    assert left_open(salon) == 0
