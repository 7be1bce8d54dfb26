"""Reading Square: every read is live and whole, or raises ReadFailed.

Square lists bookings by their start only, 31 days at most at a time, and knows nothing of "changed since": a horizon is
walked window by window, and whatever should be there and is not is asked for by its id before anything is made of it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Set
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from square import Square
from square.core.request_options import RequestOptions

from sync.calendars import Progress, ReadFailed
from sync.calendars.square.bookings import Known, Unreadable, appointment_of, instant, ref_of, segments_of, stamp
from sync.calendars.square.checks import problems_of, refuse_partial_view
from sync.calendars.square.client import Doc, SquareClient
from sync.calendars.square.customers import clients_named, each_of
from sync.calendars.square.direct import sent
from sync.calendars.square.directory import (
    Location,
    chosen,
    chunks,
    directory_of,
    locations,
    rows,
    services_named,
    staff_named,
)
from sync.calendars.square.errors import TOKEN, CursorExpired
from sync.calendars.square.events import events_since
from sync.model import (
    Appointment,
    Client,
    Directory,
    Event,
    Polled,
    Problem,
    Ref,
    Service,
    Side,
    Snapshot,
    StaffMember,
    Window,
    digest,
)

LIST_WINDOW = timedelta(days=29)
"""Square refuses more than 31 days; with the edges this stays below 30, computed in UTC where days have 24 hours."""

EDGE = timedelta(minutes=1)
"""Windows reach over each other by this much: it is not known whether Square's bounds belong to the window."""

PAGE = 100
BULK = 50
"""Bookings asked for by id at once; Square names no limit."""

NAMES_LAST = timedelta(seconds=60)
"""How long a service's name and length are taken as known: a salon renames one now and then, and a look-up is the
dearest of all reads. A write asks for the version afresh whatever is known."""

STARTS_OVER = 3
"""How often one window is listed before its cursors expiring counts as a failed read; they live about five minutes."""

LONGEST_STRETCH = timedelta(minutes=2 * 1500)
"""How far ahead of a moment a booking that still stands then may have started: the list filters on the start alone, one
segment lasts 1500 minutes at most, and two of the longest in a row are more than any salon day."""


