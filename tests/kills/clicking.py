"""Processes that each click for one minute of one person, round after round: a worker each, on the same store."""

from __future__ import annotations

import multiprocessing
import random
import threading
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from multiprocessing.connection import Connection
from multiprocessing.synchronize import Barrier
from typing import Any

from sync.converge import open_house
from sync.inbox.opening import open_worker
from sync.model import Choice
from sync.settings import Settings
from sync.store import requests
from sync.store.connection import open_store, reading, writing
from sync.store.requests import ENDED, Request

PATIENCE_S = 120.0
STEP_S = 0.01


@dataclass(frozen=True)
class Click:
    """What one of them clicks: a choice for a finding, as it was seen."""

    finding: int
    seen: str
    choice: Choice
    who: str


@dataclass(frozen=True)
class Runners:
    """So many processes, each with a line to it."""

    lines: Sequence[Any]

    def round(self, clicks: Sequence[Click]) -> Counter[str]:
        """All click at once; how it ended for them, in words."""
        for line, click in zip(self.lines, clicks, strict=True):
            line.send(click)
        told: Counter[str] = Counter()
        for line in self.lines:
            assert line.poll(PATIENCE_S), "a click did not end"
            told[line.recv()] += 1
        return told


@contextmanager
def runners(settings: Settings, count: int) -> Iterator[Runners]:
    """The processes, gone when the block is left."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload([__name__])  # what costs is importing: done once for all of them
    barrier = context.Barrier(count)
    pipes = [context.Pipe() for _ in range(count)]
    began = [context.Process(target=_run, args=(settings, far, barrier)) for _, far in pipes]
    for process, (_, far) in zip(began, pipes, strict=True):
        process.start()
        far.close()
    try:
        yield Runners([near for near, _ in pipes])
    finally:
        for near, _ in pipes:
            near.close()
        for process in began:
            process.join(PATIENCE_S)


def _run(settings: Settings, line: Connection, barrier: Barrier) -> None:
    house = open_house(open_store(settings.database_url), settings)
    worker = open_worker(house)
    try:
        while True:
            click: Click = line.recv()
            barrier.wait(PATIENCE_S)
            with writing(house.engine) as conn:
                number = _ask(conn, click)
            pause = threading.Event()
            while not (ended := _ended(house.engine, number)):
                if not worker.take_one():
                    pause.wait(random.uniform(0, STEP_S))
            line.send(f"{ended.state} {(ended.outcome or {}).get('word', '')}".strip())
    except EOFError:
        house.close()


def _ask(conn: Any, click: Click) -> int:
    return requests.ask(
        conn,
        key=f"{click.finding} {click.choice.id} {click.who}",
        finding=click.finding,
        choice=click.choice,
        seen=click.seen,
        who=click.who,
        role="manager",
        now=datetime.now(UTC),
    ).id


def _ended(engine: Any, number: int) -> Request | None:
    with reading(engine) as conn:
        row = requests.get(conn, number)
    return row if row is not None and row.state in ENDED else None


def around(minute: datetime, length: timedelta, rng: random.Random) -> datetime:
    """A start from which a visit of that length holds the minute."""
    return minute - timedelta(minutes=rng.randrange(int(length.total_seconds() // 60)))
