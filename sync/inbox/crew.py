"""The crew: hints taken up as they fall due and carried side by side in threads, each ended once or put back."""

from __future__ import annotations

import random
import threading
from collections.abc import Callable, Collection, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import partial

from sqlalchemy import Connection, Engine

from sync import logs
from sync.calendars.calls import listening
from sync.converge import Ended, Waiting
from sync.decide import retry
from sync.inbox.claims import Claims
from sync.model import End
from sync.model.calls import Call
from sync.store import calls, dead_letters, hints
from sync.store.connection import reading, writing
from sync.store.hints import Hint, Measured
from sync.telemetry.hints import parts, told_hint
from sync.telemetry.running import current

THREADS = 16
"""Hints carried at once: their time is spent waiting for a calendar to answer."""

LOOK_EVERY = 1.0
"""Seconds after which the crew looks by itself, should nobody have rung."""

NEVER_ENDED = "It was begun several times, and whoever carried it never came to an end."

Carry = Callable[[Hint], "Ended | Waiting"]


@dataclass(frozen=True, slots=True)
class Pause:
    """When a hint comes up again, counting as a try or not; None in `seconds`: it was tried to the end."""

    seconds: float | None
    attempt: bool


def pause_for(waiting: Waiting, attempts: int, waits: int, chance: float) -> Pause:
    """What becomes of a hint that has to go back; `chance` is in 0..1 (sync.decide.retry)."""
    if not waiting.attempt:
        again = retry.waiting(waiting.reason, waits, chance, at_least=waiting.seconds)
        return Pause(again.seconds, attempt=False)
    what = retry.after_failure(attempts, retry.Failed(waiting.reason), chance)
    return Pause(what.seconds if isinstance(what, retry.Again) else None, attempt=True)


