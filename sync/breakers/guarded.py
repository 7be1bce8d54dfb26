"""The calendars behind their breakers: each call asks first and tells afterwards; its own error goes on unchanged."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import TypeVar

from sync.breakers.keeper import Breakers, Kept, Permit
from sync.calendars import (
    CalendarError,
    CalendarReader,
    CalendarWriter,
    NotOffered,
    Progress,
    ReadKept,
    SettleKept,
    SideDown,
    WriteKept,
)
from sync.decide.breaker import Failure
from sync.model import (
    Appointment,
    Client,
    Directory,
    Event,
    Fault,
    Polled,
    Problem,
    Ref,
    Side,
    Snapshot,
    Window,
    Write,
    Written,
)

Answer = TypeVar("Answer")


class GuardedReader:
    """A CalendarReader that asks its side's breaker first. Raises ReadKept while the side is left alone."""

    def __init__(self, reader: CalendarReader, breakers: Breakers) -> None:
        self.side = reader.side
        self._reader = reader
        self._breakers = breakers

    def check(self) -> list[Problem]:
        """What is wrong, asked for by a person: the side is asked whatever its breaker says."""
        return self._reader.check()

    def directory(self) -> Directory:
        return guarded_read(self._breakers, self.side, self._reader.directory)

    def snapshot(self, window: Window, known: Iterable[Ref] = (), progress: Progress | None = None) -> Snapshot:
        return guarded_read(self._breakers, self.side, lambda: self._reader.snapshot(window, known, progress))

    def read(self, refs: Iterable[Ref]) -> Mapping[Ref, Appointment | None]:
        return guarded_read(self._breakers, self.side, lambda: self._reader.read(refs))

    def around(self, staff: str, start: datetime, end: datetime) -> tuple[Appointment, ...]:
        return guarded_read(self._breakers, self.side, lambda: self._reader.around(staff, start, end))

    def poll(self, window: Window, known: Iterable[Ref] = ()) -> Polled:
        return guarded_read(self._breakers, self.side, lambda: self._reader.poll(window, known))

    def service_versions(self, services: Iterable[str]) -> Mapping[str, int]:
        return guarded_read(self._breakers, self.side, lambda: self._reader.service_versions(services))

    def events_since(self, since: datetime) -> tuple[Event, ...]:
        """A side that answers that it has no such list for us has answered."""
        found = guarded_read(self._breakers, self.side, lambda: self._asked_for_events(since))
        if isinstance(found, NotOffered):
            raise found
        return found

    def known_as(self, ref: Ref) -> frozenset[Ref]:
        return guarded_read(self._breakers, self.side, lambda: self._reader.known_as(ref))

    def meant_to_be_gone(self, refs: Iterable[Ref], last_shown: Mapping[Ref, Appointment]) -> frozenset[Ref]:
        return guarded_read(self._breakers, self.side, lambda: self._reader.meant_to_be_gone(refs, last_shown))

    def _asked_for_events(self, since: datetime) -> tuple[Event, ...] | NotOffered:
        try:
            return self._reader.events_since(since)
        except NotOffered as error:
            return error


class GuardedWriter:
    """A CalendarWriter that asks its side's breaker first. Raises WriteKept while the side is left alone, and for
    `settle` SettleKept: that nobody was asked says nothing of the write."""

    def __init__(self, writer: CalendarWriter, breakers: Breakers) -> None:
        self.side = writer.side
        self._writer = writer
        self._breakers = breakers

    def write(self, write: Write) -> Written:
        return _guarded(self._breakers, self.side, lambda: self._writer.write(write), WriteKept, _shuts_writing)

    def settle(self, write: Write) -> Written | None:
        return _guarded(self._breakers, self.side, lambda: self._writer.settle(write), SettleKept, _shuts_writing)

    def client_for(self, client: Client, key: str) -> str | None:
        return _guarded(
            self._breakers, self.side, lambda: self._writer.client_for(client, key), WriteKept, _shuts_writing
        )


def guarded_read(breakers: Breakers, side: Side, call: Callable[[], Answer]) -> Answer:
    """Any other read of a side (its events, its free times), behind the same breaker. Raises what `call` raises, or
    ReadKept."""
    return _guarded(breakers, side, call, ReadKept, _shuts_reading)


def _guarded(
    breakers: Breakers,
    side: Side,
    call: Callable[[], Answer],
    kept: type[SideDown],
    shuts: Callable[[CalendarError], bool],
) -> Answer:
    permit = breakers.ask(side)
    if isinstance(permit, Kept):
        raise kept(sentence(side, permit), setting=permit.setting, retry_after=permit.seconds)
    try:
        answer = call()
    except CalendarError as error:
        _tell(breakers, side, permit, error, shuts(error))
        raise
    breakers.answered(side, permit)
    return answer


def _tell(breakers: Breakers, side: Side, permit: Permit, error: CalendarError, shuts: bool) -> None:
    if error.waiting:
        breakers.answered(side, permit)
        return
    breakers.failed(side, permit, Failure(error.fault, str(error), error.setting, error.retry_after, shuts))


def _shuts_reading(error: CalendarError) -> bool:
    """A side that may not even be read is shut as a whole."""
    return error.fault in (Fault.NOT_LET_IN, Fault.NOT_ALLOWED)


def _shuts_writing(error: CalendarError) -> bool:
    """A right to write that is missing keeps nobody from reading."""
    return error.fault is Fault.NOT_LET_IN


def sentence(side: Side, kept: Kept) -> str:
    """Why the side is not asked just now, and when it is asked again."""
    why = kept.reason or f"{side.brand} did not answer."
    when = f"in {kept.seconds:.0f} seconds" if kept.seconds >= 2 else "in a moment"
    return f"{why} It is asked again {when}."
