"""Every route of Square's that is answered: its name (the SDK's call), method, path, permissions, handler.

Faults, counts and tests go by the names.
"""

from dataclasses import dataclass

from practice_salon.square import (
    availability,
    bookings,
    catalog,
    customers,
    events,
    oauth,
    staff,
    subscriptions,
)
from practice_salon.square.call import Handler

READ = frozenset({"APPOINTMENTS_READ"})
WRITE = frozenset({"APPOINTMENTS_WRITE"})
SETTINGS = frozenset({"APPOINTMENTS_BUSINESS_SETTINGS_READ"})
ITEMS = frozenset({"ITEMS_READ"})
PEOPLE = frozenset({"CUSTOMERS_READ"})
PEOPLE_WRITE = frozenset({"CUSTOMERS_WRITE"})
STAFF = frozenset({"EMPLOYEES_READ"})
MERCHANT = frozenset({"MERCHANT_PROFILE_READ"})
NONE: frozenset[str] = frozenset()

BOOKING = "/v2/bookings/{booking_id}"
STAFF_PROFILES = "/v2/bookings/team-member-booking-profiles"
PLACE_PROFILES = "/v2/bookings/location-booking-profiles"
HOOKS = "/v2/webhooks/subscriptions"
HOOK = HOOKS + "/{subscription_id}"


@dataclass(frozen=True, slots=True)
class SquareRoute:
    """One operation. `handler` is None for the one that has to go out over HTTP itself (webhook test)."""

    name: str
    method: str
    path: str
    scopes: frozenset[str]
    handler: Handler | None


def _bookings() -> tuple[SquareRoute, ...]:
    return (
        SquareRoute("bookings.list", "GET", "/v2/bookings", READ, bookings.list_bookings),
        SquareRoute("bookings.create", "POST", "/v2/bookings", WRITE, bookings.create_booking),
        SquareRoute(
            "bookings.bulk_retrieve_bookings", "POST", "/v2/bookings/bulk-retrieve", READ, bookings.bulk_retrieve
        ),
        SquareRoute(
            "bookings.search_availability",
            "POST",
            "/v2/bookings/availability/search",
            READ,
            availability.search_availability,
        ),
        SquareRoute("bookings.get", "GET", BOOKING, READ, bookings.get_booking),
        SquareRoute("bookings.update", "PUT", BOOKING, WRITE, bookings.update_booking),
        SquareRoute("bookings.cancel", "POST", BOOKING + "/cancel", WRITE, bookings.cancel_booking),
    )


def _profiles() -> tuple[SquareRoute, ...]:
    return (
        SquareRoute(
            "bookings.get_business_profile",
            "GET",
            "/v2/bookings/business-booking-profile",
            SETTINGS,
            staff.business_profile,
        ),
        SquareRoute("bookings.location_profiles.list", "GET", PLACE_PROFILES, SETTINGS, staff.list_location_profiles),
        SquareRoute(
            "bookings.retrieve_location_booking_profile",
            "GET",
            PLACE_PROFILES + "/{location_id}",
            SETTINGS,
            staff.get_location_profile,
        ),
        SquareRoute("bookings.team_member_profiles.list", "GET", STAFF_PROFILES, SETTINGS, staff.list_profiles),
        SquareRoute(
            "bookings.bulk_retrieve_team_member_booking_profiles",
            "POST",
            STAFF_PROFILES + "/bulk-retrieve",
            SETTINGS,
            staff.bulk_profiles,
        ),
        SquareRoute(
            "bookings.team_member_profiles.get",
            "GET",
            STAFF_PROFILES + "/{team_member_id}",
            SETTINGS,
            staff.get_profile,
        ),
    )


def _salon() -> tuple[SquareRoute, ...]:
    return (
        SquareRoute("locations.list", "GET", "/v2/locations", MERCHANT, staff.list_locations),
        SquareRoute("locations.get", "GET", "/v2/locations/{location_id}", MERCHANT, staff.get_location),
        SquareRoute("merchants.list", "GET", "/v2/merchants", MERCHANT, staff.list_merchants),
        SquareRoute("merchants.get", "GET", "/v2/merchants/{merchant_id}", MERCHANT, staff.get_merchant),
        SquareRoute("team_members.search", "POST", "/v2/team-members/search", STAFF, staff.search_team_members),
        SquareRoute("team_members.get", "GET", "/v2/team-members/{team_member_id}", STAFF, staff.get_team_member),
        SquareRoute("catalog.search_items", "POST", "/v2/catalog/search-catalog-items", ITEMS, catalog.search_items),
        SquareRoute("catalog.batch_get", "POST", "/v2/catalog/batch-retrieve", ITEMS, catalog.batch_get),
        SquareRoute("catalog.search", "POST", "/v2/catalog/search", ITEMS, catalog.search_objects),
        SquareRoute("catalog.list", "GET", "/v2/catalog/list", ITEMS, catalog.list_objects),
        SquareRoute("catalog.object.get", "GET", "/v2/catalog/object/{object_id}", ITEMS, catalog.get_object),
        SquareRoute("oauth.token_status", "POST", "/oauth2/token/status", NONE, oauth.token_status),
    )


def _customers() -> tuple[SquareRoute, ...]:
    one = "/v2/customers/{customer_id}"
    return (
        SquareRoute("customers.list", "GET", "/v2/customers", PEOPLE, customers.list_customers),
        SquareRoute("customers.create", "POST", "/v2/customers", PEOPLE_WRITE, customers.create_customer),
        SquareRoute("customers.search", "POST", "/v2/customers/search", PEOPLE, customers.search_customers),
        SquareRoute(
            "customers.bulk_retrieve_customers", "POST", "/v2/customers/bulk-retrieve", PEOPLE, customers.bulk_retrieve
        ),
        SquareRoute("customers.get", "GET", one, PEOPLE, customers.get_customer),
        SquareRoute("customers.update", "PUT", one, PEOPLE_WRITE, customers.update_customer),
    )


def _telling() -> tuple[SquareRoute, ...]:
    return (
        SquareRoute("webhooks.event_types.list", "GET", "/v2/webhooks/event-types", NONE, events.list_event_types),
        SquareRoute("webhooks.subscriptions.list", "GET", HOOKS, NONE, subscriptions.list_subscriptions),
        SquareRoute("webhooks.subscriptions.create", "POST", HOOKS, NONE, subscriptions.create_subscription),
        SquareRoute("webhooks.subscriptions.get", "GET", HOOK, NONE, subscriptions.get_subscription),
        SquareRoute("webhooks.subscriptions.update", "PUT", HOOK, NONE, subscriptions.update_subscription),
        SquareRoute("webhooks.subscriptions.delete", "DELETE", HOOK, NONE, subscriptions.delete_subscription),
        SquareRoute(
            "webhooks.subscriptions.update_signature_key",
            "POST",
            HOOK + "/signature-key",
            NONE,
            subscriptions.rotate_key,
        ),
        SquareRoute("webhooks.subscriptions.test", "POST", HOOK + "/test", NONE, None),
        SquareRoute("events.search_events", "POST", "/v2/events", NONE, events.search_events),
        SquareRoute("events.enable_events", "PUT", "/v2/events/enable", NONE, events.enable_events),
        SquareRoute("events.disable_events", "PUT", "/v2/events/disable", NONE, events.disable_events),
        SquareRoute("events.list_event_types", "GET", "/v2/events/types", NONE, events.list_event_types),
    )


ROUTES: tuple[SquareRoute, ...] = (*_profiles(), *_bookings(), *_salon(), *_customers(), *_telling())
"""In matching order: fixed paths before those with an id in the same place."""
