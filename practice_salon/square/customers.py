"""Customers: profiles with versions, and an index that lags behind them, which is what search and list read.

A profile is kept with its recent versions, each with the moment from which the index shows it. One that was merged
away or deleted is remembered with `merged_into` (None for deleted) and is not found any more.
"""

import re
from datetime import datetime, timedelta
from typing import Any

from practice_salon.square import ids, paging
from practice_salon.square.call import Call, digits, once, part, strings, text, whole
from practice_salon.square.errors import invalid, missing, not_found, stale
from practice_salon.square.events import Actor, publish, publish_thing, record
from practice_salon.square.state import Doc, World
from practice_salon.square.times import instant, moment, stamp_ms

LENGTHS = {
    "given_name": 300,
    "family_name": 300,
    "company_name": 500,
    "nickname": 100,
    "email_address": 254,
    "phone_number": 17,
    "reference_id": 100,
    "note": 4096,
    "birthday": 10,
}
NAMING = ("given_name", "family_name", "company_name", "email_address", "phone_number")
MAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
PHONE = re.compile(r"\+?[0-9() .-]+")


def profile(world: World, customer_id: str) -> Doc | None:
    """The profile as it is now, or None when there is none of that id (any more)."""
    kept = world["customers"].get(customer_id)
    if kept is None:
        return None
    current = kept["history"][-1]["profile"]
    assert current is None or isinstance(current, dict)
    return current


def current_id(world: World, customer_id: str) -> str | None:
    """The id itself while the profile stands, the id it was merged into, or None."""
    kept = world["customers"].get(customer_id)
    if kept is None:
        return None
    if kept["history"][-1]["profile"] is not None:
        return customer_id
    return current_id(world, kept["merged_into"]) if kept.get("merged_into") else None


def keep(world: World, customer: Doc, *, lag_s: float | None = None) -> Doc:
    """Writes a profile; the index shows it after `lag_s` seconds of server time (the rules' lag when None)."""
    return _remember(world, customer["id"], customer, None, lag_s)


def _remember(world: World, key: str, customer: Doc | None, merged_into: str | None, lag_s: float | None) -> Doc:
    lag = world.rules.customer_lag_s if lag_s is None else lag_s
    kept = world["customers"].get(key) or {"history": []}
    now = world.now()
    entry = {"at": stamp_ms(now), "visible_at": stamp_ms(now + timedelta(seconds=lag)), "profile": customer}
    history = [*_recent(kept["history"], now), entry]
    world["customers"].put(key, {"history": history, "merged_into": merged_into})
    return customer or {}


def _recent(history: list[Doc], now: datetime) -> list[Doc]:
    """The entries of the last hour and the one before them: what any search may still have to show."""
    old = [entry for entry in history if moment(entry["at"]) < now - timedelta(hours=1)]
    return [*old[-1:], *history[len(old) :]]


def _indexed(kept: Doc, now: datetime, hidden: timedelta) -> Doc | None:
    """The profile as the index shows it; changes younger than `hidden` are not in it yet."""
    shown = None
    for entry in kept["history"]:
        if moment(entry["visible_at"]) <= now and moment(entry["at"]) <= now - hidden:
            shown = entry["profile"]
    return shown


def _index(world: World, call: Call) -> list[Doc]:
    lagging = call.struck("customer_search_lag")
    hidden = timedelta(seconds=lagging.seconds if lagging else 0)
    shown = (_indexed(kept, world.now(), hidden) for kept in world["customers"].values())
    return [customer for customer in shown if customer is not None]


def add_customer(
    world: World, actor: Actor, fields: Doc, source: str = "THIRD_PARTY", lag_s: float | None = None
) -> Doc:
    """Makes a profile of checked fields and tells of it."""
    now = stamp_ms(world.now())
    customer = {
        "id": ids.customer_id(world),
        "created_at": now,
        "updated_at": now,
        **fields,
        "preferences": {"email_unsubscribed": False},
        "creation_source": source,
        "version": 0,
    }
    keep(world, customer, lag_s=lag_s)
    record(world, actor, "create customer", customer_id=customer["id"])
    publish_thing(world, "customer.created", "customer", customer)
    return customer


def edit_customer(world: World, actor: Actor, customer: Doc, fields: Doc) -> Doc:
    """Changes fields of a profile (None clears one), one version on, and tells of it."""
    merged = {key: value for key, value in {**customer, **fields}.items() if value is not None}
    changed = {**merged, "version": customer["version"] + 1, "updated_at": stamp_ms(world.now())}
    keep(world, changed)
    record(world, actor, "edit customer", customer_id=customer["id"])
    publish_thing(world, "customer.updated", "customer", changed)
    return changed


def merge_customers(world: World, actor: Actor, from_ids: list[str]) -> Doc:
    """Merges profiles into a new one, as the seller's directory does. Raises SquareError NOT_FOUND.

    The new one takes each field from the first profile that has it; events carry `event_context.merge`.
    """
    merged = [_standing(world, key) for key in from_ids]
    fields: Doc = {}
    for customer in reversed(merged):
        fields |= {key: customer[key] for key in LENGTHS if key in customer}
    now = stamp_ms(world.now())
    made = {"id": ids.customer_id(world), "created_at": now, "updated_at": now, **fields}
    made |= {"preferences": {"email_unsubscribed": False}, "creation_source": "MERGE", "version": 0}
    keep(world, made)
    context = {"merge": {"from_customer_ids": from_ids, "to_customer_id": made["id"]}}
    _publish_merge(world, "customer.created", made, context)
    for customer in merged:
        _remember(world, customer["id"], None, made["id"], None)
        _publish_merge(world, "customer.deleted", customer, context)
    record(world, actor, "merge customers", from_customer_ids=from_ids, to_customer_id=made["id"])
    return made


