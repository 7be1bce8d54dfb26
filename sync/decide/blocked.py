"""Whether Square keeps a person's time free for something no API shows: time off, a meeting, a block. Pure.

Square tells of blocked time only by not offering it to buyers, and it offers little for many other reasons: it is too
soon, too far ahead, outside the person's hours, not on its raster, the day's limit is reached, buyers cannot book at
all. So a time that is not offered counts as blocked only when each of these is ruled out:

- the same time of day is offered with that person on the same weekday of another week (their hours, the raster, and
  that buyers may have them at all);
- it lies within the lead times that Square names, and where there is a limit a day, the day offers something else;
- no booking that Square shows explains it.

What hides such a start lies somewhere in the service's length from there. It is the wanted time's concern when what is
not offered of that length lies within the wanted time; or when the starts next to the wanted one, on both sides, are
hidden (a start between two steps of the raster). In doubt the answer is no: a hold that is wrongly granted meets the
same blocked time as without us, one that is wrongly refused sends a client away.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo

from sync.model.holds import BookingRules, Offer

Stretch = tuple[datetime, datetime]


@dataclass(frozen=True, slots=True)
class Openings:
    """What Square offers with one person of one service that takes `length`: on the wanted day, and (only looked up
    when that leaves a doubt) the starts it usually has on such a day, with the rules that hide others."""

    length: timedelta
    offered: tuple[Offer, ...]
    usual: tuple[datetime, ...] = ()
    rules: BookingRules | None = None


def left_open(start: datetime, end: datetime, offered: Iterable[Offer]) -> tuple[Stretch, ...]:
    """The pieces of start..end that no offer covers; none at all means that the time is surely not blocked."""
    pieces: list[Stretch] = []
    at = start
    for offer in sorted(offered, key=lambda one: one.start):
        if offer.start > at and at < end:
            pieces.append((at, min(offer.start, end)))
        at = max(at, offer.end)
    return (*pieces, (at, end)) if at < end else tuple(pieces)


def usual_starts(offers: Iterable[Offer], wanted: datetime, zone: tzinfo) -> tuple[datetime, ...]:
    """The starts of that day (UTC) that are offered at the same time of day on the same weekday of other weeks."""
    day = wanted.astimezone(zone).date()
    times = {
        local.time()
        for local in (offer.start.astimezone(zone) for offer in offers)
        if local.weekday() == day.weekday() and local.date() != day
    }
    return tuple(sorted(datetime.combine(day, time.replace(fold=0), zone).astimezone(UTC) for time in times))


def is_blocked(
    start: datetime, end: datetime, seen: Openings, busy: Sequence[Stretch], now: datetime, after: timedelta
) -> bool:
    """Whether start..end (UTC, without paddings) meets blocked time. `busy` is what stands for the person in Square
    around it, paddings included; `after` how long the service keeps the person beyond its end."""
    rules = seen.rules
    if rules is None or not left_open(start, end, seen.offered):
        return False
    if not rules.is_open or (rules.capped and not seen.offered):
        return False
    hidden = set(_hidden(seen, rules, busy, now, after))
    if any(_lies_within(start, end, left_open(at, at + seen.length, seen.offered)) for at in hidden):
        return True
    around = _neighbours(start, seen)
    return end - start >= seen.length and bool(around) and hidden.issuperset(around)


def _hidden(
    seen: Openings, rules: BookingRules, busy: Sequence[Stretch], now: datetime, after: timedelta
) -> Iterator[datetime]:
    """Starts that are usually offered, are not now, and nothing that is known explains it."""
    offered = {offer.start for offer in seen.offered}
    for at in seen.usual:
        ends = at + seen.length + after
        if at not in offered and _in_time(at, rules, now) and not any(s < ends and at < e for s, e in busy):
            yield at


def _in_time(at: datetime, rules: BookingRules, now: datetime) -> bool:
    if rules.lead is None or rules.furthest is None:
        return False
    return now + rules.lead <= at <= now + rules.furthest


def _lies_within(start: datetime, end: datetime, pieces: Sequence[Stretch]) -> bool:
    return bool(pieces) and all(start <= first and last <= end for first, last in pieces)


def _neighbours(start: datetime, seen: Openings) -> tuple[datetime, ...]:
    """The usual starts next to a start, on either side; the start itself where it is one. None at all where one side
    has no usual start near by."""
    before = max((at for at in seen.usual if start - seen.length < at <= start), default=None)
    behind = min((at for at in seen.usual if start <= at < start + seen.length), default=None)
    return (before, behind) if before is not None and behind is not None else ()
