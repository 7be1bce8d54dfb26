"""A believable salon in Bookly's tables: rows made from the diary, the same for the same (shop, now)."""

import random
from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta
from typing import Any

import sqlalchemy as sa

from practice_salon.bookly import diary
from practice_salon.bookly.diary import Sitting, Visit
from practice_salon.bookly.load import replace_all
from practice_salon.bookly.site import local, site_zone, zone_options
from practice_salon.bookly.tables import DEFAULT_PREFIX, create, not_writable, open_engine
from practice_salon.shop import Person, Service, Shop

Row = dict[str, Any]
BREAKS = range(1, 8)


def seed(url: str, shop: Shop, now: datetime, prefix: str = DEFAULT_PREFIX) -> int:
    """Fill the site's tables with that salon around `now` (aware), replacing what was there; how many appointments.

    Staff, services and clients have their keys of the shop as ids. Raises PracticeError when the database cannot
    be written.
    """
    made = rows(shop, now)
    engine = open_engine(url)
    try:
        replace_all(engine, create(engine, prefix), made, zone_options(shop.timezone))
    except sa.exc.DBAPIError as error:
        raise not_writable(error) from None
    finally:
        engine.dispose()
    return len(made["appointments"])


def rows(shop: Shop, now: datetime) -> dict[str, list[Row]]:
    """All rows by table, in Bookly's own values: seconds, naive local times."""
    today = local(now, site_zone(zone_options(shop.timezone)))
    rng = random.Random(f"tokens {shop.seed} {today.date()}")
    visits = diary.visits(shop, today)
    made = {
        "categories": [{"id": 1, "name": "Salon"}],
        "services": [*map(_service, shop.services), _compound(shop)],
        "sub_services": list(_sub_services()),
        "staff": [_staff(person) for person in shop.staff],
        "staff_services": list(_staff_services(shop)),
        "staff_schedule_items": list(_schedule(shop)),
        "schedule_item_breaks": list(_breaks(shop)),
        "holidays": list(_holidays(shop, today.date())),
        "customers": [_customer(person, today) for person in shop.clients],
        "series": [{"id": 1, "repeat": '{"enabled":1,"repeat":"weekly"}', "token": _token(rng)}],
    }
    return {**made, **_booked(visits, rng, today)}


def _service(service: Service) -> Row:
    return {
        "id": service.key,
        "category_id": 1,
        "title": service.title,
        "duration": service.minutes * 60,
        "price": service.price_cents / 100,
        "capacity_max": service.capacity,
        "padding_left": service.padding_left_min * 60,
        "padding_right": service.padding_right_min * 60,
        "position": service.key,
    }


def _compound(shop: Shop) -> Row:
    parts = [service for service in shop.services if service.key in diary.COMPOUND_PARTS]
    return {
        "id": diary.COMPOUND_KEY,
        "category_id": 1,
        "type": "compound",
        "title": diary.COMPOUND_TITLE,
        "duration": sum(part.minutes for part in parts) * 60,
        "price": sum(part.price_cents for part in parts) / 100,
        "position": diary.COMPOUND_KEY,
    }


def _sub_services() -> Iterator[Row]:
    for position, key in enumerate(diary.COMPOUND_PARTS):
        yield {"id": position + 1, "service_id": diary.COMPOUND_KEY, "sub_service_id": key, "position": position}


def _staff(person: Person) -> Row:
    return {
        "id": person.key,
        "full_name": person.name,
        "email": person.email,
        "phone": person.phone,
        "position": person.key,
    }


def _staff_services(shop: Shop) -> Iterator[Row]:
    pairs = ((person.key, service) for person in shop.staff for service in shop.services)
    skilled = [(staff, service) for staff, service in pairs if service.key in shop.skills[staff]]
    for number, (staff, service) in enumerate(skilled, start=1):
        yield {
            "id": number,
            "staff_id": staff,
            "service_id": service.key,
            "price": service.price_cents / 100,
            "capacity_max": service.capacity,
        }


