"""What may go wrong in a history beside a death: every way the design's sources name, and how it is let loose."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from random import Random

from practice_salon.square.faults import Armed
from tests.simulation.house import Premises

CALLS = ("bookings.*", "bookings.create", "bookings.list", "bookings.bulk_retrieve_bookings")
WRITES = ("bookings.create", "bookings.*")
ON_SQUARE: dict[str, tuple[str, ...]] = {
    "rate_limited": CALLS,
    "rate_limited_retry_after": CALLS,
    "rate_limited_after_write": WRITES,
    "server_error_after_write": WRITES,
    "unavailable_after_write": WRITES,
    "error_500": CALLS,
    "error_502": CALLS,
    "error_503": CALLS,
    "error_504": CALLS,
    "html_502": CALLS,
    "slow": CALLS,
    "hang_before": CALLS,
    "hang_after": CALLS,
    "reset_before": CALLS,
    "reset_after": CALLS,
    "truncated_json": CALLS,
    "cut_short": CALLS,
    "ok_with_errors": CALLS,
    "token_expired": CALLS,
    "token_revoked": CALLS,
    "scope_missing": CALLS,
    "unknown_error_code": CALLS,
    "version_mismatch_409": ("bookings.update", "bookings.cancel", "bookings.*"),
    "version_mismatch_400": ("bookings.update", "bookings.cancel", "bookings.*"),
    "list_missing_row": ("bookings.list",),
    "list_empty_middle_page": ("bookings.list",),
    "list_suddenly_small": ("bookings.list",),
    "customer_search_lag": ("customers.search",),
}
ON_WEBHOOKS = (
    "webhook_duplicated",
    "webhook_reordered",
    "webhook_delayed",
    "webhook_dropped",
    "webhook_stale_body",
    "webhook_wrong_signature",
    "webhook_wrong_host",
)
ON_BOOKLY = ("bookly_lost_before_commit", "bookly_lost_after_commit", "bookly_unreadable")
OUTAGE = "square_down"
OUT_SECONDS = 90.0
FROZEN = "process_frozen"
"""Stopped past its lease in the middle of a step, and then it goes on."""
FAULTS = (*ON_SQUARE, *ON_WEBHOOKS, *ON_BOOKLY, OUTAGE, FROZEN)
LOSES_NEWS = frozenset({"webhook_dropped", "webhook_wrong_signature", "webhook_wrong_host"})


@dataclass(slots=True)
class Loose:
    """A fault that was let loose. `fired` says whether anybody met it."""

    name: str
    fired: Callable[[], bool]


def let_loose(premises: Premises, name: str, rng: Random, frozen: Callable[[], Callable[[], bool]]) -> Loose:
    """Arm it, so that it strikes within the next few calls."""
    faults = premises.salon.world.faults
    if name in ON_SQUARE:
        return _armed(faults.arm(name, rng.choice(ON_SQUARE[name]), nth=rng.randint(1, 2)))
    if name in ON_WEBHOOKS:
        return _armed(faults.arm(name, "webhook.booking.*"))
    if name in ON_BOOKLY:
        premises.spoiled.arm(name, rng.randint(1, 2))
        return Loose(name, lambda: premises.spoiled.fired.get(name, 0) > 0)
    if name == OUTAGE:
        return _down(premises)
    return Loose(name, frozen())


def _armed(armed: Armed) -> Loose:
    return Loose(armed.fault.name, lambda: armed.fired > 0)


def _down(premises: Premises) -> Loose:
    before = len(premises.line.sent)
    premises.line.goes_down(OUT_SECONDS)
    return Loose(OUTAGE, lambda: len(premises.line.sent) > before)
