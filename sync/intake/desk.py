"""Answering for a person's time: is it free, keep it while the client pays. Reads both calendars, writes to neither.

A hold is granted under a lease on the person's time, as every write is: what is read then stays true until the hold is
in the store. Neither question ever takes Bookly's named lock: the plugin asks before it takes that one itself.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Engine
from sqlalchemy.engine import Connection

from sync.calendars import CalendarReader
from sync.decide.blocked import Openings
from sync.decide.holds import obstacle, out_of_bounds, over_the_limits
from sync.intake.asked import Asked, Wanted, wanted_from
from sync.intake.looking import OpeningsReader, Seen, live_look, meets_blocked_time, openings_of
from sync.locking.contract import Busy, Claim, Lease, Locks
from sync.locking.fencing import Superseded, refuse_if_superseded
from sync.model import Board, Side
from sync.model.holds import NEAR_MISSES, Hold, Refusal
from sync.store import freshness, holds, ledger
from sync.store.board import load_board
from sync.store.connection import reading, writing
from sync.telemetry import names
from sync.telemetry.running import current

FRESH = 60.0
"""Up to how many seconds of age the mirror answers for both sides."""

ASKED_AGAIN = 2
"""How often a busy lease is asked for once more: a neighbour's write is over in a second or two, a client waits."""

BETWEEN = 0.15


def pause_a_moment() -> None:
    time.sleep(BETWEEN)


@dataclass(frozen=True, slots=True)
class HoldDesk:
    """What the questions need. `owner` names this process in leases. `age` gives how many seconds
    old the mirror is of what stands before a time, None while that is not known; `pause` is waited between two tries
    for a busy lease."""

    engine: Engine
    locks: Locks
    readers: Mapping[Side, CalendarReader]
    openings: OpeningsReader
    owner: str
    lease_seconds: float
    clock: Callable[[], datetime]
    age: Callable[[Connection, datetime, datetime], float | None]
    pause: Callable[[], None] = pause_a_moment


@dataclass(frozen=True, slots=True)
class Availability:
    """Whether a time is free: `refusal` is None when it is. `age` is how old the look at the calendars is, in seconds;
    `live` says that they were asked just now."""

    refusal: Refusal | None
    age: float
    live: bool


def mirror_age(conn: Connection, now: datetime, ahead: datetime) -> float | None:
    """Seconds since the mirror was known to show all that stands before `ahead` (UTC) on both sides; None while a side
    was never read, or cannot be."""
    shown = [freshness.shown_until(conn, side, ahead) for side in Side]
    known = [(now - at).total_seconds() for at in shown if at is not None]
    return max(known) if len(known) == len(Side) else None


# --- is it free -----------------------------------------------------------------------------------------------------


def ask_availability(desk: HoldDesk, asked: Asked) -> Availability:
    """Whether a client could have that time: by leases, holds and the mirror while that is fresh, else by asking both
    calendars. Raises NotUnderstood, and ReadFailed when a calendar had to be asked and did not answer."""
    now = desk.clock()
    with reading(desk.engine) as conn:
        wanted = wanted_from(conn, asked, now)
        age = desk.age(conn, now, wanted.span.busy_end)
        board = load_board(conn, now, wanted.span.busy_start, wanted.span.busy_end, ())
        refusal = out_of_bounds(wanted.wish, now) or _obstacle(conn, board, wanted, now)
    if age is not None and age < FRESH:
        return Availability(refusal or _leased(desk, wanted), max(0.0, age), live=False)
    if refusal in (Refusal.PAST, Refusal.TOO_FAR):
        return Availability(refusal, 0.0, live=True)
    return Availability(_refused_live(desk, wanted) or _leased(desk, wanted), 0.0, live=True)


def _refused_live(desk: HoldDesk, wanted: Wanted) -> Refusal | None:
    now = desk.clock()
    openings = openings_of(desk.openings, wanted, now)
    seen = live_look(desk.engine, desk.readers, wanted, now)
    with reading(desk.engine) as conn:
        refusal = _obstacle(conn, seen.board, wanted, desk.clock())
    return refusal or _blocked(wanted, openings, seen, now)


def _leased(desk: HoldDesk, wanted: Wanted) -> Refusal | None:
    """Whether somebody is just writing there."""
    mine = _claim(wanted)
    held = (claim for lease in desk.locks.leases() for claim in lease.claims)
    return Refusal.BEING_BOOKED if any(mine.meets(claim) for claim in held) else None


# --- keep it --------------------------------------------------------------------------------------------------------


