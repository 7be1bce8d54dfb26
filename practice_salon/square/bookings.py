"""Bookings: what the API does with them. Seller-level callers may overlap anything; buyer-level ones may not."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from practice_salon.square import paging
from practice_salon.square.availability import refuse_unless_free
from practice_salon.square.booking_rules import changed_fields, new_fields
from practice_salon.square.call import Call, digits, once, strings, text, whole
from practice_salon.square.errors import invalid, missing, needs_plan, not_found, stale
from practice_salon.square.events import Actor
from practice_salon.square.ledger import STANDING, keep_change, keep_new
from practice_salon.square.state import Doc, World
from practice_salon.square.times import instant, moment

WINDOW = timedelta(days=31)
SELLER_ONLY = ("source", "creator_details")


def list_bookings(world: World, call: Call) -> Doc:
    """GET /v2/bookings: by start only, at most 31 days, cancelled ones too, in no useful order."""
    since, until = _window(call.query, call.now)
    limit = whole(digits(call.query.get("limit", "100"), "limit"), "limit", 1)
    rows = [
        booking
        for booking in _visible(world, call)
        if since <= moment(booking["start_at"]) <= until and _matches(booking, call.query)
    ]
    query = {key: value for key, value in call.query.items() if key not in ("cursor", "limit")}
    cursor = call.query.get("cursor")
    return paging.page(world, call, "bookings", rows, lambda b: str(b["id"]), limit=limit, query=query, cursor=cursor)


def _window(query: Mapping[str, str], now: datetime) -> tuple[datetime, datetime]:
    low, high = query.get("start_at_min"), query.get("start_at_max")
    since = now if low is None else instant(low, "start_at_min")
    until = since + WINDOW if high is None else instant(high, "start_at_max")
    if until < since:
        raise invalid("INVALID_TIME_RANGE", "`start_at_max` lies before `start_at_min`.", "start_at_max")
    if until - since > WINDOW:
        raise invalid("BAD_REQUEST", "The time range may be 31 days at most.", "start_at_max")
    return since, until


def _matches(booking: Doc, query: Mapping[str, str]) -> bool:
    if any(query.get(name) not in (None, booking.get(name)) for name in ("customer_id", "location_id")):
        return False
    wanted = query.get("team_member_id")
    return wanted is None or any(s["team_member_id"] == wanted for s in booking["appointment_segments"])


def get_booking(world: World, call: Call) -> Doc:
    """GET /v2/bookings/{booking_id}."""
    return {"booking": _shown(call, _found(world, call)["booking"])}


def bulk_retrieve(world: World, call: Call) -> Doc:
    """POST /v2/bookings/bulk-retrieve: a map by id; an unknown id has its own error inside the 200."""
    wanted = strings(call.body.get("booking_ids"), "booking_ids")
    visible = {booking["id"]: booking for booking in _visible(world, call)}
    unknown = {"errors": [not_found("booking", "booking_id").doc()]}
    return {"bookings": {key: {"booking": visible[key]} if key in visible else unknown for key in wanted}}


def create_booking(world: World, call: Call) -> Doc:
    """POST /v2/bookings. At seller level any time will do; at buyer level only one that is free."""
    _check_plan(world, call)
    return once(world, call, 255, lambda: _create(world, call))


def _create(world: World, call: Call) -> Doc:
    fields = new_fields(world, _sent(call))
    if not call.grant.writes_all:
        refuse_unless_free(world, fields["appointment_segments"], moment(fields["start_at"]))
    pending = world.rules.booking_policy == "REQUIRES_ACCEPTANCE"
    maker = {"creator_type": "TEAM_MEMBER"} if call.grant.writes_all else {"creator_type": "CUSTOMER"}
    fields |= {"status": "PENDING" if pending else "ACCEPTED", "source": "API", "creator_details": maker}
    return {"booking": _shown(call, keep_new(world, _actor(call), fields))}


def update_booking(world: World, call: Call) -> Doc:
    """PUT /v2/bookings/{booking_id}: what is sent replaces, null clears, what is not sent stays."""
    _check_plan(world, call)
    return once(world, call, 255, lambda: _update(world, call))


def _update(world: World, call: Call) -> Doc:
    sent = _sent(call)
    booking = _current(world, call, sent.get("version"), "version")
    fields = changed_fields(world, booking, sent)
    if not call.grant.writes_all:
        after = {**booking, **fields}
        refuse_unless_free(world, after["appointment_segments"], moment(after["start_at"]), but=booking["id"])
    return {"booking": _shown(call, keep_change(world, _actor(call), "update", booking, fields))}


def cancel_booking(world: World, call: Call) -> Doc:
    """POST /v2/bookings/{booking_id}/cancel: for ever."""
    _check_plan(world, call)
    return once(world, call, 255, lambda: _cancel(world, call))


def _cancel(world: World, call: Call) -> Doc:
    booking = _current(world, call, call.body.get("booking_version"), "booking_version")
    status = world.rules.api_cancel_status if call.grant.writes_all else "CANCELLED_BY_CUSTOMER"
    return {"booking": _shown(call, keep_change(world, _actor(call), "cancel", booking, {"status": status}))}


def _sent(call: Call) -> Doc:
    sent = call.body.get("booking")
    if sent is None:
        raise missing("booking")
    if not isinstance(sent, dict):
        raise invalid("EXPECTED_OBJECT", "Field `booking` is not an object.", "booking")
    return sent


def _current(world: World, call: Call, version: Any, name: str) -> Doc:
    """The booking to write on, after the version check. Raises SquareError; what is over cannot be written on."""
    booking: Doc = _found(world, call)["booking"]
    for status in (409, 400):
        if call.struck(f"version_mismatch_{status}"):
            keep_change(world, Actor("staff", "Square app"), "touch", booking, {})
            raise stale(status)
    if version is not None and whole(version, name, 0) != booking["version"]:
        raise stale(world.rules.stale_status)
    if booking["status"] not in STANDING:
        raise invalid("BAD_REQUEST", "The booking is over and cannot be changed.", "status")
    return booking


def _found(world: World, call: Call) -> Doc:
    booking_id = text(call.path["booking_id"], "booking_id", 36)
    kept = world["bookings"].get(booking_id or "")
    if kept is None or not (call.grant.reads_all or kept["application_id"] == call.grant.application_id):
        raise not_found("booking", "booking_id")
    return kept


def _visible(world: World, call: Call) -> list[Doc]:
    return [
        _shown(call, kept["booking"])
        for kept in world["bookings"].values()
        if call.grant.reads_all or kept["application_id"] == call.grant.application_id
    ]


def _shown(call: Call, booking: Doc) -> Doc:
    if call.grant.reads_all:
        return booking
    return {key: value for key, value in booking.items() if key not in SELLER_ONLY}


def _check_plan(world: World, call: Call) -> None:
    if call.grant.writes_all and not world.rules.seller_writes:
        raise needs_plan()


def _actor(call: Call) -> Actor:
    return Actor("api", call.grant.application_id, call.grant.application_id)
