"""Both calendars and the store as they stand, read with plain SQL and from Square's own documents.

Nothing of the engine is imported: what judges it must not share its mistakes. Times are UTC.
"""

from __future__ import annotations

import json
import re
import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

ZONE = ZoneInfo("America/Chicago")
MARK = re.compile(r"slotkeeper:[\w-]+:[\w-]+:\d+(?::\d+)?")
STANDS, CANCELLED, OVER, UNSURE = "stands", "cancelled", "over", "unsure"
BOOKLY_WORDS = {"approved": STANDS, "pending": STANDS, "cancelled": CANCELLED, "rejected": CANCELLED, "done": OVER}
SQUARE_WORDS = {
    "ACCEPTED": STANDS,
    "PENDING": STANDS,
    "NO_SHOW": OVER,
    "DECLINED": CANCELLED,
    "CANCELLED_BY_CUSTOMER": CANCELLED,
    "CANCELLED_BY_SELLER": CANCELLED,
}


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """A person (Bookly's staff id) and a half-open time."""

    person: int
    start: datetime
    end: datetime

    def meets(self, other: Place) -> bool:
        """Whether the two share a moment."""
        return self.person == other.person and self.start < other.end and other.start < self.end

    def __str__(self) -> str:
        local = self.start.astimezone(ZONE)
        return f"{self.person}@{local:%a %H:%M}+{int((self.end - self.start).total_seconds() // 60)}"


@dataclass(frozen=True, slots=True)
class Shown:
    """One thing as a side shows it: a client on a row of Bookly's (`ca:ID`), a row with nobody on it or a class
    (`row:ID`), a booking.

    unit: the row or the booking. who: the client's phone, its last ten digits. ours: we made it (a mark in a row, our
    application's booking). mark: the mark it carries. others: whatever else of it must not be changed by us.
    """

    thing: str
    unit: str
    places: tuple[Place, ...]
    standing: str
    who: str = ""
    ours: bool = False
    mark: str = ""
    own_time: bool = False
    unpaid: bool = False
    others: tuple[Any, ...] = ()


State = Mapping[str, Shown]
"""Things by name."""


def mark_of(text: str | None) -> str:
    """The mark in a note, '' for none."""
    found = MARK.search(text or "")
    return found[0] if found else ""


def phone_of(text: str | None) -> str:
    """The last ten digits."""
    return "".join(sign for sign in text or "" if sign.isdigit())[-10:]


ROWS = """
select id, staff_id, service_id, start_date, end_date, extras_duration, internal_note, custom_service_name
from wp_bookly_appointments
"""
SEATS = """
select ca.id, ca.appointment_id, ca.status, ca.number_of_persons, ca.customer_id, c.phone, ca.created_at,
       ca.payment_id, ca.order_id, p.status
from wp_bookly_customer_appointments ca join wp_bookly_customers c on c.id = ca.customer_id
left join wp_bookly_payments p on p.id = ca.payment_id order by ca.id
"""
CAPACITY = "select staff_id, service_id, capacity_max from wp_bookly_staff_services where location_id is null"


class RawBookly:
    """Bookly's file, read by a connection of its own."""

    def __init__(self, file: Path) -> None:
        self._conn = sqlite3.connect(file, isolation_level=None)
        self._at, self._last = -1, dict[str, Shown]()
        self._full = {(s, v) for s, v, most in self._conn.execute(CAPACITY) if most > 1}

    def close(self) -> None:
        """Let go."""
        self._conn.close()

    def state(self) -> State:
        """All there is. SQLite tells whether anybody has written since; mostly nobody has."""
        (at,) = self._conn.execute("pragma data_version").fetchone()
        if at != self._at:
            self._at, self._last = at, self._read()
        return self._last

    def _read(self) -> dict[str, Shown]:
        rows = {row[0]: row for row in self._conn.execute(ROWS)}
        seats: dict[int, list[tuple[Any, ...]]] = {}
        for seat in self._conn.execute(SEATS):
            seats.setdefault(seat[1], []).append(seat)
        found = (shown for row in rows.values() for shown in self._on(row, seats.get(row[0], [])))
        return {shown.thing: shown for shown in found}

    def is_class(self, staff: int, service: int | None) -> bool:
        """Whether a row of the two takes several."""
        return (staff, service) in self._full

    def deleted(self) -> frozenset[int]:
        """The customer_appointments of which the log has a delete line."""
        lines = self._conn.execute(
            "select target_id from wp_bookly_log where action='delete' and target like '%customer_appointments'"
        )
        return frozenset(line[0] for line in lines)

    def _on(self, row: tuple[Any, ...], seats: list[tuple[Any, ...]]) -> Iterator[Shown]:
        number, staff, service, start, end, extras, note, name = row
        begins = utc_of(start)
        length = moment_of(end) - moment_of(start) + timedelta(seconds=extras or 0)
        places = (Place(staff, begins, begins + length),)
        mark = mark_of(note)
        words = [BOOKLY_WORDS.get(seat[2], UNSURE) for seat in seats]
        if self.is_class(staff, service):
            yield Shown(
                f"row:{number}", str(number), places, _together(words), others=(service, note, _told(seats)), mark=mark
            )
        elif not seats:
            own = not mark and service is None
            yield Shown(
                f"row:{number}", str(number), places, STANDS, ours=bool(mark), mark=mark, own_time=own, others=(name,)
            )
        else:
            for seat, word in zip(seats, words, strict=True):
                yield Shown(
                    f"ca:{seat[0]}",
                    str(number),
                    places,
                    word,
                    phone_of(seat[5]),
                    unpaid=seat[9] == "pending",
                    others=(service, note, *seat[3:5]),
                )


