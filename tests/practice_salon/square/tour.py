"""One good call of every route, and some refused ones: what the answers are held against Square's document with."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import httpx

from practice_salon.square.routes import ROUTES
from practice_salon.square.times import stamp
from tests.practice_salon.square.conftest import MONDAY, Salon

START = MONDAY + timedelta(days=1)
BY_NAME = {route.name: route for route in ROUTES}


@dataclass(frozen=True)
class Stop:
    """One answer on the way."""

    route: str
    status: int
    body: dict[str, Any]


class Tour:
    """Calls routes by their names over plain HTTP."""

    def __init__(self, salon: Salon) -> None:
        self.salon = salon
        self.http = salon.http
        self.stops: list[Stop] = []

    def call(self, name: str, body: Any = None, query: dict[str, str] | None = None, **path: str) -> dict[str, Any]:
        """Calls a route and keeps the answer."""
        route = BY_NAME[name]
        answer = self.http.request(route.method, route.path.format(**path), json=body, params=query)
        assert isinstance(answer, httpx.Response)
        found: dict[str, Any] = answer.json()
        self.stops.append(Stop(name, answer.status_code, found))
        return found

    def run(self) -> list[Stop]:
        """All routes, in an order in which each finds what it needs."""
        for part in (self._bookings, self._salon, self._catalog, self._customers, self._telling, self._refused):
            part()
        return self.stops

    def _bookings(self) -> None:
        body = self.salon.booking(START, seller_note="note", customer_note="note")
        made = self.call("bookings.create", {"booking": body, "idempotency_key": "tour"})["booking"]
        self.call("bookings.create", {"booking": self.salon.booking(START + timedelta(hours=1))})
        self._by_hand()
        self.call("bookings.get", booking_id=made["id"])
        self.call("bookings.update", {"booking": {"version": 0, "seller_note": "b"}}, booking_id=made["id"])
        self.call("bookings.list", query={"start_at_min": stamp(MONDAY), "limit": "1"})
        self.call("bookings.list", query={"start_at_min": stamp(MONDAY)})
        self.call("bookings.bulk_retrieve_bookings", {"booking_ids": [made["id"], "nobody"]})
        between = {"start_at": stamp(START), "end_at": stamp(START + timedelta(days=2))}
        segment = {"service_variation_id": self.salon.service()["id"]}
        wanted = {"start_at_range": between, "segment_filters": [segment], "location_id": self.salon.location()}
        self.call("bookings.search_availability", {"query": {"filter": wanted}})
        self.call("bookings.cancel", {"booking_version": 1}, booking_id=made["id"])

    def _by_hand(self) -> None:
        start, act = START + timedelta(hours=2), self.salon.square.act
        first = {"team_member_id": self.salon.staff(0), "duration_minutes": 20, "intermission_minutes": 15}
        second = {"team_member_id": self.salon.staff(1), "duration_minutes": 30}
        act("staff", "book", start_at=stamp(start), segments=[first, second], all_day=False)
        service = self.salon.service()["id"]
        chair, client = self.salon.staff(0), self.salon.customer()
        when = stamp(START + timedelta(hours=4))
        act("buyer", "book", start_at=when, team_member_id=chair, service_variation_id=service, customer_id=client)

    def _salon(self) -> None:
        member, place = self.salon.staff(), self.salon.location()
        for name in ("get_business_profile", "location_profiles.list", "team_member_profiles.list"):
            self.call(f"bookings.{name}")
        self.call("bookings.retrieve_location_booking_profile", location_id=place)
        self.call("bookings.team_member_profiles.get", team_member_id=member)
        self.call("bookings.bulk_retrieve_team_member_booking_profiles", {"team_member_ids": [member, "nobody"]})
        for name in ("locations.list", "merchants.list"):
            self.call(name)
        self.call("locations.get", location_id=place)
        self.call("merchants.get", merchant_id="me")
        self.call("team_members.search", {"query": {"filter": {"status": "ACTIVE"}}, "limit": 2})
        self.call("team_members.get", team_member_id=member)
        self.call("oauth.token_status", {})
        self.salon.square.act("owner", "edit_location", name="Practice Salon North")
        self.http.request("DELETE", "/practice/grants", json={"token": "never given"})

    def _catalog(self) -> None:
        service = self.salon.service()
        item = service["item_variation_data"]["item_id"]
        self.call("catalog.search_items", {"product_types": ["APPOINTMENTS_SERVICE"], "limit": 5})
        self.call("catalog.batch_get", {"object_ids": [service["id"]], "include_related_objects": True})
        self.call("catalog.search", {"object_types": ["ITEM"], "include_deleted_objects": True})
        self.call("catalog.list", query={"types": "ITEM,ITEM_VARIATION"})
        self.call("catalog.object.get", object_id=item)
        self.salon.square.act("owner", "bump_catalog", service_variation_id=service["id"], minutes=35)

    def _customers(self) -> None:
        new = {"given_name": "Ada", "family_name": "Ortiz", "phone_number": "+13125550150"}
        made = self.call("customers.create", {**new, "email_address": "ada@mail.example"})["customer"]
        self.call("customers.update", {"note": "likes tea", "version": 0}, customer_id=made["id"])
        self.call("customers.get", customer_id=made["id"])
        self.call("customers.list", query={"limit": "3"})
        self.call("customers.search", {"query": {"filter": {"phone_number": {"exact": "+13125550150"}}}})
        self.call("customers.bulk_retrieve_customers", {"customer_ids": [made["id"], "nobody"]})
        merged = [made["id"], self.salon.customer(1)]
        self.salon.square.act("owner", "merge_customers", from_customer_ids=merged)

    def _telling(self) -> None:
        self.call("events.enable_events")
        self.salon.square.act("owner", "edit_team_member", team_member_id=self.salon.staff(), reference_id="r1")
        self.call("events.search_events", {})
        self.call("events.disable_events")
        for name in ("events.list_event_types", "webhooks.event_types.list"):
            self.call(name)
        hook = {"name": "ours", "event_types": ["booking.created"], "notification_url": "http://127.0.0.1:9/hooks"}
        made = self.call("webhooks.subscriptions.create", {"subscription": hook})["subscription"]
        self.call("webhooks.subscriptions.list")
        for name, body in (
            ("get", None),
            ("update", {"subscription": {"name": "other"}}),
            ("update_signature_key", {}),
            ("test", {"event_type": "booking.created"}),
            ("delete", None),
        ):
            self.call(f"webhooks.subscriptions.{name}", body, subscription_id=made["id"])

    def _refused(self) -> None:
        self.call("bookings.get", booking_id="nobody")
        self.call("bookings.create", {})
        self.call("bookings.list", query={"cursor": "nonsense"})
        self.call("customers.create", {"given_name": "A", "phone_number": "12"})


def walk(value: Any) -> Iterator[Any]:
    """The value and everything inside it."""
    yield value
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    for one in inner:
        yield from walk(one)
