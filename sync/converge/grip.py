"""The grip on a lease while a plan is carried out: enough of it must be left before anything is sent."""

from __future__ import annotations

from sqlalchemy import Connection

from sync.converge.house import READ_SECONDS, READS_BEFORE, WRITE_SECONDS, House
from sync.locking.contract import Lease
from sync.locking.fencing import refuse_if_superseded

NEEDED = READS_BEFORE * READ_SECONDS + WRITE_SECONDS + 1.0
"""A writer is called only with time for its own last look, its one write and a second to spare (ENGINE, "Locks")."""


class LeaseLost(Exception):
    """Too little of the lease is left, and it could not be renewed: nothing is sent."""


class Grip:
    """A lease that is renewed between the steps of a long road."""

    def __init__(self, house: House, lease: Lease) -> None:
        self._house = house
        self.lease = lease

    def enough_left(self) -> None:
        """Make sure that an outside call fits into the lease. Raises LeaseLost."""
        if self.lease.left(self._house.monotonic) >= NEEDED:
            return
        renewed = self._house.locks.renew(self.lease, self._house.lease_seconds)
        if renewed is None:
            raise LeaseLost
        self.lease = renewed

    def fence(self, conn: Connection) -> None:
        """Refuse to record when a later lease was granted on the same time. Raises Superseded."""
        refuse_if_superseded(conn, self.lease)
