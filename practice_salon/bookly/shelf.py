"""What the website's finder reads: the rows in the way, the hours, the days off, and the times it offers."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta, tzinfo

import sqlalchemy as sa

from practice_salon.bookly.addons import busy_words
from practice_salon.bookly.journal import Request, Row
from practice_salon.bookly.rules import Taken, Wish, hides
from practice_salon.bookly.site import site_zone, utc

REACH = timedelta(hours=24)
"""How far beyond a wished time rows are read, so that long paddings and extras are not overlooked."""


def taken(request: Request, staff: int, start: datetime, end: datetime) -> list[Taken]:
    """The rows of that person that may meet start..end (naive local), as both checks see them."""
    b = request.bookly
    a, ca, ss, s = b.appointments.c, b.customer_appointments.c, b.staff_services.c, b.services.c
    occupies = ca.status.in_(busy_words(request.connection, b.prefix))
    persons = sa.func.coalesce(sa.func.sum(sa.case((occupies, ca.number_of_persons), else_=0)), 0)
    query = (
        sa.select(
            a.id, a.service_id, a.start_date, a.end_date, a.extras_duration,
            s.padding_left, s.padding_right, sa.func.count(ca.id).label("clients"), persons.label("persons"),
            ss.capacity_max, s.one_booking_per_slot,
        )
        .select_from(
            b.appointments.outerjoin(b.services, s.id == a.service_id)
            .outerjoin(
                b.staff_services,
                sa.and_(ss.staff_id == a.staff_id, ss.service_id == a.service_id, ss.location_id.is_(None)),
            )
            .outerjoin(b.customer_appointments, ca.appointment_id == a.id)
        )
        .where(a.staff_id == staff, a.start_date < end + REACH, a.end_date > start - REACH)
        .group_by(a.id, s.id, ss.id)
        .order_by(a.id)
    )  # fmt: skip
    return [_taken(dict(row), request.site.pro) for row in request.connection.execute(query).mappings()]


def _taken(row: Row, pro: bool) -> Taken:
    return Taken(
        id=row["id"],
        service=row["service_id"],
        start=row["start_date"],
        end=row["end_date"],
        extras_s=row["extras_duration"],
        left_s=(row["padding_left"] or 0) if pro else 0,
        right_s=(row["padding_right"] or 0) if pro else 0,
        clients=row["clients"],
        persons=int(row["persons"]),
        capacity=row["capacity_max"],
        one_booking_fills=bool(row["one_booking_per_slot"]),
    )


def wish(request: Request, staff: int, service: int, start: datetime, persons: int = 1, extras_s: int = 0) -> Wish:
    """The wished time with the service's paddings and this person's capacity. PracticeError: no such service."""
    row, pro = request.row(request.bookly.services, service), request.site.pro
    skills = request.rows(request.bookly.staff_services, staff_id=staff, service_id=service)
    return Wish(
        service=service,
        start=start,
        end=start + timedelta(seconds=row["duration"]),
        persons=persons,
        extras_s=extras_s,
        left_s=row["padding_left"] if pro else 0,
        right_s=row["padding_right"] if pro else 0,
        capacity=next((skill["capacity_max"] for skill in skills if skill["location_id"] is None), 1),
    )


def offers(
    request: Request, staff: int, service: int, day: date, persons: int = 1, extras_s: int = 0
) -> list[datetime]:
    """The starts (naive local) that the website shows for that day, on the site's grid, none before now."""
    shifts = working_hours(request, staff, day)
    midnight = datetime.combine(day, datetime.min.time())
    rows = taken(request, staff, midnight, midnight + timedelta(days=2))
    grid = timedelta(minutes=int(request.options.get("bookly_gen_time_slot_length") or 15))
    first = wish(request, staff, service, midnight, persons, extras_s)
    length, zone = first.end - first.start, site_zone(request.options)
    wishes = (replace(first, start=start, end=start + length) for start in _grid(shifts, grid))
    return [one.start for one in wishes if _offered(one, rows, shifts, request.now, zone)]


def _grid(shifts: Sequence[tuple[datetime, datetime]], step: timedelta) -> Iterator[datetime]:
    """Every step from each shift's beginning."""
    for opens, closes in shifts:
        start = opens
        while start < closes:
            yield start
            start += step


def _offered(
    one: Wish, rows: Sequence[Taken], shifts: Sequence[tuple[datetime, datetime]], now: datetime, zone: tzinfo
) -> bool:
    end = one.end + timedelta(seconds=one.extras_s)
    inside = any(opens <= one.start and end <= closes for opens, closes in shifts)
    return inside and one.start >= now and _exists(one.start, zone) and not any(hides(row, one) for row in rows)


def _exists(digits: datetime, zone: tzinfo) -> bool:
    """No for the hour that a clock change leaves out. A repeated hour is offered once, as its first pass."""
    return utc(digits, zone).astimezone(zone).replace(tzinfo=None) == digits


def working_hours(request: Request, staff: int, day: date) -> list[tuple[datetime, datetime]]:
    """The stretches of that day in which the person works, breaks cut out; empty on a day off."""
    if _closed(request, staff, day):
        return []
    items = request.rows(request.bookly.staff_schedule_items, staff_id=staff, day_index=day.isoweekday() % 7 + 1)
    return [stretch for item in items if item["start_time"] for stretch in _stretches(request, item, day)]


def _stretches(request: Request, item: Row, day: date) -> Iterator[tuple[datetime, datetime]]:
    breaks = request.rows(request.bookly.schedule_item_breaks, staff_schedule_item_id=item["id"])
    opens = _on(day, item["start_time"])
    for pause in sorted(breaks, key=lambda row: str(row["start_time"])):
        yield opens, _on(day, pause["start_time"])
        opens = _on(day, pause["end_time"])
    yield opens, _on(day, item["end_time"])


def _on(day: date, clock: str) -> datetime:
    """A time of day that may lie past 24:00."""
    hours, minutes, seconds = (int(part) for part in clock.split(":"))
    midnight = datetime.combine(day, datetime.min.time())
    return midnight + timedelta(hours=hours, minutes=minutes, seconds=seconds)


def _closed(request: Request, staff: int, day: date) -> bool:
    """A row of that person's on the day, or of any year when it repeats. The company's own row is only the parent."""
    for row in request.rows(request.bookly.holidays, staff_id=staff):
        off: date = row["date"]
        if off == day or (row["repeat_event"] and (off.month, off.day) == (day.month, day.day)):
            return True
    return False
