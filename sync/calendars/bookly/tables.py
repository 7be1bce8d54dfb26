"""The Bookly columns this program knows of: what it must be able to read, and what it reads where it is there.

A column that is not named here is never selected. That keeps secrets out by construction: customer_appointments.token
(lets anyone cancel by a link), staff.icalendar_token, calendar and OAuth data, payment details.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of one table. Without a `needed` column the side cannot be read; a `used` one may be missing."""

    needed: tuple[str, ...]
    used: tuple[str, ...] = ()
    optional: bool = False


KNOWN: Mapping[str, Known] = {
    "bookly_appointments": Known(
        (
            "id",
            "staff_id",
            "service_id",
            "start_date",
            "end_date",
            "extras_duration",
            "custom_service_name",
            "internal_note",
        ),
        ("created_at", "updated_at", "location_id", "staff_any", "custom_service_price"),
    ),
    "bookly_customer_appointments": Known(
        ("id", "customer_id", "appointment_id", "number_of_persons", "status"),
        ("payment_id", "compound_token", "status_changed_at", "created_at", "updated_at"),
    ),
    "bookly_customers": Known(("id",), ("full_name", "first_name", "last_name", "phone", "email")),
    "bookly_staff": Known(("id", "full_name"), ("email", "phone", "visibility", "time_zone")),
    "bookly_services": Known(
        ("id", "title", "padding_left", "padding_right"), ("type", "duration", "one_booking_per_slot")
    ),
    "bookly_staff_services": Known(("staff_id", "service_id", "capacity_max"), ("location_id",)),
    "bookly_staff_schedule_items": Known(
        ("id", "staff_id", "day_index", "start_time", "end_time"), ("location_id",), optional=True
    ),
    "bookly_schedule_item_breaks": Known(("staff_schedule_item_id", "start_time", "end_time"), optional=True),
    "bookly_holidays": Known(("id", "staff_id", "parent_id", "date"), ("repeat_event",), optional=True),
    "bookly_payments": Known(("id", "status"), ("type",), optional=True),
    "bookly_custom_statuses": Known(("slug", "busy"), optional=True),
    "bookly_log": Known(("id", "action", "target", "target_id", "created_at"), ("details",), optional=True),
}
"""Table names without prefix. Names and meanings of columns: Bookly 27.4; custom_statuses comes from an add-on."""

OPTIONS = ("bookly_sync_site", "options")
"""Where WordPress's options are read: a view of the few that are needed, where the salon made one, else the table."""

NEEDED = tuple(name for name, known in KNOWN.items() if not known.optional)


@dataclass(frozen=True, slots=True, eq=False)
class Tables:
    """The tables of one site as far as they are there and may be read, by their names without prefix; itself a key for
    what is built of them once."""

    prefix: str
    by_name: Mapping[str, sa.TableClause]
    options: sa.TableClause | None = None

    def __getitem__(self, name: str) -> sa.TableClause:
        return self.by_name[f"bookly_{name}"]

    def __contains__(self, name: str) -> bool:
        return f"bookly_{name}" in self.by_name


def described(prefix: str, present: Mapping[str, frozenset[str]]) -> Tables:
    """Tables out of what a database shows: whole table names with the columns that may be read."""
    found = {
        name: _table(prefix + name, known, present[prefix + name])
        for name, known in KNOWN.items()
        if set(known.needed) <= present.get(prefix + name, frozenset())
    }
    return Tables(prefix, found, _options(prefix, present))


def missing(prefix: str, present: Mapping[str, frozenset[str]]) -> tuple[str, ...]:
    """What a read cannot do without and the database does not show: whole "table" or "table.column" names."""
    gaps: list[str] = []
    for name in NEEDED:
        columns = present.get(prefix + name)
        if columns is None:
            gaps.append(prefix + name)
        else:
            gaps.extend(f"{prefix}{name}.{column}" for column in KNOWN[name].needed if column not in columns)
    return tuple(gaps)


def prefixes(names: frozenset[str]) -> tuple[str, ...]:
    """The prefixes under which a whole set of Bookly's tables lies; a site of a multisite has its own."""
    return tuple(p for p in beginnings(names) if all(p + name in names for name in NEEDED))


def beginnings(names: frozenset[str]) -> tuple[str, ...]:
    """The prefixes under which Bookly's appointments lie, whatever else of it may be seen."""
    last = "bookly_appointments"
    return tuple(sorted(name.removesuffix(last) for name in names if name.endswith(last)))


def column(table: sa.TableClause, name: str) -> sa.ColumnElement[Any]:
    """A table's column, or NULL where the table has none of that name."""
    return table.c[name] if name in table.c else sa.null()


def _table(name: str, known: Known, present: frozenset[str]) -> sa.TableClause:
    return sa.table(name, *(sa.column(c) for c in (*known.needed, *known.used) if c in present))


def _options(prefix: str, present: Mapping[str, frozenset[str]]) -> sa.TableClause | None:
    wanted = {"option_name", "option_value"}
    for name in (prefix + OPTIONS[0], OPTIONS[0], prefix + OPTIONS[1]):
        if wanted <= present.get(name, frozenset()):
            return sa.table(name, sa.column("option_name"), sa.column("option_value"))
    return None
