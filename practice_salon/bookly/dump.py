"""Reading a file with another Bookly's rows, and refusing it whole with one sentence when it is malformed.

Pure but for opening the file. The form: an object with `meta` (`site_timezone`), `tables` and `extra_tables`, each
a table's short name (`appointments`) to a list of rows. Values of text columns are never repeated in a sentence,
they may be a client's.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from practice_salon import PracticeError
from practice_salon.bookly.site import zone_options
from practice_salon.bookly.tables import Bookly
from practice_salon.bookly.values import Unfit, convert

Row = dict[str, Any]

REQUIRED = ("staff", "services", "staff_services", "customers", "appointments", "customer_appointments")
NOT_FROM_A_FILE = frozenset({"options"})
LONG_AGO = datetime.fromisoformat("2000-01-01 00:00:00")
STAND_INS: Mapping[str, Row] = {
    "categories": {"name": ""},
    "orders": {},
    "payments": {"created_at": LONG_AGO, "updated_at": LONG_AGO},
    "series": {"token": ""},
}
"""What a row of a table that dumps leave out must hold, so that what points at it can be loaded as it is."""


@dataclass(frozen=True, slots=True)
class Dump:
    """Rows ready to insert, parents first, and what of the file was left aside (names with how many values)."""

    zone: str
    rows: Mapping[str, list[Row]]
    ignored_tables: tuple[str, ...]
    ignored_columns: tuple[str, ...]
    stand_ins: Mapping[str, int]
    """Rows made up for tables that the file leaves out and its rows point at: "payments" to their number."""


def read_dump(file: Path, bookly: Bookly) -> Dump:
    """The file's rows, checked against the tables. Raises PracticeError, naming table, row and column."""
    try:
        document = json.loads(file.read_text("utf-8"))
    except OSError as error:
        raise PracticeError(f"{file} cannot be read ({error.strerror}); give the path of a file of rows.") from None
    except ValueError:
        raise PracticeError(f"{file.name} is not JSON; nothing was loaded.") from None
    try:
        return check(document, bookly)
    except Unfit as unfit:
        raise PracticeError(f"{file.name}: {unfit}; nothing was loaded.") from None


def check(document: Any, bookly: Bookly) -> Dump:
    """The document's rows as values of the tables' columns. Raises Unfit at the first thing that does not fit."""
    zone = _zone(document)
    given = _given_tables(document)
    known = {name: table for name, table in bookly.by_name.items() if name in given and name not in NOT_FROM_A_FILE}
    rows = {name: _rows(name, given[name], table) for name, table in known.items()}
    stand_ins: dict[str, list[Row]] = {}
    for name, table in known.items():
        _no_duplicates(name, table, rows[name])
        for parent, ids in _missing_parents(name, table, rows).items():
            stand_ins.setdefault(parent, []).extend(_stand_in(parent, one) for one in ids)
    return Dump(
        zone=zone,
        rows={**rows, **{parent: _once(made) for parent, made in stand_ins.items()}},
        ignored_tables=tuple(sorted(set(given) - set(known))),
        ignored_columns=tuple(_unknown_columns(given, known)),
        stand_ins={parent: len(_once(made)) for parent, made in stand_ins.items()},
    )


def _zone(document: Any) -> str:
    if not isinstance(document, dict) or not isinstance(document.get("meta"), dict):
        raise Unfit("it has no object `meta`")
    zone = document["meta"].get("site_timezone")
    if not isinstance(zone, str):
        raise Unfit("`meta.site_timezone` is missing, and without it the times mean nothing")
    try:
        zone_options(zone)
    except PracticeError:
        raise Unfit("`meta.site_timezone` is no time zone known here") from None
    return zone


def _given_tables(document: Mapping[str, Any]) -> dict[str, list[Any]]:
    given: dict[str, list[Any]] = {}
    for group in ("tables", "extra_tables"):
        tables = document.get(group, {} if group == "extra_tables" else None)
        if not isinstance(tables, dict):
            raise Unfit(f"it has no object `{group}`")
        for name, rows in tables.items():
            if name in given:
                raise Unfit(f"table {name} is there twice")
            if not isinstance(rows, list):
                raise Unfit(f"table {name} is not a list of rows")
            given[name] = rows
    if missing := [name for name in REQUIRED if name not in given]:
        raise Unfit(f"table {missing[0]} is missing")
    return given


def _rows(name: str, given: list[Any], table: sa.Table) -> list[Row]:
    return [_row(f"table {name}, row {number}", row, table) for number, row in enumerate(given, start=1)]


def _row(where: str, given: Any, table: sa.Table) -> Row:
    """One row with every column of the table: what the row leaves out gets the column's default."""
    if not isinstance(given, dict):
        raise Unfit(f"{where} is not an object")
    return {
        column.name: _value(f"{where}, column {column.name}", given, column)
        for column in table.columns
        if column.name in given or column.server_default is None
    }


def _value(where: str, given: Mapping[str, Any], column: sa.Column[Any]) -> Any:
    value = given.get(column.name)
    if value is None:
        if column.nullable:
            return None
        raise Unfit(f"{where} has no value")
    try:
        return convert(value, column.type)
    except Unfit as unfit:
        raise Unfit(f"{where} {unfit}") from None


def _no_duplicates(name: str, table: sa.Table, rows: list[Row]) -> None:
    for columns in _unique_columns(table):
        seen: set[tuple[Any, ...]] = set()
        for number, row in enumerate(rows, start=1):
            key = tuple(row.get(column) for column in columns)
            if key in seen and None not in key:
                raise Unfit(f"table {name}, row {number}, column {', '.join(columns)}: {_shown(key)} is there twice")
            seen.add(key)


def _unique_columns(table: sa.Table) -> Iterator[tuple[str, ...]]:
    """The key, and what else may be there once only. A NULL is never the same as another NULL."""
    yield tuple(column.name for column in table.primary_key)
    for constraint in table.constraints:
        if isinstance(constraint, sa.UniqueConstraint):
            yield tuple(column.name for column in constraint.columns)


def _missing_parents(name: str, table: sa.Table, rows: Mapping[str, list[Row]]) -> dict[str, set[int]]:
    """Refuse references to rows that are not there; tell those into tables that the file leaves out."""
    missing: dict[str, set[int]] = {}
    for key in table.foreign_keys:
        column, parent = key.parent.name, _short_name(key.column.table, table, name)
        known = {row["id"] for row in rows[parent]} if parent in rows else None
        for number, row in enumerate(rows[name], start=1):
            value = row.get(column)
            if value is None or (known is not None and value in known):
                continue
            if known is not None or parent not in STAND_INS:
                raise Unfit(f"table {name}, row {number}, column {column} names {parent} {value}, which is not there")
            missing.setdefault(parent, set()).add(value)
    return missing


def _stand_in(parent: str, row_id: int) -> Row:
    return {"id": row_id, **STAND_INS[parent]}


def _once(made: list[Row]) -> list[Row]:
    return list({row["id"]: row for row in made}.values())


def _short_name(table: sa.Table, beside: sa.Table, short: str) -> str:
    """A table's name without prefix, learned from another whose short name is known."""
    return table.name.removeprefix(beside.name.removesuffix(short))


def _unknown_columns(given: Mapping[str, list[Any]], known: Mapping[str, sa.Table]) -> Iterator[str]:
    for name, table in known.items():
        there = {column for row in given[name] for column in row}
        yield from (f"{name}.{column}" for column in sorted(there - set(table.columns.keys())))


def _shown(key: tuple[Any, ...]) -> str:
    return ", ".join(str(part) for part in key if isinstance(part, int | date | datetime))