class SquareReader:
    """Square's calendar, for reading. `timezone` is the salon's pinned zone, which `check` compares ('' to skip)."""

    side = Side.SQUARE

    def __init__(
        self, square: SquareClient, timezone: str = "", clock: Callable[[], datetime] = lambda: datetime.now(UTC)
    ) -> None:
        self._square = square
        self._timezone = timezone
        self._clock = clock
        self._place: Location | None = None
        self._met: dict[str, Client] = {}
        self._named: dict[str, Service] = {}
        self._named_at = clock()

    def check(self) -> list[Problem]:
        """What is wrong with the settings, the connection, the rights or the plan. Never raises."""
        return problems_of(self._square, self._timezone)

    def directory(self) -> Directory:
        """Staff, services, skills and zone, read now; hours are empty, Square shows none. Raises ReadFailed."""
        self._place, found = directory_of(self._square)
        return found

    def _whole_directory(self) -> Directory:
        """The directory, once it is certain that the token may see everything. Raises ReadFailed."""
        try:
            directory = self.directory()
        except ReadFailed as error:
            if error.setting == TOKEN:
                refuse_partial_view(self._square)  # says which right is lacking, where Square tells
            raise
        refuse_partial_view(self._square)
        return directory

    def location(self) -> Location:
        """The salon's location: read once, and again with each directory. Raises ReadFailed."""
        if self._place is None:
            self._place = chosen(locations(self._square), self._square.location_id)
        return self._place

    def snapshot(self, window: Window, known: Iterable[Ref] = (), progress: Progress | None = None) -> Snapshot:
        """All bookings that start in the window, read whole. Raises ReadFailed.

        An id of `known` that was not listed is read again by id: it is in the answer with what it shows now, even when
        it has moved out of the window, and left out only when Square says that it has no such booking.
        """
        self._named = {}
        began = self._clock()
        directory = self._whole_directory()
        wanted = _keys(known)
        docs, nameless = self._walked(window, progress)
        again = [doc for doc in self._by_id([key for key in wanted if key not in docs]).values() if doc is not None]
        if any(_starts_in(doc, window) for doc in again):
            # The list left out what is there: it may have left out others that nobody knows of yet.
            more, nameless = self._walked(window, None)
            again += more.values()
        docs = newest([*docs.values(), *again])
        kept = [doc for key, doc in docs.items() if key in wanted or _starts_in(doc, window)]
        names = self._known(kept, directory.services)
        appointments, unreadable = read_all([*kept, *nameless], names)
        directory = replace(
            directory,
            staff=(*directory.staff, *self._missing_staff(directory, kept)),
            services=tuple(names.services.values()),
        )
        return Snapshot(Side.SQUARE, window, began, directory, appointments, unreadable)

    def read(self, refs: Iterable[Ref]) -> Mapping[Ref, Appointment | None]:
        """What each booking shows now; None where Square says that it has none. Raises ReadFailed."""
        wanted = list(dict.fromkeys(refs))
        docs = self.documents([ref.key for ref in wanted])
        names = self._known([doc for doc in docs.values() if doc is not None])
        return {ref: self._one(docs[ref.key], names) for ref in wanted}

    def documents(self, keys: Iterable[str]) -> Mapping[str, Doc | None]:
        """The bookings of these ids as Square has them now, None for one it does not have. Raises ReadFailed."""
        return self._by_id(list(dict.fromkeys(keys)))

    def appointment(self, doc: Doc) -> Appointment:
        """A booking that was just read or written, with the names it needs; a client met before is not asked for
        again. Raises ReadFailed."""
        found = self._one(doc, self._known([doc], fresh_names=False))
        assert found is not None
        return found

    def around(self, staff: str, start: datetime, end: datetime) -> tuple[Appointment, ...]:
        """What stands for this team member with busy time meeting start..end, read now; only of these the names are
        asked for. Raises ReadFailed."""
        docs = self.listed_around(start, end)[0]
        there = [a.ref.key for a in self._in_chairs(docs) if meets(a, staff, start, end)]
        met = [docs[key] for key in there]
        return read_all(met, self._known(met, fresh_names=False))[0]

    def poll(self, window: Window, known: Iterable[Ref] = ()) -> Polled:
        """What starts in the window by id and version, without names. What of `known` is not listed is asked for by id,
        and none counts as gone before it is certain that the token may see everything. Raises ReadFailed."""
        began = self._clock()
        listed, _ = self._walked(window, None)
        again = self._by_id([key for key in _keys(known) if key not in listed])
        gone = frozenset(ref_of(key) for key, doc in again.items() if doc is None)
        if gone:
            refuse_partial_view(self._square)
        there = {key: doc for key, doc in again.items() if doc is not None}
        inside = {key: doc for key, doc in listed.items() if _starts_in(doc, window)}
        return polled(began, window, {**inside, **there}, gone)

    def events_since(self, since: datetime) -> tuple[Event, ...]:
        """What Square's list of events holds since then. Raises NotOffered, ReadFailed."""
        return events_since(self._square, since, self.location().id)

    def service_versions(self, services: Iterable[str]) -> Mapping[str, int]:
        """The present catalog versions of these variations, but for those that can no longer be booked."""
        found = services_named(self._square, services)
        return {key: one.version for key, one in found.items() if one.version is not None and one.active}

    def known_as(self, _ref: Ref) -> frozenset[Ref]:
        """Nothing: a booking has one name."""
        return frozenset()

    def meant_to_be_gone(self, _refs: Iterable[Ref], _last_shown: Mapping[Ref, Appointment]) -> frozenset[Ref]:
        """Nobody can delete a booking in Square: one that is gone is nobody's wish."""
        return frozenset()

    def chairs(self, start: datetime, end: datetime) -> tuple[Appointment, ...]:
        """Whatever stands at this location and may reach into start..end, whoever it is with, read now in one listing:
        who and when, without the names of clients and services. Raises ReadFailed."""
        return self._in_chairs(self.listed_around(start, end)[0])

    def _in_chairs(self, docs: Mapping[str, Doc]) -> tuple[Appointment, ...]:
        """What of these stands, nameless: a service is asked for only where a booking does not say how long it is."""
        endless = [doc for doc in docs.values() if any(s.get("duration_minutes") is None for s in segments_of(doc))]
        found, _ = read_all(docs.values(), Known(self._known([*map(without_client, endless)]).services))
        return tuple(appointment for appointment in found if appointment.stands)

    def listed_around(self, start: datetime, end: datetime) -> tuple[Mapping[str, Doc], list[Doc]]:
        """The bookings of any status that may reach into start..end, by id, and those without an id."""
        return self._walked(Window(start - LONGEST_STRETCH, end), None)

    def _walked(self, window: Window, progress: Progress | None) -> tuple[dict[str, Doc], list[Doc]]:
        """Everything that starts in the window or at its edges; by id, and those without one."""
        parts = list(windows(window))
        found: list[Doc] = []
        for done, part in enumerate(parts, start=1):
            found.extend(self._listed(part))
            if progress is not None:
                progress(done, len(parts))
        nameless = [doc for doc in found if not isinstance(doc.get("id"), str)]
        return newest(doc for doc in found if isinstance(doc.get("id"), str)), nameless

    def _listed(self, window: Window) -> list[Doc]:
        """One window from its first page to its last; begun anew when a cursor was too old."""
        place, low, high = self.location().id, stamp(window.start), stamp(window.end)

        def page(api: Square, options: RequestOptions, cursor: str | None) -> object:
            asked = {"limit": PAGE, "location_id": place, "start_at_min": low, "start_at_max": high}
            return sent(api, options, "GET", "v2/bookings", params=asked | ({"cursor": cursor} if cursor else {}))

        for _ in range(STARTS_OVER - 1):
            try:
                return [doc for found in self._square.pages("list bookings", page) for doc in rows(found, "bookings")]
            except CursorExpired:
                continue
        return [doc for found in self._square.pages("list bookings", page) for doc in rows(found, "bookings")]

    def _by_id(self, keys: list[str]) -> dict[str, Doc | None]:
        found: dict[str, Doc | None] = {}
        for batch in chunks(keys, BULK):
            found |= self._batch(batch)
        return found

    def _batch(self, keys: list[str]) -> dict[str, Doc | None]:
        doc = self._square.read(
            "get bookings",
            lambda api, options: sent(api, options, "POST", "v2/bookings/bulk-retrieve", body={"booking_ids": keys}),
        )
        found = each_of(doc.get("bookings"), keys, "booking")
        return {key: booking if self._is_here(booking) else None for key, booking in found.items()}

    def _is_here(self, booking: Doc | None) -> bool:
        """Whether it is of this salon: by its id Square shows the bookings of every place that the merchant has."""
        place = booking.get("location_id") if booking else None
        return place is None or place == (self._square.location_id or self.location().id)

    def _known(self, docs: list[Doc], services: Iterable[Service] = (), fresh_names: bool = True) -> Known:
        """The services and clients that bookings name: what is not given is asked for by id."""
        given = {service.id: service for service in services}
        used = {str(key) for doc in docs for s in segments_of(doc) if (key := s.get("service_variation_id"))}
        given |= self._services(used - set(given))
        who = {str(key) for doc in docs if (key := doc.get("customer_id"))}
        self._met |= clients_named(self._square, who if fresh_names else who - set(self._met))
        return Known(given, {key: self._met[key] for key in who})

    def _services(self, used: Set[str]) -> dict[str, Service]:
        """Services by id, asked for again only when they were asked for longer than NAMES_LAST ago."""
        known = self._named  # another thread may begin anew meanwhile
        if self._clock() - self._named_at > NAMES_LAST:
            known, self._named_at = {}, self._clock()
        known = {**known, **services_named(self._square, used - set(known))}
        self._named = known
        return {key: known[key] for key in used if key in known}

    def _missing_staff(self, directory: Directory, docs: Iterable[Doc]) -> Iterator[StaffMember]:
        """Team members whom bookings name and the list did not show, each asked for by id."""
        listed = {member.id for member in directory.staff}
        named = {str(key) for doc in docs for s in segments_of(doc) if (key := s.get("team_member_id"))}
        for key in sorted(named - listed):
            if member := staff_named(self._square, key):
                yield member

    def _one(self, doc: Doc | None, names: Known) -> Appointment | None:
        try:
            return None if doc is None else appointment_of(doc, names)
        except Unreadable as error:
            raise ReadFailed(str(error), permanent=True) from None


