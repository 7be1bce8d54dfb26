"""What the website asks of a time, read from the body of a request."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy.engine import Connection

from sync.decide.holds import LIMITS, Wish
from sync.model import Board, Person, Service, Side, Span
from sync.model.zones import zone
from sync.store.board import load_board

USUAL_STAY = timedelta(minutes=10)
"""How long a time is held when the plugin does not say: a payment page takes a few minutes."""

LONGEST_VISIT = 1_440
LONGEST_NAME = 64


class NotUnderstood(Exception):
    """The request cannot be carried out as it is. `str(error)` is one sentence that names what is wrong."""


@dataclass(frozen=True, slots=True)
class Asked:
    """`staff`, `service`: Bookly's ids. `start`: aware, or naive in the salon's zone. `minutes`: the visit's length,
    None for the service's. `stay`: how long to hold it. `client`: an opaque name of the checkout."""

    staff: str
    service: str
    start: datetime
    minutes: int | None
    stay: timedelta
    client: str


@dataclass(frozen=True, slots=True)
class Wanted:
    """A wish, whom it is about, and by which of Square's services blocked time is looked for (None: by none)."""

    wish: Wish
    person: Person
    probe: Service | None
    after: timedelta
    timezone: str

    @property
    def span(self) -> Span:
        return self.wish.span


def asked_from(body: bytes, *, needs_client: bool) -> Asked:
    """The request in a JSON body. Raises NotUnderstood."""
    try:
        values = json.loads(body)
    except (ValueError, RecursionError):
        raise NotUnderstood("The body is not JSON.") from None
    if not isinstance(values, dict):
        raise NotUnderstood("The body is not a JSON object.")
    most = int(LIMITS.longest.total_seconds() // 60)
    stay = _whole(values, "keep_minutes", most)
    return Asked(
        staff=_name(values, "staff"),
        service=_name(values, "service"),
        start=_start(values.get("start")),
        minutes=_whole(values, "minutes", LONGEST_VISIT),
        stay=USUAL_STAY if stay is None else timedelta(minutes=stay),
        client=_name(values, "client") if needs_client or values.get("client") is not None else "",
    )


def wanted_from(conn: Connection, asked: Asked, now: datetime) -> Wanted:
    """What that means here, paddings included. Raises NotUnderstood for staff or a service nobody knows."""
    board = load_board(conn, now, now, now, ())
    person = board.person_of(Side.BOOKLY, asked.staff)
    if person is None:
        raise NotUnderstood(f"Nobody with the staff id {asked.staff} is known from Bookly.")
    service = board.service(Side.BOOKLY, asked.service)
    if service is None:
        raise NotUnderstood(f"No service with the id {asked.service} is known from Bookly.")
    length = timedelta(minutes=asked.minutes or service.minutes)
    if not length:
        raise NotUnderstood(f"Bookly names no length for the service {asked.service}: send minutes.")
    before, after = timedelta(minutes=service.before_minutes), timedelta(minutes=service.after_minutes)
    start = _utc(asked.start, board.timezone)
    span = Span.of(person.id, start, start + length, before, after)
    wish = Wish(span, asked.service, asked.client)
    return Wanted(wish, person, _probe(board, person, asked.service), after, board.timezone)


def _probe(board: Board, person: Person, service: str) -> Service | None:
    """The service itself as Square has it, where this person does it there; else the shortest they do."""
    if person.square is None:
        return None
    mine = [s for s in board.services if s.side is Side.SQUARE and s.id in person.square.services]
    able = [s for s in mine if s.active and s.minutes > 0]
    same = board.service_map.get(service)
    return min(able, key=lambda s: (s.id != same, s.minutes, s.id), default=None)


def _utc(start: datetime, timezone: str) -> datetime:
    """As Bookly's own times are read: the first pass of a repeated hour, what does not exist rolls forward."""
    if start.tzinfo is None:
        start = start.replace(tzinfo=zone(timezone), fold=0)
    return start.astimezone(UTC)


def _name(values: Mapping[str, Any], name: str) -> str:
    found = values.get(name)
    text = str(found).strip() if isinstance(found, str | int) and not isinstance(found, bool) else ""
    if not 0 < len(text) <= LONGEST_NAME:
        raise NotUnderstood(f"{name} is missing, or not a text or number of at most {LONGEST_NAME} signs.")
    return text


def _whole(values: Mapping[str, Any], name: str, most: int) -> int | None:
    found = values.get(name)
    if found is None:
        return None
    if isinstance(found, bool) or not isinstance(found, int) or not 1 <= found <= most:
        raise NotUnderstood(f"{name} is not a whole number from 1 to {most}.")
    return found


def _start(value: object) -> datetime:
    try:
        found = datetime.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        found = None
    if found is None or not 1971 <= found.year <= 2240:
        raise NotUnderstood("start is not a time such as 2026-11-24T10:00:00, in the salon's zone or with an offset.")
    return found.replace(microsecond=0)