def _publish_merge(world: World, kind: str, customer: Doc, context: Doc) -> None:
    thing = {"customer": customer, "event_context": context}
    data: Doc = {"type": "customer", "id": customer["id"], "object": thing}
    publish(world, kind, {**data, "deleted": True} if kind == "customer.deleted" else data)


def _standing(world: World, customer_id: str) -> Doc:
    customer = profile(world, customer_id)
    if customer is None:
        raise not_found("customer", "customer_id")
    return customer


def checked(sent: Doc) -> Doc:
    """The profile fields of a request. Raises SquareError for what Square validates: lengths, mail, phone."""
    fields = {name: text(sent[name], name, length) for name, length in LENGTHS.items() if name in sent}
    mail, phone = fields.get("email_address"), fields.get("phone_number")
    if mail and not MAIL.fullmatch(mail):
        raise invalid("INVALID_EMAIL_ADDRESS", "Expected a valid email address.", "email_address")
    if phone and not (PHONE.fullmatch(phone) and 9 <= len(re.sub(r"\D", "", phone)) <= 16):
        raise invalid("INVALID_PHONE_NUMBER", "Expected a valid phone number.", "phone_number")
    return fields


def create_customer(world: World, call: Call) -> Doc:
    """POST /v2/customers: equal mails and phones are welcome, Square does not look for twins."""

    def apply() -> Doc:
        fields = {name: value for name, value in checked(call.body).items() if value}
        if not any(fields.get(name) for name in NAMING):
            raise missing("given_name")
        return {"customer": add_customer(world, _actor(call), fields)}

    return once(world, call, 255, apply)


def get_customer(world: World, call: Call) -> Doc:
    """GET /v2/customers/{customer_id}."""
    return {"customer": _standing(world, call.path["customer_id"])}


def update_customer(world: World, call: Call) -> Doc:
    """PUT /v2/customers/{customer_id}: sparse, null clears, `version` is checked when sent."""
    customer = _standing(world, call.path["customer_id"])
    version = call.body.get("version")
    if version is not None and whole(version, "version", 0) != customer["version"]:
        raise stale(world.rules.stale_status)
    return {"customer": edit_customer(world, _actor(call), customer, checked(call.body))}


def bulk_retrieve(world: World, call: Call) -> Doc:
    """POST /v2/customers/bulk-retrieve: a map by id, at most a hundred."""
    wanted = strings(call.body.get("customer_ids"), "customer_ids")
    if len(wanted) > 100:
        raise invalid("ARRAY_LENGTH_TOO_LONG", "At most 100 customer ids.", "customer_ids")
    unknown = {"errors": [not_found("customer", "customer_id").doc()]}
    found = {key: profile(world, key) for key in wanted}
    return {"responses": {key: {"customer": kept} if kept else unknown for key, kept in found.items()}}


def list_customers(world: World, call: Call) -> Doc:
    """GET /v2/customers, from the index that lags."""
    limit = whole(digits(call.query.get("limit", "100"), "limit"), "limit", 1, 100)
    query = {key: value for key, value in call.query.items() if key not in ("cursor", "limit")}
    cursor = call.query.get("cursor")
    return paging.page(world, call, "customers", _index(world, call), _id, limit=limit, query=query, cursor=cursor)


def search_customers(world: World, call: Call) -> Doc:
    """POST /v2/customers/search, from the index that lags; all filters must hold."""
    query = part(call.body, "query")
    limit = whole(call.body.get("limit", 100), "limit", 1, 100)
    wanted = part(query, "filter")
    _check_filters(wanted)
    rows = [customer for customer in _index(world, call) if _matches(customer, wanted)]
    cursor = call.body.get("cursor")
    return paging.page(world, call, "customers", rows, _id, limit=limit, query=query, cursor=cursor)


def _check_filters(wanted: Doc) -> None:
    exact = part(wanted, "phone_number").get("exact")
    if exact is not None and not re.fullmatch(r"\+\d{9,16}", str(exact)):
        raise invalid("INVALID_PHONE_NUMBER", "An exact phone number starts with + and a country code.", "exact")


def _matches(customer: Doc, wanted: Doc) -> bool:
    texts = ("email_address", "phone_number", "reference_id")
    if not all(_text_matches(customer.get(name), part(wanted, name), name) for name in texts):
        return False
    return all(_between(customer[name], part(wanted, name), name) for name in ("created_at", "updated_at"))


def _text_matches(value: str | None, wanted: Doc, name: str) -> bool:
    exact, fuzzy = wanted.get("exact"), wanted.get("fuzzy")
    if exact is None and fuzzy is None:
        return True
    if value is None:
        return False
    if exact is not None:
        return _plain(value, name) == _plain(exact, name)
    return str(fuzzy).lower() in value.lower()


def _plain(value: str, name: str) -> str:
    return re.sub(r"\D", "", value) if name == "phone_number" else value.lower()


def _between(value: str, wanted: Doc, name: str) -> bool:
    since, until = wanted.get("start_at"), wanted.get("end_at")
    at = moment(value)
    if since is not None and at < instant(since, name):
        return False
    return until is None or at <= instant(until, name)


def _actor(call: Call) -> Actor:
    return Actor("api", call.grant.application_id, call.grant.application_id)


def _id(customer: dict[str, Any]) -> str:
    return str(customer["id"])
