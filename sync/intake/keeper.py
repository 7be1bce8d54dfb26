"""The one who writes: everything that arrived in one turn of the event loop is kept by one commit, then answered.

A thread of its own, so that the loop goes on reading while the disk works. It never lingers: whatever waits when it
looks is taken, and what arrives while it writes is the next commit's.
"""

from __future__ import annotations

import asyncio
import logging
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field

from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError

from sync.intake.news import News, Reason, Refused
from sync.intake.refusals import Refusals
from sync.intake.taking import Came, take
from sync.store import deliveries, keeping
from sync.store.connection import writing
from sync.store.deliveries import Delivery
from sync.store.trouble import StoreProblem
from sync.telemetry import names
from sync.telemetry.running import current

log = logging.getLogger("slotkeeper.intake")

MOST_WAITING = 10_000
"""Deliveries that may wait for the disk; beyond, a sender is told to come again."""
MOST_AT_ONCE = 500
"""Deliveries that one commit keeps: the worker wants its turn too."""
ANSWER_WITHIN = 8.0
"""Seconds until a sender is told to come again: Square gives up after ten."""
LIST_WITHIN = 1.0
"""Seconds after which refused deliveries are listed even if nothing else is written."""
TRY_AGAIN = 5.0
SIGN = "intake"
"""Under which word the intake's own sign of life is kept."""


@dataclass(slots=True)
class Item:
    """What waits for a commit: a believed delivery, or (None) only the question whether anything can be kept."""

    arrived: tuple[Came, News] | None
    answer: asyncio.Future[Reason]


Answer = tuple[Item, Reason | Refused]