def windows(window: Window) -> Iterator[Window]:
    """The window in pieces that Square lists, each reaching over its ends a little."""
    start = window.start
    while start < window.end:
        end = min(start + LIST_WINDOW, window.end)
        yield Window(start - EDGE, end + EDGE)
        start = end


def polled(began: datetime, window: Window, docs: Mapping[str, Doc], gone: frozenset[Ref]) -> Polled:
    """Bookings as a short look has them; one whose version is told by nobody counts by its content."""
    stamps = {ref_of(key): _stamp(doc) for key, doc in docs.items()}
    inside = {ref_of(key) for key, doc in docs.items() if _starts_in(doc, window)}

    def shown(refs: Iterable[Ref]) -> Mapping[Ref, Appointment]:
        found, _ = read_all([docs[ref.key] for ref in refs if ref.key in docs], Known())
        return {appointment.ref: appointment for appointment in found}

    return Polled(
        side=Side.SQUARE,
        began_at=began,
        window=window,
        stamps={ref: said for ref, said in stamps.items() if ref in inside},
        shown=shown,
        elsewhere={ref: said for ref, said in stamps.items() if ref not in inside},
        gone=gone,
        versions={ref_of(key): _version(doc) for key, doc in docs.items() if _version(doc) >= 0},
        changed_at={ref_of(key): at for key, doc in docs.items() if (at := instant(doc.get("updated_at")))},
    )


