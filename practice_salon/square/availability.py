"""What buyers may book: working hours, standing bookings with their transitions, hidden blocks, lead time, alignment.

Seller-level writes never come here: Square lets them overlap anything.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from practice_salon.square import catalog
from practice_salon.square.call import Call, part
from practice_salon.square.errors import invalid, missing, not_found, taken
from practice_salon.square.occupancy import Busy, all_busy
from practice_salon.square.state import Doc, World
from practice_salon.square.times import instant, stamp

SHORTEST = timedelta(hours=24)
LONGEST = timedelta(days=32)
STEPS = {"QUARTER_HOURLY": 15, "HALF_HOURLY": 30, "HOURLY": 60}


@dataclass(frozen=True, slots=True)
class Want:
    """One segment looked for: a service and who may do it (in the order of preference)."""

    service_variation_id: str
    version: int
    minutes: int
    team_member_ids: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Board:
    """All that decides on free time, read once: the zone, who works when, who is busy when."""

    zone: ZoneInfo
    hours: Mapping[str, list[list[str] | None]]
    busy: Mapping[str, list[Busy]]
    earliest: datetime
    latest: datetime

    def free(self, team_member_id: str, start: datetime, end: datetime) -> bool:
        """Whether that person works through the whole half-open interval and is not busy in it."""
        if not self.earliest <= start <= self.latest:
            return False
        opening = self.opening(team_member_id, start.astimezone(self.zone).date())
        if opening is None or start < opening[0] or end > opening[1]:
            return False
        return not any(busy.meets(start, end) for busy in self.busy.get(team_member_id, ()))

    def opening(self, team_member_id: str, day: date) -> tuple[datetime, datetime] | None:
        """The working time of that local day in UTC, or None for a day off."""
        hours = self.hours.get(team_member_id)
        pair = hours[day.weekday()] if hours else None
        if pair is None:
            return None
        opens, closes = (datetime.combine(day, time.fromisoformat(text), self.zone) for text in pair)
        return opens.astimezone(UTC), closes.astimezone(UTC)


def board(world: World, but: str | None = None) -> Board:
    """The board of this moment; `but` is a booking that is to be moved and so is not in its own way."""
    busy: dict[str, list[Busy]] = {}
    for one in all_busy(world, but):
        busy.setdefault(one.team_member_id, []).append(one)
    now, rules = world.now(), world.rules
    return Board(
        zone=zone(world),
        hours={key: kept["week"] for key, kept in world["hours"].items() if _bookable(world, key)},
        busy=busy,
        earliest=now + timedelta(seconds=rules.min_lead_s),
        latest=now + timedelta(seconds=rules.max_lead_s),
    )


def zone(world: World) -> ZoneInfo:
    """The location's time zone."""
    return ZoneInfo(world["locations"].values()[0]["timezone"])


def _bookable(world: World, team_member_id: str) -> bool:
    member, profile = world["team_members"].get(team_member_id), world["profiles"].get(team_member_id)
    return bool(member and profile and member["status"] == "ACTIVE" and profile["is_bookable"])


def refuse_unless_free(world: World, segments: list[Doc], start: datetime, but: str | None = None) -> None:
    """Raises SquareError unless a buyer may have these segments from that start."""
    seen, at = board(world, but), start
    for index, segment in enumerate(segments):
        end = at + timedelta(minutes=segment["duration_minutes"])
        last = index == len(segments) - 1
        transition = catalog.transition_minutes(world, segment.get("service_variation_id")) if last else 0
        able = _does(world, segment["team_member_id"], segment.get("service_variation_id"))
        if not (able and seen.free(segment["team_member_id"], at, end + timedelta(minutes=transition))):
            raise taken(world.rules.taken_status)
        at = end + timedelta(minutes=segment.get("intermission_minutes") or 0)


def _does(world: World, team_member_id: str, variation_id: str | None) -> bool:
    found = catalog.variation(world, variation_id or "")
    return found is not None and team_member_id in found["item_variation_data"]["team_member_ids"]


