"""What is written to Bookly in these tests, and how it stands afterwards."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sync.model import Appointment, Cancel, Move, Place, PlacedPart, Side
from tests.sync.calendars.bookly.salon import MARIA, Salon, local, utc

MARK = "slotkeeper:a1:7:0"
SITE_NOW = local("2026-11-21 12:00")


def part(start: str, end: str, staff: int = MARIA) -> PlacedPart:
    return PlacedPart(str(staff), utc(start), utc(end))


def place(start: str = "2026-12-01 10:00", end: str = "2026-12-01 10:45", staff: int = MARIA, **more: Any) -> Place:
    values = {"mark": MARK, "label": "Square · Anna", "key": "k", **more}
    return Place(Side.BOOKLY, (part(start, end, staff),), **values)


def move(visit: Appointment, *parts: PlacedPart, **more: Any) -> Move:
    return Move(visit.ref, parts, "k", visit.fingerprint, from_units=visit.units, **more)


def cancel(visit: Appointment) -> Cancel:
    return Cancel(visit.ref, "k", visit.fingerprint)


def shown(salon: Salon, line: int) -> Appointment:
    return salon.shown()[f"ca:{line}"]


def digits(salon: Salon, row: int) -> tuple[int, datetime, datetime]:
    kept = salon.rows("appointments")[row]
    return kept["staff_id"], kept["start_date"], kept["end_date"]
