"""What is wrong in Bookly's rows, by looking at every two of them. Imports nothing of the engine.

The rules are those of a running Bookly: pending and approved keep the chair, and so do custom statuses marked busy;
`done`, cancelled, rejected, waitlisted and unknown words do not. Extras belong to the visit, paddings lie around it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from itertools import combinations
from typing import Any

from tests.jobs.raw_bookly import Row, Rows
from tests.jobs.salon import Found

BUSY = frozenset({"approved", "pending"})


@dataclass(frozen=True, slots=True)
class Taken:
    """An appointment row that keeps its chair: when, with its paddings, and for which visits (any name will do)."""

    id: int
    staff: int
    start: datetime
    end: datetime
    busy_start: datetime
    busy_end: datetime
    visits: frozenset[str]


def truth(rows: Rows, zone: tzinfo) -> set[Found]:
    """Every clash in these rows: (kind, appointment ids)."""
    taken = list(_taken(rows, zone))
    return {*_pairs(taken), *_crowded(rows)}


def _pairs(taken: list[Taken]) -> Iterator[Found]:
    for one, other in combinations(taken, 2):
        if one.staff != other.staff or len(one.visits | other.visits) < 2:
            continue
        ids = tuple(sorted((one.id, other.id)))
        if one.start < other.end and other.start < one.end:
            yield "double_booking", ids
        elif one.busy_start < other.busy_end and other.busy_start < one.busy_end:
            yield "padding_clash", ids


def _taken(rows: Rows, zone: tzinfo) -> Iterator[Taken]:
    services = {row["id"]: row for row in rows["services"]}
    for row in rows["appointments"]:
        visits, length = _visits(rows, row), _length(row)
        if not visits or length <= timedelta(0):
            continue
        start = _digits(row["start_date"]).replace(tzinfo=zone, fold=0).astimezone(UTC)
        service = services.get(row["service_id"], {})
        left, right = (_seconds(service.get(name)) for name in ("padding_left", "padding_right"))
        end = start + length
        yield Taken(row["id"], row["staff_id"], start, end, start - left, end + right, visits)


def _length(row: Row) -> timedelta:
    """How long it takes, extras included; nothing for a task and for a row without an end."""
    if row["start_date"] is None or row["end_date"] is None:
        return timedelta(0)
    return _digits(row["end_date"]) - _digits(row["start_date"]) + _seconds(row["extras_duration"])


def _visits(rows: Rows, row: Row) -> frozenset[str]:
    """Whose time it is: a class is one visit, and so is a compound service; a row with nobody on it is a block."""
    seats = [seat for seat in rows["customer_appointments"] if seat["appointment_id"] == row["id"]]
    if not seats:
        return frozenset({f"block {row['id']}"} if row["service_id"] is None else ())
    here = _busy(rows, seats)
    if here and _capacity(rows, row) > 1:
        return frozenset({f"class {row['id']}"})
    return frozenset(seat.get("compound_token") or f"seat {seat['id']}" for seat in here)


def _busy(rows: Rows, seats: list[Row]) -> list[Row]:
    custom = {row["slug"] for row in rows.get("custom_statuses", []) if int(row["busy"])}
    return [seat for seat in seats if seat["status"] in BUSY | custom and int(seat["number_of_persons"]) > 0]


def _capacity(rows: Rows, row: Row) -> int:
    said = [
        int(line["capacity_max"])
        for line in rows["staff_services"]
        if (line["staff_id"], line["service_id"], line["location_id"]) == (row["staff_id"], row["service_id"], None)
    ]
    return max(said, default=1)


def _crowded(rows: Rows) -> Iterator[Found]:
    alone = {row["id"] for row in rows["services"] if int(row.get("one_booking_per_slot") or 0)}
    for row in rows["appointments"]:
        seats = [seat for seat in rows["customer_appointments"] if seat["appointment_id"] == row["id"]]
        here = _busy(rows, seats)
        persons = sum(int(seat["number_of_persons"]) for seat in here)
        if _length(row) > timedelta(0) and (
            persons > _capacity(rows, row) or (row["service_id"] in alone and len(here) > 1)
        ):
            yield "over_capacity", (row["id"],)


def _digits(text: Any) -> datetime:
    return datetime.fromisoformat(text)


def _seconds(value: Any) -> timedelta:
    return timedelta(seconds=int(value or 0))
