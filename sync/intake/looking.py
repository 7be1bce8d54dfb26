"""A live look at both calendars around one person's time, and at what Square offers there."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Protocol

from sqlalchemy import Engine

from sync.calendars import CalendarReader
from sync.decide.blocked import Openings, Stretch, is_blocked, left_open, usual_starts
from sync.intake.asked import Wanted
from sync.model import Appointment, Board, Pair, Ref, Side
from sync.model.holds import BookingRules, Offer
from sync.model.zones import zone
from sync.store.board import load_board
from sync.store.connection import reading

BEFORE_THE_DAY = timedelta(days=14)
USUAL_RANGE = timedelta(days=31)
"""Where the usual starts of a weekday are looked for: from two weeks before the day on, as long as Square answers."""


class OpeningsReader(Protocol):
    """What Square offers buyers. Raises ReadFailed."""

    def offers(self, staff: str, service: str, start: datetime, end: datetime) -> tuple[Offer, ...]:
        """Every start in start..end (UTC) that is offered of this service variation with this team member."""

    def rules(self) -> BookingRules:
        """What else keeps Square from offering a time."""


@dataclass(frozen=True, slots=True)
class Seen:
    """What stands near the wanted time on both sides, read just now; `in_square` are the busy times of the person's
    bookings there, whoever owns them, for they explain what Square does not offer."""

    board: Board
    in_square: tuple[Stretch, ...]


def live_look(engine: Engine, readers: Mapping[Side, CalendarReader], wanted: Wanted, now: datetime) -> Seen:
    """What stands for the person near the wanted time, and the owner's end of these visits wherever it is now, so that
    a projection out of step keeps nobody out. Raises ReadFailed."""
    there = {side: _around(readers[side], wanted) for side in Side}
    live = {appointment.ref: appointment for found in there.values() for appointment in found}
    with reading(engine) as conn:
        board = load_board(conn, now, wanted.span.busy_start, wanted.span.busy_end, live)
    live |= _owners(readers, board.pairs, live)
    return Seen(replace(board, appointments=live), tuple(_busy(there[Side.SQUARE], wanted)))


def openings_of(reader: OpeningsReader, wanted: Wanted, now: datetime) -> Openings | None:
    """What Square offers with that person on that day, and what it usually does where the wanted time is not wholly
    offered; None where Square has no service to ask about. Raises ReadFailed."""
    if wanted.probe is None or wanted.person.square is None:
        return None
    staff, service = wanted.person.square.id, wanted.probe.id
    length = timedelta(minutes=wanted.probe.minutes)
    midnight, ends = _day(wanted)
    found = reader.offers(staff, service, max(midnight, now), ends)
    offered = tuple(offer for offer in found if midnight <= offer.start < ends)
    if not left_open(wanted.span.start, wanted.span.end, offered):
        return Openings(length, offered)
    first = max(midnight - BEFORE_THE_DAY, now)
    usual = reader.offers(staff, service, first, first + USUAL_RANGE)
    starts = usual_starts(usual, wanted.span.start, zone(wanted.timezone))
    return Openings(length, offered, starts, reader.rules())


def meets_blocked_time(wanted: Wanted, openings: Openings | None, seen: Seen, now: datetime) -> bool:
    """Whether Square keeps that time for something it does not show."""
    if openings is None:
        return False
    return is_blocked(wanted.span.start, wanted.span.end, openings, seen.in_square, now, wanted.after)


def _around(reader: CalendarReader, wanted: Wanted) -> tuple[Appointment, ...]:
    """What stands for the person there; in Square as far around as a hidden start may reach."""
    member = wanted.person.on(reader.side)
    if member is None:
        return ()
    reach = timedelta(minutes=wanted.probe.minutes) if wanted.probe and reader.side is Side.SQUARE else timedelta()
    start, end = wanted.span.busy_start - reach, wanted.span.busy_end + reach
    return reader.around(member.id, start, end)


def _owners(
    readers: Mapping[Side, CalendarReader], pairs: Iterable[Pair], live: Mapping[Ref, Appointment]
) -> dict[Ref, Appointment]:
    """Where the visits stand on their own side that were met by their projection alone."""
    met = [pair for pair in pairs if any(partner.ref in live for partner in pair.partners)]
    owners = {partner.ref for pair in met for partner in pair.current(pair.owner)} - set(live)
    found: dict[Ref, Appointment] = {}
    for side in Side:
        asked = sorted(ref for ref in owners if ref.side is side)
        read = readers[side].read(asked) if asked else {}
        found |= {ref: appointment for ref, appointment in read.items() if appointment is not None}
    return found


def _busy(there: Iterable[Appointment], wanted: Wanted) -> Iterable[Stretch]:
    member = wanted.person.square
    spans = (part.span for appointment in there for part in appointment.parts)
    return ((span.busy_start, span.busy_end) for span in spans if member and span.staff == member.id)


def _day(wanted: Wanted) -> Stretch:
    """The salon's local day on which the wanted time begins, in UTC."""
    where = zone(wanted.timezone)
    day = wanted.span.start.astimezone(where).replace(hour=0, minute=0, second=0, microsecond=0, tzinfo=None)
    first, last = ((day + timedelta(days=n)).replace(tzinfo=where).astimezone(UTC) for n in (0, 1))
    return first, last
