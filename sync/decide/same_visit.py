"""Visits that somebody wrote into both calendars by hand: the couples that are probably one visit."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np

from sync.decide.likeness import like_name, region_of, same_mail, same_name, same_phone
from sync.decide.overlaps import overlapping
from sync.decide.view import View
from sync.model import Appointment, Client, Part, Ref, Side

NEAR_START = timedelta(minutes=15)
"""Starts this far apart are still one visit when phone or mail agree (ENGINE, "First link")."""

_STRENGTH = {"phone": 0, "mail": 1, "name": 2, "block": 3}


@dataclass(frozen=True, slots=True)
class Couple:
    """Two appointments that are probably one visit.

    likely: sure enough for the one step that links them all. by: "phone", "mail", "name" or "block" (one of them has
    no client, and the times are equal). differs: which of "name", "phone", "time" the two do not share.
    """

    bookly: Ref
    square: Ref
    likely: bool
    by: str
    differs: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _End:
    """A part that looks for its other half."""

    appointment: Appointment
    number: int

    @property
    def part(self) -> Part:
        return self.appointment.parts[self.number]

    @property
    def place(self) -> tuple[Ref, int]:
        return self.appointment.ref, self.number


@dataclass(frozen=True, slots=True)
class _Edge:
    bookly: _End
    square: _End
    couple: Couple

    @property
    def rank(self) -> tuple[object, ...]:
        """The best first; the same whatever the order of reading."""
        apart = abs(self.bookly.part.span.start - self.square.part.span.start)
        return (
            not self.couple.likely,
            _STRENGTH[self.couple.by],
            len(self.couple.differs),
            apart,
            self.bookly.place,
            self.square.place,
        )


def couples(view: View) -> tuple[Couple, ...]:
    """Unlinked appointments of both sides that are probably one visit: same mapped staff member, overlapping core,
    same client. Each part finds at most one other half, the best first; the order of what is given does not matter."""
    region = view.region or region_of(view.timezone)
    edges = sorted(
        (
            _Edge(bookly, square, couple)
            for bookly, square in _meeting(view)
            if (couple := _judged(bookly, square, region)) is not None
            and (couple.bookly, couple.square) not in view.told_apart
        ),
        key=lambda edge: edge.rank,
    )
    taken: set[tuple[Ref, int]] = set()
    found: dict[tuple[Ref, Ref], Couple] = {}
    for edge in edges:
        if edge.bookly.place in taken or edge.square.place in taken:
            continue
        taken |= {edge.bookly.place, edge.square.place}
        found.setdefault((edge.couple.bookly, edge.couple.square), edge.couple)
    return tuple(found[refs] for refs in sorted(found))


def surplus(view: View, found: Iterable[Couple]) -> frozenset[Ref]:
    """The end of each likely couple that is left out where the two are judged as one visit: Square's, unless that one
    is linked already."""
    return frozenset(
        couple.bookly if view.pair_of(couple.square) else couple.square for couple in found if couple.likely
    )


def is_somebodys(appointment: Appointment) -> bool:
    """Somebody comes: no mark of ours, nothing wrong with the row itself, and not time that staff shut in Bookly for
    themselves (it takes their chair, but there is nobody to carry across)."""
    return appointment.mark is None and appointment.anomaly is None and not is_own_time(appointment)


def is_own_time(appointment: Appointment) -> bool:
    """A row in Bookly with nobody on it: time that staff shut, or a block of ours."""
    return appointment.ref.side is Side.BOOKLY and not appointment.clients and not appointment.is_class


def perhaps_one(first: Appointment, second: Appointment, region: str | None) -> bool:
    """Whether two appointments of different sides may be one visit, whoever does them: asked before writing a visit
    into a calendar that may have it already."""
    bookly, square = (first, second) if first.ref.side is Side.BOOKLY else (second, first)
    return any(
        here.span.start < there.span.end
        and there.span.start < here.span.end
        and _judged(_End(bookly, n), _End(square, m), region) is not None
        for n, here in enumerate(bookly.parts)
        for m, there in enumerate(square.parts)
    )


# --- who could be whose other half -----------------------------------------------------------------------------


def _meeting(view: View) -> Iterator[tuple[_End, _End]]:
    """Parts of both sides whose cores overlap for one mapped person: (Bookly's, Square's)."""
    ends = list(_ends(view))
    pairs = _overlapping(view, ends)
    for first, second in pairs:
        one, other = ends[first], ends[second]
        if one.appointment.ref.side is Side.SQUARE:
            one, other = other, one
        if one.appointment.ref.side is Side.BOOKLY and other.appointment.ref.side is Side.SQUARE:
            yield one, other


def _overlapping(view: View, ends: list[_End]) -> list[list[int]]:
    people: dict[str, int] = {}
    rows = [
        (
            people.setdefault(view.person_id(end.appointment.ref.side, end.part.span.staff), len(people)),
            int(end.part.span.start.timestamp()),
            int(end.part.span.end.timestamp()),
        )
        for end in ends
    ]
    if not rows:
        return []
    staff, start, finish = (np.array(column, np.int64) for column in zip(*rows, strict=True))
    found: list[list[int]] = overlapping(staff, start, finish, np.arange(len(ends))).tolist()
    return found


def _ends(view: View) -> Iterator[_End]:
    for ref in sorted(view.appointments):
        appointment = view.appointments[ref]
        if not appointment.stands:
            continue
        for number in _free_parts(view, appointment):
            span = appointment.parts[number].span
            if span.end > span.start and view.is_mapped(ref.side, span.staff):
                yield _End(appointment, number)


def _free_parts(view: View, appointment: Appointment) -> Iterable[int]:
    """All parts of an unlinked appointment; of a linked one those that no partner on the other side covers."""
    pair = view.pair_of(appointment.ref)
    if pair is None:
        return range(len(appointment.parts))
    partners = pair.current(appointment.ref.side.other)
    if len(appointment.parts) <= len(partners) or not partners:
        return ()
    shown = [
        (view.person_id(partner.ref.side, part.span.staff), part.span)
        for partner in partners
        if (other := view.appointments.get(partner.ref)) is not None
        for part in other.parts
    ]
    return [
        number
        for number, part in enumerate(appointment.parts)
        if not any(
            who == view.person_id(appointment.ref.side, part.span.staff)
            and span.start < part.span.end
            and part.span.start < span.end
            for who, span in shown
        )
    ]


# --- are they one ----------------------------------------------------------------------------------------------


def _judged(bookly: _End, square: _End, region: str | None) -> Couple | None:
    if not bookly.appointment.clients or not square.appointment.clients:
        return _judged_by_time(bookly, square)
    best = min(
        (
            (_STRENGTH[by], by, one, other)
            for one in bookly.appointment.clients
            for other in square.appointment.clients
            if (by := _same_client(one, other, region))
        ),
        key=lambda found: (found[0], found[2].key, found[3].key),
        default=None,
    )
    if best is None:
        return None
    _, by, one, other = best
    start, there = bookly.part.span.start, square.part.span.start
    likely = abs(start - there) <= NEAR_START if by != "name" else same_name(one.name, other.name) and start == there
    return _couple(bookly, square, likely, by, _differs(one, other, region, same_times=_same_times(bookly, square)))


def _judged_by_time(bookly: _End, square: _End) -> Couple | None:
    """Somebody without a client: one visit where start and end are equal; likely where it carries our mark."""
    if not _same_times(bookly, square):
        return None
    marked = bookly.appointment.mark is not None or square.appointment.mark is not None
    return _couple(bookly, square, marked, "block", ())


def _couple(bookly: _End, square: _End, likely: bool, by: str, differs: tuple[str, ...]) -> Couple:
    return Couple(bookly.appointment.ref, square.appointment.ref, likely, by, differs)


def _same_client(one: Client, other: Client, region: str | None) -> str:
    """By what two clients are the same person; empty when they are not."""
    if same_phone(one.phone, other.phone, region):
        return "phone"
    if same_mail(one.email, other.email):
        return "mail"
    return "name" if like_name(one.name, other.name) else ""


def _differs(one: Client, other: Client, region: str | None, *, same_times: bool) -> tuple[str, ...]:
    found = {
        "name": not same_name(one.name, other.name),
        "phone": bool(one.phone and other.phone) and not same_phone(one.phone, other.phone, region),
        "time": not same_times,
    }
    return tuple(word for word, differs in found.items() if differs)


def _same_times(bookly: _End, square: _End) -> bool:
    """Start and end are equal; a block of Bookly may hold the busy time of what it stands for."""
    mine, theirs = bookly.part.span, square.part.span
    here: tuple[datetime, datetime] = (mine.start, mine.end)
    if here == (theirs.start, theirs.end):
        return True
    return not bookly.appointment.clients and here == (theirs.busy_start, theirs.busy_end)
