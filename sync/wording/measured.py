"""What is measured, in words for whoever looks after it: times, locks, outside calls. Exact, and one sentence first."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sync.model import Breaker, BreakerState, Side
from sync.wording.names import counted, together
from sync.wording.scene import Scene
from sync.wording.sides import Said, Tone
from sync.wording.times import when

FAST, SLOW, ALARM = 2.0, 60.0, 900.0
"""Seconds: what a change is meant to take, what is slow, and what is an alarm."""

PARTS = {
    "whole": "The whole",
    "source_delay": "Delay at the source",
    "wait": "Waiting with us",
    "lock": "Getting the lock",
    "calls": "The calendars' answers",
    "own": "Our own work",
}
"""The parts of a hint's time as the screen calls them."""

_SPANS = {1: "hour", 24: "day", 168: "7 days", 720: "30 days"}
LONG_WAIT = 60.0
"""Seconds: whoever waits longer for a lock waits for more than one holder."""


def length(seconds: float) -> str:
    """A length as it is read off: "182 ms", "6.9 s", "2.1 min", "3.5 h", "4.0 days"."""
    if seconds < 0.9995:
        return f"{seconds * 1000:.0f} ms"
    for unit, size, most in (("s", 1, 60), ("min", 60, 3600), ("h", 3600, 172_800)):
        if seconds < most:
            return f"{seconds / size:.1f} {unit}"
    return f"{seconds / 86_400:.1f} days"


def percent(share: float) -> str:
    """A share: "0.7 %"; one too small for a digit is said as such."""
    return "below 0.1 %" if 0 < share < 0.0005 else f"{share * 100:.1f} %"


def in_the_last(hours: int) -> str:
    """ "in the last hour", "in the last 7 days"."""
    return f"in the last {_SPANS[hours]}"


def in_this(hours: int) -> str:
    """ "in this hour", "in these 7 days"."""
    span = _SPANS[hours]
    return f"in {'these' if span[0].isdigit() else 'this'} {span}"


def number(count: int) -> str:
    """A count with its thousands apart: "1,204"."""
    return f"{count:,}"


# --- latency --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Took:
    """How long something took, in seconds, and how often it was measured."""

    count: int
    p50: float
    p95: float
    p99: float


def latency(parts: Mapping[str, Took], exposure: Took | None, hours: int) -> tuple[Said, ...]:
    """How long changes took to cross, which part takes longest, and how long a slot was open to two."""
    whole = parts.get("whole")
    if whole is None or not whole.count:
        return (Said(Tone.EMPTY, f"No hint has been carried {in_this(hours)}."),)
    said = [f"{_judged(whole)} {in_the_last(hours)}: {_spread(whole)} ({_hints(whole.count)})."]
    if longest := _longest(parts):
        said.append(f"Longest: {longest[0].lower()}, {length(longest[1].p95)} at p95.")
    if exposure and exposure.count:
        said.append(f"A taken slot was still open on the other side for {length(exposure.p95)} at p95.")
    return (Said(_tone(whole.p95), " ".join(said)),)


def _hints(count: int) -> str:
    return f"{number(count)} {'hint' if count == 1 else 'hints'}"


def _judged(whole: Took) -> str:
    if whole.p95 <= FAST:
        return "Changes cross within 2 s"
    if whole.p95 <= SLOW:
        return "Changes cross within a minute, not within 2 s,"
    return "Changes take longer than a minute" if whole.p95 <= ALARM else "Changes take longer than 15 minutes"


def _tone(p95: float) -> Tone:
    if p95 <= FAST:
        return Tone.GOOD
    return Tone.LOOK if p95 <= SLOW else Tone.TROUBLE if p95 <= ALARM else Tone.ACT


def _spread(took: Took) -> str:
    return f"half within {length(took.p50)}, 95 of 100 within {length(took.p95)}, 99 of 100 within {length(took.p99)}"


def _longest(parts: Mapping[str, Took]) -> tuple[str, Took] | None:
    known = [(PARTS[name], took) for name, took in parts.items() if name != "whole" and name in PARTS and took.count]
    return max(known, key=lambda one: one[1].p95, default=None)


def known_of(part: Took, whole: Took) -> str:
    """For how many of all a part is known, where it is not for all of them."""
    return number(part.count) if part.count >= whole.count else f"{number(part.count)} of {number(whole.count)}"


# --- locks ----------------------------------------------------------------------------------------------------------


