"""What the world tells: the event log, its search (the Events API), and the deeds of everyone (the truth)."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Literal

from practice_salon.square import ids, paging
from practice_salon.square.call import Call, part, whole
from practice_salon.square.errors import SquareError, invalid
from practice_salon.square.state import Doc, World
from practice_salon.square.times import instant, moment, stamp_ms
from practice_salon.square.webhooks import announce

EVENT_TYPES = (
    "booking.created",
    "booking.updated",
    "catalog.version.updated",
    "customer.created",
    "customer.deleted",
    "customer.updated",
    "location.created",
    "location.updated",
    "oauth.authorization.revoked",
    "team_member.created",
    "team_member.updated",
)
API_VERSION = "2025-08-20"
KEPT = timedelta(days=28)


@dataclass(frozen=True, slots=True)
class Actor:
    """Who did something. `by` is a name for people to read; `application_id` is set for calls over the API."""

    kind: Literal["api", "staff", "buyer", "owner"]
    by: str
    application_id: str | None = None


def merchant_id(world: World) -> str:
    """The one merchant's id."""
    merchant = world["meta"].get("merchant")
    assert merchant is not None
    return str(merchant["id"])


def publish(world: World, kind: str, data: Doc, *, former: Doc | None = None, location_id: str | None = None) -> Doc:
    """Writes an event into the log and to the webhooks. `data` has type, id and object; `former` is the object before.

    Only events that happen while the Events API is enabled can ever be found there.
    """
    event: Doc = {
        "merchant_id": merchant_id(world),
        "type": kind,
        "event_id": ids.event_id(world),
        "created_at": stamp_ms(world.now()),
        "data": data,
    }
    if location_id is not None:
        event["location_id"] = location_id
    world["events"].put(
        event["event_id"],
        {"event": event, "searchable": world.rules.events_enabled, "place": world.next_number("event_place")},
    )
    announce(world, event, former)
    return event


def publish_thing(world: World, kind: str, name: str, thing: Doc) -> Doc:
    """An event about a thing with an id of its own: `object` is `{name: thing}`."""
    return publish(world, kind, {"type": name, "id": thing["id"], "object": {name: thing}})


def record(world: World, actor: Actor, what: str, **facts: Any) -> Doc:
    """Writes down who did what and when: the truth that tests and measurements compare with."""
    number = world.next_number("deed")
    deed = {"number": number, "at": stamp_ms(world.now()), "actor": actor.kind, "by": actor.by, "what": what, **facts}
    return world["deeds"].put(str(number), deed)


def list_event_types(_world: World, _call: Call) -> Doc:
    """GET /v2/events/types and GET /v2/webhooks/event-types."""
    metadata = [
        {"event_type": kind, "api_version_introduced": "2020-07-22", "release_status": "PUBLIC"} for kind in EVENT_TYPES
    ]
    return {"event_types": list(EVENT_TYPES), "metadata": metadata}


def enable_events(world: World, call: Call) -> Doc:
    """PUT /v2/events/enable: from now on events can be found."""
    _personal(call)
    world.set_rules(events_enabled=True)
    return {}


def disable_events(world: World, call: Call) -> Doc:
    """PUT /v2/events/disable: no events are found any more, and those until now never will be."""
    _personal(call)
    world.set_rules(events_enabled=False)
    for key, kept in world["events"].items():
        world["events"].put(key, {**kept, "searchable": False})
    return {}


def search_events(world: World, call: Call) -> Doc:
    """POST /v2/events: what happened in the last 28 days while enabled, oldest first unless sorted DESC."""
    _personal(call)
    query = part(call.body, "query")
    limit = whole(call.body.get("limit", 100), "limit", 1, 100)
    descending = part(query, "sort").get("order") == "DESC"
    kept = [doc for doc in world["events"].values() if _found(world, doc, part(query, "filter"))]
    places = {doc["event"]["event_id"]: doc["place"] for doc in kept}
    answer = paging.page(
        world,
        call,
        "events",
        [doc["event"] for doc in kept],
        lambda event: f"{10**9 - places[event['event_id']] if descending else places[event['event_id']]:010d}",
        limit=limit,
        query=query,
        cursor=call.body.get("cursor"),
    )
    metadata = [{"event_id": event["event_id"], "api_version": API_VERSION} for event in answer["events"]]
    return {**answer, "metadata": metadata}


def _found(world: World, kept: Doc, wanted: Doc) -> bool:
    event = kept["event"]
    happened = moment(event["created_at"])
    if not (kept["searchable"] and world.rules.events_enabled and happened > world.now() - KEPT):
        return False
    for name, value in (("event_types", "type"), ("merchant_ids", "merchant_id"), ("location_ids", "location_id")):
        if wanted.get(name) and event.get(value) not in wanted[name]:
            return False
    between = part(wanted, "created_at")
    since, until = between.get("start_at"), between.get("end_at")
    if since is not None and happened < instant(since, "query.filter.created_at.start_at"):
        return False
    return until is None or happened <= instant(until, "query.filter.created_at.end_at")


def _personal(call: Call) -> None:
    if call.grant.kind != "personal":
        raise SquareError(403, "AUTHENTICATION_ERROR", "FORBIDDEN", "Use the application's personal access token.")


def check_types(wanted: list[str]) -> None:
    """Raises SquareError when an event type is none of those that are ever sent."""
    unknown = sorted(set(wanted) - set(EVENT_TYPES))
    if unknown:
        raise invalid("INVALID_VALUE", f"There is no event type {unknown[0]}.", "event_types")
