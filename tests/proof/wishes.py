"""What people want, whatever they get: who wants which time through which door, when they look and how long they take.

All of it comes from the seed alone, so that every way of keeping the calendars in step meets the same people.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from random import Random
from zoneinfo import ZoneInfo

from practice_salon.bookly.door import Form
from practice_salon.shop import FIRST_NAMES, SURNAMES, TIMEZONE
from tests.proof.plan import Plan
from tests.simulation.clock import NOON
from tests.simulation.salon import BEARD, BLOWOUT, CUT, GLOSS

ZONE = ZoneInfo(TIMEZONE)
MINUTES = {CUT: 30, BEARD: 15, BLOWOUT: 45, GLOSS: 45}
WEBSITE, DESK = "website", "desk"
AREA_CODES = ("312", "773", "872", "847", "708", "630", "224", "331", "815", "779", "464", "217", "618", "309")
NUMBERS = 90
"""So many of the fictional numbers of an area code are given away."""

LOOKING = {
    WEBSITE: {7: 2, 8: 3, 9: 3, 10: 3, 11: 3, 12: 5, 13: 4, 14: 3, 15: 3, 16: 3, 17: 4,
              18: 5, 19: 6, 20: 7, 21: 6, 22: 3},
    DESK: {9: 8, 10: 9, 11: 7, 12: 6, 13: 5, 14: 5, 15: 5, 16: 6, 17: 6, 18: 4},
}  # fmt: skip
"""At which hours of the day people look, by door: in the evening on the website, in the morning on the phone."""

WANTED = {9: 4, 10: 7, 11: 5, 12: 5, 13: 3, 14: 3, 15: 4, 16: 6, 17: 9, 18: 7}
"""Which hours they want: late in the morning and after work."""

AHEAD = {1: 9, 2: 8, 3: 7, 4: 6, 5: 5, 6: 5, 7: 6, 8: 3, 9: 2, 10: 2}
"""How many days ahead those want to come who name a day."""


@dataclass(frozen=True, slots=True)
class Wish:
    """Somebody wants a time. `takes`: seconds from choosing to pressing. `staff`: whom, in the order of preference.
    `day`: so many days ahead, None for the soonest there is; `hour`: around when on that day."""

    number: int
    door: str
    looks_at: datetime
    takes: float
    service: int
    staff: tuple[int, ...]
    day: int | None
    hour: float
    changes_after: float | None = None
    """Seconds after pressing at which they call it off or move it; None for never."""
    moves: bool = False

    @property
    def length(self) -> timedelta:
        return timedelta(minutes=MINUTES[self.service])

    @property
    def client(self) -> Form:
        """Everybody comes once."""
        first, last = FIRST_NAMES[self.number % len(FIRST_NAMES)], SURNAMES[self.number // 7 % len(SURNAMES)]
        area = AREA_CODES[self.number // NUMBERS % len(AREA_CODES)]
        phone = f"+1{area}555{110 + self.number % NUMBERS:04d}"
        return Form(f"{first} {last}", f"{first.lower()}.{self.number}@mail.example", phone)


def wishes(plan: Plan, seed: int) -> list[Wish]:
    """All of that seed, in the order in which they look."""
    rng = Random(f"wishes {seed}")
    midnight = NOON.astimezone(ZONE).replace(hour=0, minute=0) + timedelta(days=1)
    made = [_wish(plan, rng, midnight + timedelta(days=day)) for day in range(plan.days) for _ in _of_a_day(plan)]
    made.sort(key=lambda wish: wish.looks_at)
    return [replace(one, number=number) for number, one in enumerate(made)]


def _of_a_day(plan: Plan) -> range:
    return range(plan.bookings_a_day)


def _wish(plan: Plan, rng: Random, midnight: datetime) -> Wish:
    door = WEBSITE if rng.random() < plan.website_share else DESK
    at = midnight + timedelta(hours=_of(rng, LOOKING[door]), seconds=rng.uniform(0, 3600))
    soonest = rng.random() < plan.soonest_share
    fate = rng.random()
    changes = fate < plan.cancelled_share + plan.moved_share
    return Wish(
        number=-1,
        door=door,
        looks_at=at.astimezone(NOON.tzinfo),
        takes=(plan.form if door == WEBSITE else plan.phone).draw(rng),
        service=rng.choice(tuple(MINUTES)),
        staff=tuple(rng.sample(plan.staff, len(plan.staff)))[: 2 if soonest else 3],
        day=None if soonest else _of(rng, AHEAD),
        hour=_of(rng, WANTED) + rng.choice((0, 0, 0.5)),
        changes_after=rng.expovariate(1 / 86_400) if changes else None,
        moves=fate >= plan.cancelled_share,
    )


def _of(rng: Random, weights: dict[int, int]) -> int:
    return rng.choices(tuple(weights), tuple(weights.values()))[0]
