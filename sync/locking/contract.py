"""What every lock backend promises: claims, leases, and the few things that can be done with them.

A lock is over an interval, not over a start: 10:00-11:00 and 10:30-11:30 of one person exclude each other, 10:00-11:00
and 11:00-12:00 do not. tests/sync/locking/contract.py holds a backend to all of it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

FOREVER = 32_503_680_000.0
"""The year 3000 in seconds since 1970: the end of a claim on a visit as a whole."""


@dataclass(frozen=True, slots=True, order=True)
class Claim:
    """A subject from `start` to `end` (seconds since 1970 in UTC, half open). The subject is "visit:NAME" or
    "staff:PERSON". Raises ValueError where the interval is not longer than nothing."""

    subject: str
    start: float = 0.0
    end: float = FOREVER

    def __post_init__(self) -> None:
        if not self.subject or not self.start < self.end:
            raise ValueError(f"a claim needs a subject and an end after its start, not {self.start} to {self.end}")

    @classmethod
    def visit(cls, name: str) -> Claim:
        """A visit as a whole, by a name that is the same for everybody who may claim it."""
        return cls(f"visit:{name}")

    @classmethod
    def span(cls, person: str, start: datetime, end: datetime) -> Claim:
        """A stretch of a person's time; `person` is the person id, the times are aware."""
        return cls(f"staff:{person}", start.timestamp(), end.timestamp())

    def meets(self, other: Claim) -> bool:
        """Whether the two exclude each other. Intervals that touch do not."""
        return self.subject == other.subject and self.start < other.end and other.start < self.end


def wish(claims: Iterable[Claim], owner: str, ttl: float) -> tuple[Claim, ...]:
    """What is asked for, each once and in order. Raises ValueError for what `Locks.acquire` does not take."""
    if not owner or ttl <= 0:
        raise ValueError("a lease needs an owner and a time to live")
    return tuple(sorted(set(claims)))


@dataclass(frozen=True, slots=True)
class Lease:
    """What the lock hands out. Times are seconds since 1970; `deadline` is on this process's monotonic clock.

    `token` is larger than that of every lease granted before it, by any process, also after a restart.
    """

    owner: str
    claims: tuple[Claim, ...]
    granted_at: float
    expires_at: float
    token: int
    deadline: float

    def left(self, clock: Callable[[], float]) -> float:
        """Seconds left by the monotonic clock (counted from before the lease was asked for); 0 when it ran out."""
        return max(0.0, self.deadline - clock())


@dataclass(frozen=True, slots=True)
class Busy:
    """Somebody holds part of what was asked for: who, until when at the latest (seconds since 1970), and what."""

    held_by: str
    until: float
    claim: Claim


class LocksUnavailable(Exception):
    """What holds the leases cannot be asked just now, so nothing may be written outside: whoever asked waits and comes
    again. `str(error)` is one plain sentence that names LOCK_URL; it holds no password. `passes`: it may be over by
    itself, as when a server does not answer; else a setting or a right has to be mended."""

    setting = "LOCK_URL"

    def __init__(self, sentence: str, *, passes: bool) -> None:
        super().__init__(sentence)
        self.passes = passes


class Locks(Protocol):
    """A lock backend. Nothing waits: what is busy is said at once, and whoever asked comes again.

    A backend whose leases are on another machine raises LocksUnavailable from `acquire` and `renew`, after two seconds
    at most for each time it has to reach it.
    """

    def acquire(self, claims: Iterable[Claim], owner: str, ttl: float) -> Lease | Busy:
        """All claims for `ttl` seconds, or none of them. Claims of one call do not exclude each other; another lease of
        the same owner does. Raises ValueError for a ttl that is not positive or an empty owner."""

    def renew(self, lease: Lease, ttl: float) -> Lease | None:
        """The same lease with `ttl` seconds from now; None when it ran out, was released or is another owner's."""

    def release(self, lease: Lease) -> bool:
        """Let go, by the owner only, and tell those who wait. False when there was nothing to let go of any more."""

    def leases(self) -> tuple[Lease, ...]:
        """Who holds what now, the oldest first; what ran out is left out."""
