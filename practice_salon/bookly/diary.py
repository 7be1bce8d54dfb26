"""Three months of a believable salon, as visits in local time, before they become rows. Pure: (shop, now) decides all.

Nothing meets anything else, paddings included, so that a salon begins without a clash.
"""

import random
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta

from practice_salon.shop import Person, Service, Shop

DAYS_BACK = 60
DAYS_AHEAD = 30
GRID_MIN = 15
LUNCHES = ("12:00", "12:30", "13:00", "13:30")
LUNCH_MIN = 30
COMPOUND_KEY = 13
COMPOUND_TITLE = "Gloss and Blowout"
COMPOUND_PARTS = (8, 4)
YEARLY_HOLIDAYS = ((12, 25), (1, 1))


@dataclass(frozen=True, slots=True)
class Sitting:
    """One client on a visit, with Bookly's word for how it stands and the door they came through."""

    client: int
    status: str
    door: str
    persons: int = 1


@dataclass(frozen=True, slots=True)
class Visit:
    """One appointment row to be: naive local start, minutes, who sits. No `service`: a custom service or a block."""

    staff: int
    service: int | None
    start: datetime | None
    minutes: int
    sittings: tuple[Sitting, ...]
    made_on: datetime
    extras_min: int = 0
    custom_name: str | None = None
    note: str = ""
    series: bool = False
    compound: int | None = None
    """Parts of one compound booking share this number."""

    @property
    def end(self) -> datetime | None:
        return None if self.start is None else self.start + timedelta(minutes=self.minutes)


@dataclass(slots=True)
class Diary:
    """What is placed so far: busy times by staff member, clients by day, days off (staff None: everybody)."""

    shop: Shop
    days_off: frozenset[tuple[int | None, date]]
    busy: dict[int, list[tuple[datetime, datetime]]] = field(default_factory=lambda: defaultdict(list))
    came: dict[date, set[int]] = field(default_factory=lambda: defaultdict(set))

    def opening(self, staff: int, day: date) -> tuple[datetime, datetime] | None:
        """The local hours of that person on that day, or None when off."""
        hours = self.shop.hours[staff][day.weekday()]
        if hours is None or (staff, day) in self.days_off or (None, day) in self.days_off:
            return None
        return at(day, hours[0]), at(day, hours[1])

    def fits(self, staff: int, start: datetime, minutes: int, left: int = 0, right: int = 0) -> bool:
        """Is the person there, not at lunch, and free for that busy time?"""
        opening = self.opening(staff, start.date())
        begin, end = start - timedelta(minutes=left), start + timedelta(minutes=minutes + right)
        if opening is None or begin < opening[0] or end > opening[1]:
            return False
        taken = [*self.busy[staff], lunch(staff, start.date())]
        return all(end <= other_start or other_end <= begin for other_start, other_end in taken)

    def take(self, staff: int, start: datetime, minutes: int, left: int = 0, right: int = 0) -> None:
        """Keep that busy time."""
        span = (start - timedelta(minutes=left), start + timedelta(minutes=minutes + right))
        self.busy[staff].append(span)

    def free_client(self, rng: random.Random, day: date) -> Person:
        """Somebody who does not come on that day yet."""
        person = rng.choice([c for c in self.shop.clients if c.key not in self.came[day]])
        self.came[day].add(person.key)
        return person


def at(day: date, clock: str) -> datetime:
    """Local midnight of the day plus "HH:MM"."""
    return datetime.combine(day, time.fromisoformat(clock))


def lunch(staff: int, day: date) -> tuple[datetime, datetime]:
    """Everybody's half hour, at their own time."""
    start = at(day, LUNCHES[staff % len(LUNCHES)])
    return start, start + timedelta(minutes=LUNCH_MIN)


def days_off(shop: Shop, today: date) -> frozenset[tuple[int | None, date]]:
    """Yearly closed days of the salon, and one day off of one person, three weeks from today."""
    years = {today.year - 1, today.year, today.year + 1}
    closed = {(None, date(year, month, day)) for year in years for month, day in YEARLY_HOLIDAYS}
    return frozenset({*closed, (shop.staff[-1].key, today + timedelta(days=21))})


