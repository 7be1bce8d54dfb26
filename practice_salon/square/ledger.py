"""The one place where a booking is written: version, times, event, webhook and the deed, all together."""

from typing import Any

from practice_salon.square import ids
from practice_salon.square.events import Actor, publish, record
from practice_salon.square.occupancy import STANDING
from practice_salon.square.state import Doc, World
from practice_salon.square.times import stamp

__all__ = ["STANDING", "keep_change", "keep_new"]


def keep_new(world: World, actor: Actor, fields: Doc, what: str = "create") -> Doc:
    """Makes a booking of these fields, at version 0, and tells of it. Returns the booking."""
    now = stamp(world.now())
    made: Doc = {
        "id": ids.booking_id(world),
        "version": 0,
        "created_at": now,
        "updated_at": now,
        "all_day": False,
        "transition_time_minutes": 0,
        **fields,
    }
    return _keep(world, actor, what, made, None, actor.application_id)


def keep_change(world: World, actor: Actor, what: str, booking: Doc, fields: dict[str, Any]) -> Doc:
    """Changes fields of a booking (None clears one), one version on, and tells of it. Returns the booking."""
    merged = {key: value for key, value in {**booking, **fields}.items() if value is not None}
    changed = {**merged, "version": booking["version"] + 1, "updated_at": stamp(world.now())}
    kept = world["bookings"].get(booking["id"])
    assert kept is not None
    return _keep(world, actor, what, changed, booking, kept["application_id"])


def _keep(world: World, actor: Actor, what: str, booking: Doc, former: Doc | None, application: str | None) -> Doc:
    world["bookings"].put(booking["id"], {"booking": booking, "application_id": application})
    record(world, actor, what, booking_id=booking["id"], version=booking["version"], before=former, after=booking)
    publish(
        world,
        "booking.created" if former is None else "booking.updated",
        {"type": "booking", "id": f"{booking['id']}:{booking['version']}", "object": {"booking": booking}},
        former=None if former is None else {"booking": former},
        location_id=booking["location_id"],
    )
    return booking
