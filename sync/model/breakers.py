"""How a call to a calendar fails, and the breaker that keeps a calendar from being asked while it fails."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Fault(StrEnum):
    """What kind of failure a call met.

    unreached: nothing left this machine. no_answer: the answer was lost. trouble: the side has trouble of its own.
    asked_to_wait: it asks for fewer calls. not_let_in: nobody gets in before a setting is mended. not_allowed: this
    kind of call is not allowed to us. not_shown: it was done and does not show yet. refused: any other no.
    """

    UNREACHED = "unreached"
    NO_ANSWER = "no_answer"
    TROUBLE = "trouble"
    ASKED_TO_WAIT = "asked_to_wait"
    NOT_LET_IN = "not_let_in"
    NOT_ALLOWED = "not_allowed"
    NOT_SHOWN = "not_shown"
    REFUSED = "refused"


class BreakerState(StrEnum):
    """closed: the side is asked as usual. open: it is left alone. half: one call is trying whether it answers again."""

    CLOSED = "closed"
    OPEN = "open"
    HALF = "half"


@dataclass(frozen=True, slots=True)
class Breaker:
    """One side's breaker. Times are aware datetimes in UTC.

    failures: calls that failed one after the other. opened_at: since when the side has been failing. until: when open,
    from when on a trial may be made; when half, when the trial counts as lost. reason: the sentence of the last
    failure; setting: which setting is to blame, '' for none.
    """

    state: BreakerState = BreakerState.CLOSED
    failures: int = 0
    opened_at: datetime | None = None
    until: datetime | None = None
    reason: str = ""
    setting: str = ""

    @property
    def is_closed(self) -> bool:
        """Whether the side is asked as usual."""
        return self.state is BreakerState.CLOSED


CLOSED = Breaker()
"""The breaker of a side of which nothing bad is known."""
