"""What a request is told that has to go back and be tried again."""

from __future__ import annotations

from dataclasses import dataclass

from sync.calendars import CalendarError, SideDown
from sync.decide.retry import LONGEST_ASKED, Wait

SOON = 0.2
"""Seconds until whoever waits for somebody else looks again."""
LATER = 5.0
"""Seconds until whoever waits for writing to go on looks again."""


@dataclass(frozen=True, slots=True)
class Waiting:
    """The request or hint goes back and is tried again. `attempt` is False for waits that are nobody's fault (a busy
    lease). `reason` is a stable word, by which those that wait for one thing are woken together."""

    sentence: str
    attempt: bool
    seconds: float = 1.0
    reason: str = ""


def not_now(error: CalendarError) -> Waiting | None:
    """The wait of what has not failed: the side is left alone, asks us to come again later, or is in the middle of
    something. None for a failure."""
    if isinstance(error, SideDown):
        return Waiting(str(error), attempt=False, seconds=max(error.retry_after or 0.0, SOON), reason=Wait.BREAKER)
    if error.waiting:
        return Waiting(str(error), attempt=False, reason=error.fault)
    if error.retry_after is not None and not error.permanent:
        asked = min(error.retry_after, LONGEST_ASKED)
        return Waiting(str(error), attempt=False, seconds=asked, reason=Wait.ASKED_TO_WAIT)
    return None


BUSY = Waiting("Somebody is changing the same visits right now.", attempt=False, seconds=SOON, reason=Wait.BUSY)
WRITING_OFF = Waiting(
    "Nothing is written now, and whether an earlier try went through shows only when writing goes on.",
    attempt=False,
    seconds=LATER,
    reason="paused",
)
KEPT_CHANGING = Waiting("The visits kept changing while we looked at them.", attempt=False, reason="kept_changing")
UNSETTLED = Waiting(
    "Something was begun for the visit whose end is not known; that is settled first.",
    attempt=False,
    seconds=0.0,
    reason=Wait.UNSETTLED,
)
