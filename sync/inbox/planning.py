"""What sending a dead letter again would do, looked at live: nothing is locked and nothing written."""

from __future__ import annotations

from sync.calendars import ReadFailed
from sync.converge.hinted import verdict_now
from sync.converge.house import House
from sync.converge.sighting import Seen
from sync.decide.carrying import Verdict
from sync.decide.resending import Now
from sync.inbox.dead_letters import known_of
from sync.model import End, Place, Ref, Side
from sync.store import mirror
from sync.store.connection import reading
from sync.store.hints import Hint
from sync.wording.dead_letters import BECOMES_A_QUESTION
from sync.wording.plans import changed
from sync.wording.scene import scene_of


def plan_of(house: House, letter: Hint) -> Now:
    """The present of a letter's visit. Raises nothing for a side that cannot be read: then `end` is None."""
    known = known_of(house.engine, letter)
    try:
        verdict, seen = verdict_now(house, letter.ref)
    except ReadFailed:
        return known
    writes = _written(verdict)
    return Now(
        verdict.end,
        verdict.reason,
        steps=_steps(verdict, seen),
        succeeded_since=known.succeeded_since,
        newer_there=verdict.reason == "both_changed" or _is_newer(house, letter, verdict, seen),
        mended=bool(writes),
        writes=writes,
    )


def _written(verdict: Verdict) -> tuple[Side, ...]:
    there = {step.side for step in verdict.steps if step.write is not None}
    return tuple(side for side in Side if side in there and verdict.end is not End.CONFLICT)


def _steps(verdict: Verdict, seen: Seen) -> tuple[str, ...]:
    if verdict.end is End.CONFLICT:
        return (BECOMES_A_QUESTION,)
    return (changed(verdict.steps, scene_of(seen.sight.board)),) if verdict.steps else ()


def _is_newer(house: House, letter: Hint, verdict: Verdict, seen: Seen) -> bool:
    """Whether what would be written over was changed since the letter died, or is another than we know it. A block is
    only ever put back: whatever was done to it is no news."""
    targets = _targets(verdict)
    if not targets or verdict.putting_back or letter.ended_at is None:
        return False
    with reading(house.engine) as conn:
        lately = mirror.changed_lately(conn, letter.ended_at)
    return any(ref in lately or seen.live.get(ref) != seen.known.before.get(ref) for ref in targets)


def _targets(verdict: Verdict) -> frozenset[Ref]:
    """What is there and would be changed."""
    writes = (step.write for step in verdict.steps)
    return frozenset(write.ref for write in writes if write is not None and not isinstance(write, Place))
