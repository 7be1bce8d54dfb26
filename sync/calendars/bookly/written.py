"""SELECTs written down once for each kind of database, for what is asked at every change.

SQLAlchemy would find out anew at each run that it knows a long statement already, which takes longer than the reading.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Literal

import sqlalchemy as sa
from sqlalchemy.engine import Dialect


@dataclass(frozen=True, slots=True)
class Asked:
    """A statement that is built once, and what it asks for this time, by the names of its parameters."""

    statement: sa.Select[Any]
    values: Mapping[str, Any]

    def on(self, connection: sa.Connection) -> sa.CursorResult[Any]:
        """Run it."""
        text, fixed = _text(self.statement, connection.dialect)
        return connection.exec_driver_sql(text, {**fixed, **self.values})


@lru_cache(maxsize=512)
def _text(statement: sa.Select[Any], dialect: Dialect) -> tuple[str, Mapping[str, Any]]:
    """The statement in that database's words, and the values that are part of it."""
    kind: Callable[..., Dialect] = type(dialect)
    named: Literal["named", "pyformat"] = "named" if dialect.name == "sqlite" else "pyformat"
    compiled = statement.compile(dialect=kind(paramstyle=named))
    return str(compiled), dict(compiled.params)


def places(name: str, count: int) -> list[sa.BindParameter[Any]]:
    """As many parameters for an IN list."""
    return [sa.bindparam(f"{name}{number}") for number in range(count)]


def numbered(name: str, values: Sequence[Any]) -> dict[str, Any]:
    """What goes there."""
    return {f"{name}{number}": value for number, value in enumerate(values)}