def search_availability(world: World, call: Call) -> Doc:
    """POST /v2/bookings/availability/search: every start at which the segments fit, one answer a first person."""
    wanted = part(part(call.body, "query"), "filter")
    since, until = _range(wanted)
    booking_id = wanted.get("booking_id")
    wants = _of_booking(world, wanted) if booking_id else _of_filters(world, wanted)
    if wanted.get("location_id") not in (None, *(place["id"] for place in world["locations"].values())):
        raise invalid("INVALID_VALUE", "The location does not exist.", "query.filter.location_id")
    seen = board(world, booking_id)
    location = world["locations"].values()[0]["id"]
    found = [
        {"start_at": stamp(start), "location_id": location, "appointment_segments": segments}
        for start, segments in _slots(world, seen, wants, since, until)
    ]
    return {"availabilities": sorted(found, key=lambda slot: str(slot["start_at"]))}


def _range(wanted: Doc) -> tuple[datetime, datetime]:
    name = "query.filter.start_at_range"
    between = part(wanted, "start_at_range")
    if not between.get("start_at") or not between.get("end_at"):
        raise missing(name)
    since, until = instant(between["start_at"], name), instant(between["end_at"], name)
    if not SHORTEST <= until - since <= LONGEST:
        raise invalid("INVALID_TIME_RANGE", "The range is at least 24 hours and at most 32 days.", name)
    return since, until


def _of_booking(world: World, wanted: Doc) -> list[Want]:
    if wanted.get("location_id") or wanted.get("segment_filters"):
        raise invalid("CONFLICTING_PARAMETERS", "`booking_id` stands alone.", "query.filter.booking_id")
    kept = world["bookings"].get(wanted["booking_id"])
    if kept is None:
        raise not_found("booking", "query.filter.booking_id")
    segments = kept["booking"]["appointment_segments"]
    return [
        Want(s.get("service_variation_id", ""), s.get("service_variation_version", 0), s["duration_minutes"], (who,))
        for s in segments
        for who in (s["team_member_id"],)
    ]


def _of_filters(world: World, wanted: Doc) -> list[Want]:
    filters = wanted.get("segment_filters")
    if not isinstance(filters, list) or not filters:
        raise missing("query.filter.segment_filters")
    return [_want(world, segment) for segment in filters]


def _want(world: World, segment: Any) -> Want:
    found = catalog.variation(world, str(segment.get("service_variation_id")))
    if found is None:
        raise invalid("INVALID_VALUE", "The service variation does not exist.", "query.filter.segment_filters")
    who = part(segment, "team_member_id_filter")
    able = found["item_variation_data"]["team_member_ids"]
    chosen = [key for key in who.get("any") or able if key in able and key not in (who.get("none") or [])]
    return Want(found["id"], found["version"], catalog.minutes_of(found), tuple(chosen))


def _slots(
    world: World, seen: Board, wants: list[Want], since: datetime, until: datetime
) -> Iterator[tuple[datetime, list[Doc]]]:
    step = STEPS.get(world.rules.alignment)
    pause = catalog.transition_minutes(world, wants[-1].service_variation_id)
    for who in wants[0].team_member_ids:
        for start in _starts(seen, who, step, wants[0].minutes, since, until):
            segments = _fit(seen, [replace(wants[0], team_member_ids=(who,)), *wants[1:]], start, pause)
            if segments is not None:
                yield start, segments


def _starts(
    seen: Board, who: str, step: int | None, minutes: int, since: datetime, until: datetime
) -> Iterator[datetime]:
    """Starts in that person's working time within [since, until): full steps of the local clock, or, without a step,
    one service after the other from opening on.
    """
    day = since.astimezone(seen.zone).date()
    while day <= until.astimezone(seen.zone).date():
        opening = seen.opening(who, day)
        if opening is not None:
            at, closes = opening
            at += timedelta(minutes=-at.astimezone(seen.zone).minute % step if step else 0)
            while at < closes:
                if since <= at < until:
                    yield at
                at += timedelta(minutes=step or minutes)
        day += timedelta(days=1)


def _fit(seen: Board, wants: list[Want], start: datetime, pause: int) -> list[Doc] | None:
    """Segments one after the other, each with the first person who is free; None when one finds nobody."""
    at, segments = start, []
    for index, want in enumerate(wants):
        end = at + timedelta(minutes=want.minutes)
        until = end + timedelta(minutes=pause if index == len(wants) - 1 else 0)
        who = next((key for key in want.team_member_ids if seen.free(key, at, until)), None)
        if who is None:
            return None
        segment = {"duration_minutes": want.minutes, "team_member_id": who}
        if want.service_variation_id:
            segment |= {"service_variation_id": want.service_variation_id, "service_variation_version": want.version}
        segments.append(segment)
        at = end
    return segments
