"""What is played: read from `weeks.toml`, so that the same file gives the same numbers."""

from __future__ import annotations

import math
import tomllib
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any

FILE = Path(__file__).with_name("weeks.toml")


@dataclass(frozen=True, slots=True)
class Delay:
    """A log-normal time in seconds: `median`, sigma (`spread`), and none above `longest`. `lost`: never, this often."""

    median: float
    spread: float
    longest: float
    lost: float = 0.0

    def draw(self, rng: Random) -> float:
        """One of them."""
        return min(self.median * math.exp(self.spread * rng.gauss(0.0, 1.0)), self.longest)


@dataclass(frozen=True, slots=True)
class Way:
    """One way to keep the calendars in step. `every`: minutes between two rounds of a poll, 0 for the engine."""

    name: str
    every: float


@dataclass(frozen=True, slots=True)
class Plan:
    """Everything that `weeks.toml` says."""

    seeds: tuple[int, ...]
    days: int
    staff: tuple[int, ...]
    bookings_a_day: int
    website_share: float
    soonest_share: float
    cancelled_share: float
    moved_share: float
    square_webhooks: Delay
    website_messages: Delay
    square_calls: Delay
    form: Delay
    phone: Delay
    ways: tuple[Way, ...]


DELAYS = ("square_webhooks", "website_messages", "square_calls", "form", "phone")


def load(file: Path = FILE) -> Plan:
    """The plan in that file. Raises TypeError for a name it does not know, or one that is missing."""
    read: dict[str, Any] = tomllib.loads(file.read_text(encoding="utf-8"))
    delays: dict[str, Any] = {name: Delay(**read.pop(name)) for name in DELAYS}
    ways = tuple(Way(**one) for one in read.pop("ways"))
    seeds, staff = tuple(read.pop("seeds")), tuple(read.pop("staff"))
    return Plan(seeds=seeds, staff=staff, ways=ways, **delays, **read)
