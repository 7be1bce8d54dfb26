"""The two calendars behind one protocol. Reading is for everyone in `sync`; writing is for `sync.converge` alone."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import Protocol

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

Progress = Callable[[int, int], None]
"""Called with (done, total) while a long read goes on."""


class CalendarError(Exception):
    """A calendar did not do what it was asked. `str(error)` is one plain sentence without names, phones or secrets.

    `permanent` says that trying again cannot help. `setting` names the setting to look at, if one is to blame.
    `retry_after` is what the side asked us to wait, in seconds. `request_id` is the side's own id of the call.
    `fault` is the kind of failure. `waiting` says that nothing failed: it is not the moment, and nothing was sent.
    """

    usual = Fault.TROUBLE
    """The kind of failure where nothing more is known of it."""

    def __init__(
        self,
        sentence: str,
        *,
        permanent: bool = False,
        setting: str = "",
        retry_after: float | None = None,
        request_id: str = "",
        fault: Fault | None = None,
        waiting: bool = False,
    ) -> None:
        super().__init__(sentence)
        self.permanent = permanent
        self.setting = setting
        self.retry_after = retry_after
        self.request_id = request_id
        self.waiting = waiting
        self.fault = fault or self._usual()

    def _usual(self) -> Fault:
        return self.usual


class ReadFailed(CalendarError):
    """A read failed or was cut short: nothing may be concluded from it."""

    def _usual(self) -> Fault:
        """What can never be read fails over a setting, or over one odd row: then the rest can be read."""
        if self.permanent:
            return Fault.NOT_LET_IN if self.setting else Fault.REFUSED
        return self.usual


class NotOffered(CalendarError):
    """The side does not offer this to us, or a person has not switched it on there: no fault of a setting."""


class WriteRefused(CalendarError):
    """The side said no, and nothing was written."""

    usual = Fault.REFUSED


class Stale(WriteRefused):
    """What was to be changed is no longer what the person saw."""


class Taken(WriteRefused):
    """The time was taken on that side when the write was about to happen; nothing was written."""


class ClientGone(WriteRefused):
    """The side no longer has the client it was to be written for (deleted there, or merged); nothing was written."""


class OutcomeUnknown(CalendarError):
    """The call may or may not have been carried out: settle it before anything else."""

    usual = Fault.NO_ANSWER


class SideDown(CalendarError):
    """The side is left alone just now, so nothing was sent; `retry_after` says when it may be tried again, in seconds.

    One of the three below is raised, so that whoever knows nothing of it treats it as what it stands for.
    """

    def __init__(self, sentence: str, *, setting: str = "", retry_after: float = 0.0) -> None:
        super().__init__(sentence, setting=setting, retry_after=retry_after, fault=Fault.UNREACHED, waiting=True)


class ReadKept(SideDown, ReadFailed):
    """The read was not made."""


class WriteKept(SideDown, WriteRefused):
    """The write was not made."""


class SettleKept(SideDown, OutcomeUnknown):
    """What became of the write was not asked: it is as unknown as before."""


class CalendarReader(Protocol):
    """Reading one side. Every read is live; raises ReadFailed when it could not be read whole."""

    side: Side

    def check(self) -> list[Problem]:
        """What is wrong with the settings, the connection or the rights; empty when all is well. Never raises."""

    def directory(self) -> Directory:
        """Staff, services, skills, hours, time zone."""

    def snapshot(self, window: Window, known: Iterable[Ref] = (), progress: Progress | None = None) -> Snapshot:
        """All appointments that start in the window, cancelled ones included. An id of `known` that should be there
        and is not is read again by id before it counts as gone."""

    def read(self, refs: Iterable[Ref]) -> Mapping[Ref, Appointment | None]:
        """The present state of each, None when the side no longer has it."""

    def around(self, staff: str, start: datetime, end: datetime) -> tuple[Appointment, ...]:
        """What stands for this staff member (the side's own id) with busy time meeting start..end, read now."""

    def service_versions(self, services: Iterable[str], /) -> Mapping[str, int]:
        """The present version of each of these services that can be booked, by its id; empty where the side has no
        versions."""

    def poll(self, window: Window, known: Iterable[Ref] = ()) -> Polled:
        """A short look: in Bookly at all that ends after the window's start, in Square at what starts in it. What of
        `known` is not in sight is asked for by id before it is called gone."""

    def events_since(self, since: datetime, /) -> tuple[Event, ...]:
        """What the side itself says has changed since then (UTC); nothing where it keeps no list of it. Raises
        NotOffered where it does not tell us."""

    def known_as(self, ref: Ref, /) -> frozenset[Ref]:
        """By which names the side has what `ref` would name, where it has no visit of that very name: a client's line
        in Bookly may be part of a class, or of a compound service."""

    def meant_to_be_gone(self, refs: Iterable[Ref], last_shown: Mapping[Ref, Appointment], /) -> frozenset[Ref]:
        """Those of `refs`, which the side no longer has, of which it can be shown that somebody meant it. `last_shown`
        is what each showed when it was last there."""


class CalendarWriter(Protocol):
    """Writing one side: each call is tried once. Raises WriteRefused, Stale, Taken or OutcomeUnknown."""

    side: Side

    def write(self, write: Write) -> Written:
        """Carry out one write and answer with what then stands."""

    def settle(self, write: Write) -> Written | None:
        """Learn what became of a write whose answer was lost; a Place is sent again under its own key where the side
        replays keys, else looked for by its mark. None: it is certain that nothing was written."""

    def client_for(self, client: Client, key: str) -> str | None:
        """This side's customer id for a client of the other side: found by exact phone or mail, else created under
        `key`. None where the side needs none (Bookly: our blocks have no customer)."""
