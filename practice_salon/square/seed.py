"""Where a practice Square begins: an empty salon, or one with the staff, services and some clients of a shop."""

import secrets
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from practice_salon.square import ids
from practice_salon.square.catalog import add_service
from practice_salon.square.customers import add_customer
from practice_salon.square.events import Actor
from practice_salon.square.grants import ALL_SCOPES, TOKEN, add_grant
from practice_salon.square.staff import Week, add_team_member
from practice_salon.square.state import Clock, World
from practice_salon.square.times import stamp

if TYPE_CHECKING:
    from practice_salon.shop import Person, Shop

SEEDER = Actor("owner", "seed")
DAYS = ("MON", "TUE", "WED", "THU", "FRI", "SAT", "SUN")
NAME = "Practice Salon"


def empty_world(timezone: str, salt: str | None = None, now: datetime | None = None) -> World:
    """One location in that IANA zone, no staff, no services, no bookings; the token `practice` may do everything.

    Ids differ from world to world unless a `salt` is given. The clock runs from `now` (UTC; the machine's when None).
    """
    return _let_run(_bare_world(timezone, salt or secrets.token_hex(8), now or datetime.now(UTC)))


def _bare_world(timezone: str, salt: str, now: datetime) -> World:
    """The empty world while its clock still stands at `now`, so that all that is put in has that one time."""
    world = World(salt, Clock(frozen_at=now))
    add_grant(world, TOKEN, "personal", ALL_SCOPES)
    location, now_text = ids.location_id(world), stamp(world.now())
    common = {"country": "US", "currency": "USD", "language_code": "en-US", "business_name": NAME, "status": "ACTIVE"}
    merchant = {"id": ids.opaque(world, "merchant", 13).upper(), "main_location_id": location, "created_at": now_text}
    world["meta"].put("merchant", {**common, **merchant})
    place = {"id": location, "merchant_id": merchant["id"], "name": NAME, "timezone": timezone, "created_at": now_text}
    world["locations"].put(
        location, {**common, **place, "type": "PHYSICAL", "capabilities": ["CREDIT_CARD_PROCESSING"]}
    )
    return world


def _let_run(world: World) -> World:
    """Starts the clock, from where it stood."""
    world.clock = Clock(offset=world.now() - datetime.now(UTC))
    world["meta"].put("clock", {"offset_s": world.clock.offset.total_seconds()})
    return world


def seeded_world(shop: "Shop", now: datetime) -> World:
    """The shop's staff with their hours, its services (one variation each) and every third client; no bookings.

    The same shop and `now` (UTC; the clock runs from it) give the same ids. A service's right padding becomes
    Square's transition time; Square has nothing to hold a left padding in.
    """
    world = _bare_world(shop.timezone, f"{shop.seed}:{stamp(now)}", now)
    staff = {person.key: _hire(world, person, _week(shop, person.key)) for person in shop.staff}
    for service in shop.services:
        able = [staff[key] for key in sorted(staff) if service.key in shop.skills[key]]
        add_service(
            world,
            service.title,
            service.minutes,
            service.price_cents,
            able,
            transition_minutes=service.padding_right_min,
        )
    for person in shop.clients[::3]:
        given, family = _names(person)
        fields = {"given_name": given, "family_name": family, "email_address": person.email}
        add_customer(world, SEEDER, {**fields, "phone_number": person.phone}, "DIRECTORY", lag_s=0)
    _open(world, shop)
    return _let_run(world)


def _hire(world: World, person: "Person", week: Week) -> str:
    given, family = _names(person)
    first = not len(world["team_members"])
    return str(add_team_member(world, given, family, person.email, person.phone, week, owner=first)["id"])


def _names(person: "Person") -> tuple[str, str]:
    given, _, family = person.name.partition(" ")
    return given, family


def _week(shop: "Shop", key: int) -> Week:
    return [None if day is None else list(day) for day in shop.hours[key]]


def _open(world: World, shop: "Shop") -> None:
    """The location is open from the first who comes to the last who goes."""
    periods = []
    for index, name in enumerate(DAYS):
        days = [day for week in shop.hours.values() if (day := week[index]) is not None]
        if days:
            opens, closes = min(day[0] for day in days), max(day[1] for day in days)
            period = {"day_of_week": name, "start_local_time": f"{opens}:00", "end_local_time": f"{closes}:00"}
            periods.append(period)
    location = world["locations"].values()[0]
    world["locations"].put(location["id"], {**location, "business_hours": {"periods": periods}})
