"""Bookly 27.4's tables, those the project touches, for MariaDB, MySQL and SQLite alike.

Column for column as a running Bookly has them: types, defaults, enums, foreign keys with their cascades.
DATETIMEs are naive local times of the site's zone. `{prefix}options` is WordPress's own.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

import sqlalchemy as sa
from sqlalchemy import MetaData, Table
from sqlalchemy.engine import Engine

from practice_salon import PracticeError
from practice_salon.bookly import booking_tables, salon_tables

DEFAULT_PREFIX = "wp_"
BUSY_WAIT_MS = 5_000


@dataclass(frozen=True, slots=True)
class Bookly:
    """One site's tables, by their names without prefix; `by_name` holds them in order, parents first."""

    prefix: str
    metadata: MetaData
    by_name: Mapping[str, Table]

    def __getattr__(self, name: str) -> Table:
        try:
            return self.by_name[name]
        except KeyError:
            raise AttributeError(name) from None


@cache
def tables(prefix: str = DEFAULT_PREFIX) -> Bookly:
    """The tables of the site with that prefix (`wp_`, or `wp_2_` on a multisite)."""
    metadata = MetaData()
    made = [make(prefix, metadata) for make in (*salon_tables.MAKERS, *booking_tables.MAKERS)]
    return Bookly(prefix, metadata, {_short(table.name, prefix): table for table in made})


def open_engine(url: str) -> Engine:
    """An engine on that database. On SQLite foreign keys are enforced, so that Bookly's cascades work there too."""
    engine = sa.create_engine(url, pool_pre_ping=True)
    if engine.dialect.name == "sqlite":
        sa.event.listen(engine, "connect", _set_up_sqlite)
    return engine


def create(engine: Engine, prefix: str = DEFAULT_PREFIX) -> Bookly:
    """Create the tables that are not there yet."""
    bookly = tables(prefix)
    bookly.metadata.create_all(engine)
    return bookly


def drop(engine: Engine, prefix: str = DEFAULT_PREFIX) -> None:
    """Drop the tables with all their rows."""
    tables(prefix).metadata.drop_all(engine)


def not_writable(error: sa.exc.DBAPIError) -> PracticeError:
    """The sentence for a database that did not take the rows; only the kind of error is told, no value."""
    kind = type(error.orig).__name__
    return PracticeError(f"The database at --url could not be written ({kind}); check that it runs and may be written.")


def _set_up_sqlite(connection: sa.engine.interfaces.DBAPIConnection, _: object) -> None:
    cursor = connection.cursor()
    cursor.execute("PRAGMA foreign_keys=ON")
    cursor.execute("PRAGMA journal_mode=WAL")
    cursor.execute("PRAGMA synchronous=NORMAL")
    cursor.execute(f"PRAGMA busy_timeout={BUSY_WAIT_MS}")
    cursor.close()


def _short(name: str, prefix: str) -> str:
    return name.removeprefix(prefix).removeprefix("bookly_")
