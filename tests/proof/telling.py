"""What a double booking was, and why the engine could not keep it from happening: a sentence for each."""

from __future__ import annotations

from dataclasses import dataclass

from practice_salon.shop import shop
from tests.proof.truth import BOOKLY, Double, Visit
from tests.proof.wishes import ZONE

UNEXPLAINED = "Nothing that is known explains it."
DOOR = {BOOKLY: "on the website", "square": "at the desk, in Square"}
TELLER = {BOOKLY: "The website's message", "square": "Square's message"}
LOOK = {BOOKLY: "5 seconds", "square": "half a minute"}
NAMES = {person.key: person.name.partition(" ")[0] for person in shop(1).staff}


@dataclass(frozen=True, slots=True)
class Told:
    """`what`: who was promised whose time, and when. `why`: what the engine did not know or had not done by then."""

    what: str
    why: str


def told(double: Double) -> Told:
    """In plain words."""
    return Told(_what(double), _why(double))


def _what(double: Double) -> str:
    first, second = double.first, double.second
    return (
        f"{NAMES[second.staff]}, {_times(first)}: sold {DOOR[first.side]} at {_clock(first)}; "
        f"{seconds(double.gap)} later {_times(second, day=False)} was sold {DOOR[second.side]}."
    )


def _why(double: Double) -> str:
    first, second = double.first, double.second
    if double.first_was_doubled:
        return "The first shared its chair already; the card for that was open, and waits for a person."
    if first.told_at is None or first.told_at > second.made_at:
        return _not_told(first)
    known = (second.made_at - first.told_at).total_seconds()
    if first.shut_at is None or first.shut_at > second.made_at:
        return f"We had known for {seconds(known)}, and were just carrying it across."
    return UNEXPLAINED


def _not_told(first: Visit) -> str:
    if first.lost:
        return f"{TELLER[first.side]} about the first got lost; the look every {LOOK[first.side]} had not come yet."
    if first.told_at is None:
        return "The next round of copying had not come yet."
    late = (first.told_at - first.made_at).total_seconds()
    return f"{TELLER[first.side]} about the first took {seconds(late)}; nobody could know before."


def _times(visit: Visit, *, day: bool = True) -> str:
    start, end = visit.start.astimezone(ZONE), visit.end.astimezone(ZONE)
    return f"{start:%A %d %B, }{start:%H:%M}-{end:%H:%M}" if day else f"{start:%H:%M}-{end:%H:%M}"


def _clock(visit: Visit) -> str:
    made = visit.made_at.astimezone(ZONE)
    return f"{made:%H:%M:%S} on {made:%A}"


def seconds(number: float) -> str:
    """As a person says it."""
    if number < 120:
        return f"{number:.1f} s"
    minutes = number / 60
    return f"{minutes:.1f} min" if minutes < 120 else f"{minutes / 60:.1f} hours"