def locks(
    held: int, hints: Sequence[float], clicks: Sequence[float], granted: int, busy: int, hours: int
) -> tuple[Said, ...]:
    """Who holds and who waits just now, and how often a lock was busy. `hints`: how many seconds ago each that waits
    was received; `clicks`: for how many seconds each waits."""
    now = f"{counted(held, 'lock is', 'locks are')} held just now" if held else "Nobody holds a lock just now"
    longest = max((*hints, *clicks), default=None)
    if longest is None:
        return (Said(Tone.GOOD, f"{now}, and nobody waits for one. {contention(granted, busy, hours)}"),)
    tone = Tone.TROUBLE if longest > LONG_WAIT else Tone.LOOK
    return (Said(tone, f"{now}; {_waits(hints, clicks)}. {contention(granted, busy, hours)}"),)


def _waits(hints: Sequence[float], clicks: Sequence[float]) -> str:
    """Of a hint is known when it was received, of a click since when it waits."""
    who = [counted(len(several), name) for several, name in ((hints, "hint"), (clicks, "click")) if several]
    said = [f"{together(who)} {'waits' if len(hints) + len(clicks) == 1 else 'wait'} for one"]
    if hints:
        said.append(f"the {'first ' if len(hints) > 1 else ''}hint was received {length(max(hints))} ago")
    if clicks:
        said.append(f"the {'first ' if len(clicks) > 1 else ''}click waits for {length(max(clicks))}")
    return ", ".join(said)


def contention(granted: int, busy: int, hours: int) -> str:
    """How often a lock was busy when it was asked for."""
    asked = granted + busy
    if not asked:
        return f"No lock was asked for {in_this(hours)}."
    if not busy:
        return f"None of {number(asked)} askings {in_the_last(hours)} found one busy."
    return f"{number(busy)} of {number(asked)} askings {in_the_last(hours)} found one busy ({percent(busy / asked)})."


def backend(*, redis: bool) -> str:
    """Where the leases are."""
    if redis:
        return (
            "Redis (LOCK_URL) turns away first, the store has the last word: what stands here is what the store knows, "
            "also while Redis is away. `python -m sync check` says whether Redis answers."
        )
    return "The leases are rows in the store; several machines need LOCK_URL."


# --- outside calls --------------------------------------------------------------------------------------------------

WORTH_A_LOOK = 0.01
"""A share of failed calls from which on somebody should look."""


def calls(down: Mapping[Side, Breaker], total: int, failed: int, hours: int, scene: Scene) -> tuple[Said, ...]:
    """Which calendar is left alone, and which share of the calls failed."""
    said = tuple(Said(Tone.TROUBLE, left_alone(side, one, scene)) for side, one in down.items() if not one.is_closed)
    return (*said, Said(_calls_tone(total, failed, bool(said)), _rate(total, failed, hours)))


def _calls_tone(total: int, failed: int, down: bool) -> Tone:
    if not total:
        return Tone.EMPTY
    if down or failed:
        return Tone.TROUBLE if failed / total >= WORTH_A_LOOK else Tone.LOOK
    return Tone.GOOD


def _rate(total: int, failed: int, hours: int) -> str:
    if not total:
        return f"No calendar was called {in_this(hours)}."
    if not failed:
        return f"All {number(total)} calls {in_the_last(hours)} were answered."
    share = percent(failed / total)
    return f"{number(failed)} of {number(total)} calls {in_the_last(hours)} were lost or never sent ({share})."


def breaker(side: Side, one: Breaker, scene: Scene) -> str:
    """How a side's breaker stands: since when it is open, when it is tried again, and why."""
    brand = side.brand
    if one.is_closed:
        failing = f" {counted(one.failures, 'call')} in a row failed." if one.failures else ""
        return f"{brand} is asked as usual: its breaker is closed.{failing}"
    why = " ".join(filter(None, (one.setting and f"{one.setting}:", one.reason)))
    return f"{left_alone(side, one, scene)} {_tried(one, scene)} {why}".strip()


def left_alone(side: Side, one: Breaker, scene: Scene) -> str:
    """That a side is not asked, and since when it has been failing."""
    since = f", failing since {_at(one.opened_at, scene)}" if one.opened_at else ""
    return f"{side.brand} is left alone{since}."


def _tried(one: Breaker, scene: Scene) -> str:
    if one.state is BreakerState.HALF:
        return "One call is trying now whether it answers again."
    if one.until is None:
        return "It is tried again with the next call."
    if one.until <= scene.now:
        return "The next call tries whether it answers again."
    return f"One call tries it again at {_at(one.until, scene)}."


def _at(at: datetime, scene: Scene) -> str:
    return when(at, scene.now, scene.zone).removeprefix("today ")
