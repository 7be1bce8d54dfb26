"""Webhook subscriptions: who is told of what, where, signed with which key."""

import base64
import json

from practice_salon.square import ids, paging
from practice_salon.square.call import Call, digits, once, part, strings, text, whole
from practice_salon.square.errors import SquareError, invalid, missing, not_found
from practice_salon.square.events import API_VERSION, EVENT_TYPES, check_types, merchant_id
from practice_salon.square.grants import APPLICATION
from practice_salon.square.state import Doc, World
from practice_salon.square.times import stamp_ms
from practice_salon.square.webhooks import SIGNATURE, Parcel, forget, signature

LONGEST_KEY = 45


def subscribe(world: World, url: str, key: str) -> Doc:
    """A subscription to everything for our application, there from the start, signed with a key of the caller's
    choosing; one to that address that is there already is taken over. Raises SquareError for an address that Square
    would not take."""
    there = next((k["subscription"] for k in world["subscriptions"].values() if _leads_to(k, url)), None)
    now = stamp_ms(world.now())
    fresh = {"id": "", "name": "practice", "api_version": API_VERSION, "created_at": now}
    asked = _checked({"notification_url": url, "enabled": True, "event_types": list(EVENT_TYPES)})
    made = {**(there or fresh), **asked, "signature_key": key, "updated_at": now}
    return _keep(world, {**made, "id": made["id"] or ids.subscription_id(world)}, APPLICATION)


def _leads_to(kept: Doc, url: str) -> bool:
    return bool(kept["application_id"] == APPLICATION and kept["subscription"]["notification_url"] == url)


def create_subscription(world: World, call: Call) -> Doc:
    """POST /v2/webhooks/subscriptions. The signature key is only Square's to choose."""
    _personal(call)

    def apply() -> Doc:
        sent = part(call.body, "subscription")
        for name in ("notification_url", "event_types"):
            if not sent.get(name):
                raise missing(f"subscription.{name}")
        now = stamp_ms(world.now())
        made = {
            "id": ids.subscription_id(world),
            "name": sent.get("name") or "",
            "enabled": sent.get("enabled", True),
            "api_version": sent.get("api_version") or API_VERSION,
            **_checked(sent),
            "signature_key": _new_key(world),
            "created_at": now,
            "updated_at": now,
        }
        return {"subscription": _keep(world, made, call.grant.application_id)}

    return once(world, call, LONGEST_KEY, apply)


def list_subscriptions(world: World, call: Call) -> Doc:
    """GET /v2/webhooks/subscriptions: the enabled ones, all with include_disabled."""
    _personal(call)
    everything = call.query.get("include_disabled", "false").lower() == "true"
    rows = [
        kept["subscription"]
        for kept in world["subscriptions"].values()
        if kept["application_id"] == call.grant.application_id and (everything or kept["subscription"]["enabled"])
    ]
    limit = whole(digits(call.query.get("limit", "100"), "limit"), "limit", 1, 100)
    cursor = call.query.get("cursor")
    return paging.page(
        world, call, "subscriptions", rows, lambda s: str(s["id"]), limit=limit, query=everything, cursor=cursor
    )


def get_subscription(world: World, call: Call) -> Doc:
    """GET /v2/webhooks/subscriptions/{subscription_id}."""
    return {"subscription": _found(world, call)["subscription"]}


def update_subscription(world: World, call: Call) -> Doc:
    """PUT /v2/webhooks/subscriptions/{subscription_id}: name, enabled, event types, address; sparse."""
    subscription = _found(world, call)["subscription"]
    changed = {**subscription, **_checked(part(call.body, "subscription")), "updated_at": stamp_ms(world.now())}
    if not changed["enabled"]:
        forget(world, changed["id"])
    return {"subscription": _keep(world, changed, call.grant.application_id)}


def delete_subscription(world: World, call: Call) -> Doc:
    """DELETE /v2/webhooks/subscriptions/{subscription_id}."""
    subscription = _found(world, call)["subscription"]
    forget(world, subscription["id"])
    world["subscriptions"].drop(subscription["id"])
    return {}


def rotate_key(world: World, call: Call) -> Doc:
    """POST .../signature-key: another key from now on; the answer holds only it."""
    subscription = _found(world, call)["subscription"]

    def apply() -> Doc:
        changed = {**subscription, "signature_key": _new_key(world), "updated_at": stamp_ms(world.now())}
        _keep(world, changed, call.grant.application_id)
        return {"signature_key": changed["signature_key"]}

    return once(world, call, LONGEST_KEY, apply)


def trial_parcel(world: World, call: Call) -> Parcel:
    """The event that POST .../test sends at once; raises SquareError for a type the subscription does not have."""
    subscription = _found(world, call)["subscription"]
    kind = text(call.body.get("event_type"), "event_type", 100) or subscription["event_types"][0]
    if kind not in subscription["event_types"]:
        raise invalid("INVALID_VALUE", "The subscription does not ask for that event type.", "event_type")
    event: Doc = {
        "merchant_id": merchant_id(world),
        "type": kind,
        "event_id": ids.event_id(world),
        "created_at": stamp_ms(world.now()),
        "data": {"type": kind.split(".")[0], "id": "test", "object": {}},
    }
    body = json.dumps(event, separators=(",", ":"))
    url = subscription["notification_url"]
    headers = {"content-type": "application/json", SIGNATURE: signature(subscription["signature_key"], url, body)}
    return Parcel(event["event_id"], subscription["id"], url, body, headers)


def trial_result(world: World, parcel: Parcel, status: int | None) -> Doc:
    """What POST .../test answers: the status that came back (absent when none did) and what was sent."""
    now = stamp_ms(world.now())
    result = {"id": parcel.delivery_id, "payload": parcel.body, "created_at": now, "updated_at": now}
    return {"subscription_test_result": result if status is None else {**result, "status_code": status}}


def _checked(sent: Doc) -> Doc:
    fields: Doc = {key: sent[key] for key in ("name", "enabled", "event_types", "notification_url") if key in sent}
    text(fields.get("name"), "subscription.name", 64)
    if "event_types" in fields:
        check_types(strings(fields["event_types"], "subscription.event_types"))
    url = fields.get("notification_url")
    if url is not None and not str(url).startswith(("https://", "http://127.0.0.1", "http://localhost")):
        raise invalid("INVALID_VALUE", "The notification URL must use HTTPS.", "subscription.notification_url")
    return fields


def _new_key(world: World) -> str:
    return base64.urlsafe_b64encode(bytes.fromhex(world.digest("signature_key"))[:16]).decode().rstrip("=")


def _keep(world: World, subscription: Doc, application_id: str) -> Doc:
    kept = world["subscriptions"].get(subscription["id"]) or {"failing_since": None}
    world["subscriptions"].put(
        subscription["id"], {**kept, "subscription": subscription, "application_id": application_id}
    )
    return subscription


def _found(world: World, call: Call) -> Doc:
    _personal(call)
    kept = world["subscriptions"].get(call.path["subscription_id"])
    if kept is None or kept["application_id"] != call.grant.application_id:
        raise not_found("webhook subscription", "subscription_id")
    return kept


def _personal(call: Call) -> None:
    if call.grant.kind != "personal":
        raise SquareError(403, "AUTHENTICATION_ERROR", "FORBIDDEN", "Use the application's personal access token.")
