"""A small salon for the screens: six staff, a day of visits in both calendars, and one finding of each sort wanted.

Everything is made up. Times are told as "HH:MM" of the salon's zone on the day of `now`.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine

from sync.model import (
    Appointment,
    Board,
    Client,
    Concerned,
    Finding,
    Kind,
    Part,
    Person,
    Ref,
    Service,
    Side,
    Span,
    StaffMember,
    Standing,
    digest,
    plain,
)
from sync.model.zones import zone
from sync.store import tables
from sync.store.connection import writing

ZONE = "America/Chicago"
NOW = datetime(2026, 11, 20, 19, 35, tzinfo=UTC)  # a Friday, 13:35 in the salon

STAFF = ("Maria Lindqvist", "Theo Abara", "Priya Raman", "Luca Costa", "Dana Whitlow", "Noor Okafor")
SERVICES = (("Women's Haircut", 45), ("Blowout", 45), ("Root Touch-Up", 75), ("Men's Haircut", 30), ("Balayage", 120))
WEEK = tuple((weekday, "09:00", "19:00") for weekday in range(7))


def _members(side: Side) -> tuple[StaffMember, ...]:
    prefix = "" if side is Side.BOOKLY else "TM"
    services = frozenset(f"{prefix and 'V'}{number}" for number in range(1, len(SERVICES) + 1))
    return tuple(
        StaffMember(side, f"{prefix}{number}", name, services=services, hours=WEEK)
        for number, name in enumerate(STAFF, 1)
    )


def people() -> tuple[Person, ...]:
    both = zip(_members(Side.BOOKLY), _members(Side.SQUARE), strict=True)
    return tuple(Person(f"bookly:{b.id}", b.name, b, s) for b, s in both)


def services() -> tuple[Service, ...]:
    return tuple(
        Service(side, f"{prefix}{number}", name, minutes)
        for side, prefix in ((Side.BOOKLY, ""), (Side.SQUARE, "V"))
        for number, (name, minutes) in enumerate(SERVICES, 1)
    )


@dataclass
class Shop:
    """The salon on one day. `at` turns "14:00" into a moment; `book` puts a visit into a calendar."""

    now: datetime = NOW
    zone: str = ZONE
    appointments: list[Appointment] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)

    def at(self, clock: str, days: int = 0) -> datetime:
        local = self.now.astimezone(zone(self.zone)) + timedelta(days=days)
        hour, minute = map(int, clock.split(":"))
        return local.replace(hour=hour, minute=minute, second=0, microsecond=0).astimezone(UTC)

    def book(
        self, side: Side, staff: int, clock: str, client: str, service: int = 1, days: int = 0, minutes: int = 0
    ) -> Appointment:
        """`staff` and `service` count from 1; `client` may be several names joined by " + "."""
        number = len(self.appointments) + 1
        name, length = SERVICES[service - 1]
        start = self.at(clock, days)
        bookly = side is Side.BOOKLY
        span = Span.of(f"{staff}" if bookly else f"TM{staff}", start, start + timedelta(minutes=minutes or length))
        made = Appointment(
            ref=Ref(side, f"ca:{number}" if bookly else f"bk{number:04}QX"),
            standing=Standing.STANDS,
            status="approved" if bookly else "ACCEPTED",
            parts=(
                Part(
                    span, f"{number}" if bookly else f"bk{number:04}QX", f"{service}" if bookly else f"V{service}", name
                ),
            ),
            clients=tuple(
                Client(f"c{number}-{place}", who, phone=f"+1312555{100 + number % 100:04}")
                for place, who in enumerate(client.split(" + "))
            ),
            persons=client.count(" + ") + 1,
            made_at=self.now - timedelta(days=3, minutes=-number),
        )
        self.appointments.append(made)
        return made

    def find(self, kind: Kind, *visits: Appointment, **detail: object) -> Finding:
        """A finding about those visits, with the detail of its kind."""
        start = max(visit.start for visit in visits)
        end = min(visit.end for visit in visits)
        person, staff = self.person(visits[0])
        made = Finding(
            key=f"{kind}|" + "|".join(sorted(f"{v.ref.side}:{v.units[0]}" for v in visits)),
            kind=kind,
            person=person,
            staff=staff,
            start=start,
            end=end if end > start else visits[0].end,
            concerned=tuple(Concerned(v.ref.side, v.units[0], (v.ref,)) for v in visits),
            seen=digest([v.fingerprint for v in visits]),
            detail={"visits": [self.detail(v) for v in sorted(visits, key=lambda v: v.start)], **detail},
        )
        self.findings.append(made)
        return made

    def clash(self, *visits: Appointment) -> Finding:
        first, second = sorted(visits, key=lambda v: v.start)
        overlap = (min(first.end, second.end) - second.start).total_seconds() // 60
        return self.find(Kind.DOUBLE_BOOKING, *visits, minutes=int(overlap))

    def ask_who(self, kind: Kind, side: Side, of: str, name: str, suggestion: dict[str, str] | None = None) -> Finding:
        """A finding about somebody, or a service, that nobody has matched."""
        made = Finding(
            key=f"{kind}|{side}:{of}",
            kind=kind,
            person="",
            staff="",
            start=self.now,
            end=self.now,
            concerned=(),
            seen=digest([side, of, name]),
            detail={
                "visits": [], "side": side, "id": of, "name": name, "visits_ahead": 4, "suggestion": suggestion,
            },
        )  # fmt: skip
        self.findings.append(made)
        return made

    def person(self, visit: Appointment) -> tuple[str, str]:
        staff = visit.parts[0].span.staff
        found = next(p for p in people() if (member := p.on(visit.ref.side)) and member.id == staff)
        return found.id, found.name

    def detail(self, visit: Appointment) -> dict[str, object]:
        return {
            "side": visit.ref.side.value,
            "unit": visit.units[0],
            "ref": str(visit.ref),
            "clients": [client.name for client in visit.clients],
            "service": visit.parts[0].service_name,
            "start": visit.start.isoformat(),
            "end": visit.end.isoformat(),
            "standing": visit.standing.value,
            "persons": visit.persons,
            "unpaid": visit.unpaid,
        }

    def board(self) -> Board:
        """The board of that day, as the store would load it."""
        return Board(
            now=self.now,
            timezone=self.zone,
            people=people(),
            services=services(),
            service_map={f"{n}": f"V{n}" for n in range(1, len(SERVICES) + 1)},
            appointments={a.ref: a for a in self.appointments},
            pairs=(),
        )


def busy_day(now: datetime = NOW, zone_name: str = ZONE) -> Shop:
    """A day with a clash in 25 minutes, three in one chair later, and one visit missing in each calendar."""
    shop = Shop(now=now, zone=zone_name)
    book = shop.book
    ordinary = (
        (Side.BOOKLY, 1, "09:30", "Grace Hollis", 1), (Side.SQUARE, 1, "10:45", "Lena Falk", 3),
        (Side.SQUARE, 2, "09:00", "Mateo Ortega", 4), (Side.BOOKLY, 2, "11:00", "Uma Vance", 5),
        (Side.BOOKLY, 3, "10:00", "Rosa Quist", 2), (Side.SQUARE, 3, "12:00", "Nadia Rao", 3),
        (Side.SQUARE, 4, "09:15", "Igor Weller", 4), (Side.BOOKLY, 4, "13:00", "Hana Ueda", 5),
        (Side.BOOKLY, 5, "10:30", "Freya Tully", 5), (Side.SQUARE, 5, "16:30", "Jonas Greer", 1),
        (Side.SQUARE, 6, "13:15", "Keiko Zeller", 5), (Side.BOOKLY, 6, "17:00", "Oscar Pryce", 4),
        (Side.BOOKLY, 2, "17:15", "Paula Mbeki", 1), (Side.SQUARE, 1, "16:00", "Isla Duarte", 2),
        (Side.BOOKLY, 3, "15:00", "Emeka Bellamy", 4), (Side.SQUARE, 4, "17:30", "Delia Corrigan", 2),
    )  # fmt: skip
    for side, staff, clock, client, service in ordinary:
        book(side, staff, clock, client, service)
    shop.clash(book(Side.BOOKLY, 1, "14:00", "Anna Barros", 1), book(Side.SQUARE, 1, "14:15", "Sam Kessler", 2))
    three = (
        book(Side.BOOKLY, 5, "14:30", "Ben Ivanov", 3),
        book(Side.SQUARE, 5, "15:00", "Tara Yoon", 2),
        book(Side.BOOKLY, 5, "15:30", "Victor Larkin", 4),
    )
    shop.clash(three[0], three[1])
    shop.clash(three[1], three[2])
    shop.find(Kind.MISSING_IN_SQUARE, book(Side.BOOKLY, 3, "16:30", "Wren Ashdown", 1))
    return shop


def fill(engine: Engine, shop: Shop, *, read: bool = True, confirmed: bool = True) -> None:
    """Writes the salon into an open, empty store. `read`: both calendars were read two minutes ago."""
    at = shop.now.timestamp()
    with writing(engine) as conn:
        _directory(conn, at, confirmed)
        for appointment in shop.appointments:
            put_appointment(conn, appointment, at)
        for finding in shop.findings:
            put_finding(conn, finding, at)
        if read:
            sides_read(conn, shop, at - 120)


def sides_read(conn: Connection, shop: Shop, at: float) -> None:
    """Both sides were read whole at that moment."""
    rows = [{"side": side, "timezone": shop.zone, "whole_began_at": at} for side in Side]
    conn.execute(sa.insert(tables.sides), rows)


def _directory(conn: Connection, at: float, confirmed: bool) -> None:
    for member in (member for side in Side for member in _members(side)):
        conn.execute(
            sa.insert(tables.staff).values(
                side=member.side, id=member.id, name=member.name, active=True, content=plain(member), read_began_at=at
            )
        )
    for service in services():
        conn.execute(
            sa.insert(tables.services).values(
                side=service.side, id=service.id, name=service.name, active=True, content=plain(service),
                read_began_at=at,
            )
        )  # fmt: skip
    if confirmed:
        done = {"confirmed_by": "Dana", "confirmed_at": at}
        for number in range(1, len(STAFF) + 1):
            conn.execute(sa.insert(tables.staff_map).values(bookly=f"{number}", square=f"TM{number}", **done))
        for number in range(1, len(SERVICES) + 1):
            conn.execute(sa.insert(tables.service_map).values(bookly=f"{number}", square=f"V{number}", **done))


def put_appointment(conn: Connection, made: Appointment, at: float) -> None:
    conn.execute(
        sa.insert(tables.appointments).values(
            side=made.ref.side, key=made.ref.key, standing=made.standing, start=made.start.timestamp(),
            end=made.end.timestamp(), fingerprint=made.fingerprint, content=plain(made), read_began_at=at,
            first_seen_at=at, changed_at=at, change=1,
        )
    )  # fmt: skip
    for number, part in enumerate(made.parts):
        span = part.span
        conn.execute(
            sa.insert(tables.spans).values(
                side=made.ref.side, key=made.ref.key, part=number, unit=part.unit, staff=span.staff,
                start=span.start.timestamp(), end=span.end.timestamp(), busy_start=span.busy_start.timestamp(),
                busy_end=span.busy_end.timestamp(), stands=made.stands,
            )
        )  # fmt: skip


def put_finding(conn: Connection, finding: Finding, at: float, state: str = "open", **more: object) -> int:
    """Writes one finding; its id."""
    done = conn.execute(
        sa.insert(tables.findings).values(
            key=finding.key, kind=finding.kind, person=finding.person, staff=finding.staff,
            start=finding.start.timestamp(), end=finding.end.timestamp(), concerned=plain(finding.concerned),
            seen=finding.seen, detail=plain(finding.detail), state=state, first_seen_at=at, last_seen_at=at, **more,
        )
    )  # fmt: skip
    key = done.inserted_primary_key
    assert key is not None
    number = int(key[0])
    for item in finding.concerned:
        conn.execute(sa.insert(tables.finding_units).values(finding=number, side=item.side, unit=item.unit))
    return number


def later(shop: Shop, by: timedelta) -> Shop:
    """The same salon looked at later."""
    return replace(shop, now=shop.now + by)
