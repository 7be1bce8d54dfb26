"""What people outside our app do: staff in the Square app, buyers on Square's site, the owner in the back office.

Each act takes a JSON object and gives one back. Staff may book over anything; a buyer's booking is checked and made
in one step under the world's lock, as on Square's own site. Raises SquareError for what cannot be done.
"""

from collections.abc import Callable
from typing import Any, Literal, cast
from zoneinfo import available_timezones

from practice_salon.square import ids
from practice_salon.square.availability import refuse_unless_free
from practice_salon.square.booking_rules import check_team_member
from practice_salon.square.call import text, whole
from practice_salon.square.catalog import (
    MINUTE_MS,
    add_service,
    delete_item,
    edit_service,
    minutes_of,
    transition_minutes,
    variation,
)
from practice_salon.square.customers import (
    add_customer,
    checked,
    current_id,
    edit_customer,
    merge_customers,
    profile,
)
from practice_salon.square.errors import invalid, missing, not_found
from practice_salon.square.events import Actor, record
from practice_salon.square.ledger import STANDING, keep_change, keep_new
from practice_salon.square.staff import add_team_member, edit_location, edit_team_member, set_hours
from practice_salon.square.state import Doc, World
from practice_salon.square.times import instant, moment, stamp

Act = Callable[[World, Actor, Doc], Doc]
Who = Literal["staff", "buyer", "owner"]
SOURCES = {"staff": "FIRST_PARTY_MERCHANT", "buyer": "FIRST_PARTY_BUYER", "owner": "FIRST_PARTY_MERCHANT"}
KEPT_ON_REINSTATING = (
    "start_at",
    "location_id",
    "customer_id",
    "customer_note",
    "seller_note",
    "appointment_segments",
    "location_type",
    "transition_time_minutes",
)
WHOLE_WEEK: list[list[str] | None] = [["09:00", "18:00"]] * 7


def perform(world: World, who: str, what: str, params: Doc) -> Doc:
    """Lets `who` (staff, buyer, owner) do `what`; `params` may name the person in `by`. ACTS lists what there is."""
    act = ACTS.get((who, what))
    if act is None:
        known = ", ".join(sorted(name for kind, name in ACTS if kind == who)) or "staff, buyer, owner"
        raise invalid("INVALID_VALUE", f"{who!r} cannot do {what!r}; there is: {known}.", "what")
    given = {key: value for key, value in params.items() if key != "by"}
    return act(world, Actor(cast(Who, who), str(params.get("by") or who)), given)


def _needed(params: Doc, name: str) -> Any:
    if params.get(name) is None:
        raise missing(name)
    return params[name]


def _booking(world: World, params: Doc, *, standing: bool = True) -> Doc:
    kept = world["bookings"].get(str(_needed(params, "booking_id")))
    if kept is None:
        raise not_found("booking", "booking_id")
    booking: Doc = kept["booking"]
    if standing and booking["status"] not in STANDING:
        raise invalid("BAD_REQUEST", "The booking is over.", "booking_id")
    return booking


def _fields(world: World, actor: Actor, params: Doc) -> Doc:
    """The fields of a booking that a person makes; segments given whole, or one from the plain parameters."""
    given = params.get("segments") or [params]
    segments = [_segment(world, one) for one in given]
    transition = params.get("transition_time_minutes")
    usual = transition_minutes(world, segments[-1].get("service_variation_id"))
    fields = {
        "start_at": stamp(instant(_needed(params, "start_at"), "start_at")),
        "location_id": world["locations"].values()[0]["id"],
        "location_type": "BUSINESS_LOCATION",
        "appointment_segments": segments,
        "transition_time_minutes": usual if transition is None else whole(transition, "transition_time_minutes", 0),
        "source": SOURCES[actor.kind],
    }
    fields |= {name: params[name] for name in ("customer_note", "seller_note", "all_day") if params.get(name)}
    return fields | _client(world, actor, params)


