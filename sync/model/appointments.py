"""What a side shows: appointments, spans, clients, staff, services, snapshots."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from sync.model.plain import digest


class Side(StrEnum):
    """One of the two doors a chair is sold through."""

    BOOKLY = "bookly"
    SQUARE = "square"

    @property
    def other(self) -> Side:
        return Side.SQUARE if self is Side.BOOKLY else Side.BOOKLY

    @property
    def brand(self) -> str:
        """The name people know it by: Bookly, Square."""
        return self.value.capitalize()


class Standing(StrEnum):
    """What a side's own status word means for the chair. Only stands <-> cancelled is ever carried."""

    STANDS = "stands"
    CANCELLED = "cancelled"
    OVER = "over"
    WAITING = "waiting"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True, order=True)
class Ref:
    """An appointment's identity on its side.

    Keys on Bookly: `ca:ID` a customer's booking (customer_appointment id), `row:ID` an appointment row taken as a
    whole (a class, a block, staff's own row), `compound:ID` the parts of a compound service (its smallest
    customer_appointment id). On Square the key is the booking id.
    """

    side: Side
    key: str

    def __str__(self) -> str:
        return f"{self.side}/{self.key}"

    @classmethod
    def parse(cls, text: str) -> Ref:
        """`bookly/ca:12` back to a Ref; raises ValueError for anything else."""
        side, _, key = text.partition("/")
        if not key:
            raise ValueError(f"{text!r} is not the name of an appointment")
        return cls(Side(side), key)


@dataclass(frozen=True, slots=True)
class Span:
    """One staff member and a half-open interval: the core with the client, and the busy time around it."""

    staff: str
    start: datetime
    end: datetime
    busy_start: datetime
    busy_end: datetime

    @classmethod
    def of(
        cls,
        staff: str,
        start: datetime,
        end: datetime,
        before: timedelta = timedelta(0),
        after: timedelta = timedelta(0),
    ) -> Span:
        """A span whose busy time reaches `before` ahead of the core and `after` beyond it."""
        return cls(staff, start, end, start - before, end + after)

    def moved(self, start: datetime, staff: str | None = None) -> Span:
        """The same span at another start, and with another staff member if one is named."""
        by = start - self.start
        return Span(staff or self.staff, start, self.end + by, self.busy_start + by, self.busy_end + by)

    def core_meets(self, other: Span) -> bool:
        return self.staff == other.staff and self.start < other.end and other.start < self.end

    def busy_meets(self, other: Span) -> bool:
        return self.staff == other.staff and self.busy_start < other.busy_end and other.busy_start < self.busy_end


@dataclass(frozen=True, slots=True)
class Client:
    """A client as one side knows them. `key` is that side's customer id; empty when the side has none."""

    key: str
    name: str = ""
    phone: str = ""
    email: str = ""
    persons: int = 1


@dataclass(frozen=True, slots=True)
class Part:
    """One piece of an appointment: one staff member (in `span`), one service.

    `unit` is what takes the chair: Bookly's appointment row id, or the Square booking id. Two visits on one unit
    never overlap each other; they are counted against the unit's capacity instead.
    """

    span: Span
    unit: str
    service: str | None = None
    service_name: str = ""


