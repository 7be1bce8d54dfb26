"""Looking at a side without any webhook, and a stand-in for the road: it reads what a hint names and keeps it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta

from sqlalchemy import Engine

from sync.model import End, Side, Source
from sync.rounds.polling import Looked, Memory, look
from sync.store import hints, mirror
from sync.store.connection import reading, writing
from sync.store.hints import Hint
from tests.sync.rounds.busy import Busy

WORKER = "a worker"
DUE = timedelta(hours=1)
"""Hints are taken up as if it were this much later: a test may have given them ahead of the house's clock."""


@dataclass
class Watch:
    """One process that looks at one side."""

    busy: Busy
    side: Side
    memory: Memory = field(default_factory=Memory)
    said: Looked | None = None

    @property
    def engine(self) -> Engine:
        return self.busy.salon.house.engine

    def look(self) -> set[str]:
        """Look once; the keys of what it left hints for. Everything is carried afterwards."""
        house = self.busy.salon.house
        self.said = look(house.engine, house.readers[self.side], self.memory, house.now())
        return {hint.ref.key for hint in self.carry()}

    def heard(self) -> Looked:
        """What the last look said."""
        assert self.said is not None
        return self.said

    def carry(self) -> tuple[Hint, ...]:
        """Read live what open hints name, keep what it shows, and end them."""
        house = self.busy.salon.house
        with writing(house.engine) as conn:
            taken = hints.claim(conn, WORKER, house.now() + DUE, timedelta(minutes=1), 1000)
        for hint in taken:
            now = house.now()
            shown = house.readers[hint.ref.side].read([hint.ref])[hint.ref]
            with writing(house.engine) as conn:
                mirror.record(conn, hint.ref, shown, now, now)
                assert hints.finish(conn, hint, WORKER, End.ALREADY_TRUE, "same", now)
        return taken

    def restarted(self) -> Watch:
        """Another process, which remembers nothing."""
        return Watch(self.busy, self.side)


def given(engine: Engine) -> list[tuple[str, Source, int | None]]:
    """The open hints: key, source and version wanted."""
    with reading(engine) as conn:
        refs = hints.open_refs(conn)
        return sorted(
            (hint.ref.key, hint.source, hint.version) for hint in hints.of(conn, refs) if hint.ended_at is None
        )
