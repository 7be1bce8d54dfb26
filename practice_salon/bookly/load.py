"""Filling Bookly's tables with another running Bookly's rows, or with any rows at all, whole or not at all."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from practice_salon import PracticeError
from practice_salon.bookly.dump import Dump, Row, read_dump
from practice_salon.bookly.site import DEFAULTS, write_options, zone_options
from practice_salon.bookly.tables import DEFAULT_PREFIX, Bookly, create, not_writable, open_engine, tables


@dataclass(frozen=True, slots=True)
class Loaded:
    """What a load did: rows by table, and what of the file was left aside."""

    rows: Mapping[str, int]
    zone: str
    ignored_tables: tuple[str, ...]
    ignored_columns: tuple[str, ...]
    stand_ins: Mapping[str, int]

    def sentence(self) -> str:
        """One line for the terminal."""
        appointments = self.rows.get("appointments", 0)
        said = f"Loaded {appointments} appointments and {sum(self.rows.values())} rows in all, times in {self.zone}."
        if self.ignored_tables or self.ignored_columns:
            said += f" Left aside: {len(self.ignored_tables)} tables and {len(self.ignored_columns)} columns not known."
        if self.stand_ins:
            said += (
                f" {sum(self.stand_ins.values())} of these stand in for rows that the file points at and leaves out."
            )
        return said


def load(url: str, file: Path | str, prefix: str = DEFAULT_PREFIX) -> Loaded:
    """Put the file's rows in place of what the site's tables hold, creating the tables where they are missing.

    `url` is SQLAlchemy's. Raises PracticeError with one sentence when the file is malformed, its rows do not hold
    together or the database cannot be written; then nothing has changed.
    """
    dump = read_dump(Path(file), tables(prefix))
    engine = open_engine(url)
    try:
        replace_all(engine, create(engine, prefix), dump.rows, zone_options(dump.zone))
    except sa.exc.IntegrityError:
        raise PracticeError(f"The database refused the rows of {Path(file).name} as not fitting together.") from None
    except sa.exc.DBAPIError as error:
        raise not_writable(error) from None
    finally:
        engine.dispose()
    return _loaded(dump)


def replace_all(engine: sa.Engine, bookly: Bookly, rows: Mapping[str, list[Row]], options: Mapping[str, str]) -> None:
    """In one transaction: empty every table of the site, insert these rows, set Bookly's default options and these."""
    with engine.begin() as connection:
        for table in reversed(bookly.metadata.sorted_tables):
            connection.execute(sa.delete(table))
        for name, table in bookly.by_name.items():
            _insert(connection, table, rows.get(name, []))
        write_options(connection, bookly, {**DEFAULTS, **options})


def _insert(connection: sa.Connection, table: sa.Table, rows: list[Row]) -> None:
    """Rows of one shape at a time (a column left out gets the table's default), those that point at none first."""
    shapes: dict[tuple[str, ...], list[Row]] = {}
    for row in sorted(rows, key=_after_its_parent):
        shapes.setdefault(tuple(row), []).append(row)
    for shape in shapes.values():
        connection.execute(sa.insert(table), shape)


def _after_its_parent(row: Row) -> tuple[bool, Any]:
    return row.get("parent_id") is not None, row["id"]


def _loaded(dump: Dump) -> Loaded:
    counts = {name: len(rows) for name, rows in dump.rows.items()}
    return Loaded(counts, dump.zone, dump.ignored_tables, dump.ignored_columns, dump.stand_ins)