def visits(shop: Shop, now: datetime) -> list[Visit]:
    """All visits from 60 days before to 30 days after `now` (naive, local), in the order in which they were made."""
    rng = random.Random(f"bookly {shop.seed} {now.date()}")
    diary = Diary(shop, days_off(shop, now.date()))
    made = [*_specials(rng, diary, now), *_classes(rng, diary, now), *_compounds(rng, diary, now)]
    for offset in range(-DAYS_BACK, DAYS_AHEAD + 1):
        day = now.date() + timedelta(days=offset)
        for person in shop.staff:
            made.extend(_day(rng, diary, person.key, day, now, _fullness(offset)))
    return sorted(made, key=lambda visit: visit.made_on)


def _fullness(offset: int) -> float:
    """How likely a free quarter becomes a visit: the coming week is fuller than what lies far ahead."""
    if offset < 0:
        return 0.16
    return 0.15 if offset < 7 else 0.06


def _day(rng: random.Random, diary: Diary, staff: int, day: date, now: datetime, fullness: float) -> Iterator[Visit]:
    """One person's day: a visit now and then, and often the next one right behind it."""
    opening = diary.opening(staff, day)
    if opening is None:
        return
    cursor, close = opening
    while cursor < close:
        visit = _walk_in(rng, diary, staff, cursor, now) if rng.random() < fullness else None
        if visit is None:
            cursor += timedelta(minutes=GRID_MIN)
            continue
        yield visit
        cursor = _round_up(max(end for _, end in diary.busy[staff] if end.date() == day and end > cursor))
        fullness = min(0.5, fullness + 0.1)


def _walk_in(rng: random.Random, diary: Diary, staff: int, cursor: datetime, now: datetime) -> Visit | None:
    service = rng.choice(_single_services(diary.shop, staff))
    start = _round_up(cursor + timedelta(minutes=service.padding_left_min))
    extras = 15 if rng.random() < 0.08 else 0
    span = (staff, start, service.minutes + extras, service.padding_left_min, service.padding_right_min)
    if not diary.fits(*span):
        return None
    diary.take(*span)
    client = diary.free_client(rng, start.date())
    visit = Visit(staff, service.key, start, service.minutes, (), _made_on(rng, start, now), extras)
    return replace(visit, sittings=_sittings(rng, diary, visit, client.key, now))


def _sittings(rng: random.Random, diary: Diary, visit: Visit, client: int, now: datetime) -> tuple[Sitting, ...]:
    """One client as a rule; now and then one who cancelled, and another who took the freed row."""
    assert visit.start is not None and visit.end is not None
    past = visit.end < now
    first = Sitting(client, _status(rng, past), _door(rng))
    if first.status == "cancelled" and rng.random() < 0.3:
        second = diary.free_client(rng, visit.start.date())
        return first, Sitting(second.key, _done_or_coming(past), "frontend")
    return (first,)


def _status(rng: random.Random, past: bool) -> str:
    """Most of the past is done, and who did not come is rejected, as salons without the add-on do it."""
    if past:
        return rng.choices(("done", "approved", "cancelled", "rejected"), (60, 26, 10, 4))[0]
    return rng.choices(("approved", "pending", "cancelled"), (86, 7, 7))[0]


def _done_or_coming(past: bool) -> str:
    return "done" if past else "approved"


def _door(rng: random.Random) -> str:
    return "frontend" if rng.random() < 0.65 else "backend"


def _made_on(rng: random.Random, start: datetime, now: datetime) -> datetime:
    """One to thirty days before, to the minute, and never after now."""
    made = min(start - timedelta(days=rng.randint(1, 30)), now - timedelta(days=rng.randint(1, 14)))
    return made.replace(hour=rng.randint(8, 20), minute=rng.randint(0, 59), second=0, microsecond=0)


def _single_services(shop: Shop, staff: int) -> list[Service]:
    return [s for s in shop.services if s.key in shop.skills[staff] and s.capacity == 1]


def _round_up(moment: datetime) -> datetime:
    over = (moment.minute % GRID_MIN) * 60 + moment.second
    return moment if over == 0 else moment + timedelta(minutes=GRID_MIN) - timedelta(seconds=over)


