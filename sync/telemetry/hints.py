"""What an ended hint says about where its time went (DESIGN, section 7)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sync.model import End
from sync.store.hints import Hint
from sync.telemetry import names
from sync.telemetry.collecting import Telemetry


@dataclass(frozen=True, slots=True)
class Parts:
    """Where the time of a hint went, in seconds. None: not known.

    whole: from the change at its source, else from when it was received. source_delay: until it was received, where the
    source says when it changed. wait: until it was taken up; for one that was put back in between also the time that
    lies between its tries, which cannot be told from our own work there. own: the rest, where it was carried in one go.
    exposure: as whole, for one that was carried across.
    """

    whole: float
    source_delay: float | None
    wait: float
    lock: float
    calls: float
    own: float | None
    exposure: float | None


def parts(hint: Hint) -> Parts | None:
    """Where its time went; None when it has not ended. Clocks that disagree make no negative time."""
    if hint.ended_at is None:
        return None
    started = hint.started_at or hint.ended_at
    lock, calls = hint.lock_ms / 1000, hint.call_ms / 1000
    rest = max(0.0, _between(started, hint.ended_at) - lock - calls)
    in_one_go = not hint.attempts and not hint.waits
    whole = _between(hint.changed_at or hint.received_at, hint.ended_at)
    return Parts(
        whole=whole,
        source_delay=None if hint.changed_at is None else _between(hint.changed_at, hint.received_at),
        wait=_between(hint.received_at, started) + (0.0 if in_one_go else rest),
        lock=lock,
        calls=calls,
        own=rest if in_one_go else None,
        exposure=whole if hint.state == End.APPLIED else None,
    )


def _between(begin: datetime, end: datetime) -> float:
    return max(0.0, (end - begin).total_seconds())


def told_hint(telemetry: Telemetry, hint: Hint) -> None:
    """Measure an ended hint: each part of its time that is known, its exposure, and how it ended. One that has not
    ended is passed over."""
    found = parts(hint)
    if found is None:
        return
    labels = hint.ref.side.value, hint.source.value
    for name, measure in {**names.PARTS, "exposure": names.EXPOSURE}.items():
        value = getattr(found, name)
        if value is not None:
            telemetry.took(measure, value, *labels)
    telemetry.count(names.HINTS, hint.ref.side, hint.state)
