"""What a recorded visit makes of the holds that live in its time. Holds never keep anything from being recorded."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy.engine import Connection

from sync.decide.chairs import person_spans
from sync.decide.holds import became_of
from sync.model import Appointment, Ref, Span
from sync.model.holds import HoldState
from sync.store import holds, mirror, pairs
from sync.store.board import board_of
from sync.store.lists import Lists, lists


def end_holds(conn: Connection, entered: Iterable[Ref], now: datetime, known: Lists | None = None) -> None:
    """End the holds that these end, as the mirror has them now, in the transaction that took them in: by whichever way
    a visit came there, nobody is told after it that its time is still kept for them.

    What only shows a visit that was made on the other side ends none. `known`: the lists, where the caller has them.
    """
    if not holds.any_held(conn):
        return
    there = mirror.load(conn, entered)
    owners = {partner.ref: pair.owner for pair in pairs.pairs_of(conn, there) for partner in pair.partners}
    board = board_of(known or lists(conn), now, there, ())
    for ref, visit in sorted(there.items()):
        if owners[ref] is ref.side if ref in owners else visit.mark is None:
            settle_holds(conn, visit, person_spans(board, visit), now)


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