def _schedule(shop: Shop) -> Iterator[Row]:
    """Seven rows a person; Bookly counts days from Sunday = 1, the shop from Monday = 0."""
    for person in shop.staff:
        for weekday, hours in enumerate(shop.hours[person.key]):
            index = (weekday + 1) % 7 + 1
            start, end = (f"{clock}:00" for clock in hours) if hours else (None, None)
            yield {
                "id": _schedule_id(person.key, index),
                "staff_id": person.key,
                "day_index": index,
                "start_time": start,
                "end_time": end,
            }


def _schedule_id(staff: int, day_index: int) -> int:
    return (staff - 1) * 7 + day_index


def _breaks(shop: Shop) -> Iterator[Row]:
    number = 0
    for person in shop.staff:
        for index in BREAKS:
            if shop.hours[person.key][(index - 2) % 7] is None:
                continue
            number += 1
            start, end = diary.lunch(person.key, date.min)
            yield {
                "id": number,
                "staff_schedule_item_id": _schedule_id(person.key, index),
                "start_time": f"{start:%H:%M}:00",
                "end_time": f"{end:%H:%M}:00",
            }


def _holidays(shop: Shop, today: date) -> Iterator[Row]:
    """A closed day is a row for the company and one for each person; a day off is one row of that person's."""
    number = 0
    for month, day in diary.YEARLY_HOLIDAYS:
        parent = number + 1
        for staff in (None, *(person.key for person in shop.staff)):
            number += 1
            yield {
                "id": number,
                "staff_id": staff,
                "parent_id": None if staff is None else parent,
                "date": date(today.year, month, day),
                "repeat_event": 1,
            }
    for staff, off in sorted((s, d) for s, d in diary.days_off(shop, today) if s is not None):
        number += 1
        yield {"id": number, "staff_id": staff, "parent_id": None, "date": off, "repeat_event": 0}


def _customer(person: Person, today: datetime) -> Row:
    first, _, last = person.name.partition(" ")
    return {
        "id": person.key,
        "full_name": person.name,
        "first_name": first,
        "last_name": last,
        "phone": person.phone,
        "email": person.email,
        "notes": "",
        "created_at": today - timedelta(days=120 + person.key),
    }


def _booked(visits: Sequence[Visit], rng: random.Random, today: datetime) -> dict[str, list[Row]]:
    """Appointment rows numbered in the order they were made, and the clients on them likewise."""
    appointments: list[Row] = []
    sitting: list[Row] = []
    compounds = {visit.compound: _token(rng) for visit in visits if visit.compound}
    for visit in visits:
        appointments.append(_appointment(len(appointments) + 1, visit))
        for one in visit.sittings:
            row = _customer_appointment(len(sitting) + 1, len(appointments), visit, one, today)
            tied = {"compound_token": compounds[visit.compound]} if visit.compound else {}
            sitting.append({**row, "token": _token(rng), **tied})
    return {"appointments": appointments, "customer_appointments": sitting}


def _appointment(number: int, visit: Visit) -> Row:
    return {
        "id": number,
        "staff_id": visit.staff,
        "service_id": visit.service,
        "custom_service_name": visit.custom_name,
        "start_date": visit.start,
        "end_date": visit.end,
        "extras_duration": visit.extras_min * 60,
        "internal_note": visit.note,
        "created_at": visit.made_on,
        "updated_at": visit.made_on,
    }


def _customer_appointment(number: int, appointment: int, visit: Visit, sitting: Sitting, today: datetime) -> Row:
    changed = _changed_on(visit, sitting, today)
    return {
        "id": number,
        "customer_id": sitting.client,
        "appointment_id": appointment,
        "series_id": 1 if visit.series else None,
        "number_of_persons": sitting.persons,
        "notes": "",
        "extras": "[]",
        "custom_fields": "[]",
        "status": sitting.status,
        "status_changed_at": changed,
        "created_from": sitting.door,
        "compound_service_id": diary.COMPOUND_KEY if visit.compound else None,
        "created_at": visit.made_on,
        "updated_at": changed or visit.made_on,
    }


def _changed_on(visit: Visit, sitting: Sitting, today: datetime) -> datetime | None:
    """A status that is not the one of a new booking was set later: at the end of a past visit, else the day after."""
    if sitting.status in ("approved", "pending"):
        return None
    past = visit.end is not None and visit.end < today
    return visit.end if past else visit.made_on + timedelta(hours=9)


def _token(rng: random.Random) -> str:
    return f"{rng.getrandbits(128):032x}"
