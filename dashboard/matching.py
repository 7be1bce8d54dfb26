"""Who is who and which service is which: what a person confirmed, what is suggested, what is open."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from sqlalchemy.engine import Connection

from dashboard.salon import Salon
from sync.decide.likeness import region_of
from sync.decide.matching import Suggestion, suggest_services, suggest_staff
from sync.decide.unmapped import OWN_TIME_KEY
from sync.model import OWN_TIME, Directory, Service, Side, StaffMember
from sync.store import findings, mapping
from sync.store.directories import directory


class What(StrEnum):
    """What is matched."""

    STAFF = "staff"
    SERVICE = "service"

    @property
    def plural(self) -> str:
        return "staff" if self is What.STAFF else "services"


@dataclass(frozen=True, slots=True)
class Couple:
    """One in Bookly and one in Square, by their ids there, with their names. `by` says why it is suggested."""

    bookly: str
    square: str
    bookly_name: str
    square_name: str
    by: str = ""


@dataclass(frozen=True, slots=True)
class Single:
    """Somebody, or a service, of one side without a partner."""

    side: Side
    id: str
    name: str


@dataclass(frozen=True, slots=True)
class Matching:
    """Everything about one sort. `free` are those of Square that an open one of Bookly may be: of staff only those
    without a partner, of services all. `alone` are those of Square without a partner."""

    what: What
    confirmed: tuple[Couple, ...]
    suggested: tuple[Couple, ...]
    open: tuple[Single, ...]
    free: tuple[Single, ...]
    alone: tuple[Single, ...]

    @property
    def empty(self) -> bool:
        return not (self.confirmed or self.suggested or self.open or self.free)


def matchings(conn: Connection, salon: Salon) -> tuple[Matching, Matching]:
    """Staff and services, as both calendars list them now."""
    bookly, square = (directory(conn, side) for side in Side)
    bookly = _with_own_time(conn, bookly)
    region = region_of(salon.zone)
    return (
        _matching(
            What.STAFF,
            _named(bookly.staff),
            _named(square.staff),
            mapping.staff_map(conn),
            lambda left: suggest_staff(_left(bookly.staff, left), _left(square.staff, left), region),
        ),
        _matching(
            What.SERVICE,
            _named(bookly.services),
            _named(square.services),
            mapping.service_map(conn),
            lambda left: suggest_services(_left_services(bookly, left), _left_services(square, left)),
        ),
    )


def _with_own_time(conn: Connection, bookly: Directory) -> Directory:
    """Bookly's list with its time without a service on it, once that is a question or has an answer."""
    wanted = OWN_TIME.id in mapping.service_map(conn) or findings.is_known(conn, OWN_TIME_KEY)
    return replace(bookly, services=(*bookly.services, OWN_TIME)) if wanted and bookly.services else bookly


def _named(things: Iterable[StaffMember] | Iterable[Service]) -> dict[str, str]:
    return {thing.id: thing.name for thing in things if thing.active}


Left = Callable[[Side, str], bool]


def _left(members: Iterable[StaffMember], left: Left) -> list[StaffMember]:
    return [member for member in members if member.active and left(member.side, member.id)]


def _left_services(listed: Directory, left: Left) -> list[Service]:
    return [service for service in listed.services if service.active and left(listed.side, service.id)]


def _matching(
    what: What,
    bookly: Mapping[str, str],
    square: Mapping[str, str],
    known: Mapping[str, str],
    suggest: Callable[[Left], Sequence[Suggestion]],
) -> Matching:
    couples = {b: s for b, s in known.items() if b in bookly and s in square}
    taken = set(couples.values()) if what is What.STAFF else set()
    found = suggest(lambda side, one: one not in couples if side is Side.BOOKLY else one not in taken)
    suggested = tuple(Couple(s.bookly, s.square, bookly[s.bookly], square[s.square], s.by) for s in found)
    there = tuple(Single(Side.SQUARE, one, name) for one, name in square.items())
    used = set(couples.values()) | {couple.square for couple in suggested}
    alone = tuple(single for single in there if single.id not in used)
    settled = set(couples) | {couple.bookly for couple in suggested}
    return Matching(
        what=what,
        confirmed=tuple(Couple(b, s, bookly[b], square[s]) for b, s in couples.items()),
        suggested=suggested,
        open=tuple(Single(Side.BOOKLY, one, name) for one, name in bookly.items() if one not in settled),
        free=alone if what is What.STAFF else there,
        alone=alone,
    )
