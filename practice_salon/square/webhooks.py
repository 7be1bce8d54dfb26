"""Webhooks: what is to be delivered, signed and spaced as Square does. `courier` carries it."""

import base64
import hashlib
import hmac
import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import urlsplit, urlunsplit

from practice_salon.square.faults import strike
from practice_salon.square.grants import sees_all
from practice_salon.square.state import Doc, World
from practice_salon.square.times import moment, stamp_ms

RETRY_MINUTES = (1, 2, 4, 8, 16, 32, 60, 120, 240, 480, 480)
"""Spacing of the eleven retries within 24 hours."""

SILENCE = timedelta(days=21)
"""So long without one 2xx and the subscription is disabled."""

SIGNATURE = "x-square-hmacsha256-signature"
ELSEWHERE = "elsewhere.example"


@dataclass(frozen=True, slots=True)
class Parcel:
    """One delivery as it goes out: where to, the exact bytes, the headers."""

    delivery_id: str
    subscription_id: str
    url: str
    body: str
    headers: dict[str, str]


def signature(key: str, url: str, body: str) -> str:
    """Base64 of HMAC-SHA256 over the notification URL and the raw body, keyed with the key's own characters."""
    return base64.b64encode(hmac.new(key.encode(), (url + body).encode(), hashlib.sha256).digest()).decode()


def announce(world: World, event: Doc, former: Doc | None) -> None:
    """Queues the event for each subscription that asks for its type and whose application may see it.

    `former` is the event's object before the change, for the fault that sends it.
    """
    for kept in world["subscriptions"].values():
        subscription = kept["subscription"]
        wanted = subscription["enabled"] and event["type"] in subscription["event_types"]
        if wanted and _may_see(world, kept["application_id"], event):
            _queue(world, subscription, event, former)


def _may_see(world: World, application_id: str, event: Doc) -> bool:
    if event["data"]["type"] != "booking":
        return True
    kept = world["bookings"].get(event["data"]["object"]["booking"]["id"])
    own = kept is not None and kept["application_id"] == application_id
    return own or sees_all(world, application_id)


def _queue(world: World, subscription: Doc, event: Doc, former: Doc | None) -> None:
    due = world.faults.due(f"webhook.{event['type']}")
    if strike(due, "subscription_disabled"):
        switch(world, subscription["id"], enabled=False)
        return
    if strike(due, "webhook_dropped"):
        return
    if former is not None and strike(due, "webhook_stale_body"):
        event = {**event, "data": {**event["data"], "object": former}}
    delayed = strike(due, "webhook_delayed")
    kept: Doc = {
        "subscription_id": subscription["id"],
        "event_id": event["event_id"],
        "type": event["type"],
        "body": json.dumps(event, separators=(",", ":")),
        "attempt": 0,
        "reason": None,
        "first_at": None,
        "due_at": stamp_ms(world.now() + timedelta(seconds=delayed.seconds if delayed else 0)),
        "wrong_key": strike(due, "webhook_wrong_signature") is not None,
        "wrong_host": strike(due, "webhook_wrong_host") is not None,
        "held": strike(due, "webhook_reordered") is not None,
    }
    _enqueue(world, kept)
    if strike(due, "webhook_duplicated"):
        _enqueue(world, kept)
    if not kept["held"]:
        _let_go(world, subscription["id"])


def _enqueue(world: World, delivery: Doc) -> None:
    number = world.next_number("delivery")
    world["deliveries"].put(f"{number:09d}", {**delivery, "place": number})


def _let_go(world: World, subscription_id: str) -> None:
    """Puts what was held back behind the newest delivery."""
    for key, delivery in world["deliveries"].items():
        if delivery["held"] and delivery["subscription_id"] == subscription_id:
            world["deliveries"].drop(key)
            _enqueue(world, {**delivery, "held": False})


def due_parcels(world: World, now: datetime) -> list[Parcel]:
    """What is to go out now, in the order it was queued."""
    parcels = []
    for key, delivery in world["deliveries"].items():
        if not delivery["held"] and moment(delivery["due_at"]) <= now:
            kept = world["subscriptions"].get(delivery["subscription_id"])
            if kept is not None:
                parcels.append(_parcel(key, delivery, kept["subscription"], now))
    return parcels


def _parcel(key: str, delivery: Doc, subscription: Doc, now: datetime) -> Parcel:
    url, signing_key = subscription["notification_url"], subscription["signature_key"]
    signed_url = urlunsplit(urlsplit(url)._replace(netloc=ELSEWHERE)) if delivery["wrong_host"] else url
    signing_key = f"not-{signing_key}" if delivery["wrong_key"] else signing_key
    headers = {
        "content-type": "application/json",
        SIGNATURE: signature(signing_key, signed_url, delivery["body"]),
        "square-environment": "Sandbox",
        "square-initial-delivery-timestamp": delivery["first_at"] or stamp_ms(now),
    }
    if delivery["attempt"]:
        headers["square-retry-number"] = str(delivery["attempt"])
        headers["square-retry-reason"] = delivery["reason"]
    return Parcel(key, subscription["id"], url, delivery["body"], headers)


def next_due(world: World) -> datetime | None:
    """When the next delivery is due, in server time; None when nothing waits."""
    times = [moment(delivery["due_at"]) for delivery in world["deliveries"].values() if not delivery["held"]]
    return min(times, default=None)


def settle(world: World, parcel: Parcel, reason: str | None) -> None:
    """What came of a delivery: `reason` is None for a 2xx, else one of Square's retry reasons."""
    _remember(world, parcel.subscription_id, good=reason is None)
    delivery = world["deliveries"].get(parcel.delivery_id)
    if delivery is None:
        return
    if reason is None or delivery["attempt"] >= len(RETRY_MINUTES):
        world["deliveries"].drop(parcel.delivery_id)
        return
    wait = timedelta(minutes=RETRY_MINUTES[delivery["attempt"]]) * world.rules.retry_scale
    world["deliveries"].put(
        parcel.delivery_id,
        {
            **delivery,
            "attempt": delivery["attempt"] + 1,
            "reason": reason,
            "first_at": parcel.headers["square-initial-delivery-timestamp"],
            "due_at": stamp_ms(world.now() + wait),
        },
    )


def _remember(world: World, subscription_id: str, *, good: bool) -> None:
    """Keeps since when a subscription only fails; disables it when that is too long."""
    kept = world["subscriptions"].get(subscription_id)
    if kept is None:
        return
    since = None if good else kept["failing_since"] or stamp_ms(world.now())
    world["subscriptions"].put(subscription_id, {**kept, "failing_since": since})
    if since is not None and world.now() - moment(since) >= SILENCE:
        switch(world, subscription_id, enabled=False)


def switch(world: World, subscription_id: str, *, enabled: bool) -> None:
    """Turns a subscription on or off, as Square itself does. What still waited for one turned off is forgotten."""
    kept = world["subscriptions"].get(subscription_id)
    if kept is None:
        return
    changed = {**kept["subscription"], "enabled": enabled, "updated_at": stamp_ms(world.now())}
    world["subscriptions"].put(subscription_id, {**kept, "subscription": changed})
    if not enabled:
        forget(world, subscription_id)


def forget(world: World, subscription_id: str) -> None:
    """Drops every delivery that still waits for that subscription."""
    for key, delivery in world["deliveries"].items():
        if delivery["subscription_id"] == subscription_id:
            world["deliveries"].drop(key)
