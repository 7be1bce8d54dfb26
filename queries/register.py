"""The list of named queries, and how rows become a DataFrame."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

import pandas as pd
import sqlalchemy as sa
from sqlalchemy.engine import Connection


@dataclass(frozen=True, slots=True)
class Asked:
    """What a query is asked for: `now` (aware UTC) and how far back or ahead of it `since` reaches."""

    now: datetime
    since: timedelta = timedelta(hours=24)

    @property
    def at(self) -> float:
        """`now` in epoch seconds, as the store keeps times."""
        return self.now.timestamp()

    @property
    def back(self) -> float:
        """The beginning of the stretch asked for, in epoch seconds."""
        return (self.now - self.since).timestamp()


Run = Callable[[Connection, Asked], pd.DataFrame]


@dataclass(frozen=True, slots=True)
class Query:
    """A query with the name it is called by and what its answer is."""

    name: str
    description: str
    run: Run


QUERIES: dict[str, Query] = {}
"""Every named query, by name."""


def named(name: str, description: str) -> Callable[[Run], Run]:
    """Registers a query under a name. Raises ValueError when the name is taken."""

    def register(run: Run) -> Run:
        if name in QUERIES:
            raise ValueError(f"two queries are called {name}")
        QUERIES[name] = Query(name, description, run)
        return run

    return register


def frame(conn: Connection, statement: sa.Select[tuple[object, ...]], times: Iterable[str] = ()) -> pd.DataFrame:
    """The statement's rows. Columns named in `times` come out as timestamps in UTC instead of epoch seconds."""
    result = conn.execute(statement)
    found = pd.DataFrame(result.all(), columns=list(result.keys()))
    for column in times:
        found[column] = pd.to_datetime(found[column].astype("float64"), unit="s", utc=True).dt.as_unit("us")
    return found
