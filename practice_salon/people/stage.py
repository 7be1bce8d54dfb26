"""Both sides of one salon put together: who is who, what is what, when it is open, what stands."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta, tzinfo
from typing import Any

import sqlalchemy as sa

from practice_salon import NobodyInCommon
from practice_salon.bookly import shelf
from practice_salon.bookly.addons import busy_words
from practice_salon.bookly.backoffice import BackOffice
from practice_salon.bookly.door import AUTHOR, Website
from practice_salon.bookly.journal import Request, Site
from practice_salon.bookly.site import local, read_options, site_zone, utc
from practice_salon.people.square_side import Doc, Member, SquareSide, Variation
from practice_salon.people.standing import Board, Span, Standing, digits, identity, segments

STANDING = ("PENDING", "ACCEPTED")


@dataclass(frozen=True, slots=True)
class Chair:
    """A stylist on both sides: Bookly's staff id and Square's team member id, and the Bookly services they do."""

    bookly: int
    square: str
    name: str
    skills: frozenset[int]


@dataclass(frozen=True, slots=True)
class Treat:
    """A service on both sides; `variation` is Square's, None where Square does not have it. Paddings are Bookly's."""

    bookly: int
    variation: str | None
    title: str
    minutes: int
    left: timedelta
    right: timedelta
    capacity: int

    def core(self, start: datetime) -> Span:
        """From a start to the end without paddings."""
        return start, start + timedelta(minutes=self.minutes)

    def busy(self, start: datetime) -> Span:
        """With paddings."""
        return start - self.left, start + timedelta(minutes=self.minutes) + self.right


@dataclass(slots=True)
class Stage:
    """Read once at the start: people, services, zone. What stands is read anew by `look`."""

    site: Site
    square: SquareSide
    zone: tzinfo
    chairs: tuple[Chair, ...]
    treats: Mapping[int, Treat]
    compounds: tuple[int, ...] = ()
    _members: dict[str, int] = field(init=False)
    _hours: dict[tuple[int, date], list[Span]] = field(init=False, default_factory=dict)

    def __post_init__(self) -> None:
        self._members = {chair.square: chair.bookly for chair in self.chairs}

    @property
    def website(self) -> Website:
        """Bookly's front end."""
        return Website(self.site)

    def office(self, author: str = "admin") -> BackOffice:
        """Bookly's back end, as that person uses it."""
        return BackOffice(self.site, author)

    def now(self) -> datetime:
        """UTC, by the site's clock."""
        return self.site.clock().astimezone(UTC)

    def local(self, moment: datetime) -> datetime:
        """UTC as Bookly's naive digits."""
        return local(moment, self.zone)

    def utc(self, digits: datetime) -> datetime:
        """Bookly's naive digits as UTC."""
        return utc(digits, self.zone)

    def does(self, chair: Chair) -> list[Treat]:
        """The services for one client that this person does, by id."""
        return [t for t in (self.treats[key] for key in sorted(chair.skills)) if t.capacity == 1]

    def hours(self, staff: int, day: date) -> list[Span]:
        """When that person works on that local day, breaks cut out, in UTC; asked once."""
        if (staff, day) not in self._hours:
            with self.site.request(AUTHOR) as request:
                shifts = shelf.working_hours(request, staff, day)
            self._hours[staff, day] = [(self.utc(a), self.utc(b)) for a, b in shifts]
        return self._hours[staff, day]

    def works(self, chair: Chair, span: Span) -> bool:
        """Whether that person works through all of that span (UTC)."""
        hours = self.hours(chair.bookly, self.local(span[0]).date())
        return any(opens <= span[0] and span[1] <= closes for opens, closes in hours)

    def look(self, start: datetime, end: datetime) -> Board:
        """What stands on both sides and meets start..end (UTC), read now."""
        wide = start - timedelta(days=1), end + timedelta(days=1)
        with self.site.request(AUTHOR) as request:
            found = list(self._in_bookly(request, *wide))
        clients = self._clients_in_square()
        for doc in self.square.bookings(*wide):
            found.extend(self.in_square(doc, clients.get(doc.get("customer_id", ""), frozenset())))
        return Board([one for one in found if one.meets((start, end))])

    def _clients_in_square(self) -> dict[str, frozenset[str]]:
        """Customer ids to what they are known by; the index lags, so those typed in from here come from memory."""
        typed = {key: identity(form.phone, form.email) for key, form in self.square.typed.items()}
        return typed | {customer["id"]: _identity(customer) for customer in self.square.customers()}

    def in_square(self, booking: Doc, clients: frozenset[str] = frozenset()) -> Iterator[Standing]:
        """A booking as what it takes of each of its people; nothing once it is cancelled."""
        if booking.get("status") in STANDING and booking.get("start_at"):
            yield from self.parts_in_square(booking, clients)

    def parts_in_square(self, booking: Doc, clients: frozenset[str] = frozenset()) -> Iterator[Standing]:
        """A booking's segments one by one, whatever its status."""
        lengths = [
            (s["team_member_id"], s.get("duration_minutes") or 0, s.get("intermission_minutes") or 0)
            for s in booking.get("appointment_segments", [])
        ]
        transition = timedelta(minutes=booking.get("transition_time_minutes") or 0)
        spans = list(segments(datetime.fromisoformat(booking["start_at"]).astimezone(UTC), lengths))
        for number, (member, core) in enumerate(spans, start=1):
            busy = (core[0], core[1] + transition) if number == len(spans) else core
            yield Standing("square", booking["id"], self._members.get(member), core, busy, clients)

    def _in_bookly(self, request: Request, start: datetime, end: datetime) -> Iterator[Standing]:
        b = request.bookly
        a = b.appointments.c
        in_time = sa.and_(a.start_date < self.local(end), a.end_date > self.local(start))
        words = busy_words(request.connection, b.prefix)
        rows = request.connection.execute(sa.select(b.appointments).where(in_time).order_by(a.id)).mappings().all()
        seats = _seats(request, [row["id"] for row in rows])
        for row in rows:
            there = seats.get(row["id"], [])
            sitting = [seat for seat in there if seat["status"] in words and seat["number_of_persons"]]
            if sitting or (not there and row["service_id"] is None):
                yield self._in_row(dict(row), sitting)

    def _in_row(self, row: dict[str, Any], sitting: list[dict[str, Any]]) -> Standing:
        treat = self.treats.get(row["service_id"])
        start = self.utc(row["start_date"])
        end = start + (row["end_date"] - row["start_date"]) + timedelta(seconds=row["extras_duration"])
        left, right = (treat.left, treat.right) if treat else (timedelta(), timedelta())
        return Standing(
            side="bookly",
            unit=row["id"],
            staff=row["staff_id"],
            core=(start, end),
            busy=(start - left, end + right),
            clients=frozenset().union(*(identity(seat["phone"], seat["email"]) for seat in sitting)),
            seats=tuple(seat["id"] for seat in sitting),
            service=row["service_id"],
            capacity=treat.capacity if treat else 1,
        )


