"""Reading Bookly: snapshots, single visits, what stands around a time.

Every read is one transaction that sees one moment. The database's own clock is never asked: Bookly's times are the
site's, not the server's.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import TypeVar

from sync.calendars import Progress
from sync.calendars.bookly import statements
from sync.calendars.bookly.checks import problems
from sync.calendars.bookly.connect import BooklyDoor, Session
from sync.calendars.bookly.directory import directory
from sync.calendars.bookly.rows import Row, units
from sync.calendars.bookly.times import local
from sync.calendars.bookly.trouble import CannotRead
from sync.calendars.bookly.visits import Built, build
from sync.model import Appointment, Directory, Problem, Ref, Side, Snapshot, Window

CHUNK = 500
"""Ids asked for in one statement."""

Clock = Callable[[], datetime]
T = TypeVar("T")


def utc_now() -> datetime:
    return datetime.now(UTC)


class BooklyReader:
    """Reads one Bookly. `clock` gives the time of day in UTC. Raises ReadFailed as the protocol says."""

    side = Side.BOOKLY

    def __init__(self, door: BooklyDoor, clock: Clock = utc_now) -> None:
        self._door = door
        self._clock = clock

    def check(self) -> list[Problem]:
        """What is wrong with the settings, the connection, the rights to read or the zone. Never raises."""
        return problems(self._door, self._clock())

    def directory(self) -> Directory:
        """Staff, services, skills, hours and days off of the coming thirteen months."""
        with self._door.reading() as session:
            return directory(session, self._clock())

    def snapshot(self, window: Window, known: Iterable[Ref] = (), progress: Progress | None = None) -> Snapshot:
        """All that starts in the window. A ref of `known` that is not in it is read again by id, in a later
        transaction, and is part of the snapshot if Bookly has it at any other time."""
        began_at = self._clock()
        tell = progress or _silent
        with self._door.reading() as session:
            rows = rows_of_window(session, window)
            listed = directory(session, began_at)
        found = build(units(rows, session.zone, session.custom))
        tell(len(found.appointments), len(found.appointments))
        inside = {ref: a for ref, a in found.appointments.items() if window.start <= a.start < window.end}
        again = self._again([ref for ref in known if ref not in inside and ref not in found.unreadable])
        inside |= again.appointments
        return Snapshot(
            side=Side.BOOKLY,
            window=window,
            began_at=began_at,
            directory=listed,
            appointments=tuple(sorted(inside.values(), key=lambda a: (a.start, a.ref))),
            unreadable=tuple((str(ref), said) for ref, said in sorted((found.unreadable | again.unreadable).items())),
        )

    def read(self, refs: Iterable[Ref]) -> Mapping[Ref, Appointment | None]:
        """The present state of each, None when Bookly has no such visit. Raises ReadFailed when a row that is asked
        for is there and cannot be understood: that is not gone."""
        wanted = tuple(dict.fromkeys(refs))
        found = self._again(wanted)
        odd = next((said for ref, said in found.unreadable.items() if ref in wanted), None)
        if odd:
            raise CannotRead(odd, permanent=True)
        return {ref: found.appointments.get(ref) for ref in wanted}

    def around(self, staff: str, start: datetime, end: datetime) -> tuple[Appointment, ...]:
        """What stands for this staff member with busy time meeting start..end, read now."""
        with self._door.reading() as session:
            return standing_around(session, staff, start, end)

    def _again(self, refs: Sequence[Ref]) -> Built:
        """Only what is asked for; a whole visit each, wherever it is in time."""
        if not refs:
            return Built({}, {})
        with self._door.reading() as session:
            found = read_refs(session, refs)
        wanted = set(refs)
        return Built(
            {ref: a for ref, a in found.appointments.items() if ref in wanted},
            {ref: said for ref, said in found.unreadable.items() if ref in wanted},
        )


def rows_of_window(session: Session, window: Window) -> list[Row]:
    """What starts in the window, and some more around it."""
    bounds = local(window.start, session.zone), local(window.end, session.zone)
    return whole_visits(session, session.rows(statements.starting(session.tables, *bounds)))


def read_refs(session: Session, refs: Iterable[Ref]) -> Built:
    """These visits with all that stands on their rows."""
    rows, lines = _ids(refs)
    for some in _chunks(sorted(lines)):
        rows.update(session.connection.scalars(statements.rows_of_clients(session.tables, some)))
    return _built(session, _by_rows(session, rows))


def standing_around(session: Session, staff: str, start: datetime, end: datetime) -> tuple[Appointment, ...]:
    """What stands for this staff member with busy time meeting start..end (UTC), whole visits, in time order."""
    found = read_around(session, staff, start, end)
    return tuple(a for a in found if a.stands)


def read_around(session: Session, staff: str, start: datetime, end: datetime) -> tuple[Appointment, ...]:
    """All that has busy time of this staff member meeting start..end (UTC), standing or not."""
    if not staff.isdecimal():
        return ()
    bounds = local(start, session.zone), local(end, session.zone)
    rows = session.rows(statements.of_staff(session.tables, int(staff), *bounds))
    found = _built(session, rows).appointments.values()
    return tuple(sorted((a for a in found if _meets(a, staff, start, end)), key=lambda a: (a.start, a.ref)))


def _built(session: Session, rows: list[Row]) -> Built:
    return build(units(whole_visits(session, rows), session.zone, session.custom))


def whole_visits(session: Session, rows: list[Row]) -> list[Row]:
    """Joined rows, together with those that hold the other parts of compound services among them."""
    rows, asked = list(rows), set[str]()
    if "compound_token" in session.tables["customer_appointments"].c:
        while tokens := {row.compound_token for row in rows if row.compound_token} - asked:
            asked |= tokens
            here = {row.row_id for row in rows}
            for some in _chunks(sorted(tokens)):
                more = session.rows(statements.by_tokens(session.tables, some))
                rows.extend(row for row in more if row.row_id not in here)
                here.update(row.row_id for row in more)
    return rows


def _by_rows(session: Session, ids: set[int]) -> list[Row]:
    return [row for some in _chunks(sorted(ids)) for row in session.rows(statements.by_rows(session.tables, some))]


def _ids(refs: Iterable[Ref]) -> tuple[set[int], set[int]]:
    """(appointment rows, customer_appointments) that refs name; what is no name of Bookly's is left out."""
    rows: set[int] = set()
    lines: set[int] = set()
    for ref in refs:
        kind, _, number = ref.key.partition(":")
        if ref.side is Side.BOOKLY and number.isdecimal():
            (rows if kind == "row" else lines).add(int(number))
    return rows, lines


def _meets(appointment: Appointment, staff: str, start: datetime, end: datetime) -> bool:
    spans = (part.span for part in appointment.parts)
    return any(span.staff == staff and span.busy_start < end and start < span.busy_end for span in spans)


def _chunks(values: Sequence[T]) -> Iterator[Sequence[T]]:
    for at in range(0, len(values), CHUNK):
        yield values[at : at + CHUNK]


def _silent(done: int, total: int) -> None:
    """Nobody watches this read."""


__all__ = ["BooklyReader", "read_around", "read_refs", "standing_around", "utc_now"]
