"""What is measured, under which name, with which labels. No label takes a value that does not stand here."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from sync.model import End, Side, Source
from sync.model.calls import NAMES, OUTCOMES

OTHER = "other"
"""What a value is called that a label does not know: a code never seen before makes no new series."""
BETWEEN = "|"
"""Between the values of several labels, as the store keeps them."""

SIDES = tuple(side.value for side in Side)
SOURCES = tuple(source.value for source in Source)
STATUSES = ("none", "2xx", "3xx", "4xx", "5xx", "401", "403", "404", "409", "429")
"""HTTP's answers by class; those that mean something of their own alone. `none` where there was no HTTP."""
ANSWERS = ("200", "400", "401", "408", "413", "429", "503")
"""What we answer to a webhook."""
HOLDS = ("held", "refused", "consumed", "lost", "released", "expired")
GUARDS = ("near_miss", "late_write_refused", "withdrawn_after_write", "put_back")


@dataclass(frozen=True, slots=True)
class Measure:
    """One thing that is measured. `labels`: each label's name with the values it takes. `says`: what it is."""

    name: str
    says: str
    labels: tuple[tuple[str, Collection[str]], ...] = ()

    def label(self, *values: str) -> str:
        """The labels' values as they are kept; one that a label does not know is `other`. Raises ValueError when
        there are not as many as labels."""
        pairs = zip(self.labels, values, strict=True)
        return BETWEEN.join(value if value in known else OTHER for (_, known), value in pairs)

    def values(self, label: str) -> tuple[str, ...]:
        """The labels' values from what is kept."""
        return tuple(label.split(BETWEEN)) if self.labels else ()


_SIDE = ("side", SIDES)
_HINT = (_SIDE, ("source", SOURCES))
_CALLS = frozenset().union(*NAMES.values())

# --- durations: sketches -------------------------------------------------------------------------------------------

HINT_WHOLE = Measure("hint_whole", "From the change at its source (else from when it was received) to the end.", _HINT)
HINT_SOURCE_DELAY = Measure("hint_source_delay", "From the change at its source to when it was received.", _HINT)
HINT_WAIT = Measure("hint_wait", "Waiting with us: before it was taken up, and between tries.", _HINT)
HINT_LOCK = Measure("hint_lock", "Getting the lock.", _HINT)
HINT_CALLS = Measure("hint_calls", "Waiting for the calendars' answers.", _HINT)
HINT_OWN = Measure("hint_own", "Our own work: the rest, of hints that were carried in one go.", _HINT)
EXPOSURE = Measure("exposure", "How long a slot taken on one side could still be booked on the other.", _HINT)
CALL_MS = Measure("call_ms", "One outside call, in milliseconds.", (_SIDE, ("name", _CALLS)))

PARTS = {
    "whole": HINT_WHOLE,
    "source_delay": HINT_SOURCE_DELAY,
    "wait": HINT_WAIT,
    "lock": HINT_LOCK,
    "calls": HINT_CALLS,
    "own": HINT_OWN,
}
"""The parts of a hint's time, in seconds, by what they are called."""

# --- counts: tallies -----------------------------------------------------------------------------------------------

CALLS = Measure("calls", "Outside calls, by how they ended.", (_SIDE, ("outcome", OUTCOMES), ("status", STATUSES)))
HINTS = Measure("hints", "Hints that ended, by how.", (_SIDE, ("end", tuple(end.value for end in End))))
DELIVERIES = Measure("deliveries", "Webhooks that came, by our answer.", (_SIDE, ("status", ANSWERS)))
LOCK_GRANTED = Measure("lock_granted", "Leases that were granted.")
LOCK_BUSY = Measure("lock_busy", "Leases that were refused because somebody else held the time.")
NEAR_MISS = Measure("near_miss", "Overlaps refused before they became double bookings.")
LATE_WRITE_REFUSED = Measure("late_write_refused", "Writes and records refused because the lease was over.")
WITHDRAWN_AFTER_WRITE = Measure("withdrawn_after_write", "Projections taken away again by the look after the write.")
PUT_BACK = Measure("put_back", "Blocks put back in Bookly that somebody had moved or deleted there.")
HELD = Measure("holds", "Holds, by what became of them.", (("state", HOLDS),))

SKETCHES = {one.name: one for one in (*PARTS.values(), EXPOSURE, CALL_MS)}
TALLIES = {
    one.name: one
    for one in (
        CALLS,
        HINTS,
        DELIVERIES,
        LOCK_GRANTED,
        LOCK_BUSY,
        NEAR_MISS,
        LATE_WRITE_REFUSED,
        WITHDRAWN_AFTER_WRITE,
        PUT_BACK,
        HELD,
    )
}


def status_label(status: int) -> str:
    """HTTP's status as its label says it."""
    exact, by_class = str(status), f"{status // 100}xx"
    return exact if exact in STATUSES else by_class if by_class in STATUSES else "none"
