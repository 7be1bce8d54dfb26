"""A small salon on a board: Maria and Theo on both sides, Priya only in Bookly; cuts and blowouts."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

from sync.model import (
    Appointment,
    Board,
    Client,
    Concerned,
    Finding,
    Kind,
    Pair,
    Part,
    Partner,
    Person,
    Ref,
    Service,
    Side,
    Span,
    StaffMember,
    Standing,
)

DAY = datetime(2026, 11, 24, tzinfo=UTC)  # a Tuesday
CUT, BLOWOUT = "1", "2"
SQUARE_CUT = "VAR-CUT"


def at(hour: int, minute: int = 0) -> datetime:
    """A time of the day in question, in UTC (the salon's zone on this board)."""
    return DAY + timedelta(hours=hour, minutes=minute)


def member(side: Side, staff: str, name: str, services: Iterable[str]) -> StaffMember:
    hours = tuple((weekday, "09:00", "17:00") for weekday in range(6)) if side is Side.BOOKLY else ()
    return StaffMember(side, staff, name, services=frozenset(services), hours=hours)


MARIA = Person(
    "bookly:1",
    "Maria",
    member(Side.BOOKLY, "1", "Maria", [CUT, BLOWOUT]),
    member(Side.SQUARE, "TM1", "Maria", [SQUARE_CUT]),
)
THEO = Person(
    "bookly:2", "Theo", member(Side.BOOKLY, "2", "Theo", [CUT]), member(Side.SQUARE, "TM2", "Theo", [SQUARE_CUT])
)
PRIYA = Person("bookly:3", "Priya", member(Side.BOOKLY, "3", "Priya", [CUT, BLOWOUT]))


def bookly(key: str, start: datetime, minutes: int = 60, staff: str = "1", **more: object) -> Appointment:
    """A client's booking in Bookly, `ca:<key>` on row <key>."""
    return visit(Ref(Side.BOOKLY, f"ca:{key}"), start, minutes, staff, service=CUT, unit=key, **more)


def square(key: str, start: datetime, minutes: int = 60, staff: str = "TM1", **more: object) -> Appointment:
    """A booking in Square."""
    return visit(Ref(Side.SQUARE, key), start, minutes, staff, service=SQUARE_CUT, unit=key, version=3, **more)


def block(row: str, start: datetime, minutes: int = 60, staff: str = "1") -> Appointment:
    """A row without a client in Bookly."""
    return visit(Ref(Side.BOOKLY, f"row:{row}"), start, minutes, staff, service=None, unit=row, clients=())


def visit(
    ref: Ref, start: datetime, minutes: int, staff: str, *, service: str | None, unit: str, **more: object
) -> Appointment:
    part = Part(Span.of(staff, start, start + timedelta(minutes=minutes)), unit, service, "Cut")
    fields: dict[str, object] = {"clients": (Client(f"client of {ref.key}", f"Client {ref.key}"),), **more}
    return Appointment(ref, Standing.STANDS, "approved", (part,), **fields)  # type: ignore[arg-type]


def pair(number: int, owner: Appointment, *shown: Appointment) -> Pair:
    partners = tuple(Partner(a.ref, current=True, agreed=a) for a in (owner, *shown))
    return Pair(number, owner.ref.side, 0, partners)


def board(*appointments: Appointment, pairs: Iterable[Pair] = (), now: datetime | None = None) -> Board:
    return Board(
        now=now or at(8),
        timezone="UTC",
        people=(MARIA, THEO, PRIYA),
        services=(Service(Side.BOOKLY, CUT, "Cut", 60), Service(Side.SQUARE, SQUARE_CUT, "Cut", 60, version=7)),
        service_map={CUT: SQUARE_CUT},
        appointments={a.ref: a for a in appointments},
        pairs=tuple(pairs),
    )


def finding(kind: Kind, *appointments: Appointment, person: str = "bookly:1", **detail: object) -> Finding:
    concerned = tuple(Concerned(a.ref.side, a.units[0], (a.ref,)) for a in appointments)
    return Finding(
        key="a finding",
        kind=kind,
        person=person,
        staff="Maria",
        start=max(a.start for a in appointments),
        end=min(a.end for a in appointments),
        concerned=concerned,
        seen="",
        detail=detail,
    )
