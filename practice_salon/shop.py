"""The made-up salon that both practice calendars are filled from: who works there, what they do, who comes.

Every name, address and number is invented: mail addresses end in `.example`, phone numbers lie in the ranges
that North American telephone numbering keeps for fiction (555-0100 to 555-0199).
"""

import random
from collections.abc import Mapping
from dataclasses import dataclass

DayHours = tuple[str, str] | None
"""One day's opening as local ("HH:MM", "HH:MM"), or None for a day off."""

WeekHours = tuple[DayHours, DayHours, DayHours, DayHours, DayHours, DayHours, DayHours]
"""Seven days, Monday first."""


@dataclass(frozen=True, slots=True)
class Person:
    """A member of staff or a client. `phone` is E.164; `key` is unique among staff, and among clients."""

    key: int
    name: str
    email: str
    phone: str


@dataclass(frozen=True, slots=True)
class Service:
    """Something the salon does. `capacity` above 1 makes it a class; paddings are minutes kept free around it."""

    key: int
    title: str
    minutes: int
    padding_left_min: int
    padding_right_min: int
    capacity: int
    price_cents: int


@dataclass(frozen=True, slots=True)
class Shop:
    """One salon. `skills` maps a staff key to the service keys they do; `hours` to their local working week."""

    seed: int
    timezone: str
    staff: tuple[Person, ...]
    services: tuple[Service, ...]
    clients: tuple[Person, ...]
    skills: Mapping[int, frozenset[int]]
    hours: Mapping[int, WeekHours]


TIMEZONE = "America/Chicago"
CLIENT_COUNT = 130
AREA_CODES = ("312", "773", "872", "847", "708")

STAFF_NAMES = (
    ("Maria", "Theo", "Priya"),
    ("Luca", "Dana", "Owen", "Noor", "Ines", "Felix", "Marta"),
)
STAFF_SURNAMES = ("Lindqvist", "Abara", "Raman", "Costa", "Whitlow", "Okafor", "Sandoval", "Petrov", "Hallam", "Moreau")

FIRST_NAMES = (
    "Anna", "Ben", "Carla", "Daniel", "Elif", "Frank", "Grace", "Hana", "Igor", "Jade", "Kofi", "Lena", "Mateo",
    "Nadia", "Oscar", "Paula", "Quinn", "Rosa", "Sam", "Tara", "Uma", "Victor", "Wren", "Ximena", "Yusuf", "Zoe",
    "Aidan", "Bianca", "Cyrus", "Delia", "Emeka", "Freya", "Gianni", "Heidi", "Isla", "Jonas", "Keiko", "Liam",
)  # fmt: skip
SURNAMES = (
    "Abbott", "Barros", "Castell", "Dembele", "Eriksen", "Falk", "Greer", "Hollis", "Ivanov", "Juarez", "Kessler",
    "Larkin", "Mbeki", "Nyland", "Ortega", "Pryce", "Quist", "Rao", "Sorensen", "Tully", "Ueda", "Vance", "Weller",
    "Yoon", "Zeller", "Ashdown", "Bellamy", "Corrigan", "Duarte", "Ellery",
)  # fmt: skip

SERVICES = (
    Service(1, "Women's Haircut", 45, 0, 15, 1, 6500),
    Service(2, "Men's Haircut", 30, 0, 0, 1, 3800),
    Service(3, "Kids' Haircut", 30, 0, 0, 1, 2800),
    Service(4, "Blowout", 45, 0, 0, 1, 4500),
    Service(5, "Root Touch-Up", 75, 0, 15, 1, 8500),
    Service(6, "Full Colour", 120, 10, 15, 1, 14500),
    Service(7, "Balayage", 150, 0, 15, 1, 21000),
    Service(8, "Gloss and Tone", 45, 0, 0, 1, 5500),
    Service(9, "Deep Conditioning", 30, 0, 0, 1, 3500),
    Service(10, "Beard Trim", 15, 0, 0, 1, 2000),
    Service(11, "Updo and Styling", 60, 5, 5, 1, 9000),
    Service(12, "Braiding Class", 60, 0, 0, 6, 3500),
)

# By chair, first to sixth: cutters, colourists, all-rounders. At least two people do each service.
SKILLS = (
    (1, 2, 3, 4, 5, 6, 7, 8, 9, 11),
    (1, 2, 3, 4, 9, 10, 11, 12),
    (1, 4, 5, 6, 7, 8, 9, 11),
    (1, 2, 3, 4, 8, 9, 10),
    (1, 3, 4, 5, 6, 8, 9, 11, 12),
    (2, 3, 4, 9, 10),
)
# Monday first; the salon is open every day and at least four people work on each.
DAYS_OFF = ((0, 6), (1, 2), (2, 3), (3, 4), (4, 5), (0, 1))
SHIFTS = (("09:00", "18:00"), ("09:00", "18:00"), ("10:00", "19:00"), ("09:00", "17:00"), ("10:00", "19:00"))
SUNDAY = ("10:00", "16:00")


def shop(seed: int) -> Shop:
    """The salon of that seed: six staff, twelve services, 130 clients. The same seed gives the same salon."""
    rng = random.Random(f"shop {seed}")
    staff = _staff(rng)
    return Shop(
        seed=seed,
        timezone=TIMEZONE,
        staff=staff,
        services=SERVICES,
        clients=_clients(rng),
        skills={person.key: frozenset(SKILLS[person.key - 1]) for person in staff},
        hours={person.key: _week(DAYS_OFF[person.key - 1], rng.choice(SHIFTS)) for person in staff},
    )


def _staff(rng: random.Random) -> tuple[Person, ...]:
    always, others = STAFF_NAMES
    first = [*always, *rng.sample(others, 6 - len(always))]
    last = rng.sample(STAFF_SURNAMES, 6)
    return tuple(
        Person(key, f"{a} {b}", f"{a.lower()}@salon.example", f"+1312555{100 + key:04d}")
        for key, (a, b) in enumerate(zip(first, last, strict=True), start=1)
    )


def _clients(rng: random.Random) -> tuple[Person, ...]:
    """Clients with names, mails and phones that are all different from each other and from the staff's."""
    couples = rng.sample([(a, b) for a in FIRST_NAMES for b in SURNAMES], CLIENT_COUNT)
    return tuple(
        Person(key, f"{a} {b}", f"{a.lower()}.{b.lower()}@mail.example", _phone(key))
        for key, (a, b) in enumerate(couples, start=1)
    )


def _phone(key: int) -> str:
    """Twenty to ninety of the fictional numbers of each area code, never one of the staff's."""
    area = AREA_CODES[key % len(AREA_CODES)]
    return f"+1{area}555{110 + key // len(AREA_CODES):04d}"


def _week(days_off: tuple[int, ...], shift: tuple[str, str]) -> WeekHours:
    def day(index: int) -> DayHours:
        if index in days_off:
            return None
        return SUNDAY if index == 6 else shift

    return (day(0), day(1), day(2), day(3), day(4), day(5), day(6))
