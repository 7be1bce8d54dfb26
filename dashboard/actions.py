"""What a button asks for. Nothing is done here: a row is left in the store, and the worker carries it.

Every function checks the right to act once more, since a callback does not pass through the list of pages. A click
ends in one of four ways: asked, already asked, stale (what the person saw is no longer so), not allowed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine

from dashboard.current_user import Right, User
from sync.inbox import dead_letters, pausing
from sync.inbox.dead_letters import Many, Resent
from sync.inbox.waking import ring_once
from sync.model import Choice, ChoiceKind
from sync.store import audit, keeping, looks, mapping, requests, runs
from sync.store.connection import writing
from sync.store.dead_letters import Filter
from sync.store.tables import findings
from sync.store.tables import requests as asked_for
from sync.store.tables import runs as run_rows


class Answer(StrEnum):
    """What became of a click."""

    ASKED = "asked"
    ALREADY = "already"
    STALE = "stale"
    NOT_ALLOWED = "not_allowed"


@dataclass(frozen=True, slots=True)
class Wish:
    """One choice for one finding, as the person saw it: `seen` is the finding's hash at that moment."""

    finding: int
    seen: str
    choice: Choice


def settle(engine: Engine, user: User, wish: Wish, now: datetime) -> Answer:
    """Ask for a finding to be settled by a choice."""
    if not _allowed(user, Right.SETTLE):
        return Answer.NOT_ALLOWED
    with writing(engine) as conn:
        if not _still_so(conn, wish):
            return Answer.STALE
        made = requests.ask(
            conn,
            key=_key(conn, wish),
            finding=wish.finding,
            choice=wish.choice,
            seen=wish.seen,
            who=user.name,
            role=user.role,
            now=now,
        )
        return Answer.ASKED if made.fresh else Answer.ALREADY


def settle_all(engine: Engine, user: User, wishes: Sequence[Wish], now: datetime) -> tuple[Answer, int]:
    """Ask for many at once; those that changed meanwhile are left out. The number of requests made comes with it."""
    if not _allowed(user, Right.SETTLE):
        return Answer.NOT_ALLOWED, 0
    with writing(engine) as conn:
        keys = [(_key(conn, wish), wish) for wish in wishes if _still_so(conn, wish)]
        there = _known(conn, [key for key, _ in keys])
        wanted = [(key, wish.finding, wish.choice, wish.seen) for key, wish in keys if key not in there]
        if not wanted:
            return (Answer.ALREADY if keys else Answer.STALE), 0
        requests.ask_many(conn, wanted, who=user.name, role=user.role, now=now)
        return Answer.ASKED, len(wanted)


def undo(engine: Engine, user: User, request: int, now: datetime) -> Answer:
    """Ask for what a request did to be taken back."""
    if not _allowed(user, Right.SETTLE):
        return Answer.NOT_ALLOWED
    with writing(engine) as conn:
        done = requests.get(conn, request)
        if done is None or done.state not in ("done", "half") or done.choice.kind is ChoiceKind.UNDO:
            return Answer.STALE
        made = requests.ask(
            conn,
            key=_numbered(conn, f"undo:{request}"),
            finding=done.finding,
            choice=Choice(ChoiceKind.UNDO),
            seen=done.seen,
            who=user.name,
            role=user.role,
            now=now,
            undo_of=request,
        )
        return Answer.ASKED if made.fresh else Answer.ALREADY


def run_job(engine: Engine, user: User, job: str, now: datetime) -> Answer:
    """Ask for a job to run now."""
    if not _allowed(user, Right.RUN_JOBS):
        return Answer.NOT_ALLOWED
    with writing(engine) as conn:
        waits = sa.select(run_rows.c.id).where(run_rows.c.job == job, run_rows.c.state == "waiting")
        if conn.execute(waits.limit(1)).first() is not None:
            return Answer.ALREADY
        runs.ask(conn, job, user.name, now)
        return Answer.ASKED


def set_paused(engine: Engine, user: User, value: bool, now: datetime) -> Answer:
    """Pause at once, or go on."""
    if not _allowed(user, Right.PAUSE):
        return Answer.NOT_ALLOWED
    with writing(engine) as conn:
        if keeping.paused(conn) is value:
            return Answer.ALREADY
        pausing.set_paused(conn, value, user.name, now)
        audit.note(conn, who=user.name, role=user.role, what="pause" if value else "resume", now=now)
        return Answer.ASKED


def set_writes(engine: Engine, user: User, value: bool, now: datetime) -> Answer:
    """Switch writing on or off."""
    if not _allowed(user, Right.SET_UP):
        return Answer.NOT_ALLOWED
    with writing(engine) as conn:
        if bool(keeping.get(conn, keeping.WRITES, False)) is value:
            return Answer.ALREADY
        keeping.set_writes(conn, value, user.name, now)
        audit.note(conn, who=user.name, role=user.role, what="writes_on" if value else "writes_off", now=now)
        return Answer.ASKED


# --- dead letters -------------------------------------------------------------------------------------------------


def resend(engine: Engine, user: User, letter: int, now: datetime) -> tuple[Answer, Resent | None]:
    """Send one dead letter round again: its hint is kept, and the worker carries it. However often and by whomever it
    is asked for, it goes round once; what came of asking comes with it."""
    if not _allowed(user, Right.RESEND):
        return Answer.NOT_ALLOWED, None
    with writing(engine) as conn:
        done = dead_letters.resend(conn, letter, user.name, now, role=user.role)
    ring_once(engine)
    return _RESENT.get(done.word, Answer.STALE), done


