"""The breaker of a side: when it is left alone, for how long, and what lets it be asked again. Pure.

closed -> open after five failures in a row, at once where the side asks to wait or lets nobody in; open -> half with
one trial call when its time is over; half -> closed when that call is answered, half -> open for longer when it fails.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import Enum

from sync.model import CLOSED, Breaker, BreakerState, Fault

OPENS_AFTER = 5
"""Failures in a row after which a side is left alone."""
SHORTEST, LONGEST = timedelta(seconds=5), timedelta(seconds=60)
"""How long a side is left alone at first, and at most; each trial that fails doubles it."""
SLOWLY = timedelta(seconds=60)
"""How often a side is tried that lets nobody in until a person mends a setting."""
LONGEST_ASKED = timedelta(hours=1)
"""A Retry-After beyond an hour is taken for an hour."""
TRIAL_LASTS = timedelta(seconds=30)
"""A trial that nobody heard of again by then is lost with its process, and another may be made."""

TRANSIENT = frozenset({Fault.UNREACHED, Fault.NO_ANSWER, Fault.TROUBLE, Fault.ASKED_TO_WAIT})
"""What counts as a failure of the side itself; any other answer shows that it is there."""


class Leave(Enum):
    """What a call to a side is told: go, wait, or make the one trial (if it can be had)."""

    GO = "go"
    TRY = "try"
    WAIT = "wait"


@dataclass(frozen=True, slots=True)
class Failure:
    """A failed call, as far as a breaker asks. `shuts`: nobody is let in before `setting` is mended. retry_after: what
    the side asked us to wait, in seconds."""

    fault: Fault
    sentence: str = ""
    setting: str = ""
    retry_after: float | None = None
    shuts: bool = False

    @property
    def counts(self) -> bool:
        """Whether the side itself failed, and did not merely say no."""
        return self.shuts or self.fault in TRANSIENT


def leave(breaker: Breaker, now: datetime) -> Leave:
    """May the side be asked at this moment?"""
    if breaker.is_closed:
        return Leave.GO
    return Leave.WAIT if breaker.until is not None and now < breaker.until else Leave.TRY


def seconds_left(breaker: Breaker, now: datetime) -> float:
    """Until the side may be tried again; 0 when it may be by now."""
    if breaker.is_closed or breaker.until is None:
        return 0.0
    return max(0.0, (breaker.until - now).total_seconds())


def tried(breaker: Breaker, now: datetime) -> Breaker:
    """The one trial is claimed where it is time for it; else all stays as it is."""
    if leave(breaker, now) is not Leave.TRY:
        return breaker
    return replace(breaker, state=BreakerState.HALF, until=now + TRIAL_LASTS)


def answered(breaker: Breaker, *, trial: bool) -> Breaker:
    """After a call that the side answered. Only the trial closes: any other began before the side was left alone."""
    return CLOSED if trial or breaker.is_closed else breaker


def failed(breaker: Breaker, failure: Failure, now: datetime, *, trial: bool) -> Breaker:
    """After a call that failed."""
    if not failure.counts:
        return answered(breaker, trial=trial)
    if failure.shuts:
        return _opened(breaker, failure, now, SLOWLY)
    if failure.retry_after is not None or failure.fault is Fault.ASKED_TO_WAIT:
        return _opened(breaker, failure, now, _asked(breaker, failure))
    if trial:
        breaker = replace(breaker, failures=max(breaker.failures, OPENS_AFTER))
    elif not breaker.is_closed:
        return breaker
    if breaker.failures + 1 < OPENS_AFTER:
        return replace(breaker, failures=breaker.failures + 1)
    return _opened(breaker, failure, now, _doubled(SHORTEST, breaker.failures + 1 - OPENS_AFTER))


def _opened(breaker: Breaker, failure: Failure, now: datetime, lasting: timedelta) -> Breaker:
    until = now + lasting
    if breaker.state is BreakerState.OPEN and breaker.until is not None:
        until = max(until, breaker.until)
    return Breaker(
        BreakerState.OPEN,
        breaker.failures + 1,
        breaker.opened_at or now,
        until,
        failure.sentence,
        failure.setting if failure.shuts else "",
    )


def _asked(breaker: Breaker, failure: Failure) -> timedelta:
    """What the side asked for; where it named no time, a second that doubles with each failure."""
    if failure.retry_after is None:
        return _doubled(timedelta(seconds=1), breaker.failures)
    asked = timedelta(seconds=min(max(failure.retry_after, 0.0), LONGEST_ASKED.total_seconds()))
    return max(asked, timedelta(seconds=1))


def _doubled(first: timedelta, times: int) -> timedelta:
    return min(LONGEST, first * (1 << min(max(0, times), 10)))
