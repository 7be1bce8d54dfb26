"""A view of a small salon: Maria and Theo on both sides, Priya only in Bookly, Uma only in Square."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from zlib import crc32

from sync.decide.view import View, WholeRead
from sync.model import (
    Appointment,
    Client,
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
    Window,
)

DAY = datetime(2026, 11, 24, tzinfo=UTC)
NOW = DAY + timedelta(hours=6)
WINDOW = Window(DAY - timedelta(days=90), DAY + timedelta(days=400))

MARIA = Person("bookly:1", "Maria", StaffMember(Side.BOOKLY, "1", "Maria"), StaffMember(Side.SQUARE, "TM1", "Maria"))
THEO = Person("bookly:2", "Theo", StaffMember(Side.BOOKLY, "2", "Theo"), StaffMember(Side.SQUARE, "TM2", "Theo"))
PRIYA = Person("bookly:3", "Priya", StaffMember(Side.BOOKLY, "3", "Priya"))
UMA = Person("square:TM4", "Uma", None, StaffMember(Side.SQUARE, "TM4", "Uma"))
EVERYBODY = (MARIA, THEO, PRIYA, UMA)

SERVICES = (
    Service(Side.BOOKLY, "1", "Cut", 60),
    Service(Side.BOOKLY, "2", "Blowout", 30),
    Service(Side.SQUARE, "V1", "Cut", 60),
    Service(Side.SQUARE, "V2", "Blowout", 30),
)
SERVICE_MAP = {"1": "V1", "2": "V2"}

ANNA = Client("11", "Anna Berg", "+13125550111", "anna@mail.example")
ANNA_THERE = Client("C11", "Anna Berg", "(312) 555-0111", "anna@mail.example")
BEN = Client("12", "Ben Cole", "+13125550122", "ben@mail.example")
BEN_THERE = Client("C12", "Ben Cole", "+13125550122", "ben@mail.example")


def at(hour: int, minute: int = 0) -> datetime:
    """A time of the day in question, in UTC."""
    return DAY + timedelta(hours=hour, minutes=minute)


def part(
    staff: str, start: datetime, minutes: int, unit: str, service: str | None = None, before: int = 0, after: int = 0
) -> Part:
    """A part of an appointment; before and after are its paddings in minutes."""
    end = start + timedelta(minutes=minutes)
    return Part(Span.of(staff, start, end, timedelta(minutes=before), timedelta(minutes=after)), unit, service, "Cut")


def bookly(row: str, start: datetime, minutes: int = 60, client: Client | None = ANNA, **more: Any) -> Appointment:
    """A client's booking with Maria, `ca:<row>` on row <row>; `more` may name ca, unit, staff, service, paddings."""
    name = Ref(Side.BOOKLY, f"ca:{more.pop('ca', row)}")
    return _made(name, more.pop("unit", row), start, minutes, client, {"staff": "1", "service": "1", **more})


def square(key: str, start: datetime, minutes: int = 60, client: Client | None = BEN_THERE, **more: Any) -> Appointment:
    """A booking in Square with Maria."""
    return _made(Ref(Side.SQUARE, key), key, start, minutes, client, {"staff": "TM1", "service": "V1", **more})


def block(row: str, start: datetime, minutes: int = 60, **more: Any) -> Appointment:
    """A row in Bookly without a client."""
    return _made(Ref(Side.BOOKLY, f"row:{row}"), row, start, minutes, None, {"staff": "1", "service": None, **more})


def _made(
    ref: Ref, unit: str, start: datetime, minutes: int, client: Client | None, more: dict[str, Any]
) -> Appointment:
    one = part(
        more.pop("staff"), start, minutes, unit, more.pop("service"), more.pop("before", 0), more.pop("after", 0)
    )
    fields = {
        "standing": Standing.STANDS,
        "status": "approved",
        "parts": (one,),
        "clients": (client,) if client else (),
        **more,
    }
    return Appointment(ref, **fields)


def pair(
    owner: Appointment, *shown: Appointment, agreed: Iterable[Appointment] | None = None, former: Iterable[Ref] = ()
) -> Pair:
    """A linked visit; `agreed` are its appointments as they were when all was agreed (as they are now, if left out)."""
    then = {a.ref: a for a in ((owner, *shown) if agreed is None else agreed)}
    current = tuple(Partner(a.ref, current=True, agreed=then.get(a.ref)) for a in (owner, *shown))
    return Pair(
        crc32(str(owner.ref).encode()),
        owner.ref.side,
        0,
        current + tuple(Partner(ref, current=False, agreed=None) for ref in former),
    )


def view(*appointments: Appointment, **more: Any) -> View:
    """Both sides read whole a minute ago, everything unchanged for long, in a salon that is fully mapped."""
    fields: dict[str, Any] = {
        "now": NOW,
        "appointments": {a.ref: a for a in appointments},
        "people": EVERYBODY,
        "services": SERVICES,
        "service_map": SERVICE_MAP,
        "clients": {"11": "C11", "12": "C12"},
        "reads": {side: WholeRead(NOW - timedelta(minutes=1), WINDOW) for side in Side},
        "timezone": "America/Chicago",
        **more,
    }
    return View(**fields)


def of_kind(found: Iterable[Finding], *kinds: Kind) -> list[Finding]:
    return [f for f in found if f.kind in kinds]


def keys(found: Iterable[Finding], *but: Kind) -> list[str]:
    """The keys of findings, but for kinds that a test does not look at."""
    return sorted(f.key for f in found if f.kind not in but)


def cancelled(appointment: Appointment) -> Appointment:
    return replace(appointment, standing=Standing.CANCELLED, status="cancelled")


def only(found: tuple[Finding, ...], kind: Kind) -> Finding:
    (one,) = of_kind(found, kind)
    return one


HERE, THERE = bookly("1", at(10)), square("S", at(10), client=ANNA_THERE)
"""Anna in both calendars at the same time."""