def _client(world: World, actor: Actor, params: Doc) -> Doc:
    if isinstance(params.get("customer"), dict):
        return {"customer_id": add_customer(world, actor, checked(params["customer"]), "APPOINTMENTS")["id"]}
    customer_id = text(params.get("customer_id"), "customer_id", 192)
    if customer_id is None:
        return {}
    current = current_id(world, customer_id)
    if current is None:
        raise not_found("customer", "customer_id")
    return {"customer_id": current}


def _segment(world: World, given: Doc) -> Doc:
    """A segment; without `service_variation_id` it is one of those the Square app makes with no service at all."""
    who = _needed(given, "team_member_id")
    check_team_member(world, who, "team_member_id")
    segment: Doc = {"team_member_id": who, "any_team_member": bool(given.get("any_team_member"))}
    minutes = given.get("duration_minutes")
    if given.get("service_variation_id") is not None:
        found = variation(world, given["service_variation_id"])
        if found is None:
            raise not_found("service variation", "service_variation_id")
        segment |= {"service_variation_id": found["id"], "service_variation_version": found["version"]}
        minutes = minutes_of(found) if minutes is None else minutes
    if minutes is None:
        raise missing("duration_minutes")
    segment["duration_minutes"] = whole(minutes, "duration_minutes", 1, 1500)
    if given.get("intermission_minutes"):
        segment["intermission_minutes"] = whole(given["intermission_minutes"], "intermission_minutes", 0)
    return segment


def _staff_books(world: World, actor: Actor, params: Doc) -> Doc:
    maker = {"creator_type": "TEAM_MEMBER"}
    status = params.get("status") or "ACCEPTED"
    fields = _fields(world, actor, params) | {"status": status, "creator_details": maker}
    return {"booking": keep_new(world, actor, fields, "book")}


def _buyer_books(world: World, actor: Actor, params: Doc) -> Doc:
    for name in ("team_member_id", "service_variation_id"):
        if not params.get("segments"):
            _needed(params, name)
    fields = _fields(world, actor, params)
    refuse_unless_free(world, fields["appointment_segments"], moment(fields["start_at"]))
    maker = {"creator_type": "CUSTOMER"}
    if "customer_id" in fields:
        maker["customer_id"] = fields["customer_id"]
    pending = world.rules.booking_policy == "REQUIRES_ACCEPTANCE"
    fields |= {"status": "PENDING" if pending else "ACCEPTED", "creator_details": maker}
    return {"booking": keep_new(world, actor, fields, "book")}


def _status(what: str, status: str, *, only: tuple[str, ...] = STANDING) -> Act:
    def act(world: World, actor: Actor, params: Doc) -> Doc:
        booking = _booking(world, params)
        if booking["status"] not in only:
            raise invalid("BAD_REQUEST", f"A booking that is {booking['status']} cannot become {status}.", "status")
        return {"booking": keep_change(world, actor, what, booking, {"status": status})}

    return act


def _moves(world: World, actor: Actor, params: Doc) -> Doc:
    booking = _booking(world, params)
    start = instant(_needed(params, "start_at"), "start_at")
    if actor.kind == "buyer":
        refuse_unless_free(world, booking["appointment_segments"], start, but=booking["id"])
    return {"booking": keep_change(world, actor, "move", booking, {"start_at": stamp(start)})}


def _changes_staff(world: World, actor: Actor, params: Doc) -> Doc:
    """Another person for one segment (`segment`, from 0) or, when that is left out, for all."""
    booking = _booking(world, params)
    who = _needed(params, "team_member_id")
    check_team_member(world, who, "team_member_id")
    which = params.get("segment")
    segments = [
        {**segment, "team_member_id": who} if which in (None, index) else segment
        for index, segment in enumerate(booking["appointment_segments"])
    ]
    return {"booking": keep_change(world, actor, "change staff", booking, {"appointment_segments": segments})}