_RESENT = {"sent": Answer.ASKED, "on_its_way": Answer.ALREADY}


def resend_many(engine: Engine, user: User, letters: Sequence[int], now: datetime) -> tuple[Answer, Many | None]:
    """Send round these letters, the ones that were counted before the person's eyes, the soonest visit first; what is
    on its way already or done with meanwhile is left as it is."""
    if not _allowed(user, Right.RESEND):
        return Answer.NOT_ALLOWED, None
    if not letters:
        return Answer.STALE, None
    with writing(engine) as conn:
        done = dead_letters.resend_many(conn, Filter(ids=tuple(letters)), user.name, now, role=user.role)
    ring_once(engine)
    if done.hints:
        return Answer.ASKED, done
    return (Answer.ALREADY if done.on_their_way else Answer.STALE), done


def put_away(engine: Engine, user: User, letter: int, now: datetime) -> Answer:
    """Be done with a dead letter without sending it."""
    if not _allowed(user, Right.RESEND):
        return Answer.NOT_ALLOWED
    with writing(engine) as conn:
        closed = dead_letters.put_away(conn, letter, user.name, now, role=user.role)
    return Answer.ASKED if closed else Answer.STALE


def look_at(engine: Engine, user: User, letters: Sequence[int], now: datetime) -> Answer:
    """Ask the worker to look at what sending these letters would do. Nothing is changed by it, so it needs the right
    and no name, and leaves no row in the audit."""
    if not user.may(Right.RESEND):
        return Answer.NOT_ALLOWED
    with writing(engine) as conn:
        return Answer.ASKED if looks.ask(conn, letters, now) else Answer.ALREADY


# --- keys ---------------------------------------------------------------------------------------------------------


def _allowed(user: User, right: Right) -> bool:
    return bool(user.name) and user.may(right)


def _still_so(conn: Connection, wish: Wish) -> bool:
    row = conn.execute(sa.select(findings.c.state, findings.c.seen).where(findings.c.id == wish.finding)).first()
    return row is not None and row.state == "open" and row.seen == wish.seen


def _key(conn: Connection, wish: Wish) -> str:
    """What was done may be asked for anew when a look after it found the very same again: the same block deleted twice,
    the same visit cancelled and reinstated."""
    seen_at = sa.select(findings.c.last_seen_at).where(findings.c.id == wish.finding).scalar_subquery()
    return _numbered(conn, f"settle:{wish.finding}:{wish.seen}:{wish.choice.id}", asked_for.c.ended_at < seen_at)


def _numbered(conn: Connection, fact: str, *also: sa.ColumnElement[bool]) -> str:
    """The fact, with a number once it was asked for and came to nothing or to half of it, was taken back, or is over by
    one of `also`: only then may it be asked again."""
    undone = sa.select(asked_for.c.undo_of).where(asked_for.c.undo_of.is_not(None), asked_for.c.state == "done")
    over = sa.or_(asked_for.c.state.in_(("refused", "would", "half")), asked_for.c.id.in_(undone), *also)
    same = sa.or_(asked_for.c.key == fact, asked_for.c.key.startswith(f"{fact}:", autoescape=True))
    tries = conn.execute(sa.select(sa.func.count()).select_from(asked_for).where(same, over)).scalar_one()
    return f"{fact}:{tries + 1}" if tries else fact


def _known(conn: Connection, keys: Sequence[str]) -> set[str]:
    return {key for key in keys if conn.execute(sa.select(asked_for.c.id).where(asked_for.c.key == key)).first()}


# --- who is who ---------------------------------------------------------------------------------------------------


def match(engine: Engine, user: User, staff: bool, couples: Mapping[str, str], now: datetime) -> Answer:
    """Confirm couples (Bookly's id to Square's) of staff, else of services; all of them or none."""
    if not _allowed(user, Right.SET_UP):
        return Answer.NOT_ALLOWED
    with writing(engine) as conn:
        known = mapping.staff_map(conn) if staff else mapping.service_map(conn)
        if all(known.get(bookly) == square for bookly, square in couples.items()):
            return Answer.ALREADY
        confirm = mapping.confirm_staff if staff else mapping.confirm_services
        confirm(conn, couples, user.name, now)
        _mapping_changed(conn, user, "match", couples, now)
    return Answer.ASKED


def take_apart(engine: Engine, user: User, staff: bool, bookly: str, now: datetime) -> Answer:
    """Take a confirmed couple apart."""
    if not _allowed(user, Right.SET_UP):
        return Answer.NOT_ALLOWED
    forget = mapping.forget_staff if staff else mapping.forget_service
    with writing(engine) as conn:
        if not forget(conn, bookly):
            return Answer.STALE
        _mapping_changed(conn, user, "take_apart", {bookly: ""}, now)
    return Answer.ASKED


def _mapping_changed(conn: Connection, user: User, what: str, couples: Mapping[str, str], now: datetime) -> None:
    audit.note(conn, who=user.name, role=user.role, what=what, sent=dict(couples), now=now)
    runs.ask(conn, "reconcile", user.name, now)
