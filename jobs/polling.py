"""One call for both poll jobs, kept open with what it remembers, or made once."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from functools import partial

from sqlalchemy import Engine

from jobs.running import Job, Ran, Watch, Work
from sync.converge.opening import open_readers
from sync.model import Side
from sync.rounds.polling import Memory, look
from sync.settings import Settings


@contextmanager
def watching(side: Side, engine: Engine, settings: Settings) -> Iterator[Watch]:
    """Short looks at a side, one after the other. Raises WrongSettings when it cannot be tried at all."""
    memory = Memory()
    with open_readers(settings, engine) as readers:

        def watch(now: datetime) -> Ran:
            done = look(engine, readers[side], memory, now)
            return Ran(
                done.whole,
                done.sentence,
                done.counts,
                done.setting,
                result=done.counts,
                wrong=done.wrong,
                is_news=done.is_news,
            )

        yield watch


def poll_job(side: Side, every: int) -> Job:
    """The job that looks at a side so often (seconds)."""

    def call(work: Work) -> Ran:
        with watching(side, work.engine, work.settings) as watch:
            return watch(work.now)

    return Job(f"poll-{side}", every=every, call=call, watching=partial(watching, side))
