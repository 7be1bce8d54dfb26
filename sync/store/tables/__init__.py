"""Every table of the store. Times are whole or fractional seconds since 1970 in UTC (`*_at`, `start`, `end`).

JSON columns hold `sync.model.plain` values. Personal data lives in appointments.content, clients, findings.detail,
requests and audit only, and never leaves the store but for a signed-in screen.
"""

from sync.store.tables.base import metadata
from sync.store.tables.calendars import (
    appointments,
    clients,
    intents,
    keeping,
    partners,
    service_map,
    services,
    spans,
    staff,
    staff_map,
    visits,
)
from sync.store.tables.house import (
    audit,
    finding_units,
    findings,
    grants,
    leases,
    requests,
    runs,
    sides,
)
from sync.store.tables.inbox import breakers, calls, deliveries, hints, holds, ledger, sketches, tallies

__all__ = [
    "appointments",
    "audit",
    "breakers",
    "calls",
    "clients",
    "deliveries",
    "finding_units",
    "findings",
    "grants",
    "hints",
    "holds",
    "intents",
    "keeping",
    "leases",
    "ledger",
    "metadata",
    "partners",
    "requests",
    "runs",
    "service_map",
    "services",
    "sides",
    "sketches",
    "spans",
    "staff",
    "staff_map",
    "tallies",
    "visits",
]