def _seats(request: Request, appointments: list[int]) -> dict[int, list[dict[str, Any]]]:
    """Who is on each of those rows, with what they can be known by."""
    ca, customers = request.bookly.customer_appointments, request.bookly.customers
    found: dict[int, list[dict[str, Any]]] = {}
    query = (
        sa.select(
            ca.c.id, ca.c.appointment_id, ca.c.status, ca.c.number_of_persons, customers.c.phone, customers.c.email
        )
        .join(customers, customers.c.id == ca.c.customer_id)
        .where(ca.c.appointment_id.between(min(appointments, default=0), max(appointments, default=0)))
        .order_by(ca.c.id)
    )
    for row in request.connection.execute(query).mappings():
        found.setdefault(row["appointment_id"], []).append(dict(row))
    return found


def _identity(customer: Doc) -> frozenset[str]:
    return identity(customer.get("phone_number", ""), customer.get("email_address", ""))


def open_stage(site: Site, square: SquareSide) -> Stage:
    """Put both sides together by mail, else phone, else name. Raises NobodyInCommon."""
    with site.request(AUTHOR) as request:
        zone = site_zone(read_options(request.connection, site.bookly))
        treats = _treats(request, square.variations())
        chairs = tuple(_chairs(request, square.members(), frozenset(treats)))
        compounds = tuple(row["id"] for row in request.rows(site.bookly.services, type="compound"))
    if not chairs:
        raise NobodyInCommon("Nobody works in both calendars; fill both with the same --seed.")
    return Stage(site, square, zone, chairs, treats, compounds)


def _treats(request: Request, variations: list[Variation]) -> dict[int, Treat]:
    by_title = {variation.title.lower(): variation.id for variation in variations}
    skills = request.rows(request.bookly.staff_services)
    capacity = {row["service_id"]: row["capacity_max"] for row in skills}
    return {
        row["id"]: Treat(
            row["id"],
            by_title.get(row["title"].lower()),
            row["title"],
            row["duration"] // 60,
            timedelta(seconds=row["padding_left"]),
            timedelta(seconds=row["padding_right"]),
            capacity.get(row["id"], 1),
        )
        for row in request.rows(request.bookly.services, type="simple")
    }


def _chairs(request: Request, members: list[Member], services: frozenset[int]) -> Iterator[Chair]:
    for row in request.rows(request.bookly.staff):
        member = None if row["visibility"] == "archive" else _same_person(row, members)
        if member is not None:
            skills = request.rows(request.bookly.staff_services, staff_id=row["id"])
            does = frozenset(skill["service_id"] for skill in skills) & services
            yield Chair(row["id"], member.id, row["full_name"], does)


def _same_person(row: dict[str, Any], members: list[Member]) -> Member | None:
    tests = (
        lambda m: bool(m.email) and m.email.lower() == (row["email"] or "").lower(),
        lambda m: bool(m.phone) and digits(m.phone) == digits(row["phone"] or ""),
        lambda m: m.name.lower() == (row["full_name"] or "").lower(),
    )
    return next((member for test in tests for member in members if test(member)), None)
