"""Who works in Square and what they do: locations, team members, booking profiles, catalog. Square shows no hours."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import TypeVar

from square import Square
from square.core.request_options import RequestOptions

from sync.calendars import ReadFailed
from sync.calendars.square.client import Doc, SquareClient
from sync.calendars.square.direct import sent
from sync.calendars.square.errors import LOCATION, TOKEN, SquareFailed, read_error
from sync.model import Directory, Service, Side, StaffMember

MINUTE_MS = 60_000
"""The catalog gives durations in milliseconds, bookings take minutes."""

CATALOG_PAGE = 100
TEAM_PAGE = 200
BATCH = 200
"""Catalog objects asked for by id at once; Square takes a thousand, a shorter answer comes whole more surely."""

NO_NAME_OF_ITS_OWN = frozenset({"", "regular", "standard", "default"})
"""What Square calls a service's only variation: people know the service by the item's name alone."""

Thing = TypeVar("Thing")


@dataclass(frozen=True, slots=True)
class Location:
    """A place of the salon; `timezone` is its IANA name, '' when Square gives none."""

    id: str
    name: str
    timezone: str
    is_active: bool


def locations(square: SquareClient) -> tuple[Location, ...]:
    """All locations of the account, read now. Raises ReadFailed."""
    return locations_in(square.read("list locations", lambda api, options: sent(api, options, "GET", "v2/locations")))


def locations_in(doc: Doc) -> tuple[Location, ...]:
    """The locations of an answer; those without an id are left out."""
    return tuple(
        Location(
            str(place["id"]), _text(place.get("name")), _text(place.get("timezone")), place.get("status") != "INACTIVE"
        )
        for place in rows(doc, "locations")
        if place.get("id")
    )


def chosen(found: Sequence[Location], wanted: str) -> Location:
    """The location of SQUARE_LOCATION_ID, or the only one when it is left out. Raises ReadFailed naming the setting."""
    if wanted:
        place = next((place for place in found if place.id == wanted), None)
        if place is None:
            raise ReadFailed(
                f"{LOCATION} ({wanted}) names no location of this Square account: use one of {named(found)}.",
                permanent=True,
                setting=LOCATION,
            )
        return place
    active = [place for place in found if place.is_active]
    if not active:
        raise ReadFailed(
            f"The Square account of {TOKEN} shows no active location: "
            "make one in Square, or use another account's token.",
            permanent=True,
            setting=TOKEN,
        )
    if len(active) > 1:
        raise ReadFailed(
            f"Square has {len(active)} locations: put the id of this salon into {LOCATION}, one of {named(active)}.",
            permanent=True,
            setting=LOCATION,
        )
    return active[0]


def named(found: Sequence[Location]) -> str:
    """The first five locations as people read them: Main Street (L1), Park (L2)."""
    return ", ".join(f"{place.name or 'unnamed'} ({place.id})" for place in found[:5]) or "none at all"


def directory_of(square: SquareClient) -> tuple[Location, Directory]:
    """The location and everybody and everything bookable there, read now. Raises ReadFailed."""
    place = chosen(locations(square), square.location_id)
    items = [item for page in square.pages("search services", _items_page) for item in rows(page, "items")]
    variations = [variation for item in items for variation in rows(_data(item, "item_data"), "variations")]
    staff = _staff(square, place, variations)
    return place, Directory(Side.SQUARE, place.timezone, staff, tuple(services_in(items)))


def services_named(square: SquareClient, ids: Iterable[str]) -> dict[str, Service]:
    """Service variations by id, read now, with their present versions; deleted ones too, as not active.

    An id that Square does not know is left out. Raises ReadFailed.
    """
    found: dict[str, Service] = {}
    for batch in chunks(sorted(set(ids)), BATCH):
        doc = _batch(square, batch)
        items = {str(item.get("id")): item for name in ("objects", "related_objects") for item in rows(doc, name)}
        for variation in rows(doc, "objects"):
            item = items.get(_text(_data(variation, "item_variation_data").get("item_id")), {})
            if service := service_of(variation, item):
                found[service.id] = service
    return found


def _batch(square: SquareClient, ids: Sequence[str]) -> Doc:
    body = {"object_ids": ids, "include_related_objects": True, "include_deleted_objects": True}
    return square.read(
        "get services", lambda api, options: sent(api, options, "POST", "v2/catalog/batch-retrieve", body=body)
    )


def services_in(items: Iterable[Doc]) -> Iterator[Service]:
    """The bookable variations of catalog items."""
    for item in items:
        for variation in rows(_data(item, "item_data"), "variations"):
            if service := service_of(variation, item):
                yield service


def service_of(variation: Doc, item: Doc) -> Service | None:
    """A catalog variation as a service; None for an object that is no variation. The same name however it was read."""
    data, item_data = _data(variation, "item_variation_data"), _data(item, "item_data")
    if not variation.get("id") or variation.get("type", "ITEM_VARIATION") != "ITEM_VARIATION":
        return None
    gone = variation.get("is_deleted") or item.get("is_deleted") or item_data.get("is_archived")
    duration = data.get("service_duration")
    return Service(
        side=Side.SQUARE,
        id=str(variation["id"]),
        name=service_name(_text(item_data.get("name")), _text(data.get("name"))),
        minutes=-(-duration // MINUTE_MS) if isinstance(duration, int) else 0,
        version=variation.get("version") if isinstance(variation.get("version"), int) else None,
        active=not gone and data.get("available_for_booking") is not False,
    )


def service_name(item: str, variation: str) -> str:
    """What people call it: the item's name, with the variation's behind it where that says something."""
    if variation.strip().lower() in NO_NAME_OF_ITS_OWN | {item.strip().lower()}:
        return item
    return f"{item} ({variation})" if item else variation


def _staff(square: SquareClient, place: Location, variations: Sequence[Doc]) -> tuple[StaffMember, ...]:
    query = {"filter": {"location_ids": [place.id]}}

    def page(api: Square, options: RequestOptions, cursor: str | None) -> object:
        asked = {"query": query, "limit": TEAM_PAGE, **({"cursor": cursor} if cursor else {})}
        return sent(api, options, "POST", "v2/team-members/search", body=asked)

    members = [member for found in square.pages("search staff", page) for member in rows(found, "team_members")]
    profiles = {
        str(profile.get("team_member_id")): profile
        for found in square.pages("list staff profiles", _profiles_page)
        for profile in rows(found, "team_member_booking_profiles")
    }
    return tuple(
        staff_member(member, profiles.get(str(member["id"])), variations) for member in members if member.get("id")
    )


def staff_named(square: SquareClient, staff_id: str) -> StaffMember | None:
    """One team member by id, read now; None when Square does not know the id. Raises ReadFailed."""
    try:
        answer = square.asked(
            "get staff", lambda api, options: api.team_members.with_raw_response.get(staff_id, request_options=options)
        )
    except SquareFailed as error:
        if error.failure.status == 404 and error.failure.is_square:
            return None
        raise read_error(error.failure, square.shown.token) from None
    member = _data(answer.doc, "team_member")
    return staff_member(member, None, ()) if member.get("id") else None


def staff_member(member: Doc, profile: Doc | None, variations: Sequence[Doc]) -> StaffMember:
    """A team member as staff. Active means that Square takes bookings for them. A variation that does not say who
    performs it is done by everybody; one with an empty list by nobody."""
    key = str(member["id"])
    bookable = profile is None or profile.get("is_bookable") is not False
    full = " ".join(filter(None, (_text(member.get("given_name")), _text(member.get("family_name")))))
    return StaffMember(
        side=Side.SQUARE,
        id=key,
        name=full or _text((profile or {}).get("display_name")),
        email=_text(member.get("email_address")),
        phone=_text(member.get("phone_number")),
        active=member.get("status") != "INACTIVE" and bookable,
        services=frozenset(str(v["id"]) for v in variations if v.get("id") and _performs(v, key)),
    )


def _performs(variation: Doc, staff: str) -> bool:
    who = _data(variation, "item_variation_data").get("team_member_ids")
    return staff in who if isinstance(who, list) else True


def _items_page(api: Square, options: RequestOptions, cursor: str | None) -> object:
    asked = {"product_types": ["APPOINTMENTS_SERVICE"], "limit": CATALOG_PAGE}
    body = asked | ({"cursor": cursor} if cursor else {})
    return sent(api, options, "POST", "v2/catalog/search-catalog-items", body=body)


def _profiles_page(api: Square, options: RequestOptions, cursor: str | None) -> object:
    asked = {"limit": 100, **({"cursor": cursor} if cursor else {})}
    return sent(api, options, "GET", "v2/bookings/team-member-booking-profiles", params=asked)


def rows(doc: Doc, name: str) -> list[Doc]:
    """The objects of a list in an answer; Square leaves an empty one out. Raises ReadFailed for anything else there."""
    found = doc.get(name)
    if found is None:
        return []
    if not isinstance(found, list) or not all(isinstance(row, Mapping) for row in found):
        raise ReadFailed(f"Square's answer has no list of {name} in it: nothing was concluded from it, try again.")
    return found


def chunks(things: Iterable[Thing], size: int) -> Iterator[list[Thing]]:
    """The things in order, so many at a time."""
    rest = iter(things)
    while part := list(islice(rest, size)):
        yield part


def _data(doc: Doc, name: str) -> Doc:
    found = doc.get(name)
    return found if isinstance(found, Mapping) else {}


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""
