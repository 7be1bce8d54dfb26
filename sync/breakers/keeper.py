"""The breakers of one process: what it knows itself counts at once, what the others know is looked at once a second."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from sqlalchemy import Engine

from sync.decide.breaker import Failure, Leave, answered, failed, leave, seconds_left, tried
from sync.decide.retry import Wait
from sync.logs import say
from sync.model import CLOSED, Breaker, Side
from sync.store import breakers, hints, runs
from sync.store.connection import reading, writing
from sync.store.trouble import StoreProblem

LOOK_EVERY = timedelta(seconds=1)
"""How old what is known of other processes' breakers may be."""
REDRIVE = "redrive"
"""The job that sends dead letters round again; asked for when a side answers again."""
ASKED_BY = "the breaker"

Transition = Callable[[Breaker], Breaker]


@dataclass(frozen=True, slots=True)
class Permit:
    """The side may be asked. `trial`: this is the one call that tries whether it answers again."""

    trial: bool = False


@dataclass(frozen=True, slots=True)
class Kept:
    """The side is left alone for so many seconds more, and why."""

    seconds: float
    reason: str
    setting: str


@dataclass(slots=True)
class _Side:
    """What this process knows of one side. `unsaved`: the store could not be told yet."""

    breaker: Breaker = CLOSED
    looked_at: datetime | None = None
    unsaved: bool = False
    lock: threading.Lock = field(default_factory=threading.Lock)


def _quiet() -> None:
    """Nobody waits for it."""


class Breakers:
    """One for each process and store; safe for several threads. `clock` gives the time in UTC; `ring` is called after a
    side was found well again and what waits for it was woken.

    A store that cannot be used just now is no reason to hold up a calendar: this process then goes on by what it knows.
    """

    def __init__(self, engine: Engine, clock: Callable[[], datetime], ring: Callable[[], object] = _quiet) -> None:
        self._engine = engine
        self._clock = clock
        self._ring = ring
        self._sides = {side: _Side() for side in Side}

    def ask(self, side: Side) -> Permit | Kept:
        """May this side be called now? Whoever is given a Permit tells afterwards how it went."""
        known = self._sides[side]
        with known.lock:
            self._look(side, known)
            verdict = leave(known.breaker, self._clock())
            if verdict is Leave.TRY:
                return self._claim(side, known)
            return Permit() if verdict is Leave.GO else self._kept(known.breaker)

    def answered(self, side: Side, permit: Permit) -> None:
        """The side answered, be it with a no."""
        known = self._sides[side]
        if not permit.trial and known.breaker == CLOSED:
            return
        with known.lock:
            self._turn(side, known, lambda breaker: answered(breaker, trial=permit.trial))

    def failed(self, side: Side, permit: Permit, failure: Failure) -> None:
        """The side did not answer, or lets nobody in."""
        known, now = self._sides[side], self._clock()
        with known.lock:
            self._turn(side, known, lambda breaker: failed(breaker, failure, now, trial=permit.trial))

    def now(self, side: Side) -> Breaker:
        """The side's breaker as this process knows it, at most a second old."""
        known = self._sides[side]
        with known.lock:
            self._look(side, known)
            return known.breaker

    def waiting_for(self) -> tuple[Wait, ...]:
        """The reason whose hints need not be taken up now, as `hints.claim(but=...)` takes it: a side is left alone and
        its trial is not due. Empty when all may be tried."""
        verdicts = [leave(self.now(side), self._clock()) for side in Side]
        return (Wait.BREAKER,) if Leave.WAIT in verdicts and Leave.TRY not in verdicts else ()

    def _look(self, side: Side, known: _Side) -> None:
        now = self._clock()
        if known.looked_at is not None and abs(now - known.looked_at) < LOOK_EVERY:
            return
        known.looked_at = now
        if known.unsaved:
            self._save(side, known, known.breaker, lambda _: known.breaker)
            return
        try:
            with reading(self._engine) as conn:
                kept = breakers.load(conn, side)
        except StoreProblem:
            _say_store_away(side, "not_looked_at")
            return
        if not (kept.is_closed and known.breaker.is_closed):
            known.breaker = kept

    def _claim(self, side: Side, known: _Side) -> Permit | Kept:
        now = self._clock()
        try:
            with writing(self._engine) as conn:
                before, known.breaker = breakers.change(conn, side, lambda kept: tried(kept, now), now)
        except StoreProblem:
            _say_store_away(side, "trial_not_claimed")
            return replace(self._kept(known.breaker), seconds=LOOK_EVERY.total_seconds())
        if known.breaker != before:
            _say(side, known.breaker)
            return Permit(trial=True)
        return Permit() if known.breaker.is_closed else self._kept(known.breaker)

    def _kept(self, breaker: Breaker) -> Kept:
        return Kept(seconds_left(breaker, self._clock()), breaker.reason, breaker.setting)

    def _turn(self, side: Side, known: _Side, transition: Transition) -> None:
        """Apply a transition. Failures that are only counted stay in this process; a change of state is told to all."""
        before = known.breaker
        after = transition(before)
        if before.is_closed and after.is_closed:
            known.breaker = after
        elif after != before:
            self._save(side, known, after, lambda kept: transition(before if kept.is_closed else kept))

    def _save(self, side: Side, known: _Side, wanted: Breaker, transition: Transition) -> None:
        now = self._clock()
        try:
            with writing(self._engine) as conn:
                before, known.breaker = breakers.change(conn, side, transition, now)
                well = known.breaker.is_closed and not before.is_closed
                if well:
                    hints.wake(conn, now, Wait.BREAKER)
                    runs.ask(conn, REDRIVE, ASKED_BY, now)
        except StoreProblem:
            _say_store_away(side, "not_kept")
            known.breaker, known.unsaved = wanted, True
            return
        known.unsaved = False
        _say(side, known.breaker)
        if well:
            self._ring()


def _say(side: Side, breaker: Breaker) -> None:
    """One line for a state that it turned to."""
    say("breaker", side=side.value, outcome=breaker.state.value, counts={"failures": breaker.failures})


def _say_store_away(side: Side, what: str) -> None:
    say("breaker", level=logging.WARNING, side=side.value, outcome="store_away", reason=what, setting="DATABASE_URL")