def _told(seats: list[tuple[Any, ...]]) -> tuple[Any, ...]:
    return tuple((seat[0], seat[2], seat[3]) for seat in seats)


def _together(words: list[str]) -> str:
    for word in (STANDS, OVER, UNSURE):
        if word in words:
            return word
    return CANCELLED


def moment_of(text: str) -> datetime:
    """SQLite's text of a DATETIME as naive digits."""
    return datetime.fromisoformat(text)


def utc_of(text: str) -> datetime:
    """Bookly's digits as UTC."""
    return moment_of(text).replace(tzinfo=ZONE).astimezone(UTC)


class RawSquare:
    """Square's documents, as the server keeps them."""

    def __init__(self, world: Any, people: Mapping[str, int]) -> None:
        self._world = world
        self._people = people

    def shown(self, booking: Mapping[str, Any]) -> Shown:
        """One booking."""
        kept = self._world["bookings"].get(booking["id"]) or {}
        customer = self._world["customers"].get(booking.get("customer_id") or "")
        profile = (customer["history"][-1]["profile"] if customer else None) or {}
        return Shown(
            booking["id"],
            booking["id"],
            tuple(self._places(booking)),
            SQUARE_WORDS.get(booking["status"], UNSURE),
            phone_of(profile.get("phone_number")),
            ours=kept.get("application_id") is not None,
            mark=mark_of(booking.get("seller_note")),
        )

    def state(self) -> State:
        """All there is."""
        return {kept["booking"]["id"]: self.shown(kept["booking"]) for kept in self._world["bookings"].values()}

    def _places(self, booking: Mapping[str, Any]) -> Iterator[Place]:
        at = datetime.fromisoformat(booking["start_at"]).astimezone(UTC)
        for segment in booking["appointment_segments"]:
            end = at + timedelta(minutes=segment.get("duration_minutes") or 0)
            yield Place(self._people.get(segment["team_member_id"], 0), at, end)
            at = end + timedelta(minutes=segment.get("intermission_minutes") or 0)


class RawStore:
    """The engine's store: hints, findings, requests and the audit, as rows."""

    def __init__(self, file: Path) -> None:
        self._conn = sqlite3.connect(f"file:{file}?mode=ro", uri=True, isolation_level=None)
        self._conn.row_factory = sqlite3.Row

    def close(self) -> None:
        """Let go."""
        self._conn.close()

    def rows(self, sql: str, *values: Any) -> list[dict[str, Any]]:
        """What a statement finds."""
        return [dict(row) for row in self._conn.execute(sql, values)]

    def hints(self) -> list[dict[str, Any]]:
        """Every hint, in order."""
        return self.rows("select * from hints order by id")

    def excused(self) -> frozenset[tuple[str, str]]:
        """(side, unit or thing) of everything that an open finding is about, and of what a calendar that is suddenly
        small keeps back, with what shows it on the other side."""
        found = self.rows(
            "select u.side, u.unit as name from finding_units u join findings f on f.id = u.finding "
            "where f.state = 'open'"
        )
        kept_back = [ref.split("/", 1) for row in self.rows("select withheld from sides") for ref in _refs(row)]
        for side, key in kept_back if self.rows("select id from findings where state = 'open'") else ():
            found += self.rows(
                "select other.side, other.key as name from partners this join partners other on other.visit = "
                "this.visit where this.side = ? and this.key = ?",
                side,
                key,
            )
        return frozenset((row["side"], row["name"]) for row in found)

    def shown_for(self, things: Iterable[str]) -> frozenset[tuple[str, str]]:
        """(side, booking) of what shows these visits of Bookly's in Square."""
        sql = (
            "select other.side, other.key as name from partners this join partners other on other.visit = this.visit "
            "where this.side = 'bookly' and this.key = ? and other.side = 'square'"
        )
        return frozenset((row["side"], row["name"]) for thing in things for row in self.rows(sql, thing))


def _refs(row: dict[str, Any]) -> list[str]:
    kept: list[str] = json.loads(row["withheld"] or "[]") or []
    return kept
