"""Which appointments somebody means: any id that is shown anywhere, or a name and a time ("Priya 14:00")."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from sync.model import Ref, Side
from sync.model.zones import zone
from sync.store import pairs
from sync.store.board import timezone_of
from sync.store.tables import (
    appointments,
    calls,
    deliveries,
    finding_units,
    hints,
    intents,
    partners,
    requests,
    spans,
    staff,
)

_NUMBERED = re.compile(r"(hint|visit|request|finding)[ #:]*(\d+)", re.IGNORECASE)
_NAME_AND_TIME = re.compile(r"(?P<name>\D.*?)\s+(?P<hour>\d{1,2}):(?P<minute>\d{2})(?:\s+(?P<day>\d{4}-\d{2}-\d{2}))?")
_LINE = re.compile(r"(ca|row|compound):\d+")
_VERSIONED = re.compile(r"(?P<key>[^:/\s]+):\d+")
NEAR = timedelta(days=14)
"""A name and a time without a day mean the nearest such visit within two weeks."""


def meant_by(conn: Connection, text: str, now: datetime) -> frozenset[Ref]:
    """The appointments that `text` names, with their partners; empty when nothing is known under it.

    Takes `side/key`, a Bookly line or row (`ca:12`, `row:12`, `12`), a Square booking id (with or without `:version`),
    a webhook's event id, Square's own id of a call, an idempotency key, a mark, an error id, `hint 12`, `visit 5`,
    `request 7`, `finding 3`, and `NAME HH:MM [YYYY-MM-DD]` in the salon's time, by the staff member's name.
    """
    asked = text.strip()
    found = next((refs for way in _WAYS if (refs := way(conn, asked, now))), frozenset[Ref]())
    linked = {partner.ref for pair in pairs.pairs_of(conn, found) for partner in pair.partners}
    return frozenset({*found, *linked})


def _by_ref(conn: Connection, text: str, _now: datetime) -> frozenset[Ref]:
    try:
        ref = Ref.parse(text)
    except ValueError:
        return frozenset()
    return _known(conn, ref)


def _by_number(conn: Connection, text: str, _now: datetime) -> frozenset[Ref]:
    named = _NUMBERED.fullmatch(text)
    return frozenset(_NUMBERS[named[1].lower()](conn, int(named[2]))) if named else frozenset()


def _by_key(conn: Connection, text: str, _now: datetime) -> frozenset[Ref]:
    if _LINE.fullmatch(text):
        return _known(conn, Ref(Side.BOOKLY, text))
    if text.isdecimal():
        units = sa.select(spans.c.key).where(spans.c.side == Side.BOOKLY, spans.c.unit == text)
        on_row = frozenset(Ref(Side.BOOKLY, key) for key in conn.execute(units).scalars())
        names = (f"ca:{text}", f"row:{text}", f"compound:{text}")
        return on_row.union(*(_known(conn, Ref(Side.BOOKLY, name)) for name in names))
    versioned = _VERSIONED.fullmatch(text)
    return _known(conn, Ref(Side.SQUARE, versioned["key"] if versioned else text))


def _by_words(conn: Connection, text: str, _now: datetime) -> frozenset[Ref]:
    """What is printed on a webhook, a call, an intent or a sentence."""
    told = sa.select(deliveries.c.side, deliveries.c.key).where(deliveries.c.event_id == text, deliveries.c.key != "")
    asked = sa.select(hints.c.side, hints.c.key).join(calls, calls.c.hint == hints.c.id)
    asked = asked.where(calls.c.request_id == text)
    sent = sa.select(partners.c.side, partners.c.key).join(intents, intents.c.visit == partners.c.visit)
    sent = sent.where(sa.or_(intents.c.idempotency_key == text, intents.c.mark == text))
    said = sa.select(hints.c.side, hints.c.key).where(hints.c.sentence.contains(text, autoescape=True))
    found = (_refs(conn, statement) for statement in (told, asked, sent, *((said,) if len(text) >= 6 else ())))
    return next((refs for refs in found if refs), frozenset())


def _by_name_and_time(conn: Connection, text: str, now: datetime) -> frozenset[Ref]:
    asked = _NAME_AND_TIME.fullmatch(text)
    if asked is None or int(asked["hour"]) > 23 or int(asked["minute"]) > 59:
        return frozenset()
    name = asked["name"].casefold()
    who = [row for row in conn.execute(sa.select(staff.c.side, staff.c.id, staff.c.name)) if _is_called(row.name, name)]
    times = [at.timestamp() for at in _times(asked, now, timezone_of(conn))]
    here = [sa.and_(spans.c.side == one.side, spans.c.staff == one.id) for one in who]
    if not here:
        return frozenset()
    meets = sa.select(spans.c.side, spans.c.key, spans.c.start).where(sa.or_(*here), spans.c.start.in_(times))
    rows = conn.execute(meets).all()
    nearest = min((abs(row.start - now.timestamp()) for row in rows), default=0.0)
    return frozenset(Ref(Side(r.side), r.key) for r in rows if abs(r.start - now.timestamp()) == nearest)


def _is_called(name: str, asked: str) -> bool:
    return name.casefold().startswith(asked) or asked in name.casefold().split()


def _times(asked: re.Match[str], now: datetime, timezone: str) -> Iterator[datetime]:
    """That time of day, on the day that is named or on each of the days around now."""
    where = zone(timezone)
    today = now.astimezone(where).replace(
        hour=int(asked["hour"]), minute=int(asked["minute"]), second=0, microsecond=0, tzinfo=None
    )
    if asked["day"]:
        year, month, day = map(int, asked["day"].split("-"))
        yield today.replace(year=year, month=month, day=day).replace(tzinfo=where).astimezone(UTC)
        return
    for days in range(-NEAR.days, NEAR.days + 1):
        yield (today + timedelta(days=days)).replace(tzinfo=where).astimezone(UTC)


def _known(conn: Connection, ref: Ref) -> frozenset[Ref]:
    """The ref, when anything is known of it."""
    for table in (appointments, partners, hints, deliveries):
        here = sa.select(sa.literal(1)).where(table.c.side == ref.side, table.c.key == ref.key).limit(1)
        if conn.execute(here).first() is not None:
            return frozenset({ref})
    return frozenset()


def _refs(conn: Connection, statement: sa.Select[Any]) -> frozenset[Ref]:
    return frozenset(Ref(Side(row[0]), row[1]) for row in conn.execute(statement))


def _of_hint(conn: Connection, number: int) -> frozenset[Ref]:
    return _refs(conn, sa.select(hints.c.side, hints.c.key).where(hints.c.id == number))


def _of_visit(conn: Connection, number: int) -> frozenset[Ref]:
    return _refs(conn, sa.select(partners.c.side, partners.c.key).where(partners.c.visit == number))


def _of_finding(conn: Connection, number: int) -> frozenset[Ref]:
    on_units = sa.select(spans.c.side, spans.c.key).join(
        finding_units, sa.and_(finding_units.c.side == spans.c.side, finding_units.c.unit == spans.c.unit)
    )
    return _refs(conn, on_units.where(finding_units.c.finding == number))


def _of_request(conn: Connection, number: int) -> frozenset[Ref]:
    finding = conn.execute(sa.select(requests.c.finding).where(requests.c.id == number)).scalar()
    return _of_finding(conn, finding) if finding is not None else frozenset()


_NUMBERS: dict[str, Callable[[Connection, int], frozenset[Ref]]] = {
    "hint": _of_hint,
    "visit": _of_visit,
    "request": _of_request,
    "finding": _of_finding,
}
_WAYS: tuple[Callable[[Connection, str, datetime], frozenset[Ref]], ...] = (
    _by_ref,
    _by_number,
    _by_key,
    _by_words,
    _by_name_and_time,
)
