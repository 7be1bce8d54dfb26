"""The answers against Square's own API document, with objects closed and timestamps checked.

The document is not part of this repository: it is looked for in SQUARE_OPENAPI, then beside the checkout.
"""

import json
import os
import re
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from practice_salon.square.endpoint import instead
from practice_salon.square.faults import FAULTS, Armed
from practice_salon.square.routes import ROUTES
from tests.practice_salon.square.conftest import Salon
from tests.practice_salon.square.tour import BY_NAME, Stop, Tour

BESIDE = Path(__file__).parents[3] / ".." / "shared" / "data" / "square-openapi-2025-08-20.json"
DOCUMENT = Path(os.environ.get("SQUARE_OPENAPI") or BESIDE)
STAMP = r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?Z$"
NAMED_AS_STAMP = re.compile(r"_at$|^latest_time$|^start_at$")
ALWAYS = {
    "Booking": ["id", "version", "status", "created_at", "updated_at", "start_at", "location_id"],
    "Customer": ["id", "created_at", "updated_at", "version"],
    "TeamMember": ["id", "status", "created_at", "updated_at"],
    "Location": ["id", "name", "timezone", "status", "created_at"],
    "WebhookSubscription": ["id", "enabled", "event_types", "notification_url", "created_at"],
}
"""What our readers rely on; the document itself requires almost nothing."""

UNDECLARED = {"booking.created": {"location_id"}, "booking.updated": {"location_id"}, "customer.deleted": {"deleted"}}
"""Fields that Square's own examples of events carry although their schemas do not name them."""

EVENT_SCHEMAS = {
    "booking.created": "BookingCreatedEvent",
    "booking.updated": "BookingUpdatedEvent",
    "customer.created": "CustomerCreatedEvent",
    "customer.updated": "CustomerUpdatedEvent",
    "customer.deleted": "CustomerDeletedEvent",
    "team_member.created": "TeamMemberCreatedEvent",
    "team_member.updated": "TeamMemberUpdatedEvent",
    "catalog.version.updated": "CatalogVersionUpdatedEvent",
    "location.updated": "Event",
    "oauth.authorization.revoked": "Event",
}
"""The last two have no schema of their own in the part of the document that we use."""

pytestmark = [
    pytest.mark.square_document,
    pytest.mark.skipif(not DOCUMENT.is_file(), reason="Square's API document is not here: set SQUARE_OPENAPI to it"),
]


@cache
def document() -> dict[str, Any]:
    found: dict[str, Any] = json.loads(DOCUMENT.read_text())
    found["schemas"] = {name: closed(schema) for name, schema in found["components"]["schemas"].items()}
    for name, fields in ALWAYS.items():
        found["schemas"][name]["required"] = fields
    return found


def closed(schema: Any) -> Any:
    """A schema of the document as JSON Schema: nullable told plainly, no field beyond those named, stamps checked."""
    if isinstance(schema, list):
        return [closed(one) for one in schema]
    if not isinstance(schema, dict):
        return schema
    out = {key: closed(value) for key, value in schema.items() if key not in ("example", "properties", "nullable")}
    if "properties" in schema:
        out["properties"] = {name: stamped(name, closed(inner)) for name, inner in schema["properties"].items()}
        out.setdefault("additionalProperties", False)
    return {"anyOf": [out, {"type": "null"}]} if schema.get("nullable") is True else out


def stamped(name: str, schema: Any) -> Any:
    if not NAMED_AS_STAMP.search(name):
        return schema
    if schema.get("type") == "string":
        return {**schema, "pattern": STAMP}
    if "anyOf" in schema:
        return {"anyOf": [stamped(name, one) for one in schema["anyOf"]]}
    return schema


@cache
def checker(schema: str) -> Any:
    root = {"$ref": f"#/components/schemas/{schema}", "components": {"schemas": document()["schemas"]}}
    return jsonschema.Draft202012Validator(root)


def faults_of(schema: str, body: Any) -> list[str]:
    return [f"{error.json_path}: {error.message}" for error in checker(schema).iter_errors(body)]


def schema_of(route: str) -> str:
    found = BY_NAME[route]
    answers = document()["paths"][found.path][found.method.lower()]["responses"]["200"]
    return str(answers["content"]["application/json"]["schema"]["$ref"].rsplit("/", 1)[1])


@pytest.fixture
def stops(salon: Salon) -> list[Stop]:
    return Tour(salon).run()


def test_every_route_answers_as_the_document_says(stops: list[Stop]) -> None:
    good = [stop for stop in stops if stop.status == 200]
    assert {stop.route for stop in good} == {route.name for route in ROUTES}
    wrong = {stop.route: faults for stop in good if (faults := faults_of(schema_of(stop.route), stop.body))}
    assert wrong == {}


def test_every_refusal_has_the_documented_shape_and_a_documented_code(stops: list[Stop]) -> None:
    refused = [stop for stop in stops if stop.status != 200]
    assert len(refused) == 4
    for stop in refused:
        assert [faults_of("Error", error) for error in stop.body["errors"]] == [[]], stop


def test_every_event_is_as_the_document_says(salon: Salon) -> None:
    Tour(salon).run()
    events = [kept["event"] for kept in salon.square.world["events"].values()]
    assert {event["type"] for event in events} == set(EVENT_SCHEMAS)
    for event in events:
        extra = UNDECLARED.get(event["type"], set())
        body = {key: value for key, value in event.items() if key not in extra}
        body["data"] = {key: value for key, value in event["data"].items() if key not in extra}
        assert faults_of(EVENT_SCHEMAS[event["type"]], body) == [], event["type"]


def test_the_errors_that_faults_answer_with_are_documented_but_for_the_one_that_shall_not_be() -> None:
    for fault in FAULTS:
        answer = instead(Armed(fault, "*", 1, 1, 1.0))
        if answer is None or not answer.body.startswith(b"{"):
            continue
        wrong = [fault for error in json.loads(answer.body)["errors"] for fault in faults_of("Error", error)]
        assert bool(wrong) == (fault.name == "unknown_error_code"), fault.name


@pytest.mark.parametrize(
    "spoil",
    [
        {"startAt": "2026-03-03T15:00:00Z"},
        {"start_at": "2026-03-03 15:00:00"},
        {"status": "CANCELED"},
        {"version": "0"},
        {"appointment_segments": [{"duration_minutes": 30}]},
    ],
)
def test_the_check_itself_sees_a_wrong_booking(stops: list[Stop], spoil: dict[str, Any]) -> None:
    booking = next(stop.body["booking"] for stop in stops if stop.route == "bookings.get" and stop.status == 200)
    assert faults_of("Booking", booking) == []
    assert faults_of("Booking", {**booking, **spoil}) != []
