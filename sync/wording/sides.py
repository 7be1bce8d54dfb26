"""How the two calendars were read, in words, and the one sentence Today opens with."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from sync.model import CHAIR, Finding, Side
from sync.wording.findings import group_headline
from sync.wording.names import together
from sync.wording.scene import Scene
from sync.wording.times import ago, clock, day, when

NOTHING_READ = "Nothing was read yet: neither Bookly nor Square has been looked at so far."
WHAT_TO_DO_FIRST = (
    "The first look starts by itself a moment after Slotkeeper is started, or on the Jobs page with one tap."
)
NEVER_READ = "Until one of them has been read there is nothing to show here."
ACCESS_TAKEN_AWAY = (
    "Square says that Slotkeeper's access was taken away: connect it again in Square, and put the new token into "
    "SQUARE_ACCESS_TOKEN."
)
STILL = timedelta(minutes=2)
"""After this long without a sign of life, what the screen shows may be old news."""
OLD = timedelta(hours=2)
"""A calendar looked at longer ago than this is no longer today's truth; short looks come twice a minute and more."""


@dataclass(frozen=True, slots=True)
class Reading:
    """How one side was last read. `read_at` is when its last whole read or the last short look after one began, None if
    it was never read whole (UTC)."""

    side: Side
    read_at: datetime | None
    failing_since: datetime | None = None
    problem: str = ""


class Tone(StrEnum):
    """How loud a sentence is."""

    GOOD = "good"
    LOOK = "look"
    ACT = "act"
    TROUBLE = "trouble"
    ASK = "ask"
    EMPTY = "empty"


@dataclass(frozen=True, slots=True)
class Said:
    """A sentence and how loud it is."""

    tone: Tone
    text: str


def opening(
    readings: Sequence[Reading],
    cards: Sequence[Sequence[Finding]],
    alive_at: datetime | None,
    scene: Scene,
    waiting: int = 0,
) -> tuple[Said, ...]:
    """What Today opens with: what cannot be trusted first, then the most urgent card, or that all is good.

    `cards` are the open findings of each card, soonest first. `alive_at` is when a worker last gave a sign of life.
    `waiting` counts what is open besides, in lists.
    """
    if not any(reading.read_at or reading.failing_since for reading in readings):
        return (Said(Tone.EMPTY, f"{NOTHING_READ} {WHAT_TO_DO_FIRST}"),)
    doubts = tuple(Said(Tone.TROUBLE, text) for text in _doubts(readings, alive_at, scene))
    if not any(reading.read_at for reading in readings):
        return (*doubts, Said(Tone.EMPTY, NEVER_READ))
    return (*doubts, _news(readings, cards, doubts, scene, waiting))


def _doubts(readings: Sequence[Reading], alive_at: datetime | None, scene: Scene) -> tuple[str, ...]:
    said = [doubt for reading in readings if (doubt := doubt_about(reading, scene))]
    if alive_at is None or scene.now - alive_at > STILL:
        said.append(standing_still(alive_at, scene))
    return tuple(said)


def doubt_about(reading: Reading, scene: Scene) -> str:
    """Why a side's picture may not be true now; empty when it may be trusted."""
    brand = reading.side.brand
    if reading.failing_since:
        why = f" {reading.problem}" if reading.problem else ""
        return f"{brand} could not be read since {_at(reading.failing_since, scene)}.{why}"
    if reading.read_at is None:
        return f"{brand} has not been read yet, so nothing can be compared."
    if scene.now - reading.read_at > OLD:
        return f"{brand} was last read {ago(reading.read_at, scene.now)}: newer bookings are not shown."
    return ""


def standing_still(alive_at: datetime | None, scene: Scene) -> str:
    """That nothing is being read or done just now."""
    since = f" since {_at(alive_at, scene)}" if alive_at else ""
    return f"Slotkeeper has stood still{since}: clicks wait until it runs again. Please tell whoever looks after it."


def _news(
    readings: Sequence[Reading],
    cards: Sequence[Sequence[Finding]],
    doubts: Sequence[Said],
    scene: Scene,
    waiting: int,
) -> Said:
    if cards:
        more = f" {len(cards) - 1} more below." if len(cards) > 1 else ""
        tone = Tone.ACT if cards[0][0].kind in CHAIR else Tone.ASK
        return Said(tone, f"{group_headline(cards[0], scene.now, scene.zone)}{more}")
    read = read_when(readings, scene)
    if waiting:
        waits = "thing waits" if waiting == 1 else "things wait"
        return Said(Tone.ASK, f"Nobody is known to meet in one chair; {waiting} {waits} for an answer below. {read}")
    if doubts:
        return Said(Tone.LOOK, f"Nothing to decide as far as could be seen. {read}")
    return Said(Tone.GOOD, f"All good: nobody meets in one chair. {read}")


def read_when(readings: Sequence[Reading], scene: Scene) -> str:
    """ "Bookly was read at 10:41 and Square at 10:40."; empty when neither was."""
    said = [f"{reading.side.brand} at {_at(reading.read_at, scene)}" for reading in readings if reading.read_at]
    return f"{together(said)}.".replace(" at ", " was read at ", 1) if said else ""


def _at(at: datetime, scene: Scene) -> str:
    if day(at, scene.now, scene.zone) == "today":
        return clock(at, scene.zone)
    return when(at, scene.now, scene.zone)
