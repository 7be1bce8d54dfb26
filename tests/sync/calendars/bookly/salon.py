"""A small Bookly to test on: rows put in by plain calls, times as the local digits that Bookly keeps."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cached_property
from itertools import count
from typing import Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from practice_salon.bookly.site import DEFAULTS, write_options
from practice_salon.bookly.tables import create, open_engine, tables
from sync.calendars.bookly import BooklyDoor, BooklyReader, open_bookly
from sync.calendars.bookly.write import BooklyWriter
from sync.model import Appointment, Ref, Side, Window

CHICAGO = "America/Chicago"
MADE = datetime.fromisoformat("2026-11-01 09:00")
NOW = datetime(2026, 11, 21, 18, tzinfo=UTC)
YEAR = Window(datetime(2026, 6, 1, tzinfo=UTC), datetime(2027, 12, 31, tzinfo=UTC))
ANNA, BEN = 1, 2
MARIA, THEO = 1, 2
CUT, COLOUR, CLASS = 1, 2, 3


def local(text: str) -> datetime:
    """Local digits as Bookly keeps them."""
    return datetime.fromisoformat(text)


def utc(text: str, zone: str = CHICAGO) -> datetime:
    """The moment of local digits, for times that are neither missing nor doubled."""
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)


def ref(key: str) -> Ref:
    return Ref(Side.BOOKLY, key)


@dataclass
class Salon:
    """Staff Maria and Theo; Cut (30 min and 15 after), Colour (90 min, 10 before), Class (capacity 6); two clients."""

    url: str
    prefix: str = "wp_"
    zone: str = CHICAGO
    now: datetime = NOW
    has_tables: bool = False
    _doors: list[BooklyDoor] = field(default_factory=list)
    _numbers: Any = field(default_factory=lambda: count(1))

    def __post_init__(self) -> None:
        self.engine = open_engine(self.url)
        self.tables = tables(self.prefix) if self.has_tables else create(self.engine, self.prefix)
        self.options({"timezone_string": self.zone, "gmt_offset": "0"})
        self.staff(MARIA, "Maria Alvarez", visibility="public")
        self.staff(THEO, "Theo Grant", visibility="private")
        self.service(CUT, "Cut", 30, after=15)
        self.service(COLOUR, "Colour", 90, before=10)
        self.service(CLASS, "Braiding", 60)
        for staff in (MARIA, THEO):
            for service, capacity in ((CUT, 1), (COLOUR, 1), (CLASS, 6)):
                self.add("staff_services", staff_id=staff, service_id=service, capacity_max=capacity)
        self.customer(ANNA, "Anna Abbott", "+13125550111", "anna@mail.example")
        self.customer(BEN, "Ben Barros", "(312) 555-0112", "ben@mail.example")

    def options(self, values: Mapping[str, str]) -> None:
        with self.engine.begin() as connection:
            write_options(connection, self.tables, {**DEFAULTS, **values})

    def add(self, table: str, **values: Any) -> int:
        with self.engine.begin() as connection:
            made = connection.execute(sa.insert(self.tables.by_name[table]).values(values))
        key = made.inserted_primary_key
        return int(key[0]) if key else 0

    def set(self, table: str, row: int, **values: Any) -> None:
        a = self.tables.by_name[table]
        with self.engine.begin() as connection:
            connection.execute(sa.update(a).where(a.c.id == row).values(values))

    def remove(self, table: str, row: int) -> None:
        a = self.tables.by_name[table]
        with self.engine.begin() as connection:
            connection.execute(sa.delete(a).where(a.c.id == row))

    def rows(self, table: str) -> dict[int, dict[str, Any]]:
        """All rows of a table by id, as the database keeps them."""
        with self.engine.connect() as connection:
            found = connection.execute(sa.select(self.tables.by_name[table])).mappings()
            return {row["id"]: dict(row) for row in found}

    def staff(self, number: int, name: str, **more: Any) -> int:
        return self.add("staff", id=number, full_name=name, email=f"{number}@salon.example", phone="", **more)

    def service(self, number: int, title: str, minutes: int, before: int = 0, after: int = 0, **more: Any) -> int:
        times = {"duration": minutes * 60, "padding_left": before * 60, "padding_right": after * 60}
        return self.add("services", id=number, title=title, **times, **more)

    def customer(self, number: int, name: str, phone: str = "", email: str = "", **more: Any) -> int:
        return self.add(
            "customers", id=number, full_name=name, phone=phone, email=email, notes="", created_at=MADE, **more
        )

    def row(self, start: str | None, minutes: int | None = 30, staff: int = MARIA, **more: Any) -> int:
        """An appointment row without anybody on it; Cut unless `service_id` says another."""
        begins = local(start) if start else None
        ends = begins + timedelta(minutes=minutes) if begins and minutes is not None else None
        values = {"service_id": CUT, "created_at": MADE, "updated_at": MADE, **more}
        return self.add("appointments", staff_id=staff, start_date=begins, end_date=ends, **values)

    def client(self, row: int, customer: int = ANNA, status: str = "approved", persons: int = 1, **more: Any) -> int:
        """A customer_appointment on a row."""
        values = {"created_at": MADE, "updated_at": MADE, "token": f"secret{next(self._numbers)}", **more}
        return self.add(
            "customer_appointments",
            appointment_id=row,
            customer_id=customer,
            status=status,
            number_of_persons=persons,
            **values,
        )

    def visit(self, start: str, minutes: int = 30, staff: int = MARIA, customer: int = ANNA, **more: Any) -> int:
        """A client's visit on a row of its own; gives the customer_appointment's id."""
        return self.client(self.row(start, minutes, staff, **more), customer)

    def door(self, url: str = "", **more: Any) -> BooklyDoor:
        """A new way to this database, as a process of its own has it; closed with the salon."""
        self._doors.append(open_bookly(url or self.url, **more))
        return self._doors[-1]

    @cached_property
    def usual_door(self) -> BooklyDoor:
        return self.door()

    @property
    def reader(self) -> BooklyReader:
        return BooklyReader(self.usual_door, lambda: self.now)

    @property
    def writer(self) -> BooklyWriter:
        return BooklyWriter(self.usual_door, lambda: self.now, lock_wait=1)

    def shown(self) -> dict[str, Appointment]:
        """All appointments of a year by their keys."""
        return {a.ref.key: a for a in self.reader.snapshot(YEAR).appointments}

    def close(self) -> None:
        for door in self._doors:
            door.close()
        self.engine.dispose()
