"""The catalog: items (services) with variations, each with a version that changes with every edit.

Durations are milliseconds here; bookings speak of minutes.
"""

from typing import Any

from practice_salon.square import ids, paging
from practice_salon.square.call import Call, part, strings, whole
from practice_salon.square.errors import invalid, not_found
from practice_salon.square.events import publish
from practice_salon.square.state import Doc, World
from practice_salon.square.times import instant, moment, stamp_ms

MINUTE_MS = 60_000


def variation(world: World, variation_id: str) -> Doc | None:
    """The variation object that stands in the catalog, deleted ones not counted."""
    for item in world["items"].values():
        for found in item["item_data"]["variations"]:
            if found["id"] == variation_id and not found["is_deleted"]:
                return dict(found)
    return None


def minutes_of(found: Doc) -> int:
    """How long the service takes, in minutes."""
    return int(found["item_variation_data"]["service_duration"]) // MINUTE_MS


def add_service(
    world: World,
    title: str,
    minutes: int,
    price_cents: int,
    team_member_ids: list[str],
    *,
    transition_minutes: int = 0,
    currency: str = "USD",
) -> Doc:
    """Puts a service with one variation into the catalog and returns the item."""
    item_id, variation_id = ids.catalog_id(world), ids.catalog_id(world)
    version, now = _next_version(world), stamp_ms(world.now())
    common = {"updated_at": now, "version": version, "is_deleted": False, "present_at_all_locations": True}
    data = {
        "item_id": item_id,
        "name": "Regular",
        "ordinal": 0,
        "pricing_type": "FIXED_PRICING",
        "price_money": {"amount": price_cents, "currency": currency},
        "service_duration": minutes * MINUTE_MS,
        "available_for_booking": True,
        "team_member_ids": team_member_ids,
    }
    offered = {"type": "ITEM_VARIATION", "id": variation_id, **common, "item_variation_data": data}
    item_data = {"name": title, "is_archived": False, "product_type": "APPOINTMENTS_SERVICE", "variations": [offered]}
    world["transitions"].put(variation_id, {"minutes": transition_minutes})
    item = world["items"].put(item_id, {"type": "ITEM", "id": item_id, **common, "item_data": item_data})
    _tell(world)
    return item


def edit_service(world: World, variation_id: str, title: str | None = None, **changes: Any) -> Doc:
    """Changes a variation's data (or nothing but its version) and its item's title; versions of both grow.

    Returns the variation. Raises SquareError NOT_FOUND.
    """
    found = variation(world, variation_id)
    if found is None:
        raise not_found("service variation", "service_variation_id")
    changed = {**found, "item_variation_data": {**found["item_variation_data"], **changes}}
    item = world["items"].get(found["item_variation_data"]["item_id"])
    assert item is not None
    data = {**item["item_data"], "name": title or item["item_data"]["name"]}
    others = [other if other["id"] != variation_id else changed for other in data["variations"]]
    _touch(world, {**item, "item_data": {**data, "variations": others}}, {variation_id})
    fresh = variation(world, variation_id)
    assert fresh is not None
    return fresh


def delete_item(world: World, item_id: str) -> Doc:
    """Takes a service out of the catalog; it can still be found with include_deleted_objects."""
    item = world["items"].get(item_id)
    if item is None:
        raise not_found("catalog object", "object_id")
    gone = [{**offered, "is_deleted": True} for offered in item["item_data"]["variations"]]
    data = {**item["item_data"], "variations": gone}
    return _touch(world, {**item, "is_deleted": True, "item_data": data}, {offered["id"] for offered in gone})


def _touch(world: World, item: Doc, changed: set[str]) -> Doc:
    fresh = {"version": _next_version(world), "updated_at": stamp_ms(world.now())}
    variations = [
        {**offered, **fresh} if offered["id"] in changed else offered for offered in item["item_data"]["variations"]
    ]
    kept = {**item, **fresh, "item_data": {**item["item_data"], "variations": variations}}
    world["items"].put(item["id"], kept)
    _tell(world)
    return kept


def _next_version(world: World) -> int:
    """Milliseconds since 1970, and always more than before."""
    last = int((world["meta"].get("catalog") or {}).get("version", 0))
    version = max(int(world.now().timestamp() * 1000), last + 1)
    world["meta"].put("catalog", {"version": version})
    return version


def _tell(world: World) -> None:
    data = {"type": "catalog_version", "object": {"catalog_version": {"updated_at": stamp_ms(world.now())}}}
    publish(world, "catalog.version.updated", data)


