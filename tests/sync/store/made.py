"""Made-up appointments, snapshots and findings to keep."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

from sync.model import (
    Appointment,
    Client,
    Concerned,
    Directory,
    Finding,
    Kind,
    Part,
    Ref,
    Service,
    Side,
    Snapshot,
    Span,
    StaffMember,
    Standing,
    Window,
)

NOON = datetime(2026, 3, 3, 12, 0, tzinfo=UTC)
WINDOW = Window(NOON - timedelta(days=30), NOON + timedelta(days=60))


def at(minutes: float) -> datetime:
    """So many minutes after noon."""
    return NOON + timedelta(minutes=minutes)


def bookly(number: int) -> Ref:
    return Ref(Side.BOOKLY, f"ca:{number}")


def square(name: str) -> Ref:
    return Ref(Side.SQUARE, name)


def visit(
    ref: Ref,
    start: float = 0,
    minutes: float = 60,
    *,
    staff: str = "1",
    unit: str = "",
    padding: float = 0,
    standing: Standing = Standing.STANDS,
    status: str = "approved",
    client: str = "7",
    version: int | None = None,
    mark: str | None = None,
) -> Appointment:
    """An hour at noon (`start` in minutes after it) with one staff member."""
    span = Span.of(staff, at(start), at(start + minutes), timedelta(minutes=padding), timedelta(minutes=padding))
    return Appointment(
        ref=ref,
        standing=standing,
        status=status,
        parts=(Part(span, unit or ref.key.rpartition(":")[2], "3", "Cut"),),
        clients=(Client(client, "Robin Vale", "+1 555 0100", "robin@salon.example"),),
        version=version,
        mark=mark,
    )


def directory(side: Side, *members: tuple[str, str], zone: str = "America/Chicago") -> Directory:
    """A directory with these (id, name); one service."""
    staff = tuple(
        StaffMember(
            side,
            key,
            name,
            services=frozenset({"3"}),
            hours=((0, "09:00", "17:00"),),
            days_off=frozenset({"2026-12-25"}),
        )
        for key, name in members
    )
    return Directory(side, zone, staff, (Service(side, "3", "Cut", 60, after_minutes=10),))


def snapshot(
    side: Side,
    began: float,
    shown: Iterable[Appointment],
    *,
    window: Window = WINDOW,
    listed: Directory | None = None,
    unreadable: tuple[tuple[str, str], ...] = (),
) -> Snapshot:
    """A whole read that began so many minutes after noon."""
    return Snapshot(side, window, at(began), listed or directory(side), tuple(shown), unreadable)


def finding(
    *units: str, kind: Kind = Kind.DOUBLE_BOOKING, seen: str = "as seen", start: float = 0, **detail: object
) -> Finding:
    """A finding about these units of Bookly."""
    concerned = tuple(Concerned(Side.BOOKLY, unit, (bookly(int(unit)),)) for unit in units)
    key = f"{kind}|" + "|".join(f"bookly:{unit}" for unit in sorted(units))
    return Finding(key, kind, "bookly:1", "Ida", at(start), at(start + 60), concerned, seen, {"visits": [], **detail})