def newest(docs: Iterable[Doc]) -> dict[str, Doc]:
    """Bookings by id; of one that was seen twice (it moved while we read) the later version."""
    found: dict[str, Doc] = {}
    for doc in docs:
        key = str(doc["id"])
        if key not in found or _version(doc) >= _version(found[key]):
            found[key] = doc
    return found


def read_all(docs: Iterable[Doc], names: Known) -> tuple[tuple[Appointment, ...], tuple[tuple[str, str], ...]]:
    """Bookings as appointments, in time order, and those that cannot be understood, each with a sentence."""
    found: list[Appointment] = []
    unreadable: list[tuple[str, str]] = []
    for doc in docs:
        try:
            found.append(appointment_of(doc, names))
        except Unreadable as error:
            unreadable.append((error.key, str(error)))
    return tuple(sorted(found, key=lambda a: (a.start, a.ref))), tuple(unreadable)


def meets(appointment: Appointment, staff: str, start: datetime, end: datetime) -> bool:
    """Whether its busy time for that team member reaches into start..end."""
    spans = (part.span for part in appointment.parts)
    return any(s.staff == staff and s.busy_start < end and start < s.busy_end for s in spans)


def without_client(doc: Doc) -> Doc:
    """The booking for those who do not ask whose it is."""
    return {name: value for name, value in doc.items() if name != "customer_id"}


def _starts_in(doc: Doc, window: Window) -> bool:
    start = instant(doc.get("start_at"))
    return start is None or window.start <= start < window.end


def _keys(known: Iterable[Ref]) -> dict[str, None]:
    """The ids of Square's among these, in their order."""
    return dict.fromkeys(ref.key for ref in known if ref.side is Side.SQUARE)


def _stamp(doc: Doc) -> str:
    version = _version(doc)
    return str(version) if version >= 0 else digest(doc)


def _version(doc: Doc) -> int:
    version = doc.get("version")
    return version if isinstance(version, int) else -1
