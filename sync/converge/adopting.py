"""A stranger that is ours: a block or booking in no visit, known again by our mark or by what we were about to send."""

from __future__ import annotations

from dataclasses import replace

from sync.calendars.marks import installation_of
from sync.converge.house import House
from sync.converge.sighting import Seen
from sync.converge.waiting import SOON, Waiting
from sync.decide.retry import Wait
from sync.model import Appointment, Pair, Place, Side, Standing
from sync.model.stored import step_from
from sync.store import intents, keeping, pairs
from sync.store.connection import reading, writing
from sync.store.intents import Intent

AGAIN = Waiting(
    "It is one of ours that was not known yet; looking again.", attempt=False, seconds=SOON, reason=Wait.OURS
)


def meant_for(house: House, seen: Seen) -> Intent | None:
    """The intent by which this block or booking was made, where it is in no visit yet; None for everybody else's."""
    live = seen.live.get(seen.sight.ref)
    if seen.pair is not None or live is None:
        return None
    with reading(house.engine) as conn:
        if live.mark is not None and installation_of(live.mark) not in keeping.installations(conn):
            return None
        marked = intents.by_mark(conn, [live.mark]).get(live.mark) if live.mark else None
        return marked or next((one for one in intents.all_open(conn) if _is_meant(one, live)), None)


def adopt(house: House, intent: Intent, live: Appointment) -> Waiting | None:
    """Let it join the visit that it was made for, when its intent was taken for lost: it arrived after all. What was
    written down since we looked is looked at again."""
    with reading(house.engine) as conn:
        if pairs.visit_of(conn, live.ref) is not None:
            return AGAIN
    if intent.visit is None or not live.stands:
        return None
    with writing(house.engine) as conn:
        pair = next(iter(pairs.of_visit(conn, intent.visit)), None)
        if pair is None:  # a person took that visit apart
            return None
        if pairs.visit_of(conn, live.ref) is None:
            pairs.add_partner(conn, pair.visit, live.ref, _agreed(pair, intent, live), house.now())
    return AGAIN


def _agreed(pair: Pair, intent: Intent, live: Appointment) -> Appointment | None:
    """What is agreed of it: that it stands, unless the visit was cancelled by agreement. Then that it stands is news: a
    block of ours that is too many, or a booking that somebody made of our cancelled one. Of one that may be ours nobody
    can say (None)."""
    if pair.owner is live.ref.side or not _is_cancelled(pair):
        return live
    copied = intent.ref is not None and intent.ref != live.ref
    return replace(live, standing=Standing.CANCELLED) if copied or live.ref.side is Side.BOOKLY else None


def _is_cancelled(pair: Pair) -> bool:
    """Whether its owner's side showed it as cancelled when all was last agreed."""
    then = [partner.agreed for partner in pair.current(pair.owner)]
    return bool(then) and all(a is not None and a.standing is Standing.CANCELLED for a in then)


def _is_meant(intent: Intent, live: Appointment) -> bool:
    """Whether an open intent is about to put there what now stands there."""
    write = step_from(intent.write).write
    if not isinstance(write, Place) or write.side is not live.ref.side:
        return False
    wanted = sorted((part.staff, part.start) for part in write.parts)
    return wanted == sorted((part.span.staff, part.span.start) for part in live.parts)
