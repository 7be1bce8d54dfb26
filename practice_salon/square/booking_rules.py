"""What a request may put into a booking: the checks, and the fields that come of it."""

from typing import Any

from practice_salon.square.call import text, whole
from practice_salon.square.catalog import check_segment_service, minutes_of, transition_minutes
from practice_salon.square.customers import current_id
from practice_salon.square.errors import invalid, missing
from practice_salon.square.state import Doc, World
from practice_salon.square.times import instant, stamp

READ_ONLY = frozenset(
    {
        "id",
        "status",
        "created_at",
        "updated_at",
        "transition_time_minutes",
        "all_day",
        "creator_details",
        "source",
        "version",
    }
)
WRITABLE = frozenset(
    {
        "start_at",
        "location_id",
        "customer_id",
        "customer_note",
        "seller_note",
        "appointment_segments",
        "location_type",
        "address",
    }
)
SEGMENT_WRITABLE = ("duration_minutes", "service_variation_id", "team_member_id", "service_variation_version")
SEGMENT_READ_ONLY = ("intermission_minutes", "any_team_member", "resource_ids")
CLEARABLE = frozenset({"customer_id", "customer_note", "seller_note", "address"})
NOTE_LENGTH = 4096
LONGEST_SEGMENT = 1500


def new_fields(world: World, sent: Doc) -> Doc:
    """The fields of a booking to be made. Raises SquareError when something needed is missing or wrong."""
    for name in ("location_id", "start_at", "appointment_segments"):
        if not sent.get(name):
            raise missing(f"booking.{name}")
    fields = {name: value for name, value in _checked(world, sent, {}).items() if value is not None}
    for index, segment in enumerate(fields["appointment_segments"]):
        for name in ("service_variation_id", "service_variation_version"):
            if segment.get(name) is None:
                raise missing(f"booking.appointment_segments[{index}].{name}")
    return {"location_type": "BUSINESS_LOCATION", **fields}


def changed_fields(world: World, booking: Doc, sent: Doc) -> Doc:
    """The fields that an update changes, None where one is cleared. Raises SquareError."""
    if sent.get("location_id") not in (None, booking["location_id"]):
        raise invalid("INVALID_VALUE", "The location of a booking cannot change.", "booking.location_id")
    for name, value in sent.items():
        if value is None and name in WRITABLE - CLEARABLE:
            raise invalid("INVALID_VALUE", f"Field `{name}` cannot be cleared.", f"booking.{name}")
    return _checked(world, sent, booking)


def _checked(world: World, sent: Doc, booking: Doc) -> Doc:
    unknown = sorted(set(sent) - WRITABLE - READ_ONLY)
    if unknown:
        raise invalid("UNKNOWN_BODY_PARAMETER", f"There is no field `{unknown[0]}`.", f"booking.{unknown[0]}")
    fields = {name: sent[name] for name in sent if name in WRITABLE}
    for name in ("customer_note", "seller_note"):
        text(fields.get(name), f"booking.{name}", NOTE_LENGTH)
    if fields.get("start_at") is not None:
        fields["start_at"] = stamp(instant(fields["start_at"], "booking.start_at"))
    _check_references(world, fields)
    if "appointment_segments" in fields:
        former = booking.get("appointment_segments", [])
        fields["appointment_segments"] = _segments(world, fields["appointment_segments"], former)
        last = fields["appointment_segments"][-1]
        fields["transition_time_minutes"] = transition_minutes(world, last.get("service_variation_id"))
    return fields


def _check_references(world: World, fields: Doc) -> None:
    location = fields.get("location_id")
    if location is not None and location not in world["locations"]:
        raise invalid("INVALID_VALUE", "The location does not exist.", "booking.location_id")
    customer = text(fields.get("customer_id"), "booking.customer_id", 192)
    if customer is not None and current_id(world, customer) is None:
        raise invalid("CUSTOMER_NOT_FOUND", "The customer does not exist.", "booking.customer_id")


def _segments(world: World, sent: Any, former: list[Doc]) -> list[Doc]:
    if not isinstance(sent, list) or not sent:
        raise invalid("ARRAY_EMPTY", "A booking has at least one segment.", "booking.appointment_segments")
    return [
        _segment(world, segment, former[index] if index < len(former) else {}, f"booking.appointment_segments[{index}]")
        for index, segment in enumerate(sent)
    ]


def _segment(world: World, sent: Any, former: Doc, name: str) -> Doc:
    if not isinstance(sent, dict):
        raise invalid("EXPECTED_OBJECT", f"Field `{name}` is not an object.", name)
    unknown = sorted(set(sent) - set(SEGMENT_WRITABLE) - set(SEGMENT_READ_ONLY))
    if unknown:
        raise invalid("UNKNOWN_BODY_PARAMETER", f"There is no field `{unknown[0]}`.", f"{name}.{unknown[0]}")
    if not sent.get("team_member_id"):
        raise missing(f"{name}.team_member_id")
    check_team_member(world, sent["team_member_id"], f"{name}.team_member_id")
    segment = {key: sent[key] for key in SEGMENT_WRITABLE if sent.get(key) is not None}
    if "service_variation_id" in segment and not _unchanged_service(segment, former):
        _check_service(world, segment, name)
    if "duration_minutes" not in segment:
        segment["duration_minutes"] = _usual_minutes(world, segment, former, name)
    whole(segment["duration_minutes"], f"{name}.duration_minutes", 1, LONGEST_SEGMENT)
    kept = {key: former[key] for key in SEGMENT_READ_ONLY if key in former}
    return {**segment, "any_team_member": False, **kept}


def _unchanged_service(segment: Doc, former: Doc) -> bool:
    """Whether an update only repeats the service that stands, whose version may be an old one by now."""
    names = ("service_variation_id", "service_variation_version")
    return all(segment.get(name) == former.get(name) for name in names)


def _check_service(world: World, segment: Doc, name: str) -> None:
    if segment.get("service_variation_version") is None:
        raise missing(f"{name}.service_variation_version")
    check_segment_service(world, segment, name)


def _usual_minutes(world: World, segment: Doc, former: Doc, name: str) -> int:
    if "service_variation_id" in segment:
        return minutes_of(check_segment_service(world, segment, name))
    if "duration_minutes" not in former:
        raise missing(f"{name}.duration_minutes")
    return int(former["duration_minutes"])


def check_team_member(world: World, team_member_id: Any, name: str) -> None:
    """Raises SquareError unless that team member exists and is active."""
    text(team_member_id, name, 32)
    member = world["team_members"].get(team_member_id)
    if member is None or member["status"] != "ACTIVE":
        raise invalid("INVALID_VALUE", "The team member does not exist or is not active.", name)