def _edits(world: World, actor: Actor, params: Doc) -> Doc:
    """Another length or service (of one segment), client, note; null clears."""
    booking = _booking(world, params)
    fields: Doc = {name: params[name] for name in ("customer_note", "seller_note") if name in params}
    if "customer_id" in params:
        fields |= _client(world, actor, params) or {"customer_id": None}
    if {"duration_minutes", "service_variation_id"} & set(params):
        index = whole(params.get("segment", 0), "segment", 0, len(booking["appointment_segments"]) - 1)
        segments = list(booking["appointment_segments"])
        given: Doc = {name: params[name] for name in ("duration_minutes", "service_variation_id") if name in params}
        segments[index] = _segment(world, {**segments[index], **given})
        fields["appointment_segments"] = segments
    return {"booking": keep_change(world, actor, "edit", booking, fields)}


def _reinstates(world: World, actor: Actor, params: Doc) -> Doc:
    """A cancelled booking is final: what comes back is a new booking, with a new id."""
    former = _booking(world, params, standing=False)
    fields = {name: former[name] for name in KEPT_ON_REINSTATING if name in former}
    fields |= {"status": "ACCEPTED", "source": SOURCES[actor.kind], "creator_details": {"creator_type": "TEAM_MEMBER"}}
    return {"booking": keep_new(world, actor, fields, "reinstate")}


def _blocks(world: World, actor: Actor, params: Doc) -> Doc:
    """Time that no API shows and no event tells of; only that nothing is on offer there."""
    check_team_member(world, _needed(params, "team_member_id"), "team_member_id")
    block = {
        "id": ids.opaque(world, "block", 14),
        "team_member_id": params["team_member_id"],
        "start_at": stamp(instant(_needed(params, "start_at"), "start_at")),
        "duration_minutes": whole(_needed(params, "duration_minutes"), "duration_minutes", 1),
    }
    world["blocks"].put(str(block["id"]), block)
    record(world, actor, "block", block=block)
    return {"block": block}


def _unblocks(world: World, actor: Actor, params: Doc) -> Doc:
    block = world["blocks"].get(str(_needed(params, "block_id")))
    if block is None:
        raise not_found("block", "block_id")
    world["blocks"].drop(block["id"])
    record(world, actor, "unblock", block=block)
    return {"block": block}


def _adds_customer(world: World, actor: Actor, params: Doc) -> Doc:
    return {"customer": add_customer(world, actor, checked(params), "DIRECTORY")}


def _edits_customer(world: World, actor: Actor, params: Doc) -> Doc:
    customer = profile(world, str(_needed(params, "customer_id")))
    if customer is None:
        raise not_found("customer", "customer_id")
    return {"customer": edit_customer(world, actor, customer, checked(params))}


def _merges(world: World, actor: Actor, params: Doc) -> Doc:
    """Two or more profiles become a new one. Their bookings name the new one, unless `repoint` is false.

    Whether Square rewrites the bookings is not documented; both can be had.
    """
    old = _needed(params, "from_customer_ids")
    made = merge_customers(world, actor, old)
    if params.get("repoint", True):
        for kept in world["bookings"].values():
            if kept["booking"].get("customer_id") in old:
                keep_change(world, actor, "merge customers", kept["booking"], {"customer_id": made["id"]})
    return {"customer": made}


def _hires(world: World, actor: Actor, params: Doc) -> Doc:
    given, _, family = str(_needed(params, "name")).partition(" ")
    email, phone = str(params.get("email") or ""), str(params.get("phone") or "")
    member = add_team_member(world, given, family, email, phone, params.get("week") or WHOLE_WEEK)
    record(world, actor, "add team member", team_member_id=member["id"])
    return {"team_member": member}


def _team_status(status: str) -> Act:
    def act(world: World, actor: Actor, params: Doc) -> Doc:
        key = str(_needed(params, "team_member_id"))
        return {"team_member": edit_team_member(world, actor, key, status=status)}

    return act


def _edits_team_member(world: World, actor: Actor, params: Doc) -> Doc:
    names = ("given_name", "family_name", "email_address", "phone_number", "reference_id")
    changes = {name: str(params[name]) for name in names if name in params}
    return {"team_member": edit_team_member(world, actor, str(_needed(params, "team_member_id")), **changes)}


