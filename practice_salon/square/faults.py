"""What can go wrong on demand: the list as data, and what is armed at the moment.

A fault is armed for a route (a name of `routes.ROUTES`, or a pattern such as `bookings.*`), from the nth matching
call on (counted from 1 since it was armed), for so many times. A call on which it can have no effect (an empty page
that should miss a row) does not use it up. For webhooks the route is `webhook.` and the event's type.
"""

from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import Any

EVERY = ("*",)
WRITES = (
    "bookings.create",
    "bookings.update",
    "bookings.cancel",
    "customers.create",
    "customers.update",
)
LISTS = (
    "bookings.list",
    "team_members.search",
    "catalog.search_items",
    "catalog.list",
    "catalog.search",
    "customers.search",
    "customers.list",
    "events.search_events",
)
SEARCHES = ("customers.search", "customers.list")
VERSIONED = ("bookings.update", "bookings.cancel")
HOOKS = ("webhook.*",)


@dataclass(frozen=True, slots=True)
class Fault:
    """One way to fail: its name, what the caller meets, the routes on which it makes sense."""

    name: str
    does: str
    routes: tuple[str, ...]
    seconds: float = 0.0


FAULTS: tuple[Fault, ...] = (
    Fault("rate_limited", "429 without Retry-After, nothing applied", EVERY),
    Fault("rate_limited_retry_after", "429 with Retry-After of so many seconds, nothing applied", EVERY, 1.0),
    Fault("rate_limited_after_write", "429 although the call was applied", WRITES),
    Fault("server_error_after_write", "500 although the call was applied", WRITES),
    Fault("unavailable_after_write", "503 although the call was applied", WRITES),
    Fault("error_500", "500 as JSON, nothing applied", EVERY),
    Fault("error_502", "502 as JSON, nothing applied", EVERY),
    Fault("error_503", "503 as JSON, nothing applied", EVERY),
    Fault("error_504", "504 as JSON, nothing applied", EVERY),
    Fault("html_500", "500 as an HTML page, nothing applied", EVERY),
    Fault("html_502", "502 as an HTML page, nothing applied", EVERY),
    Fault("html_503", "503 as an HTML page, nothing applied", EVERY),
    Fault("html_504", "504 as an HTML page, nothing applied", EVERY),
    Fault("slow", "applied and answered, so many seconds late", EVERY, 2.0),
    Fault("hang_before", "no answer until the caller gives up, nothing applied", EVERY, 120.0),
    Fault("hang_after", "applied, then no answer until the caller gives up", EVERY, 120.0),
    Fault("reset_before", "connection reset, nothing applied", EVERY),
    Fault("reset_after", "applied, then connection reset", EVERY),
    Fault("truncated_json", "200 whose JSON stops half way, complete by its length", EVERY),
    Fault("cut_short", "200 whose connection ends in the middle of the body", EVERY),
    Fault("ok_with_errors", "200 that holds only `errors`, nothing applied", EVERY),
    Fault("token_expired", "401 ACCESS_TOKEN_EXPIRED", EVERY),
    Fault("token_revoked", "401 ACCESS_TOKEN_REVOKED", EVERY),
    Fault("scope_missing", "403 INSUFFICIENT_SCOPES", EVERY),
    Fault("version_mismatch_409", "staff touch the booking just before; refused with 409", VERSIONED),
    Fault("version_mismatch_400", "staff touch the booking just before; refused with 400", VERSIONED),
    Fault("unknown_error_code", "400 with a code in no list", EVERY),
    Fault("cursor_expired", "400 INVALID_CURSOR for a cursor that was good", LISTS),
    Fault("list_missing_row", "one row of a page is left out (it is there by its id)", LISTS),
    Fault("list_empty_middle_page", "the page is cut in two with an empty page, that has a cursor, in between", LISTS),
    Fault("list_empty", "no rows and no cursor", (*LISTS, "locations.list")),
    Fault("list_suddenly_small", "half a page of rows and no cursor, as if that were all", LISTS),
    Fault("customer_search_lag", "customers changed in the last so many seconds are not found yet", SEARCHES, 300.0),
    Fault("webhook_duplicated", "the event is delivered twice with the same event_id", HOOKS),
    Fault("webhook_reordered", "the event is delivered after the next one", HOOKS),
    Fault("webhook_delayed", "the event is delivered so many seconds of server time late", HOOKS, 60.0),
    Fault("webhook_dropped", "the event is never delivered", HOOKS),
    Fault("webhook_stale_body", "the event carries the object as it was before the change", HOOKS),
    Fault("webhook_wrong_signature", "signed with another key", HOOKS),
    Fault("webhook_wrong_host", "signed over the same URL with another host", HOOKS),
    Fault("subscription_disabled", "the subscription is found disabled, the event not delivered", HOOKS),
)

BY_NAME = {fault.name: fault for fault in FAULTS}


@dataclass(slots=True)
class Armed:
    """A fault that waits for its call. `seen`: matching calls so far; `fired`: how often it had its effect."""

    fault: Fault
    route: str
    nth: int
    times: int
    seconds: float
    seen: int = 0
    fired: int = 0

    def doc(self) -> dict[str, Any]:
        """What the control API shows of it."""
        return {
            "name": self.fault.name,
            "does": self.fault.does,
            "route": self.route,
            "nth": self.nth,
            "times": self.times,
            "seconds": self.seconds,
            "seen": self.seen,
            "fired": self.fired,
        }


def makes_sense(fault: Fault, route: str) -> bool:
    """Whether the fault can have an effect on that route or on some route of that pattern."""
    is_hook = route.startswith("webhook.")
    if fault.routes == EVERY:
        return not is_hook
    return any(fnmatchcase(route, own) or fnmatchcase(own, route) for own in fault.routes)


@dataclass(slots=True)
class Disturbances:
    """What is armed now."""

    armed: list[Armed] = field(default_factory=list)

    def arm(self, name: str, route: str, nth: int = 1, times: int = 1, seconds: float | None = None) -> Armed:
        """Arms a fault. Raises ValueError for an unknown name, a route it cannot disturb, or a count below 1."""
        fault = BY_NAME.get(name)
        if fault is None:
            raise ValueError(f"there is no fault {name!r}; GET /practice/faults lists them")
        if not makes_sense(fault, route):
            raise ValueError(f"the fault {name!r} has no effect on {route!r}, only on {', '.join(fault.routes)}")
        if nth < 1 or times < 1:
            raise ValueError("nth and times count from 1")
        armed = Armed(fault, route, nth, times, fault.seconds if seconds is None else seconds)
        self.armed.append(armed)
        return armed

    def clear(self) -> None:
        """Nothing is armed any more."""
        self.armed.clear()

    def due(self, route: str) -> tuple[Armed, ...]:
        """Counts a call of that route and returns what may strike it."""
        struck = []
        for armed in self.armed:
            if fnmatchcase(route, armed.route) and makes_sense(armed.fault, route):
                armed.seen += 1
                if armed.seen >= armed.nth and armed.fired < armed.times:
                    struck.append(armed)
        return tuple(struck)


def strike(due: tuple[Armed, ...], *names: str) -> Armed | None:
    """The first due fault among those names, counted as fired; None when there is none."""
    for armed in due:
        if armed.fault.name in names:
            armed.fired += 1
            return armed
    return None
