"""What a recorded visit makes of the holds that live in its time. Holds never keep anything from being recorded."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy.engine import Connection

from sync.decide.holds import became_of
from sync.model import Appointment, Span
from sync.model.holds import HoldState
from sync.store import holds


def settle_holds(
    conn: Connection, visit: Appointment, person_spans: Iterable[Span], now: datetime, client: str = ""
) -> None:
    """End the holds that a standing visit ends, in the transaction that records it: the booking a hold turned into
    consumes it, any other makes it lost. `person_spans` are the visit's with person ids for staff; `client` names the
    checkout the visit came from, where that is known. A visit that does not stand ends none."""
    spans = tuple(person_spans)
    holds.expire(conn, now)
    for hold, state in became_of(holds.meeting(conn, spans, now), visit, spans, client):
        end = holds.consume if state is HoldState.CONSUMED else holds.lose
        end(conn, hold.id, visit.ref, now)
