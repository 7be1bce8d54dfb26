"""Whether somebody meant a visit to vanish from Bookly (ENGINE, "Ownership"): a cascade, a restored backup or a deleted
row leave no line in Bookly's log; what people delete does.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any

from sync.calendars.bookly import statements
from sync.calendars.bookly.connect import Session
from sync.calendars.bookly.fetch import chunks
from sync.calendars.bookly.times import naive, start_utc
from sync.model import Appointment, Ref

PAYS_WITHIN = timedelta(hours=1)
"""An online booking is written before it is paid, and deleted when the client backs out or lets the time pass."""

CLOCKS_APART = timedelta(hours=1)
"""Bookly stamps the log with the site's clock, which is an hour off after a change of clocks where WordPress knows only
an offset. A line older than the visit itself is about an earlier row of that number."""

TABLES = {"ca": "customer_appointments", "row": "appointments"}


def never_paid(last_shown: Mapping[Ref, Appointment], now: datetime) -> frozenset[Ref]:
    """Unpaid online bookings younger than an hour at `now` (UTC)."""
    return frozenset(
        ref for ref, shown in last_shown.items() if shown.unpaid and shown.made_at and now - shown.made_at < PAYS_WITHIN
    )


def deleted_by_somebody(session: Session, last_shown: Mapping[Ref, Appointment]) -> frozenset[Ref]:
    """Those that the log says were deleted; none where the log is not there or may not be read."""
    if "log" not in session.tables:
        return frozenset()
    found: set[Ref] = set()
    for kind, table in TABLES.items():
        named = {number: ref for ref in last_shown if (number := _number(ref, kind)) is not None}
        for some in chunks(sorted(named)):
            for row in session.rows(statements.deleted(session.tables, table, some)):
                if _is_later(session, row.created_at, last_shown[named[row.target_id]]):
                    found.add(named[row.target_id])
    return frozenset(found | set(_whole_compounds(session, last_shown)))


def _whole_compounds(session: Session, last_shown: Mapping[Ref, Appointment]) -> Iterable[Ref]:
    """A compound service of which each part that stood has its own deleted line."""
    named = {number: ref for ref in last_shown if (number := _number(ref, "compound")) is not None}
    if not named or "details" not in session.tables["log"].c:
        return
    deleted: dict[Ref, set[str]] = {}
    for some in chunks(sorted(named)):
        for row in session.rows(statements.deleted_parts(session.tables, some)):
            ref = named[row.of]
            if _is_later(session, row.created_at, last_shown[ref]):
                deleted.setdefault(ref, set()).add(str(row.row_id).strip('"'))
    for ref, units in deleted.items():
        if set(last_shown[ref].units) <= units:
            yield ref


def _number(ref: Ref, kind: str) -> int | None:
    found, _, number = ref.key.partition(":")
    return int(number) if found == kind and number.isdecimal() else None


def _is_later(session: Session, digits: Any, shown: Appointment) -> bool:
    try:
        at = naive(digits)
    except ValueError:
        return False
    if at is None or shown.made_at is None:
        return at is not None
    return start_utc(at, session.zone) >= shown.made_at - CLOCKS_APART
