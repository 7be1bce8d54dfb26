"""A salon as it stands now, kept in memory, to go back to before the next thing goes wrong."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import sqlalchemy as sa

from practice_salon.square.state import TABLES, Doc
from tests.sync.converge.conftest import Salon


@dataclass(frozen=True)
class WayBack:
    """What the store, Bookly and Square held when it was made. SQLite only."""

    salon: Salon
    store: sqlite3.Connection
    bookly: sqlite3.Connection
    world: dict[str, dict[str, Doc]]

    def back(self) -> None:
        """The store and both calendars as they were, no fault armed."""
        _copy(self.store, self.salon.house.engine)
        _copy(self.bookly, self.salon.site.engine)
        world = self.salon.square.world
        with world.change():
            for kind, docs in self.world.items():
                world[kind].load(dict(docs))
            world.faults.clear()
            world.counts.clear()

    def close(self) -> None:
        self.store.close()
        self.bookly.close()


def way_back(salon: Salon) -> WayBack:
    """Keep how it stands."""
    world = salon.square.world
    docs = {kind: dict(world[kind].items()) for kind in TABLES}
    return WayBack(salon, _kept(salon.house.engine), _kept(salon.site.engine), docs)


def _kept(engine: sa.Engine) -> sqlite3.Connection:
    there = sqlite3.connect(":memory:", check_same_thread=False)
    with _raw(engine) as raw:
        raw.backup(there)
    return there


def _copy(kept: sqlite3.Connection, engine: sa.Engine) -> None:
    with _raw(engine) as raw:
        kept.backup(raw)


@contextmanager
def _raw(engine: sa.Engine) -> Iterator[sqlite3.Connection]:
    with engine.connect() as conn:
        raw: object = conn.connection.dbapi_connection
        assert isinstance(raw, sqlite3.Connection)
        yield raw