def search_items(world: World, call: Call) -> Doc:
    """POST /v2/catalog/search-catalog-items: services by product type and words in their name."""
    body = call.body
    limit = whole(body.get("limit", 100), "limit", 1, 100)
    kinds, words = body.get("product_types"), str(body.get("text_filter") or "").lower().split()
    rows = [
        item
        for item in world["items"].values()
        if not item["is_deleted"]
        and (not kinds or item["item_data"]["product_type"] in kinds)
        and all(word in item["item_data"]["name"].lower() for word in words)
    ]
    answer = paging.page(
        world,
        call,
        "items",
        [_standing(item) for item in rows],
        _id,
        limit=limit,
        query={key: value for key, value in body.items() if key not in ("cursor", "limit")},
        cursor=body.get("cursor"),
    )
    matched = [offered["id"] for item in answer["items"] for offered in item["item_data"]["variations"]]
    return {**answer, "matched_variation_ids": matched}


def batch_get(world: World, call: Call) -> Doc:
    """POST /v2/catalog/batch-retrieve: objects by id; ids that name nothing are left out."""
    wanted = strings(call.body.get("object_ids"), "object_ids")
    deleted = bool(call.body.get("include_deleted_objects"))
    known = {thing["id"]: thing for thing in _objects(world) if deleted or not thing["is_deleted"]}
    objects = [known[key] for key in dict.fromkeys(wanted) if key in known]
    if not call.body.get("include_related_objects"):
        return {"objects": objects}
    items = {thing["item_variation_data"]["item_id"] for thing in objects if thing["type"] == "ITEM_VARIATION"}
    related = [known[key] for key in sorted(items - {thing["id"] for thing in objects}) if key in known]
    return {"objects": objects, "related_objects": related}


def get_object(world: World, call: Call) -> Doc:
    """GET /v2/catalog/object/{object_id}."""
    for thing in _objects(world):
        if thing["id"] == call.path["object_id"] and not thing["is_deleted"]:
            return {"object": thing}
    raise not_found("catalog object", "object_id")


def list_objects(world: World, call: Call) -> Doc:
    """GET /v2/catalog/list: standing objects of the types asked for."""
    types = [kind.strip() for kind in call.query.get("types", "").split(",") if kind.strip()]
    rows = [thing for thing in _objects(world) if not thing["is_deleted"] and (not types or thing["type"] in types)]
    cursor = call.query.get("cursor")
    return paging.page(world, call, "objects", rows, _id, limit=100, query=types, cursor=cursor)


def search_objects(world: World, call: Call) -> Doc:
    """POST /v2/catalog/search: objects changed after `begin_time`, deleted ones when asked for."""
    body = call.body
    types = body.get("object_types") or ["ITEM"]
    begin = None if body.get("begin_time") is None else instant(body["begin_time"], "begin_time")
    part(body, "query")
    rows = [
        thing
        for thing in _objects(world)
        if thing["type"] in types
        and (body.get("include_deleted_objects") or not thing["is_deleted"])
        and (begin is None or moment(thing["updated_at"]) > begin)
    ]
    query = {key: value for key, value in body.items() if key not in ("cursor", "limit")}
    limit = whole(body.get("limit", 100), "limit", 1, 1000)
    answer = paging.page(world, call, "objects", rows, _id, limit=limit, query=query, cursor=body.get("cursor"))
    latest = max((thing["updated_at"] for thing in _objects(world)), default=stamp_ms(world.now()))
    return {**answer, "latest_time": latest}


def check_segment_service(world: World, segment: Doc, name: str) -> Doc:
    """The variation a segment books. Raises SquareError when it is unknown or its version is not the current one.

    What Square does with an old variation version is not documented; here it is refused.
    """
    found = variation(world, segment["service_variation_id"])
    if found is None:
        raise invalid("INVALID_VALUE", "The service variation does not exist.", f"{name}.service_variation_id")
    if segment.get("service_variation_version") != found["version"]:
        raise invalid(
            "INVALID_VALUE",
            "The service variation version is not the current one.",
            f"{name}.service_variation_version",
        )
    return found


def transition_minutes(world: World, variation_id: str | None) -> int:
    """Minutes kept free after that service."""
    kept = world["transitions"].get(variation_id or "")
    return int(kept["minutes"]) if kept else 0


def _objects(world: World) -> list[Doc]:
    things: list[Doc] = []
    for item in world["items"].values():
        things.append(item if item["is_deleted"] else _standing(item))
        things.extend(item["item_data"]["variations"])
    return things


def _standing(item: Doc) -> Doc:
    data = item["item_data"]
    return {**item, "item_data": {**data, "variations": [v for v in data["variations"] if not v["is_deleted"]]}}


def _id(thing: Doc) -> str:
    return str(thing["id"])
