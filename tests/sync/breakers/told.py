"""A clock turned by hand, and a reader and a writer that answer or fail as they are told."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta

from sync.calendars import Progress
from sync.model import (
    Appointment,
    Client,
    Directory,
    Event,
    Polled,
    Problem,
    Ref,
    Side,
    Snapshot,
    Window,
    Withdraw,
    Write,
    Written,
)

NOON = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
ANNA = Ref(Side.SQUARE, "anna")
WRITE = Withdraw(ANNA, key="withdraw-anna")
WRITTEN = Written(ANNA, None, "request-1")
CLIENT = Client("", "Anna")
WINDOW = Window(NOON, NOON + timedelta(days=1))


class Clock:
    """The time, which goes on only when it is told to."""

    def __init__(self, ahead: float = 0.0) -> None:
        self.now = NOON + timedelta(seconds=ahead)

    def __call__(self) -> datetime:
        return self.now

    def turn(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)


class Told:
    """Both a reader and a writer of Square. `error` is raised by each call while it is set; `asked` are the calls."""

    side = Side.SQUARE

    def __init__(self) -> None:
        self.error: BaseException | None = None
        self.asked: list[str] = []

    def _answer(self, call: str) -> None:
        self.asked.append(call)
        if self.error is not None:
            raise self.error

    def check(self) -> list[Problem]:
        self.asked.append("check")
        return []

    def directory(self) -> Directory:
        self._answer("directory")
        return Directory(Side.SQUARE, "America/Chicago", (), ())

    def snapshot(self, window: Window, known: Iterable[Ref] = (), progress: Progress | None = None) -> Snapshot:
        self._answer("snapshot")
        if progress:
            progress(1, 1)
        return Snapshot(Side.SQUARE, window, NOON, self.directory(), ())

    def read(self, refs: Iterable[Ref]) -> Mapping[Ref, Appointment | None]:
        self._answer("read")
        return dict.fromkeys(refs)

    def poll(self, window: Window, known: Iterable[Ref] = ()) -> Polled:
        self._answer("poll")
        return Polled(Side.SQUARE, NOON, window, dict.fromkeys(known, ""), lambda _refs: {})

    def events_since(self, since: datetime) -> tuple[Event, ...]:
        self._answer("events_since")
        return () if since < NOON else (Event("e1", Ref(Side.SQUARE, "S1"), 1, NOON),)

    def service_versions(self, services: Iterable[str]) -> Mapping[str, int]:
        self._answer("service_versions")
        return dict.fromkeys(services, 7)

    def known_as(self, ref: Ref) -> frozenset[Ref]:
        self._answer("known_as")
        return frozenset({ref})

    def meant_to_be_gone(self, refs: Iterable[Ref], last_shown: Mapping[Ref, Appointment]) -> frozenset[Ref]:
        self._answer("meant_to_be_gone")
        return frozenset(refs) & last_shown.keys()

    def around(self, staff: str, start: datetime, end: datetime) -> tuple[Appointment, ...]:
        self._answer("around")
        return ()

    def write(self, write: Write) -> Written:
        self._answer("write")
        return WRITTEN

    def settle(self, write: Write) -> Written | None:
        self._answer("settle")
        return None

    def client_for(self, client: Client, key: str) -> str | None:
        self._answer("client_for")
        return key
