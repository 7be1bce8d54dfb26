"""When a hint is tried again: after which pause, or never by itself. Pure: chance is given, in [0, 1)."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from sync.model import Fault

TRIES = 4
"""A hint is tried now and after 1, 2 and 4 seconds; then it is a dead letter."""
JITTER = 0.2
"""A pause is shorter or longer by up to this share, so that what failed together does not come back together."""
LONGEST_ASKED = 3600.0
"""A Retry-After beyond an hour is taken for an hour."""
SPREAD, MOST_SPREAD = 0.1, 10.0
"""What is asked for is a floor, so it is only made longer: by up to this share, and by seconds at most."""
WORKER_DIED = "worker_died"
"""The reason of a hint under which one worker after the other has died."""
PASSING = frozenset({Fault.UNREACHED, Fault.NO_ANSWER, Fault.TROUBLE, Fault.ASKED_TO_WAIT, Fault.NOT_SHOWN, "stopped"})
"""The reasons of failed tries that may pass by themselves; stopped: something unforeseen in us."""


class Wait(StrEnum):
    """Why a hint waits though nothing failed. No wait is an attempt.

    busy: somebody else holds the visit or the chair. unsettled: something begun for the visit has no known end yet.
    ours: it is one of ours that is only being written down. breaker: a side is left alone. asked_to_wait: a side said
    Retry-After. half_written: Bookly is in the middle of writing the row. not_shown_yet: the side does not show the
    version yet that the hint names. paused: nothing is written just now.
    """

    BUSY = "busy"
    UNSETTLED = "unsettled"
    OURS = "ours"
    BREAKER = "breaker"
    ASKED_TO_WAIT = "asked_to_wait"
    HALF_WRITTEN = "half_written"
    NOT_SHOWN_YET = "not_shown_yet"
    PAUSED = "paused"


PAUSES: dict[str, tuple[float, float]] = {
    Wait.BUSY: (0.2, 2.0),
    Wait.UNSETTLED: (0.2, 2.0),
    Wait.OURS: (0.2, 2.0),
    Wait.BREAKER: (0.2, 0.2),
    Wait.ASKED_TO_WAIT: (1.0, 1.0),
    Wait.HALF_WRITTEN: (1.0, 1.0),
    Wait.NOT_SHOWN_YET: (1.0, 60.0),
    Wait.PAUSED: (5.0, 60.0),
}
"""The first pause and the longest, in seconds; each wait for the same thing doubles it. Where a side said when, that is
what counts."""
FOR_EACH_OTHER = frozenset({Wait.BUSY, Wait.UNSETTLED, Wait.OURS})
"""The reasons of hints that wait for another one, or for a click: they look again as soon as one was put away."""
ANY_OTHER = (1.0, 60.0)
"""The pauses of any other wait."""


@dataclass(frozen=True, slots=True)
class Failed:
    """What is known of a failed try. `reason`: a stable word (`sync.model.Fault`, or one of the engine's own).

    permanent: trying again cannot help. retry_after: what the side asked us to wait, in seconds.
    """

    reason: str
    permanent: bool = False
    retry_after: float | None = None


@dataclass(frozen=True, slots=True)
class Again:
    """Back into the inbox, due in so many seconds. `attempt` is False for a wait that is nobody's fault."""

    seconds: float
    reason: str
    attempt: bool


@dataclass(frozen=True, slots=True)
class Bury:
    """A dead letter. `permanent`: it waits for a person; else it is sent round again when the sides are well."""

    permanent: bool
    reason: str


def after_failure(attempts: int, failed: Failed, chance: float, waits: int = 0) -> Again | Bury:
    """What becomes of a hint whose try failed. `attempts`: how many had failed before this one; `waits`: how often it
    has waited."""
    if failed.permanent:
        return Bury(True, failed.reason)
    if failed.retry_after is not None:
        return waiting(Wait.ASKED_TO_WAIT, waits, chance, at_least=failed.retry_after)
    if attempts + 1 >= TRIES:
        return Bury(False, failed.reason)
    return Again(_shaken(2.0 ** max(0, attempts), chance), failed.reason, attempt=True)


def waiting(why: str, waits: int, chance: float, *, at_least: float = 0.0) -> Again:
    """The pause of a hint that has to wait, after it has waited for the same `waits` times in a row. `why`: a Wait, or
    another word of the engine's. `at_least`: when it may be tried again at the earliest, in seconds from now."""
    first, longest = PAUSES.get(why, ANY_OTHER)
    own = _shaken(min(longest, first * 2.0 ** min(max(0, waits), 16)), chance)
    floor = min(max(0.0, at_least), LONGEST_ASKED)
    return Again(max(own, floor + chance * min(SPREAD * floor, MOST_SPREAD)), why, attempt=False)


def worn_out(attempts: int, reason: str) -> Bury | None:
    """What becomes of a hint before it is tried. One whose every try took its worker down is for a person; one that had
    failed by what may pass before a worker died is buried as that. `reason`: why it waited last."""
    if attempts < TRIES:
        return None
    return Bury(False, reason) if reason in PASSING else Bury(True, WORKER_DIED)


def _shaken(seconds: float, chance: float) -> float:
    return seconds * (1.0 - JITTER + 2.0 * JITTER * chance)
