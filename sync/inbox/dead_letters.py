"""Sending dead letters again: by a person, one or many, and by the machine when the sides are well.

A resend puts a new hint into the inbox, which takes the one road: the present decides what is done. All functions that
change something need a `writing` connection; ring the bell after the commit. `now` is an aware datetime in UTC.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, Engine

from sync.decide.resending import Now, lies_for
from sync.model import End, Source, plain
from sync.store import audit, breakers, dead_letters, hints
from sync.store.connection import reading
from sync.store.dead_letters import Filter, matching, on_its_way
from sync.store.hints import Hint

RESENT = "dead letter resent"
MANY_RESENT = "dead letters resent"
PUT_AWAY = "dead letter put away"
"""What the audit says."""

AT_ONCE = 100
"""So many the machine sends round in one go, soonest visit first."""
APART = timedelta(seconds=0.2)
"""They come due one after the other, so that a calendar that has just come back is not run down."""

ENDED_WELL = (End.APPLIED.value, End.ALREADY_TRUE.value)


@dataclass(frozen=True, slots=True)
class Resent:
    """What came of asking for one. word: sent, on_its_way (asked for already), done_with (no open dead letter any
    more), unknown (there is no such hint). hint: the number of the hint that goes round; by: who asked for it."""

    letter: int
    word: str
    hint: int | None = None
    by: str = ""


@dataclass(frozen=True, slots=True)
class Many:
    """What came of asking for many: the new hints in the order of their visits, and how many were on their way."""

    hints: tuple[int, ...]
    on_their_way: int


def resend(conn: Connection, hint_id: int, who: str, now: datetime, *, role: str = "developer") -> Resent:
    """Send a dead letter round again, once however often and by whomever it is asked for."""
    letter = hints.get(conn, hint_id)
    if letter is None:
        return Resent(hint_id, "unknown")
    resent = _put(conn, letter, who, now)
    if resent.word == "sent":
        sent = {"hint": resent.hint, "letter": letter.id, "appointment": str(letter.ref)}
        audit.note(conn, who=who, role=role, what=RESENT, now=now, stood=_stood(letter), sent=sent)
    return resent


def resend_many(conn: Connection, wanted: Filter, who: str, now: datetime, *, role: str = "developer") -> Many:
    """Send round all that match, the soonest visit first; what is on its way already stays one."""
    asked = [_put(conn, letter, who, now) for letter in matching(conn, wanted, now)]
    sent = [one for one in asked if one.word == "sent" and one.hint is not None]
    numbers = tuple(one.hint for one in sent if one.hint is not None)
    if sent:
        told = {"hints": list(numbers), "letters": [one.letter for one in sent], "filter": plain(wanted)}
        audit.note(conn, who=who, role=role, what=MANY_RESENT, now=now, sent=told)
    return Many(numbers, len(asked) - len(sent))


def put_away(conn: Connection, hint_id: int, who: str, now: datetime, *, role: str = "developer") -> bool:
    """A person is done with a dead letter without sending it. False when it is none (any more)."""
    letter = hints.get(conn, hint_id)
    if letter is None or not dead_letters.close(conn, letter, "put_away", now):
        return False
    audit.note(conn, who=who, role=role, what=PUT_AWAY, now=now, stood=_stood(letter))
    return True


def redrive(conn: Connection, now: datetime, *, most: int = AT_ONCE) -> int:
    """Send the transient dead letters round again, soonest visit first; returns how many. None while a side is left
    alone. A letter that dies again lies longer each time; what ended in a question for a person waits for that."""
    if not breakers.all_closed(conn):
        return 0
    letters = matching(conn, Filter(permanent=False), now)
    times = dead_letters.redriven_lately(conn, [letter.ref for letter in letters], now)
    due = (one for one in letters if _may_go(conn, one, times.get(one.ref, 0), now))
    sent = 0
    for letter in due:
        hints.put(conn, letter.ref, Source.REDRIVE, now, version=letter.version, due_at=now + sent * APART)
        sent += 1
        if sent == most:
            break
    return sent


def known_of(engine: Engine, letter: Hint) -> Now:
    """What the store alone knows of the present: whether something later of the same visit ended well. Nothing is read
    from a calendar."""
    with reading(engine) as conn:
        later = dead_letters.since(conn, letter)
    return Now(succeeded_since=any(hint.state in ENDED_WELL for hint in later))


def _may_go(conn: Connection, letter: Hint, times: int, now: datetime) -> bool:
    """It has lain long enough, and nothing that came after it is on its way or has ended: then that one counts."""
    if letter.ended_at is None or now < letter.ended_at + lies_for(times):
        return False
    return not [hint for hint in dead_letters.since(conn, letter) if hint.ref == letter.ref]


def _put(conn: Connection, letter: Hint, who: str, now: datetime) -> Resent:
    there = on_its_way(conn, letter.ref)
    if there is not None and there.asked_by:
        return Resent(letter.id, "on_its_way", there.id, there.asked_by)
    if letter.state != End.DEAD.value or letter.closed_at is not None:
        return Resent(letter.id, "done_with")
    number = hints.put(conn, letter.ref, Source.RESEND, now, version=letter.version, due_at=now, asked_by=who)
    return Resent(letter.id, "sent", number, who)


def _stood(letter: Hint) -> dict[str, object]:
    """The letter as it lay, without what a calendar said of a client."""
    return {"letter": letter.id, "reason": letter.reason, "permanent": letter.permanent, "attempts": letter.attempts}
