"""The worker: takes up one request after another, carries it, and puts back what has to wait."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from typing import Protocol

from sqlalchemy import Connection, Engine

from sync import logs
from sync.decide.retry import FOR_EACH_OTHER
from sync.inbox.claims import Claims
from sync.model import Outcome, plain
from sync.store import audit, hints, keeping, requests
from sync.store.connection import reading, writing
from sync.store.requests import Request
from sync.store.trouble import StoreProblem

ATTEMPTS = 4
"""A request is tried now and after 1, 2 and 4 seconds; then the person is told that it did not work."""
BEAT_EVERY = timedelta(seconds=10)
IDLE_SECONDS = 0.2
"""How long the worker rests when nothing waits: a click is taken up within this."""
TROUBLE_SECONDS = 1.0
"""How long it rests when the store cannot be used just now."""


class Wait(Protocol):
    """A request that must go back. `attempt` is False for waits that are nobody's fault."""

    @property
    def sentence(self) -> str: ...
    @property
    def attempt(self) -> bool: ...
    @property
    def seconds(self) -> float: ...
    @property
    def reason(self) -> str: ...


Carry = Callable[[Request], "Outcome | Wait"]


GiveUp = Callable[[Request, str, str], Outcome]


def nothing_done(_request: Request, word: str, error: str) -> Outcome:
    """How a request ends of which nothing was done."""
    return Outcome("refused", word=word, error=error)


@dataclass
class Worker:
    """`carry` is the road; `afterwards` looks again at what a finished request touched. `give_up` says how a request
    ends that was tried often enough or stopped in the middle: by now part of it may be done. `claims` holds on to what
    is carried."""

    engine: Engine
    name: str
    carry: Carry
    afterwards: Callable[[Request, Outcome], None]
    clock: Callable[[], datetime]
    give_up: GiveUp = nothing_done
    claims: Claims = field(init=False)

    def __post_init__(self) -> None:
        self.claims = Claims(self.engine, self.clock)

    def work_until(self, stopped: Callable[[float], bool]) -> None:
        """Take requests up until `stopped(wait)` says so; it is asked with how long there is to wait. A store in
        trouble for a moment is told and asked again."""
        while not stopped(self._turn()):
            pass

    def _turn(self) -> float:
        """Carry what is due next; how many seconds to wait then. What a store in trouble cut short comes back by
        itself."""
        try:
            self.beat()
            return 0.0 if self.take_one() else IDLE_SECONDS
        except StoreProblem as problem:
            logs.failed("requests_not_taken_up", problem)
            return TROUBLE_SECONDS

    def beat(self) -> None:
        """Give a sign of life, every few seconds, so that the screen knows that clicks are taken up."""
        with reading(self.engine) as conn:
            last = keeping.beats(conn).get(self.name)
        if last is None or self.clock() - last > BEAT_EVERY:
            with writing(self.engine) as conn:
                keeping.beat(conn, self.name, self.clock())

    def take_one(self) -> bool:
        """Carry one request that is due; False when none is."""
        with reading(self.engine) as conn:
            if not requests.any_due(conn, self.clock()):
                return False
        with writing(self.engine) as conn:
            request = requests.claim(conn, self.name, self.clock(), self.claims.lasting)
        if request is None:
            return False
        with self.claims.held(partial(_keep, request.id, self.name)):
            self._carry(request)
        return True

    def _carry(self, request: Request) -> None:
        if request.attempts >= ATTEMPTS:
            self._finish(request, self._given_up(request, "unknown_result"))
            return
        try:
            ended = self.carry(request)
        except Exception as error:
            logs.failed("request_stopped", error, request=request.id)
            ended = self._given_up(request, "stopped")
        if isinstance(ended, Outcome):
            self._finish(request, ended)
        elif ended.attempt and request.attempts + 1 >= ATTEMPTS:
            self._finish(request, self._given_up(request, ended.reason or "unknown_result", ended.sentence))
        else:
            self._put_back(request, ended)

    def _given_up(self, request: Request, word: str, error: str = "") -> Outcome:
        try:
            return self.give_up(request, word, error)
        except Exception as failed:
            logs.failed("request_not_looked_at", failed, request=request.id)
            return nothing_done(request, word, error)

    def _finish(self, request: Request, outcome: Outcome) -> None:
        with writing(self.engine) as conn:
            if not requests.finish(conn, request.id, self.name, outcome.state, plain(outcome), self.clock()):
                return
            _note(conn, request, outcome, self.clock())
            hints.wake(conn, self.clock(), *sorted(FOR_EACH_OTHER))
        logs.say(
            "request_ended",
            request=request.id,
            part=request.choice.kind.value,
            outcome=outcome.state,
            reason=outcome.word,
        )
        try:
            self.afterwards(request, outcome)
        except Exception as error:  # it has ended and is kept; the next reconcile looks again
            logs.failed("request_not_looked_at_again", error, request=request.id)

    def _put_back(self, request: Request, wait: Wait) -> None:
        pause = wait.seconds
        if wait.attempt:
            pause = max(pause, 2.0**request.attempts) * random.uniform(0.8, 1.2)
        with writing(self.engine) as conn:
            now = self.clock()
            due = now + timedelta(seconds=pause)
            requests.put_back(conn, request.id, self.name, due, wait.reason, now, waiting=not wait.attempt)
        logs.say("request_waits", request=request.id, attempt=request.attempts + 1, reason=wait.reason)


def _keep(request: int, name: str, conn: Connection, now: datetime, lasting: timedelta) -> bool:
    return requests.keep(conn, request, name, now, lasting)


def _note(conn: Connection, request: Request, outcome: Outcome, now: datetime) -> None:
    """The audit row of a person's action: what stood there, what was sent, what came back."""
    audit.note(
        conn,
        who=request.asked_by,
        role=request.role,
        what=f"{request.choice.kind} {outcome.state} {outcome.word}".strip(),
        now=now,
        request=request.id,
        stood=plain([one.step.before for one in outcome.done]),
        sent=plain([one.step.write for one in outcome.done]),
        answered=plain([one.answered for one in outcome.done]),
    )
