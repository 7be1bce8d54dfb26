"""Processes that want one minute of one person, round after round, each a desk of its own on the same store."""

from __future__ import annotations

import json
import multiprocessing
import random
from collections import Counter
from dataclasses import dataclass
from datetime import datetime, timedelta
from multiprocessing.synchronize import Barrier

from sync.calendars import ReadFailed
from sync.intake.asked import Asked, asked_from
from sync.intake.desk import HoldDesk, ask_hold
from sync.intake.holding import open_desk
from sync.locking.sqlite import StoreLocks
from sync.model.holds import Hold
from sync.settings import Settings
from sync.store.connection import open_store

PATIENCE_S = 120.0
A_ROUND_S = 20.0
"""How long the others are waited for at most, at the start and in each round: a bound, on a busy machine."""

Answers = list[tuple[int, str]]


@dataclass(frozen=True)
class Course:
    """`minute`: the one that all want in the first round; each round is an hour and a half later than the last, on the
    same day until `a_day` rounds are run, then on the next."""

    settings: Settings
    store: str
    staff: int
    service: int
    minute: datetime
    now: datetime
    rounds: int
    a_day: int = 4

    def common(self, number: int) -> datetime:
        """The minute that all want in a round."""
        days, rest = divmod(number, self.a_day)
        return self.minute + timedelta(days=days, minutes=90 * rest)


def race(course: Course, processes: int) -> list[Counter[str]]:
    """What they were answered in each round: "granted", or the reason of a refusal."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload([__name__])  # what costs is importing: done once for all of them
    barrier = context.Barrier(processes)
    told: multiprocessing.Queue[Answers] = context.Queue()
    runners = [context.Process(target=_run, args=(course, number, barrier, told)) for number in range(processes)]
    for runner in runners:
        runner.start()
    answers = [answer for _ in runners for answer in told.get(timeout=PATIENCE_S + A_ROUND_S * course.rounds)]
    for runner in runners:
        runner.join(PATIENCE_S)
    return [Counter(said for round_, said in answers if round_ == number) for number in range(course.rounds)]


def _run(course: Course, runner: int, barrier: Barrier, told: multiprocessing.Queue[Answers]) -> None:
    rng = random.Random(runner)
    engine = open_store(course.store)
    answers: Answers = []
    with open_desk(engine, course.settings, StoreLocks(engine), lambda: course.now) as desk:
        for number in range(course.rounds):
            before, behind = rng.randrange(40), rng.randrange(1, 40)
            start = course.common(number) - timedelta(minutes=before)
            body = {
                "staff": course.staff,
                "service": course.service,
                "start": start.isoformat(),
                "minutes": before + behind,
                "client": f"runner {runner} round {number}",
            }
            asked = asked_from(json.dumps(body).encode(), needs_client=True)
            barrier.wait(PATIENCE_S)
            answers.append((number, _answer(desk, asked)))
    engine.dispose()
    told.put(answers)


def _answer(desk: HoldDesk, asked: Asked) -> str:
    try:
        found = ask_hold(desk, asked)
    except ReadFailed:
        return "cannot_ask"
    return "granted" if isinstance(found, Hold) else found.value
