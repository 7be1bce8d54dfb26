"""One site as its PHP requests see it: single statements, each committed by itself, and Bookly's own log of them.

For an update or a delete the log line is written before the change, as Bookly does it; a reader that is quick sees
the line and the old row.
"""

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

import sqlalchemy as sa

from practice_salon import PracticeError
from practice_salon.bookly.messages import Tell, Touched
from practice_salon.bookly.site import local, read_options, site_zone
from practice_salon.bookly.tables import DEFAULT_PREFIX, Bookly, open_engine, tables

Row = dict[str, Any]


def machine_clock() -> datetime:
    """The machine's time, UTC."""
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class Site:
    """A WordPress site with Bookly. `pro`: paddings count, as with the Pro add-on. `clock` gives aware moments. `tell`
    hears what each request changed, when it is over."""

    engine: sa.Engine
    bookly: Bookly
    clock: Callable[[], datetime] = machine_clock
    pro: bool = True
    tell: Tell | None = None

    @contextmanager
    def request(self, author: str) -> Iterator["Request"]:
        """One PHP request by that author; what it did before it failed stays done."""
        touched = Touched()
        try:
            with self.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
                options = read_options(connection, self.bookly)
                yield Request(self, connection, options, local(self.clock(), site_zone(options)), author, touched)
        finally:
            if touched and self.tell is not None:
                self.tell(touched)


def open_site(
    url: str,
    prefix: str = DEFAULT_PREFIX,
    clock: Callable[[], datetime] = machine_clock,
    pro: bool = True,
    tell: Tell | None = None,
) -> Site:
    """The site whose tables lie at `url` (SQLAlchemy's) under that prefix."""
    return Site(open_engine(url), tables(prefix), clock, pro, tell)


@dataclass(frozen=True, slots=True)
class Request:
    """What every handler of Bookly's has at hand. `now` is the naive local time it stamps rows with."""

    site: Site
    connection: sa.Connection
    options: Mapping[str, str]
    now: datetime
    author: str
    touched: Touched

    @property
    def bookly(self) -> Bookly:
        return self.site.bookly

    def row(self, table: sa.Table, row_id: int) -> Row:
        """The row of that id. Raises PracticeError when it is not there."""
        found = self.connection.execute(_of_id(table), {"of": row_id}).mappings().first()
        if found is None:
            raise PracticeError(f"There is no row {row_id} in {table.name}.")
        return dict(found)

    def rows(self, table: sa.Table, **equal: Any) -> list[Row]:
        """The rows in which these columns have these values, by id."""
        empty = frozenset(name for name, value in equal.items() if value is None)
        query = _in_which(table, tuple(name for name in equal if name not in empty), empty)
        return [dict(row) for row in self.connection.execute(query, equal).mappings()]

    def insert(self, table: sa.Table, values: Row, logged: bool = True) -> int:
        """Insert, then log the creation with the whole row; the new id."""
        made = self.connection.execute(_new_in(table), values).inserted_primary_key
        assert made is not None
        row_id = int(made[0])
        self._touch(table, row_id, values)
        if logged:
            self.log("create", table, row_id, self.row(table, row_id))
        return row_id

    def update(self, table: sa.Table, row_id: int, values: Row, logged: bool = True) -> None:
        """Log what will differ, then update. A row in which nothing differs is left alone, its stamp too."""
        old = self.row(table, row_id)
        changed = {name: value for name, value in values.items() if old[name] != value}
        if logged:
            self.log("update", table, row_id, changed)
        if changed:
            stamp = {"updated_at": self.now} if "updated_at" in table.c else {}
            self.connection.execute(sa.update(table).where(table.c.id == row_id).values({**stamp, **changed}))
            self._touch(table, row_id, old, changed)

    def update_quietly(self, table: sa.Table, condition: sa.ColumnElement[bool], values: Row) -> None:
        """Bookly's bulk updates: no log line, no updated_at."""
        self.connection.execute(sa.update(table).where(condition).values(values))

    def delete(self, table: sa.Table, row_id: int, logged: bool = True) -> None:
        """Log the whole old row, then delete it."""
        old = self.rows(table, id=row_id)
        if logged:
            self.log("delete", table, row_id, self.row(table, row_id))
        self.connection.execute(sa.delete(table).where(table.c.id == row_id))
        self._touch(table, row_id, *old)

    def _touch(self, table: sa.Table, row_id: int, *values: Row) -> None:
        """Remember which row changed; a client's line with the rows it was and is on."""
        if table is self.bookly.appointments:
            self.touched.appointments[row_id] = None
        elif table is self.bookly.customer_appointments:
            self.touched.customer_appointments[row_id] = None
            rows = (one["appointment_id"] for one in values if one.get("appointment_id"))
            self.touched.appointments.update(dict.fromkeys(rows))

    def log(self, action: str, table: sa.Table, row_id: int | None, details: Row, comment: str | None = None) -> None:
        """One line of Bookly's log, unless the site has it switched off."""
        if self.options.get("bookly_logs_enabled") == "0":
            return
        line = {
            "action": action,
            "target": table.name,
            "target_id": row_id,
            "author": self.author,
            "details": json.dumps(details, default=str),
            "comment": comment,
            "created_at": self.now,
        }
        self.connection.execute(_new_in(self.bookly.log), line)


@lru_cache(maxsize=256)
def _of_id(table: sa.Table) -> sa.Select[Any]:
    return sa.select(table).where(table.c.id == sa.bindparam("of"))


@lru_cache(maxsize=256)
def _in_which(table: sa.Table, names: tuple[str, ...], empty: frozenset[str]) -> sa.Select[Any]:
    equal = (table.c[name] == sa.bindparam(name, type_=table.c[name].type) for name in names)
    return sa.select(table).where(*equal, *(table.c[name].is_(None) for name in empty)).order_by(table.c.id)


@lru_cache(maxsize=256)
def _new_in(table: sa.Table) -> sa.Insert:
    return sa.insert(table)