@dataclass(frozen=True, slots=True)
class Appointment:
    """A visit as one side has it.

    `status` is the side's own word, `version` Square's number (None on Bookly), `mark` our mark if the row or
    booking carries one. `capacity` is how many persons the unit takes; `unit_persons` how many stand on it in all,
    other visits of the unit included. `anomaly` names what is wrong with the row itself, in a stable word.
    `made_at` is when the side says it was made (UTC), None when it does not say. `dropped` are units of a visit of
    several parts that do not stand any more and are still there: what is neither there nor dropped has vanished.
    """

    ref: Ref
    standing: Standing
    status: str
    parts: tuple[Part, ...]
    clients: tuple[Client, ...] = ()
    persons: int = 1
    capacity: int = 1
    unit_persons: int = 1
    is_class: bool = False
    unpaid: bool = False
    label: str = ""
    mark: str | None = None
    version: int | None = None
    anomaly: str | None = None
    made_at: datetime | None = None
    dropped: tuple[str, ...] = ()

    @property
    def start(self) -> datetime:
        return min(part.span.start for part in self.parts)

    @property
    def end(self) -> datetime:
        return max(part.span.end for part in self.parts)

    @property
    def units(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(part.unit for part in self.parts))

    @property
    def stands(self) -> bool:
        return self.standing is Standing.STANDS

    @property
    def fingerprint(self) -> str:
        """A hash of what matters: times, staff, services, standing, who comes. Equal content, equal hash.

        A service counts by its id, so that renaming one changes no visit; one without an id counts by its name.
        """
        return digest(
            {
                "standing": self.standing,
                "parts": [(p.span, p.service, "" if p.service else p.service_name) for p in self.parts],
                "clients": sorted((c.key, c.persons) for c in self.clients),
                "persons": self.persons,
                "capacity": self.capacity,
                "unit_persons": self.unit_persons,
                "label": self.label,
                "anomaly": self.anomaly,
            }
        )


@dataclass(frozen=True, slots=True)
class StaffMember:
    """Somebody one side has in its staff list. `hours` are local (weekday 0 = Monday, "HH:MM", "HH:MM") stretches."""

    side: Side
    id: str
    name: str
    email: str = ""
    phone: str = ""
    active: bool = True
    services: frozenset[str] = frozenset()
    hours: tuple[tuple[int, str, str], ...] = ()
    days_off: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Service:
    """A service (Bookly) or a service variation (Square); `version` is Square's catalog version."""

    side: Side
    id: str
    name: str
    minutes: int
    before_minutes: int = 0
    after_minutes: int = 0
    version: int | None = None
    active: bool = True


OWN_TIME = Service(Side.BOOKLY, "own", "Time blocked in Bookly", 0)
"""Stands in the map of services for time in Bookly without a service: what staff shut for themselves, and visits with a
name of their own. Bookly's ids are numbers, so this one is nobody else's."""


@dataclass(frozen=True, slots=True)
class Directory:
    """Who works there and what they do, as one side lists it. `timezone` is the side's IANA name or fixed offset."""

    side: Side
    timezone: str
    staff: tuple[StaffMember, ...]
    services: tuple[Service, ...]


@dataclass(frozen=True, slots=True)
class Window:
    """A half-open stretch of absolute time that a pull covers, by the start of an appointment."""

    start: datetime
    end: datetime


@dataclass(frozen=True, slots=True)
class Snapshot:
    """Everything one side shows in a window, read whole. `began_at` is when the read began (UTC).

    `unreadable` names rows that could not be understood, each with a sentence: they are shown, never acted on.
    """

    side: Side
    window: Window
    began_at: datetime
    directory: Directory
    appointments: tuple[Appointment, ...]
    unreadable: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Problem:
    """Something wrong with a setting or a connection: which setting, what was seen (masked), what to do."""

    setting: str
    seen: str
    sentence: str


def appointment_from(value: Mapping[str, Any]) -> Appointment:
    """The inverse of `plain(appointment)`, as the mirror keeps it."""
    parts = tuple(
        Part(
            Span(
                p["span"]["staff"],
                *(datetime.fromisoformat(p["span"][name]) for name in ("start", "end", "busy_start", "busy_end")),
            ),
            p["unit"],
            p["service"],
            p["service_name"],
        )
        for p in value["parts"]
    )
    made_at = value["made_at"]
    return Appointment(
        ref=Ref(Side(value["ref"]["side"]), value["ref"]["key"]),
        standing=Standing(value["standing"]),
        parts=parts,
        clients=tuple(Client(**c) for c in value["clients"]),
        made_at=datetime.fromisoformat(made_at) if made_at else None,
        dropped=tuple(value.get("dropped", ())),
        **{
            name: value[name]
            for name in (
                "status",
                "persons",
                "capacity",
                "unit_persons",
                "is_class",
                "unpaid",
                "label",
                "mark",
                "version",
                "anomaly",
            )
        },
    )
