"""The fence: what a holder whose lease ran out may no longer record.

Every lease ever granted leaves its claims and its token behind in the store (sync/locking/rows.py), also where another
backend holds the leases. Whoever records under a lease asks, in the same transaction, whether a later lease was granted
on any of it.
"""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from sync.locking.contract import Claim, Lease
from sync.store.connection import driver_of
from sync.store.tables import grants

_LATER = """
SELECT subject, start, "end", token FROM grants
WHERE token > :token AND subject = :subject AND start < :end AND "end" > :start
ORDER BY token DESC LIMIT 1
"""


class Superseded(Exception):
    """A later lease was granted on something this one had claimed: what was to be recorded may be out of date."""

    def __init__(self, claim: Claim, token: int, later: int) -> None:
        super().__init__(f"Lease {token} was overtaken by lease {later}, so its result is not recorded.")
        self.claim, self.token, self.later = claim, token, later


def refuse_if_superseded(conn: Connection, lease: Lease) -> None:
    """Raise Superseded where a higher token was ever granted on an overlapping interval of a person the lease claims,
    or on its visit. Call it in the writing transaction that records. The same person's work at another time goes on."""
    db = driver_of(conn)
    if db.execute("SELECT 1 FROM grants WHERE token > :token LIMIT 1", {"token": lease.token}).fetchone() is None:
        return
    for claim in lease.claims:
        given = {"token": lease.token, "subject": claim.subject, "start": claim.start, "end": claim.end}
        row = db.execute(_LATER, given).fetchone()
        if row is not None:
            raise Superseded(Claim(*row[:3]), lease.token, row[3])


def forget_grants(conn: Connection, before: float) -> int:
    """Drop grants made before this moment (seconds since 1970) and say how many; give it a day at least: no holder
    lives that long."""
    return conn.execute(sa.delete(grants).where(grants.c.granted_at < before)).rowcount
