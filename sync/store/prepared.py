"""Statements put together once: SQLAlchemy writes them down, the driver runs them, for what is run for every hint.

One of SQLAlchemy's own takes about ten times what the driver takes for the same (docs/figures.md).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Dialect

from sync.store.connection import Rows, sqlite_of

Given = Callable[[Any], Any]


@dataclass(frozen=True, slots=True)
class _Written:
    """The text, and for each place in it: whose value goes there, how it is turned into the driver's, and what it is
    where nothing is given."""

    text: str
    places: tuple[tuple[str, Given | None, Any], ...]

    def fill(self, values: Mapping[str, Any]) -> tuple[Any, ...]:
        return tuple(
            turn(values.get(name, fixed)) if turn else values.get(name, fixed) for name, turn, fixed in self.places
        )


class Prepared:
    """One statement, whose values are given by name: bound parameters, or (`names`) the columns that it fills."""

    def __init__(self, statement: sa.UpdateBase | sa.Select[Any], names: Sequence[str] | None = None) -> None:
        self._statement = statement
        self._names = None if names is None else list(names)
        self._written: _Written | None = None

    def run(self, conn: Connection, values: Mapping[str, Any]) -> Rows:
        """Run it once. What it gives are plain rows in the order of its columns, as the driver has them: JSON as text,
        a truth as 0 or 1. Fetch them all before the transaction ends."""
        driver = sqlite_of(conn)
        if driver is None:
            return cast(Rows, conn.execute(self._statement, dict(values)))
        written = self._on(conn.dialect)
        return driver.execute(written.text, written.fill(values))

    def run_all(self, conn: Connection, rows: Iterable[Mapping[str, Any]]) -> None:
        """Run it once for each of these."""
        driver = sqlite_of(conn)
        if driver is None:
            conn.execute(self._statement, [dict(row) for row in rows])
            return
        written = self._on(conn.dialect)
        driver.executemany(written.text, [written.fill(row) for row in rows])

    def _on(self, dialect: Dialect) -> _Written:
        if self._written is None:
            self._written = _write_down(self._statement, dialect, self._names)
        return self._written


def _write_down(statement: Any, dialect: Dialect, names: list[str] | None) -> _Written:
    compiled = statement.compile(dialect=dialect, column_keys=names)
    order = compiled.positiontup or ()
    return _Written(
        str(compiled), tuple((name, _turn(compiled.binds[name], dialect), compiled.params[name]) for name in order)
    )


def _turn(bound: sa.BindParameter[Any], dialect: Dialect) -> Given | None:
    turn: Given | None = bound.type.dialect_impl(dialect).bind_processor(dialect)
    return turn