@dataclass
class Crew:
    """`carry` is the road, `afterwards` looks again at what an ended hint touched. `name` claims hints for this
    process; `claims` holds on to them while they are carried. `rested` is called in a thread that has put a hint away,
    so that whoever waits takes up the next; `left_alone` names the reasons whose hints need not be tried now."""

    engine: Engine
    name: str
    carry: Carry
    afterwards: Callable[[Hint, Ended], None]
    clock: Callable[[], datetime]
    rested: Callable[[], None] = lambda: None
    threads: int = THREADS
    chance: Callable[[], float] = random.random
    left_alone: Callable[[], Collection[str]] = tuple
    claims: Claims = field(init=False)
    _busy: int = 0
    _count: threading.Lock = field(default_factory=threading.Lock)

    def __post_init__(self) -> None:
        self.claims = Claims(self.engine, self.clock)

    def work_until(self, stopped: Callable[[], bool], wait: Callable[[float], object]) -> None:
        """Take hints up until `stopped` says so; `wait(seconds)` returns early when somebody rings."""
        with ThreadPoolExecutor(self.threads, thread_name_prefix="hint") as pool:
            _all_there(pool, self.threads)
            while not stopped():
                for hint in self.take(self.threads - self._busy):
                    self._hand_over(pool, hint)
                wait(self._until_next())

    def _hand_over(self, pool: ThreadPoolExecutor, hint: Hint) -> None:
        with self._count:
            self._busy += 1
        pool.submit(self._in_thread, hint)

    def _in_thread(self, hint: Hint) -> None:
        try:
            self.see_to(hint)
        except Exception as error:
            logs.failed("hint_left", error, hint=hint.id, side=hint.ref.side)
        finally:
            with self._count:
                self._busy -= 1
            self.rested()

    def _until_next(self) -> float:
        if self._busy >= self.threads:
            return LOOK_EVERY
        with reading(self.engine) as conn:
            due = hints.next_due(conn, but=self.left_alone())
        left = (due - self.clock()).total_seconds() if due else LOOK_EVERY
        return min(max(left, 0.0), LOOK_EVERY)

    def take(self, most: int) -> tuple[Hint, ...]:
        """Take up what is due, at most so many; who is not due is not written about."""
        if most <= 0:
            return ()
        now, alone = self.clock(), self.left_alone()
        with reading(self.engine) as conn:
            due = hints.next_due(conn, but=alone)
        if due is None or due > now:
            return ()
        with writing(self.engine) as conn:
            return hints.claim(conn, self.name, now, self.claims.lasting, most, but=alone)

    def work_off(self) -> int:
        """Carry what is due now, one after the other in this thread, until nothing is; returns how many."""
        done = 0
        while taken := self.take(1):
            self.see_to(taken[0])
            done += 1
        return done

    def see_to(self, hint: Hint) -> None:
        """Carry one hint and put it away: ended, or back to wait."""
        with self.claims.held(partial(_keep, hint, self.name)):
            self._see_to(hint)

    def _see_to(self, hint: Hint) -> None:
        made: list[Call] = []
        with listening(made.append):
            result = self._carried(hint)
        ended = self._put_back(hint, result, made) if isinstance(result, Waiting) else result
        if ended is not None:
            self._finish(hint, ended, made)

    def _finish(self, hint: Hint, ended: Ended, made: Sequence[Call]) -> None:
        with writing(self.engine) as conn:
            done = hints.finish(
                conn,
                hint,
                self.name,
                ended.end,
                ended.reason,
                self.clock(),
                sentence=ended.sentence,
                permanent=ended.permanent,
                measured=_measured(_addressed(conn, hint, ended), made),
            )
            calls.keep(conn, hint.id, hint.attempts + 1, made)
            put_away = hints.get(conn, hint.id) if done else None
            self._wake_those_who_waited(conn)
        if put_away is not None:
            told_hint(current(), put_away)
            _say(put_away)
            self.afterwards(hint, ended)

    def _carried(self, hint: Hint) -> Ended | Waiting:
        if worn_out := retry.worn_out(hint.attempts, hint.reason):
            sentence = NEVER_ENDED if worn_out.permanent else hint.sentence
            return Ended(End.DEAD, worn_out.reason, sentence=sentence, permanent=worn_out.permanent)
        try:
            return self.carry(hint)
        except Exception as error:
            error_id = logs.failed("hint_stopped", error, hint=hint.id, side=hint.ref.side, attempt=hint.attempts + 1)
            said = f"It stopped in the middle; the log says why, under {error_id}."
            return Waiting(said, attempt=True, reason="stopped")

    def _put_back(self, hint: Hint, waiting: Waiting, made: Sequence[Call]) -> Ended | None:
        """Let it wait, or say that it was tried to the end."""
        in_a_row = hint.waits_in_a_row if hint.reason == waiting.reason else 0
        pause = pause_for(waiting, hint.attempts, in_a_row, self.chance())
        if pause.seconds is None:
            return Ended(End.DEAD, waiting.reason, sentence=waiting.sentence)
        due = self.clock() + timedelta(seconds=pause.seconds)
        with writing(self.engine) as conn:
            hints.put_back(
                conn,
                hint,
                self.name,
                due,
                waiting.reason,
                attempt=pause.attempt,
                sentence=waiting.sentence,
                measured=_called(made),
            )
            calls.keep(conn, hint.id, hint.attempts + 1, made)
            if waiting.reason not in retry.FOR_EACH_OTHER:
                self._wake_those_who_waited(conn)
        logs.say("hint_waits", hint=hint.id, side=hint.ref.side, attempt=hint.attempts + 1, reason=waiting.reason)
        return None

    def _wake_those_who_waited(self, conn: Connection) -> None:
        """A lease was let go of, and something settled or written down: whoever waits for that looks again at once."""
        hints.wake(conn, self.clock(), *sorted(retry.FOR_EACH_OTHER))


def _all_there(pool: ThreadPoolExecutor, count: int) -> None:
    """Have every thread started, so that the process is as large from the first minute as it will ever be."""
    together = threading.Barrier(count + 1)
    for _ in range(count):
        pool.submit(together.wait)
    together.wait()


def _keep(hint: Hint, name: str, conn: Connection, now: datetime, lasting: timedelta) -> bool:
    return hints.keep(conn, hint, name, now, lasting)


def _addressed(conn: Connection, hint: Hint, ended: Ended) -> Ended:
    """A dead letter says which visit it is about and when that is, also where the road did not come so far."""
    if ended.end is not End.DEAD or (ended.visit is not None and ended.start is not None):
        return ended
    visit, start = dead_letters.visit_and_start(conn, hint.ref)
    return replace(ended, visit=ended.visit or visit, start=ended.start or start)


def _measured(ended: Ended, made: Sequence[Call]) -> Measured:
    lock_ms = ended.lock_seconds * 1000
    called = _called(made)
    return replace(called, leased_at=ended.leased_at, lock_ms=lock_ms, visit=ended.visit, visit_start=ended.start)


def _called(made: Sequence[Call]) -> Measured:
    return Measured(calls=len(made), call_ms=sum(call.ms for call in made))


def _say(hint: Hint) -> None:
    took = parts(hint)
    logs.say(
        "hint_ended",
        hint=hint.id,
        visit=hint.visit,
        side=hint.ref.side,
        source=hint.source,
        attempt=hint.attempts + 1,
        ms=took.whole * 1000 if took else None,
        outcome=hint.state,
        reason=hint.reason,
    )
