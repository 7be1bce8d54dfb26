"""However the reads of one world are committed, the mirror ends where the newest read of each appointment ended."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy.engine import Connection, Engine

from sync.model import Ref, Side
from sync.store import mirror
from tests.sync.store.made import at, bookly, snapshot, visit

REFS = tuple(bookly(number) for number in range(4))
World = Mapping[Ref, int]
"""What a side shows at a moment: each appointment's start in minutes; one that is not there is left out."""

worlds = st.dictionaries(st.sampled_from(REFS), st.integers(0, 2).map(lambda n: n * 100))


@dataclass(frozen=True)
class Read:
    """A look at the world as it stood at `began`: all of it, or one appointment."""

    began: int
    world: World
    only: Ref | None

    def commit(self, conn: Connection, now: int) -> None:
        if self.only is None:
            shown = [visit(ref, start) for ref, start in self.world.items()]
            mirror.commit_snapshot(conn, snapshot(Side.BOOKLY, self.began, shown), at(now))
            return
        start = self.world.get(self.only)
        there = None if start is None else visit(self.only, start)
        mirror.record(conn, self.only, there, at(self.began), at(now))


@st.composite
def reads(draw: st.DrawFn) -> list[Read]:
    """Some reads of a changing world, in the order in which they are committed."""
    count = draw(st.integers(1, 6))
    made = [Read(n, draw(worlds), draw(st.none() | st.sampled_from(REFS))) for n in range(count)]
    return list(draw(st.permutations(made)))


def _expected(committed: list[Read]) -> dict[Ref, int]:
    newest: dict[Ref, tuple[int, int | None]] = {}
    for read in committed:
        for ref in REFS if read.only is None else (read.only,):
            if ref not in newest or newest[ref][0] < read.began:
                newest[ref] = (read.began, read.world.get(ref))
    return {ref: start for ref, (_, start) in newest.items() if start is not None}


@contextmanager
def _undone(store: Engine) -> Iterator[Connection]:
    """One store for all examples: what an example writes is taken back."""
    with store.connect() as conn, conn.begin() as transaction:
        yield conn
        transaction.rollback()


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=150)
@given(committed=reads())
def test_an_older_read_never_replaces_a_newer_one_in_whatever_order_they_are_committed(
    store: Engine, committed: list[Read]
) -> None:
    with _undone(store) as conn:
        for now, read in enumerate(committed):
            read.commit(conn, 100 + now)
        shown = mirror.load_all(conn)
        assert {ref: (a.start - at(0)).seconds // 60 for ref, a in shown.items()} == _expected(committed)
        everywhere = mirror.meeting(conn, at(-100), at(1000))
        assert everywhere == shown