def _sets_hours(world: World, actor: Actor, params: Doc) -> Doc:
    key, week = str(_needed(params, "team_member_id")), _needed(params, "week")
    set_hours(world, key, week)
    record(world, actor, "set hours", team_member_id=key, week=week)
    return {"week": week}


def _edits_location(world: World, actor: Actor, params: Doc) -> Doc:
    """Another name or time zone (IANA) for the location."""
    changes = {name: str(params[name]) for name in ("name", "timezone") if name in params}
    if "timezone" in changes and changes["timezone"] not in available_timezones():
        raise invalid("INVALID_VALUE", "That is no IANA time zone.", "timezone")
    return {"location": edit_location(world, actor, **changes)}


def _adds_service(world: World, actor: Actor, params: Doc) -> Doc:
    item = add_service(
        world,
        str(_needed(params, "title")),
        whole(_needed(params, "minutes"), "minutes", 1, 1500),
        whole(params.get("price_cents", 0), "price_cents", 0),
        list(params.get("team_member_ids") or []),
        transition_minutes=whole(params.get("transition_minutes", 0), "transition_minutes", 0),
    )
    record(world, actor, "add service", item_id=item["id"])
    return {"item": item}


def _bumps_catalog(world: World, actor: Actor, params: Doc) -> Doc:
    """A new version of a variation; with `minutes`, `price_cents`, `team_member_ids` or `title` also new contents."""
    changes: Doc = {}
    if "minutes" in params:
        changes["service_duration"] = whole(params["minutes"], "minutes", 1, 1500) * MINUTE_MS
    if "price_cents" in params:
        changes["price_money"] = {"amount": whole(params["price_cents"], "price_cents", 0), "currency": "USD"}
    if "team_member_ids" in params:
        changes["team_member_ids"] = list(params["team_member_ids"])
    key = str(_needed(params, "service_variation_id"))
    found = edit_service(world, key, params.get("title"), **changes)
    record(world, actor, "bump catalog", service_variation_id=key, version=found["version"])
    return {"variation": found}


def _deletes_service(world: World, actor: Actor, params: Doc) -> Doc:
    item = delete_item(world, str(_needed(params, "item_id")))
    record(world, actor, "delete service", item_id=item["id"])
    return {"item": item}


ACTS: dict[tuple[str, str], Act] = {
    ("staff", "book"): _staff_books,
    ("staff", "block"): _blocks,
    ("staff", "unblock"): _unblocks,
    ("staff", "cancel"): _status("cancel", "CANCELLED_BY_SELLER"),
    ("staff", "decline"): _status("decline", "DECLINED", only=("PENDING",)),
    ("staff", "accept"): _status("accept", "ACCEPTED", only=("PENDING",)),
    ("staff", "no_show"): _status("no show", "NO_SHOW"),
    ("staff", "move"): _moves,
    ("staff", "change_staff"): _changes_staff,
    ("staff", "edit"): _edits,
    ("staff", "reinstate"): _reinstates,
    ("staff", "add_customer"): _adds_customer,
    ("staff", "edit_customer"): _edits_customer,
    ("buyer", "book"): _buyer_books,
    ("buyer", "move"): _moves,
    ("buyer", "cancel"): _status("cancel", "CANCELLED_BY_CUSTOMER"),
    ("owner", "add_customer"): _adds_customer,
    ("owner", "edit_customer"): _edits_customer,
    ("owner", "merge_customers"): _merges,
    ("owner", "add_team_member"): _hires,
    ("owner", "edit_team_member"): _edits_team_member,
    ("owner", "deactivate_team_member"): _team_status("INACTIVE"),
    ("owner", "activate_team_member"): _team_status("ACTIVE"),
    ("owner", "edit_location"): _edits_location,
    ("owner", "set_hours"): _sets_hours,
    ("owner", "add_service"): _adds_service,
    ("owner", "bump_catalog"): _bumps_catalog,
    ("owner", "delete_service"): _deletes_service,
}
"""Who can do what."""
