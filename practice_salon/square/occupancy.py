"""Who is busy when, by Square's bookings: a booking has no end, it has segments to walk."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from practice_salon.square.state import Doc, World
from practice_salon.square.times import moment

STANDING = ("PENDING", "ACCEPTED")


@dataclass(frozen=True, slots=True)
class Busy:
    """One team member taken from `start` up to, not including, `end` (UTC)."""

    team_member_id: str
    start: datetime
    end: datetime

    def meets(self, start: datetime, end: datetime) -> bool:
        """Whether the half-open interval shares a moment with this one."""
        return self.start < end and start < self.end


def occupied(booking: Doc) -> list[Busy]:
    """The times a standing booking takes, a segment each; the transition time belongs to the last one."""
    if booking["status"] not in STANDING:
        return []
    at = moment(booking["start_at"])
    taken = []
    for segment in booking["appointment_segments"]:
        end = at + timedelta(minutes=segment.get("duration_minutes") or 0)
        taken.append(Busy(segment["team_member_id"], at, end))
        at = end + timedelta(minutes=segment.get("intermission_minutes") or 0)
    transition = timedelta(minutes=booking.get("transition_time_minutes") or 0)
    if taken and transition:
        last = taken[-1]
        taken[-1] = Busy(last.team_member_id, last.start, last.end + transition)
    return taken


def all_busy(world: World, but: str | None = None) -> list[Busy]:
    """Everything that takes time: standing bookings (without the one whose id is `but`) and hidden blocks."""
    taken = [
        busy
        for kept in world["bookings"].values()
        if kept["booking"]["id"] != but
        for busy in occupied(kept["booking"])
    ]
    for block in world["blocks"].values():
        start = moment(block["start_at"])
        end = start + timedelta(minutes=block["duration_minutes"])
        taken.append(Busy(block["team_member_id"], start, end))
    return taken
