"""Outside calls as they are told, kept and counted. Nothing of what was said in them.

The names are few and stay the same, so that they can label a measurement.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal, get_args

from sync.model.appointments import Side

SquareName = Literal[
    "list locations",
    "search services",
    "get services",
    "search staff",
    "get staff",
    "list staff profiles",
    "list bookings",
    "get bookings",
    "create booking",
    "update booking",
    "cancel booking",
    "find customer",
    "get customers",
    "create customer",
    "get booking profile",
    "get token status",
    "search availability",
    "search events",
]
BooklyName = Literal["read rows", "write rows", "settle rows", "named lock"]
Name = SquareName | BooklyName

NAMES = {Side.SQUARE: frozenset(get_args(SquareName)), Side.BOOKLY: frozenset(get_args(BooklyName))}
"""Every name of a call, by side."""

Ended = Literal["ok", "refused", "lost", "unsent"]
OUTCOMES: tuple[Ended, ...] = get_args(Ended)


@dataclass(frozen=True, slots=True)
class Call:
    """One call. `at`: when it began, in UTC; `ms` until it was answered or given up. `outcome`: ok; refused (the side
    said no); lost (sent, and no whole answer); unsent (nothing left this machine). `status` is HTTP's, 0 where there is
    none; `code` the side's own word for a failure (a database's number); `request_id` the side's own id of the call."""

    side: Side
    name: Name
    at: datetime
    ms: float
    outcome: Ended
    status: int = 0
    code: str = ""
    request_id: str = ""
