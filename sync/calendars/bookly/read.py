"""Reading Bookly: snapshots, single visits, what stands around a time.

Every read is one transaction that sees one moment. The database's own clock is never asked: Bookly's times are the
site's, not the server's.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime

from sync.calendars import Progress
from sync.calendars.bookly import statements
from sync.calendars.bookly.checks import problems
from sync.calendars.bookly.connect import BooklyDoor, Session
from sync.calendars.bookly.directory import directory
from sync.calendars.bookly.evidence import deleted_by_somebody, never_paid
from sync.calendars.bookly.fetch import rows_of_refs, rows_of_window, whole_visits
from sync.calendars.bookly.poll import look
from sync.calendars.bookly.rows import Row, units
from sync.calendars.bookly.times import local
from sync.calendars.bookly.trouble import CannotRead
from sync.calendars.bookly.visits import Built, build
from sync.model import Appointment, Directory, Event, Polled, Problem, Ref, Side, Snapshot, Window

Clock = Callable[[], datetime]


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

    def poll(self, window: Window, known: Iterable[Ref] = ()) -> Polled:
        """All that ends after the window's start, whatever its standing, in one consistent read."""
        began_at = self._clock()
        with self._door.reading() as session:
            return look(session, window, frozenset(known), began_at)

    def events_since(self, _since: datetime) -> tuple[Event, ...]:
        """Nothing: Bookly's log has gaps, so the compare of contents has the last word."""
        return ()

    def service_versions(self, _services: Iterable[str]) -> Mapping[str, int]:
        """None: Bookly's services have no versions."""
        return {}

    def known_as(self, ref: Ref) -> frozenset[Ref]:
        """The visits on the rows that this line, or the lines of this visit, is on; and on this row."""
        with self._door.reading() as session:
            found = read_refs(session, [ref])
        return frozenset({*found.appointments, *found.unreadable} - {ref})

    def meant_to_be_gone(self, refs: Iterable[Ref], last_shown: Mapping[Ref, Appointment]) -> frozenset[Ref]:
        """Those that Bookly's log says were deleted by somebody (of a compound service: all its parts), and online
        bookings of the last hour that were never paid. No log, or no right to read it, is no evidence."""
        wanted = {ref: last_shown[ref] for ref in refs if ref in last_shown}
        young = never_paid(wanted, self._clock())
        rest = {ref: shown for ref, shown in wanted.items() if ref not in young}
        if not rest:
            return young
        with self._door.reading() as session:
            return young | deleted_by_somebody(session, rest)

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


def read_refs(session: Session, refs: Iterable[Ref]) -> Built:
    """These visits with all that stands on their rows."""
    return _built(session, rows_of_refs(session, refs))


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


def _meets(appointment: Appointment, staff: str, start: datetime, end: datetime) -> bool:
    spans = (part.span for part in appointment.parts)
    return any(span.staff == staff and span.busy_start < end and start < span.busy_end for span in spans)


def _silent(done: int, total: int) -> None:
    """Nobody watches this read."""


__all__ = ["BooklyReader", "read_around", "read_refs", "standing_around", "utc_now"]
