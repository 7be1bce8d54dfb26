"""Writing and looking up many rows at once, in SQL that SQLite and PostgreSQL share."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Any, TypeVar

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import Connection

from sync.model import Ref, Side
from sync.store.prepared import Prepared

CHUNK = 500
"""Values in one IN list; every SQLite takes more."""

T = TypeVar("T")


def insert_all(conn: Connection, table: sa.Table, rows: Sequence[Mapping[str, Any]]) -> None:
    """Insert the rows in one go; none is fine. All rows name the same columns."""
    if rows:
        _inserting(table, tuple(rows[0])).run_all(conn, rows)


@lru_cache(maxsize=256)
def _inserting(table: sa.Table, names: tuple[str, ...]) -> Prepared:
    return Prepared(table.insert(), names)


def upsert(conn: Connection, table: sa.Table, rows: Sequence[Mapping[str, Any]]) -> None:
    """Insert the rows, or update where the primary key is there already. All rows name the same columns."""
    if not rows:
        return
    _upserting(conn.dialect.name, table, tuple(rows[0])).run_all(conn, rows)


@lru_cache(maxsize=256)
def _upserting(dialect: str, table: sa.Table, names: tuple[str, ...]) -> Prepared:
    statement: Any = (postgresql if dialect == "postgresql" else sqlite).insert(table)
    keys = {column.name for column in table.primary_key}
    new = {name: statement.excluded[name] for name in names if name not in keys}
    return Prepared(statement.on_conflict_do_update(index_elements=sorted(keys), set_=new), names)


def named(values: Sequence[object]) -> tuple[str, dict[str, object]]:
    """An IN list for the driver: `:v0, :v1`, and what goes there."""
    return ", ".join(f":v{n}" for n in range(len(values))), {f"v{n}": value for n, value in enumerate(values)}


def chunks(values: Iterable[T]) -> Iterator[list[T]]:
    """The values without doubles, in lists short enough for one statement."""
    unique = list(dict.fromkeys(values))
    for at in range(0, len(unique), CHUNK):
        yield unique[at : at + CHUNK]


def ref_chunks(refs: Iterable[Ref]) -> Iterator[tuple[Side, list[str]]]:
    """The keys of the refs by side, in lists short enough for one statement."""
    keys: dict[Side, list[str]] = {}
    for ref in refs:
        keys.setdefault(ref.side, []).append(ref.key)
    for side, names in keys.items():
        for chunk in chunks(names):
            yield side, chunk
