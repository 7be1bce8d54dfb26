"""The salon itself: merchant, locations, team members, and their booking profiles."""

from practice_salon.square import ids, paging
from practice_salon.square.call import Call, part, strings, whole
from practice_salon.square.errors import invalid, not_found
from practice_salon.square.events import Actor, merchant_id, publish, publish_thing, record
from practice_salon.square.state import Doc, World
from practice_salon.square.times import stamp_ms

Week = list[list[str] | None]
"""Seven days, Monday first: [open, close] as local "HH:MM", or None."""


def list_locations(world: World, call: Call) -> Doc:
    """GET /v2/locations."""
    return {"locations": [] if call.struck("list_empty") else world["locations"].values()}


def get_location(world: World, call: Call) -> Doc:
    """GET /v2/locations/{location_id}; `main` is the only one."""
    wanted = call.path["location_id"]
    location = world["locations"].values()[0] if wanted == "main" else world["locations"].get(wanted)
    if location is None:
        raise not_found("location", "location_id")
    return {"location": location}


def edit_location(world: World, actor: Actor, **changes: str) -> Doc:
    """Changes the location's name or time zone; the event says only that it changed."""
    location = world["locations"].values()[0]
    changed = world["locations"].put(location["id"], {**location, **changes})
    record(world, actor, "edit location", changes=changes)
    publish(world, "location.updated", {"type": "location", "id": location["id"]}, location_id=location["id"])
    return changed


def list_merchants(world: World, _call: Call) -> Doc:
    """GET /v2/merchants. (Square's field is named `merchant`, though it is a list.)"""
    return {"merchant": [world["meta"].get("merchant")]}


def get_merchant(world: World, call: Call) -> Doc:
    """GET /v2/merchants/{merchant_id}; `me` is the only one."""
    merchant = world["meta"].get("merchant")
    if call.path["merchant_id"] not in ("me", merchant_id(world)):
        raise not_found("merchant", "merchant_id")
    return {"merchant": merchant}


def add_team_member(
    world: World, given: str, family: str, email: str, phone: str, week: Week, *, owner: bool = False
) -> Doc:
    """Adds an active, bookable member of staff and tells of it."""
    now = stamp_ms(world.now())
    member: Doc = {
        "id": ids.team_member_id(world),
        "is_owner": owner,
        "status": "ACTIVE",
        "given_name": given,
        "family_name": family,
        "email_address": email,
        "phone_number": phone,
        "created_at": now,
        "updated_at": now,
        "assigned_locations": {"assignment_type": "ALL_CURRENT_AND_FUTURE_LOCATIONS"},
    }
    world["team_members"].put(member["id"], member)
    display = f"{given} {family}".strip()
    profile = {"team_member_id": member["id"], "description": "", "display_name": display, "is_bookable": True}
    world["profiles"].put(member["id"], profile)
    world["hours"].put(member["id"], {"week": week})
    publish_thing(world, "team_member.created", "team_member", member)
    return member


def edit_team_member(world: World, actor: Actor, team_member_id: str, **changes: str) -> Doc:
    """Changes fields of a member of staff, the status among them, and tells of it. Raises SquareError NOT_FOUND."""
    member = world["team_members"].get(team_member_id)
    if member is None:
        raise not_found("team member", "team_member_id")
    changed = {**member, **changes, "updated_at": stamp_ms(world.now())}
    world["team_members"].put(team_member_id, changed)
    profile = world["profiles"].get(team_member_id)
    assert profile is not None
    display = f"{changed['given_name']} {changed['family_name']}".strip()
    bookable = changed["status"] == "ACTIVE"
    world["profiles"].put(team_member_id, {**profile, "display_name": display, "is_bookable": bookable})
    record(world, actor, "edit team member", team_member_id=team_member_id, changes=changes)
    publish_thing(world, "team_member.updated", "team_member", changed)
    return changed


def set_hours(world: World, team_member_id: str, week: Week) -> None:
    """Other working hours; Square tells nobody of them. Raises SquareError."""
    if team_member_id not in world["team_members"]:
        raise not_found("team member", "team_member_id")
    if len(week) != 7:
        raise invalid("INVALID_VALUE", "A week has seven days, Monday first.", "week")
    world["hours"].put(team_member_id, {"week": week})