def _classes(rng: random.Random, diary: Diary, now: datetime) -> Iterator[Visit]:
    """A class a week, two to five people on one row, some of whom bring somebody."""
    for service in (s for s in diary.shop.services if s.capacity > 1):
        teachers = [p.key for p in diary.shop.staff if service.key in diary.shop.skills[p.key]]
        for week in range(-(DAYS_BACK // 7), DAYS_AHEAD // 7 + 1):
            day = now.date() + timedelta(days=7 * week + 2)
            start, staff = at(day, "15:00"), rng.choice(teachers)
            if diary.fits(staff, start, service.minutes):
                diary.take(staff, start, service.minutes)
                past = start + timedelta(minutes=service.minutes) < now
                sittings = _class_sittings(rng, diary, service, start.date(), past)
                yield Visit(staff, service.key, start, service.minutes, sittings, _made_on(rng, start, now))


def _class_sittings(rng: random.Random, diary: Diary, service: Service, day: date, past: bool) -> tuple[Sitting, ...]:
    places, sittings = service.capacity, []
    for _ in range(rng.randint(2, 5)):
        persons = 2 if places >= 3 and rng.random() < 0.2 else 1
        if places < persons:
            break
        places -= persons
        client = diary.free_client(rng, day)
        sittings.append(Sitting(client.key, _status(rng, past), _door(rng), persons))
    return tuple(sittings)


def _compounds(rng: random.Random, diary: Diary, now: datetime) -> Iterator[Visit]:
    """Now and then the compound service: its parts one after the other, by one person, a row each."""
    parts = [next(s for s in diary.shop.services if s.key == key) for key in COMPOUND_PARTS]
    able = [p.key for p in diary.shop.staff if set(COMPOUND_PARTS) <= diary.shop.skills[p.key]]
    for number, offset in enumerate(range(-DAYS_BACK + 4, DAYS_AHEAD, 9), start=1):
        staff, start = rng.choice(able), at(now.date() + timedelta(days=offset), "10:30")
        if diary.fits(staff, start, sum(part.minutes for part in parts)):
            client, made_on = diary.free_client(rng, start.date()), _made_on(rng, start, now)
            sitting = Sitting(client.key, _done_or_coming(start < now - timedelta(hours=4)), "frontend")
            for part in parts:
                diary.take(staff, start, part.minutes)
                yield Visit(staff, part.key, start, part.minutes, (sitting,), made_on, compound=number)
                start += timedelta(minutes=part.minutes)


def _specials(rng: random.Random, diary: Diary, now: datetime) -> Iterator[Visit]:
    """The odd rows of a real Bookly: a weekly series, a custom service, a block, a task without a time."""
    yield from _weekly(diary, now)
    made_on = (now - timedelta(days=3)).replace(second=0, microsecond=0)
    for offset, name, minutes, has_client in ((6, "Bridal trial", 90, True), (8, "Supplier visit", 60, False)):
        if place := _first_place(diary, now.date() + timedelta(days=offset), minutes):
            staff, start = place
            diary.take(staff, start, minutes)
            sittings = (Sitting(diary.free_client(rng, start.date()).key, "approved", "backend"),) if has_client else ()
            yield Visit(staff, None, start, minutes, sittings, made_on, custom_name=name)
    task = Sitting(diary.shop.clients[0].key, "approved", "backend")
    yield Visit(diary.shop.staff[0].key, 9, None, 30, (task,), made_on, note="call back to find a time")


def _weekly(diary: Diary, now: datetime) -> Iterator[Visit]:
    client, made_on = diary.shop.clients[1].key, (now - timedelta(days=33)).replace(second=0, microsecond=0)
    staff, service = diary.shop.staff[1].key, diary.shop.services[1]
    for week in range(-4, 4):
        start = at(now.date() + timedelta(days=7 * week + 3), "11:00")
        if client not in diary.came[start.date()] and diary.fits(staff, start, service.minutes):
            diary.take(staff, start, service.minutes)
            diary.came[start.date()].add(client)
            sitting = Sitting(client, _done_or_coming(start < now - timedelta(hours=4)), "backend")
            yield Visit(staff, service.key, start, service.minutes, (sitting,), made_on, series=True)


def _first_place(diary: Diary, day: date, minutes: int) -> tuple[int, datetime] | None:
    places = ((person.key, at(day, clock)) for clock in ("14:30", "10:30", "16:00") for person in diary.shop.staff)
    return next((place for place in places if diary.fits(*place, minutes)), None)