def ask_hold(desk: HoldDesk, asked: Asked) -> Hold | Refusal:
    """Hold that time for the client, or say why not. A request that repeats itself is answered with the hold it made.

    Both calendars are always asked, under a lease on the person's time; nothing is granted when one does not answer.
    What Square offers is asked under it too, though no lock of ours keeps staff from blocking time there: of fifty who
    want one minute only the one who holds it asks. Should all this outlast the lease, the fence refuses the grant.
    Raises NotUnderstood and ReadFailed.
    """
    now = desk.clock()
    with reading(desk.engine) as conn:
        wanted = wanted_from(conn, asked, now)
        mine = next((h for h in holds.of_client(conn, asked.client, now) if wanted.wish.repeats(h)), None)
        board = load_board(conn, now, wanted.span.busy_start, wanted.span.busy_end, ())
        refusal = _refused_at_once(conn, board, wanted, now)
    if mine is not None:
        return mine
    found = refusal or _under_lease(desk, wanted, asked.stay)
    if isinstance(found, Refusal):
        current().count(names.HELD, "refused")
        if found in NEAR_MISSES:
            _note(desk, wanted)
    return found


def _refused_at_once(conn: Connection, board: Board, wanted: Wanted, now: datetime) -> Refusal | None:
    """What needs no calendar to be asked: the limits, and other clients' holds. What the mirror says of visits may be
    out of date, and is asked afresh."""
    refusal = out_of_bounds(wanted.wish, now) or _too_many(conn, wanted, now)
    held = _obstacle(conn, board, wanted, now)
    return refusal or (Refusal.HELD if held is Refusal.HELD else None)


def _under_lease(desk: HoldDesk, wanted: Wanted, stay: timedelta) -> Hold | Refusal:
    lease = _lease(desk, wanted)
    if lease is None:
        return Refusal.BEING_BOOKED
    try:
        openings = openings_of(desk.openings, wanted, desk.clock())
        seen = live_look(desk.engine, desk.readers, wanted, desk.clock())
        blocked = _blocked(wanted, openings, seen, desk.clock())
        with writing(desk.engine) as conn:
            refuse_if_superseded(conn, lease)
            return _granted(conn, seen, wanted, blocked, stay, desk.clock())
    except Superseded:
        return Refusal.BEING_BOOKED
    finally:
        desk.locks.release(lease)


def _lease(desk: HoldDesk, wanted: Wanted) -> Lease | None:
    for left in range(ASKED_AGAIN, -1, -1):
        answer = desk.locks.acquire([_claim(wanted)], desk.owner, desk.lease_seconds)
        current().count(names.LOCK_BUSY if isinstance(answer, Busy) else names.LOCK_GRANTED)
        if not isinstance(answer, Busy):
            return answer
        if left:
            desk.pause()
    return None


def _granted(
    conn: Connection, seen: Seen, wanted: Wanted, blocked: Refusal | None, stay: timedelta, now: datetime
) -> Hold | Refusal:
    """The last word, in the transaction that writes the hold."""
    holds.expire(conn, now)
    refusal = out_of_bounds(wanted.wish, now) or _too_many(conn, wanted, now)
    refusal = refusal or _obstacle(conn, seen.board, wanted, now) or blocked
    if refusal is not None:
        return refusal
    for hold in holds.of_client(conn, wanted.wish.client, now):
        if wanted.wish.is_in_place_of(hold):
            holds.release(conn, hold.id, now, holds.REPLACED)
    return holds.make(conn, wanted.span, wanted.wish.client, now, stay)


# --- both -----------------------------------------------------------------------------------------------------------


def _obstacle(conn: Connection, board: Board, wanted: Wanted, now: datetime) -> Refusal | None:
    return obstacle(board, wanted.wish, holds.meeting(conn, [wanted.span], now))


def _too_many(conn: Connection, wanted: Wanted, now: datetime) -> Refusal | None:
    mine = holds.of_client(conn, wanted.wish.client, now)
    going = sum(wanted.wish.is_in_place_of(hold) for hold in mine)
    return over_the_limits(len(mine) - going, holds.open_in_all(conn, now) - going)


def _blocked(wanted: Wanted, openings: Openings | None, seen: Seen, now: datetime) -> Refusal | None:
    return Refusal.BLOCKED if meets_blocked_time(wanted, openings, seen, now) else None


def _claim(wanted: Wanted) -> Claim:
    return Claim.span(wanted.person.id, wanted.span.busy_start, wanted.span.busy_end)


def _note(desk: HoldDesk, wanted: Wanted) -> None:
    with writing(desk.engine) as conn:
        ledger.note(conn, ledger.NEAR_MISS, desk.clock(), person=wanted.person.id, start=wanted.span.start)
