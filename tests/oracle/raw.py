"""Both calendars as they stand, read without a line of the product: plain SQL on Bookly's tables, plain HTTP at Square.

Imports nothing of ours on purpose: what judges the engine must not share its mistakes. Times are UTC.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from typing import Any
from zoneinfo import ZoneInfo

import httpx
import sqlalchemy as sa

MARK = re.compile(r"slotkeeper:[\w-]+:[\w-]+:\d+")
BUSY_WORDS = frozenset({"approved", "pending"})
FREE_WORDS = frozenset({"cancelled", "rejected", "waitlisted", "done"})
STANDING_IN_SQUARE = frozenset({"ACCEPTED", "PENDING"})
OVER_IN_SQUARE = frozenset({"CANCELLED_BY_CUSTOMER", "CANCELLED_BY_SELLER", "DECLINED", "NO_SHOW"})
WINDOW = timedelta(days=30)
PAGE = 100
BY_ID = 100
TIMEOUT_S = 20.0


@dataclass(frozen=True, slots=True)
class Taken:
    """One person's time taken by one client (or class, or block) on one side.

    `unit` is Bookly's appointment id or Square's booking id. `who` holds what its client is known by: the last ten
    digits of a phone, a mail in lower case. `named` is the client's name, or what a block is called. `marked`: we put
    it there. `own_time`: nobody is on it and it carries no mark. `service` is that side's id, empty where it has none.
    """

    side: str
    unit: str
    staff: str
    start: datetime
    end: datetime
    busy_start: datetime
    busy_end: datetime
    who: frozenset[str] = frozenset()
    named: str = ""
    marked: bool = False
    is_class: bool = False
    own_time: bool = False
    service: str = ""


Named = Mapping[tuple[str, str], str]
"""(side, id) of somebody or something to a text."""


@dataclass(frozen=True, slots=True)
class Calendars:
    """All that stands on both sides, and what it is judged by.

    `mails` and `names` are those of staff, `titles` those of services. `crowded` are Bookly's rows with too many on
    them, `odd` units that cannot be taken at their word, `compounds` Bookly's rows that were booked as one.
    """

    taken: tuple[Taken, ...]
    mails: Named
    crowded: frozenset[tuple[str, str]] = frozenset()
    odd: frozenset[tuple[str, str]] = frozenset()
    names: Named = field(default_factory=dict)
    titles: Named = field(default_factory=dict)
    compounds: frozenset[frozenset[tuple[str, str]]] = frozenset()


def read_both(bookly: str, square: str, token: str, start: datetime, end: datetime, prefix: str = "wp_") -> Calendars:
    """What stands and starts in start..end. `bookly` is a database URL, `square` an address without a last slash."""
    engine = sa.create_engine(bookly)
    try:
        with engine.connect() as connection:
            here = _bookly(connection, prefix, start, end)
    finally:
        engine.dispose()
    bearer = {"Authorization": f"Bearer {token}"}  # on this machine, without TLS: no certificates to be loaded
    with httpx.Client(base_url=square, headers=bearer, timeout=TIMEOUT_S, verify=False) as client:
        there = _square(client, start, end)
    return Calendars(
        (*here.taken, *there.taken),
        {**here.mails, **there.mails},
        here.crowded,
        here.odd | there.odd,
        {**here.names, **there.names},
        {**here.titles, **there.titles},
        here.compounds,
    )


# ---------------------------------------------------------------- Bookly


def _bookly(connection: sa.Connection, prefix: str, start: datetime, end: datetime) -> Calendars:
    rows = _Rows(connection, prefix, start, end)
    staff = rows.staff()
    return Calendars(
        tuple(rows.taken()),
        {key: mail.lower() for key, (_, mail) in staff.items()},
        rows.crowded(),
        rows.odd(),
        {key: name for key, (name, _) in staff.items()},
        rows.titles(),
        rows.compounds(),
    )


class _Rows:
    """Appointment rows with who is on them, from the tables themselves."""

    def __init__(self, connection: sa.Connection, prefix: str, start: datetime, end: datetime) -> None:
        self.connection, self.prefix = connection, prefix
        self.zone = self._zone()
        custom = self._custom()
        self.busy = BUSY_WORDS | {word for word, busy in custom.items() if busy}
        self.known = self.busy | FREE_WORDS | custom.keys()
        self.seats = self._seats()
        self.rows = [row for row in self._rows() if start <= self.utc(row["start_date"]) < end]

    def _all(self, sql: str) -> list[Mapping[str, Any]]:
        return [dict(row) for row in self.connection.execute(sa.text(sql.replace("{p}", self.prefix))).mappings()]

    def _zone(self) -> tzinfo:
        said = {row["option_name"]: row["option_value"] for row in self._all(
            "SELECT option_name, option_value FROM {p}options WHERE option_name IN ('timezone_string', 'gmt_offset')"
        )}  # fmt: skip
        name = said.get("timezone_string") or ""
        return ZoneInfo(name) if name else timezone(timedelta(hours=float(said.get("gmt_offset") or 0)))

    def _custom(self) -> dict[str, bool]:
        """The words a salon made up, and whether each keeps the chair."""
        if not sa.inspect(self.connection).has_table(f"{self.prefix}bookly_custom_statuses"):
            return {}
        found = self._all("SELECT slug, busy FROM {p}bookly_custom_statuses")
        return {row["slug"]: bool(row["busy"]) for row in found}

    def _rows(self) -> list[Mapping[str, Any]]:
        return self._all(
            "SELECT a.id, a.staff_id, a.service_id, a.custom_service_name, a.start_date, a.end_date, "
            "a.extras_duration, a.internal_note, s.padding_left, s.padding_right, s.one_booking_per_slot, "
            "k.capacity_max FROM {p}bookly_appointments a "
            "LEFT JOIN {p}bookly_services s ON s.id = a.service_id "
            "LEFT JOIN {p}bookly_staff_services k ON k.staff_id = a.staff_id AND k.service_id = a.service_id "
            "AND k.location_id IS NULL WHERE a.start_date IS NOT NULL AND a.end_date IS NOT NULL ORDER BY a.id"
        )

    def _seats(self) -> dict[int, list[Mapping[str, Any]]]:
        found: dict[int, list[Mapping[str, Any]]] = {}
        for row in self._all(
            "SELECT ca.appointment_id, ca.status, ca.number_of_persons, ca.compound_token, c.full_name, c.phone, "
            "c.email FROM {p}bookly_customer_appointments ca LEFT JOIN {p}bookly_customers c ON c.id = ca.customer_id "
            "ORDER BY ca.id"
        ):
            found.setdefault(row["appointment_id"], []).append(row)
        return found

    def sitting(self, row: Mapping[str, Any]) -> list[Mapping[str, Any]]:
        """Who keeps the chair: a busy word, and at least one person."""
        return [s for s in self.seats.get(row["id"], []) if s["status"] in self.busy and s["number_of_persons"]]

    def utc(self, digits: Any) -> datetime:
        """Naive local digits: the first pass of a repeated hour; a time that does not exist rolls forward."""
        naive = digits if isinstance(digits, datetime) else datetime.fromisoformat(digits)
        return naive.replace(tzinfo=self.zone, fold=0).astimezone(UTC)

    def taken(self) -> Iterator[Taken]:
        """A class or a block is taken once, any other row once for each client on it."""
        for row in self.rows:
            sitting, base = self.sitting(row), self._span(row)
            if base is None:
                continue
            if (row["capacity_max"] or 1) > 1 and sitting:
                yield replace(base, who=frozenset().union(*(_known_by(s) for s in sitting)), is_class=True)
            elif sitting:
                yield from (replace(base, who=_known_by(s), named=s["full_name"] or "") for s in sitting)
            elif not self.seats.get(row["id"]) and row["service_id"] is None:
                name, marked = row["custom_service_name"] or "", bool(MARK.search(row["internal_note"] or ""))
                yield replace(base, named=name, marked=marked, own_time=not marked)

    def _span(self, row: Mapping[str, Any]) -> Taken | None:
        digits = [
            d if isinstance(d, datetime) else datetime.fromisoformat(d) for d in (row["start_date"], row["end_date"])
        ]
        start = self.utc(digits[0])
        end = start + (digits[1] - digits[0]) + timedelta(seconds=row["extras_duration"] or 0)
        if end <= start:
            return None
        before, after = (timedelta(seconds=row[name] or 0) for name in ("padding_left", "padding_right"))
        service = str(row["service_id"] or "")
        return Taken(
            "bookly", str(row["id"]), str(row["staff_id"]), start, end, start - before, end + after, service=service
        )  # fmt: skip

    def odd(self) -> frozenset[tuple[str, str]]:
        """A word nobody knows, a row for a client without one, a row that is over before it begins."""
        found = set()
        for row in self.rows:
            seats = self.seats.get(row["id"], [])
            words = {seat["status"] for seat in seats}
            if words - self.known or (row["service_id"] and not seats) or (words & self.busy and not self._span(row)):
                found.add(("bookly", str(row["id"])))
        return frozenset(found)

    def compounds(self) -> frozenset[frozenset[tuple[str, str]]]:
        """Rows that a client booked as the parts of one service."""
        parts: dict[str, set[tuple[str, str]]] = {}
        for row in self.rows:
            for seat in self.seats.get(row["id"], []):
                if seat["compound_token"]:
                    parts.setdefault(seat["compound_token"], set()).add(("bookly", str(row["id"])))
        return frozenset(frozenset(units) for units in parts.values())

    def crowded(self) -> frozenset[tuple[str, str]]:
        """Rows with more persons than that person takes for that service."""
        found = set()
        for row in self.rows:
            sitting = self.sitting(row)
            persons = sum(s["number_of_persons"] for s in sitting)
            if persons > (row["capacity_max"] or 1) or (row["one_booking_per_slot"] and len(sitting) > 1):
                found.add(("bookly", str(row["id"])))
        return frozenset(found)

    def staff(self) -> dict[tuple[str, str], tuple[str, str]]:
        """(side, staff id) to name and mail."""
        found = self._all("SELECT id, full_name, email FROM {p}bookly_staff")
        return {("bookly", str(r["id"])): ((r["full_name"] or "").strip(), (r["email"] or "").strip()) for r in found}

    def titles(self) -> dict[tuple[str, str], str]:
        """(side, service id) to its title."""
        found = self._all("SELECT id, title FROM {p}bookly_services")
        return {("bookly", str(row["id"])): (row["title"] or "").strip() for row in found}


def _known_by(client: Mapping[str, Any]) -> frozenset[str]:
    return known_by(client["phone"], client["email"])


def known_by(phone: str | None, email: str | None) -> frozenset[str]:
    """What two calendars can have in common about a client."""
    digits = "".join(sign for sign in phone or "" if sign.isdigit())[-10:]
    return frozenset({digits, (email or "").strip().lower()} - {""})


# ---------------------------------------------------------------- Square


def _square(client: httpx.Client, start: datetime, end: datetime) -> Calendars:
    listed = _listed(client, start, end)
    docs = [doc for doc in listed if doc["status"] in STANDING_IN_SQUARE]
    odd = [doc for doc in listed if doc["status"] not in STANDING_IN_SQUARE | OVER_IN_SQUARE]
    people = _customers(client, sorted({doc["customer_id"] for doc in docs if doc.get("customer_id")}))
    team = _team(client)
    return Calendars(
        tuple(taken for doc in docs for taken in _segments(doc, people.get(doc.get("customer_id", ""), {}))),
        {("square", doc["id"]): (doc.get("email_address") or "").strip().lower() for doc in team},
        odd=frozenset(("square", doc["id"]) for doc in odd),
        names={("square", doc["id"]): _full_name(doc) for doc in team},
        titles=_titles(client),
    )


def _full_name(doc: Mapping[str, Any]) -> str:
    return f"{doc.get('given_name', '')} {doc.get('family_name', '')}".strip()


def _listed(client: httpx.Client, start: datetime, end: datetime) -> list[dict[str, Any]]:
    found: dict[str, dict[str, Any]] = {}
    while start < end:
        until = min(end, start + WINDOW)
        params = {"start_at_min": _stamp(start), "start_at_max": _stamp(until), "limit": str(PAGE)}
        for doc in _pages(client, "/v2/bookings", "bookings", params):
            found[doc["id"]] = doc
        start = until
    return list(found.values())


def _segments(doc: Mapping[str, Any], customer: Mapping[str, Any]) -> Iterator[Taken]:
    """A booking has no end: its segments are walked, gaps between them are free, the transition is at the very end."""
    at = datetime.fromisoformat(doc["start_at"]).astimezone(UTC)
    segments = doc["appointment_segments"]
    who = known_by(customer.get("phone_number"), customer.get("email_address"))
    named = _full_name(customer)
    for number, segment in enumerate(segments, start=1):
        end = at + timedelta(minutes=segment.get("duration_minutes") or 0)
        last = number == len(segments)
        busy_end = end + timedelta(minutes=(doc.get("transition_time_minutes") or 0) if last else 0)
        marked = bool(MARK.search(doc.get("seller_note") or ""))
        if end > at:
            yield Taken(
                "square", doc["id"], segment["team_member_id"], at, end, at, busy_end, who, named, marked,
                service=segment.get("service_variation_id") or "",
            )  # fmt: skip
        at = end + timedelta(minutes=segment.get("intermission_minutes") or 0)


def _customers(client: httpx.Client, keys: list[str]) -> dict[str, dict[str, Any]]:
    """Each customer by the id that a booking names; asked for by id, since lists lag."""
    found = {}
    for at in range(0, len(keys), BY_ID):
        some = client.post("/v2/customers/bulk-retrieve", json={"customer_ids": keys[at : at + BY_ID]})
        told = some.raise_for_status().json()["responses"]
        found.update({key: answer["customer"] for key, answer in told.items() if "customer" in answer})
    return found


def _team(client: httpx.Client) -> list[dict[str, Any]]:
    """Everybody who works there; asked for as many as Square gives at once."""
    asked = {"query": {"filter": {"status": "ACTIVE"}}, "limit": 200}
    answer = client.post("/v2/team-members/search", json=asked).raise_for_status().json()
    found: list[dict[str, Any]] = answer.get("team_members", [])
    return found


def _titles(client: httpx.Client) -> dict[tuple[str, str], str]:
    """Each variation by the name of its item."""
    items = _pages(client, "/v2/catalog/list", "objects", {"types": "ITEM"})
    return {
        ("square", variation["id"]): item["item_data"]["name"].strip()
        for item in items
        for variation in item["item_data"].get("variations", [])
    }


def _pages(client: httpx.Client, path: str, name: str, params: Mapping[str, str]) -> Iterator[dict[str, Any]]:
    """Every page, also those behind an empty one."""
    cursor = ""
    while True:
        answer = client.get(path, params={**params, **({"cursor": cursor} if cursor else {})})
        page = answer.raise_for_status().json()
        yield from page.get(name, [])
        cursor = page.get("cursor", "")
        if not cursor:
            return


def _stamp(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