@dataclass
class Keeper:
    """`ring` is called once after each commit that kept a delivery; `clock` gives seconds since 1970 (UTC)."""

    engine: Engine
    ring: Callable[[], None]
    clock: Callable[[], float] = time.time
    most_waiting: int = MOST_WAITING
    answer_within: float = ANSWER_WITHIN
    list_within: float = LIST_WITHIN
    refusals: Refusals = field(default_factory=Refusals)
    problem: str = ""
    _turn: list[Item] = field(default_factory=list)
    _waiting: list[Item] = field(default_factory=list)
    _news: threading.Condition = field(default_factory=threading.Condition)
    _closing: bool = False
    _thread: threading.Thread | None = None
    _loop: asyncio.AbstractEventLoop | None = None

    # ------------------------------------------------------------ in the event loop

    def start(self) -> None:
        """Begin; from within the event loop whose deliveries are kept."""
        self._loop = asyncio.get_running_loop()
        self._thread = threading.Thread(target=self._work, name="keeper", daemon=True)
        self._thread.start()

    async def stop(self) -> None:
        """Keep what is queued, list what is not yet, and end."""
        self._hand_over()
        with self._news:
            self._closing = True
            self._news.notify()
        if self._thread is not None:
            await asyncio.to_thread(self._thread.join)

    @property
    def alive(self) -> bool:
        """Whether anybody is there to write."""
        return self._thread is not None and self._thread.is_alive()

    async def keep(self, arrived: tuple[Came, News] | None) -> Reason:
        """Returns once it is on disk. Raises Refused (503) when it could not be kept."""
        if not self.alive:
            raise Refused(503, Reason.CANNOT_KEEP, TRY_AGAIN)
        if len(self._turn) + len(self._waiting) >= self.most_waiting:
            raise Refused(503, Reason.QUEUE_FULL, TRY_AGAIN)
        item = Item(arrived, asyncio.get_running_loop().create_future())
        if not self._turn:
            asyncio.get_running_loop().call_soon(self._hand_over)
        self._turn.append(item)
        try:
            async with asyncio.timeout(self.answer_within):
                return await item.answer
        except TimeoutError:
            raise Refused(503, Reason.TOO_LATE, TRY_AGAIN) from None

    def list_refused(self, line: Delivery) -> None:
        """List it with the next commit, or within a second."""
        with self._news:
            self.refusals.add(line, time.monotonic())
            if len(self.refusals) == 1:
                self._news.notify()

    def _hand_over(self) -> None:
        """The turn is over: what came in it goes to the thread as one."""
        turn, self._turn = self._turn, []
        with self._news:
            self._waiting += turn
            self._news.notify()

    # ------------------------------------------------------------ in the thread

    def _work(self) -> None:
        while self._commit_next():
            pass

    def _commit_next(self) -> bool:
        """Wait for something to write, and write it; False after the last."""
        with self._news:
            self._news.wait_for(lambda: self._waiting or self._closing or len(self.refusals))
            if not self._waiting and not self._closing:
                self._news.wait_for(lambda: self._waiting or self._closing, self.list_within)
            items, self._waiting = self._waiting[:MOST_AT_ONCE], self._waiting[MOST_AT_ONCE:]
            refused, last = self.refusals.take(self.clock()), self._closing and not self._waiting
        if items or refused:
            self._commit(items, refused)
        return not last

    def _commit(self, items: Sequence[Item], refused: list[Delivery]) -> None:
        try:
            answers = self._written(items, refused)
        except StoreProblem as problem:
            self._in_trouble(str(problem))
            self._not_written(items, refused)
        except SQLAlchemyError as error:  # one of them is to blame: each by itself, so that the others are kept
            if len(items) > 1:
                self._one_by_one(items, refused)
                return
            self._in_trouble(f"The store refused to keep a delivery ({type(error).__name__}).")
            self._not_written(items, refused)
        else:
            self._in_trouble("")
            _measure(answers, refused)
            if any(item.arrived for item, _ in answers):
                self.ring()
            self._resolve(answers)

    def _one_by_one(self, items: Sequence[Item], refused: list[Delivery]) -> None:
        for item in items:
            self._commit([item], [])
        if refused:
            self._commit([], refused)

    def _written(self, items: Sequence[Item], refused: Sequence[Delivery]) -> list[Answer]:
        """Everything in one transaction; returns after its commit. What was given up meanwhile is left out: its sender
        was told to come again."""
        with writing(self.engine) as conn:
            there = [item for item in items if not item.answer.cancelled()]
            arrived = [item.arrived for item in there if item.arrived]
            taken = iter(take(conn, arrived))
            deliveries.note(conn, refused)
            if len(arrived) < len(there):
                keeping.put(conn, SIGN, self.clock(), self.clock())
        return [(item, next(taken) if item.arrived else Reason.KEPT) for item in there]

    def _not_written(self, items: Sequence[Item], refused: list[Delivery]) -> None:
        with self._news:
            self.refusals.put_back(refused)
        self._resolve([(item, Refused(503, Reason.CANNOT_KEEP, TRY_AGAIN)) for item in items])

    def _in_trouble(self, sentence: str) -> None:
        """Say it once, when it begins and when it is over."""
        if sentence != self.problem:
            log.warning("%s", sentence or "The store keeps again.")
        self.problem = sentence

    def _resolve(self, answers: Sequence[Answer]) -> None:
        assert self._loop is not None
        with suppress(RuntimeError):  # the loop is gone: nobody waits any more
            self._loop.call_soon_threadsafe(_answer, answers)


def _measure(answers: Sequence[Answer], refused: Sequence[Delivery]) -> None:
    """A line for refused deliveries that had no line of their own says how many they are."""
    for item, _ in answers:
        if item.arrived:
            current().count(names.DELIVERIES, item.arrived[0].side, "200")
    for line in refused:
        many = int(line.key) if line.reason == Reason.NOT_LISTED else 1
        current().count(names.DELIVERIES, line.side, str(line.status), by=many)


def _answer(answers: Sequence[Answer]) -> None:
    for item, answer in answers:
        if item.answer.done():
            continue
        if isinstance(answer, Refused):
            item.answer.set_exception(answer)
        else:
            item.answer.set_result(answer)