def search_team_members(world: World, call: Call) -> Doc:
    """POST /v2/team-members/search: by status, location or ownership."""
    query = part(call.body, "query")
    wanted = part(query, "filter")
    limit = whole(call.body.get("limit", 100), "limit", 1, 200)
    rows = [
        member
        for member in world["team_members"].values()
        if wanted.get("status") in (None, member["status"])
        and (not wanted.get("is_owner") or member["is_owner"])
        and (not wanted.get("location_ids") or set(wanted["location_ids"]) & _location_ids(world))
    ]
    cursor = call.body.get("cursor")
    return paging.page(world, call, "team_members", rows, _id, limit=limit, query=query, cursor=cursor)


def get_team_member(world: World, call: Call) -> Doc:
    """GET /v2/team-members/{team_member_id}."""
    member = world["team_members"].get(call.path["team_member_id"])
    if member is None:
        raise not_found("team member", "team_member_id")
    return {"team_member": member}


def business_profile(world: World, _call: Call) -> Doc:
    """GET /v2/bookings/business-booking-profile: what the salon's plan and settings allow."""
    rules, merchant = world.rules, world["meta"].get("merchant") or {}
    settings = {
        "location_types": ["BUSINESS_LOCATION"],
        "alignment_time": rules.alignment,
        "min_booking_lead_time_seconds": rules.min_lead_s,
        "max_booking_lead_time_seconds": rules.max_lead_s,
        "any_team_member_booking_enabled": True,
        "multiple_service_booking_enabled": True,
        "cancellation_window_seconds": 0,
        "cancellation_policy": "CANCELLATION_TREATED_AS_NO_SHOW",
        "skip_booking_flow_staff_selection": False,
    }
    profile = {
        "seller_id": merchant["id"],
        "created_at": merchant["created_at"],
        "booking_enabled": True,
        "customer_timezone_choice": "CUSTOMER_CHOICE",
        "booking_policy": rules.booking_policy,
        "allow_user_cancel": rules.allow_user_cancel,
        "business_appointment_settings": settings,
        "support_seller_level_writes": rules.seller_writes,
    }
    return {"business_booking_profile": profile}


def list_location_profiles(world: World, call: Call) -> Doc:
    """GET /v2/bookings/location-booking-profiles."""
    rows = [_location_profile(place) for place in world["locations"].values()]
    cursor = call.query.get("cursor")
    key = "location_booking_profiles"
    return paging.page(
        world, call, key, rows, lambda profile: str(profile["location_id"]), limit=100, query=[], cursor=cursor
    )


def get_location_profile(world: World, call: Call) -> Doc:
    """GET /v2/bookings/location-booking-profiles/{location_id}."""
    location = world["locations"].get(call.path["location_id"])
    if location is None:
        raise not_found("location booking profile", "location_id")
    return {"location_booking_profile": _location_profile(location)}


def _location_profile(location: Doc) -> Doc:
    site = f"https://book.example/{location['id'].lower()}"
    return {"location_id": location["id"], "booking_site_url": site, "online_booking_enabled": True}


def list_profiles(world: World, call: Call) -> Doc:
    """GET /v2/bookings/team-member-booking-profiles."""
    only = call.query.get("bookable_only", "false").lower() == "true"
    somewhere = call.query.get("location_id") in (None, *_location_ids(world))
    rows = [profile for profile in world["profiles"].values() if somewhere and (profile["is_bookable"] or not only)]
    query = {key: value for key, value in call.query.items() if key not in ("cursor", "limit")}
    limit = int(call.query.get("limit", "100"))
    return paging.page(
        world,
        call,
        "team_member_booking_profiles",
        rows,
        lambda profile: str(profile["team_member_id"]),
        limit=limit,
        query=query,
        cursor=call.query.get("cursor"),
    )


def get_profile(world: World, call: Call) -> Doc:
    """GET /v2/bookings/team-member-booking-profiles/{team_member_id}."""
    profile = world["profiles"].get(call.path["team_member_id"])
    if profile is None:
        raise not_found("team member booking profile", "team_member_id")
    return {"team_member_booking_profile": profile}


def bulk_profiles(world: World, call: Call) -> Doc:
    """POST /v2/bookings/team-member-booking-profiles/bulk-retrieve: a map by id."""
    wanted = strings(call.body.get("team_member_ids"), "team_member_ids")
    unknown = {"errors": [not_found("team member booking profile", "team_member_id").doc()]}
    found = {key: world["profiles"].get(key) for key in wanted}
    return {
        "team_member_booking_profiles": {
            key: {"team_member_booking_profile": profile} if profile else unknown for key, profile in found.items()
        }
    }


def _location_ids(world: World) -> set[str]:
    return {place["id"] for place in world["locations"].values()}


def _id(member: Doc) -> str:
    return str(member["id"])
