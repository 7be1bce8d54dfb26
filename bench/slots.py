"""Free times of a practice salon: an hour each, nobody's twice, in an order that mixes people and days."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta

DAYS, HOURS = range(2, 80), range(9, 18)


@dataclass(frozen=True, slots=True)
class Slot:
    """A Bookly staff id and service, and a naive local start."""

    staff: int
    service: int
    start: datetime


def slots(chairs: Sequence[tuple[int, int]], count: int, seed: int = 7) -> Iterator[Slot]:
    """So many slots; `chairs` are Bookly's staff with a service that each of them does, of an hour at most.

    Raises ValueError when there are not so many.
    """
    today = datetime.now(UTC).date()
    every = [
        Slot(staff, service, datetime.combine(today + timedelta(days=day), time(hour)))
        for day in DAYS
        for hour in HOURS
        for staff, service in chairs
    ]
    return iter(random.Random(seed).sample(every, count))
