"""What is written to a calendar, as data, and what came back."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sync.model.appointments import Appointment, Ref, Side


@dataclass(frozen=True, slots=True)
class PlacedPart:
    """A part to be written: staff and service in the ids of the side written to; times in UTC."""

    staff: str
    start: datetime
    end: datetime
    service: str | None = None
    service_version: int | None = None


@dataclass(frozen=True, slots=True)
class Place:
    """Put a projection on `side`: a block in Bookly, a booking in Square. `mark` goes into the side's inner note.

    `even_if_taken` writes it over an overlap too (what people did is recorded); `ignoring` are the visit's own
    appointments on this side, which never stand in its way. `looked`: whoever sends it has just seen, under its lease,
    that nobody stands there; Square, which cannot be fenced, is then looked at after the write only.

    In Bookly `parts` hold one part (a block a span); its `start` and `end` are the busy time to shut. `part`: which
    part of the visit it shows, so that each has a mark of its own.
    """

    side: Side
    parts: tuple[PlacedPart, ...]
    mark: str
    label: str
    key: str
    client: str | None = None
    note: str = ""
    even_if_taken: bool = False
    ignoring: tuple[Ref, ...] = ()
    looked: bool = False
    part: int = 0


@dataclass(frozen=True, slots=True)
class Move:
    """Give what `ref` names other times or staff. `seen` is the fingerprint that must still stand, or it is stale.

    `from_units` are the Bookly rows or the Square booking that hold it, one a part. In Square alone: `names_client`
    asks for the visit's client to be named on it, and `client` is who that is there; `note` takes the note's place.
    """

    ref: Ref
    parts: tuple[PlacedPart, ...]
    key: str
    seen: str
    version: int | None = None
    from_units: tuple[str, ...] = ()
    mark: str = ""
    even_if_taken: bool = False
    ignoring: tuple[Ref, ...] = ()
    looked: bool = False
    names_client: bool = False
    client: str | None = None
    note: str | None = None


@dataclass(frozen=True, slots=True)
class Cancel:
    """Cancel a client's appointment: a status, never a deleted row."""

    ref: Ref
    key: str
    seen: str
    version: int | None = None


@dataclass(frozen=True, slots=True)
class Withdraw:
    """Take a projection of ours away: delete our block, cancel our booking."""

    ref: Ref
    key: str
    version: int | None = None


@dataclass(frozen=True, slots=True)
class Reinstate:
    """Bookly only: give a cancelled customer's booking its standing `status` back. Refused (Taken) when the time is
    no longer free. (A cancelled Square booking is final: there a new one is placed.)"""

    ref: Ref
    key: str
    seen: str
    status: str
    ignoring: tuple[Ref, ...] = ()


Write = Place | Move | Cancel | Withdraw | Reinstate


@dataclass(frozen=True, slots=True)
class Written:
    """What a side answered to a write: the appointment as it now stands (None when our block was deleted)."""

    ref: Ref
    appointment: Appointment | None
    request_id: str = ""
    overlaps: tuple[Ref, ...] = ()
