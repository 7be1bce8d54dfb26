"""What the other processes of the connection tests do. Each waits at a barrier, so that they truly meet."""

from __future__ import annotations

import multiprocessing
from collections.abc import Callable
from multiprocessing.context import SpawnProcess
from multiprocessing.synchronize import Barrier
from typing import Any

import sqlalchemy as sa

from sync.store.connection import open_store, writing
from sync.store.tables import keeping

COUNTER = "counted"


def open_together(barrier: Barrier, url: str) -> None:
    """Open the store at the same moment as the others."""
    barrier.wait(60)
    open_store(url).dispose()


def count_up(barrier: Barrier, url: str, times: int) -> None:
    """Read the counter and write it back one higher, `times` times, as the house does it."""
    engine = open_store(url)
    mine = keeping.c.key == COUNTER
    barrier.wait(60)
    for _ in range(times):
        with writing(engine) as conn:
            found = conn.execute(sa.select(keeping.c.value).where(mine)).scalar_one()
            conn.execute(keeping.update().where(mine).values(value=found + 1))
    engine.dispose()


def run_together(count: int, target: Callable[..., None], *args: Any) -> list[int | None]:
    """`target` in `count` processes at once; their exit codes."""
    spawn = multiprocessing.get_context("spawn")
    barrier = spawn.Barrier(count)
    started: list[SpawnProcess] = [spawn.Process(target=target, args=(barrier, *args)) for _ in range(count)]
    for process in started:
        process.start()
    for process in started:
        process.join(120)
        if process.exitcode is None:
            process.kill()
    return [process.exitcode for process in started]
