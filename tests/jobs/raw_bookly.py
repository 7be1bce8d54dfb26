"""Bookly's tables made from the dump of a real schema and filled by plain INSERTs: nothing of the practice salon's."""

from __future__ import annotations

import copy
import json
from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa

from tests.jobs.salon import SAMPLE, SCHEMA

Row = dict[str, Any]
Rows = dict[str, list[Row]]

PLACEHOLDER = "{prefix}"
CHICAGO = {"timezone_string": "America/Chicago", "gmt_offset": "0"}
STATUSES = (
    "CREATE TABLE `{p}bookly_custom_statuses` (`id` int(10) unsigned NOT NULL, `slug` varchar(255) NOT NULL, "
    "`name` varchar(255), `busy` tinyint(1) NOT NULL DEFAULT 1, `color` varchar(255), `position` int(11))"
)
OPTIONS = (
    "CREATE TABLE `{p}options` (`option_id` bigint(20) unsigned NOT NULL AUTO_INCREMENT PRIMARY KEY, "
    "`option_name` varchar(191) NOT NULL, `option_value` longtext NOT NULL, `autoload` varchar(20) NOT NULL)"
)


def sample_rows() -> Rows:
    """The sample's rows by the tables' short names, to change as one likes."""
    document = json.loads(SAMPLE.read_text())
    return copy.deepcopy({**document["tables"], **document["extra_tables"]})


def by_id(rows: list[Row], number: int) -> Row:
    return next(row for row in rows if row["id"] == number)


def raw_bookly(
    url: str,
    rows: Rows,
    *,
    prefix: str = "wp_",
    options: Mapping[str, str] | None = None,
    without: frozenset[str] = frozenset(),
    add: Mapping[str, str] | None = None,
) -> None:
    """Make and fill the tables on MariaDB.

    `without` names tables ("payments") and columns ("customers.full_name") that this Bookly does not have. `add` has
    SQL types of columns that it has besides, by "table.column". `options` None: there is no options table.
    """
    engine = sa.create_engine(url, isolation_level="AUTOCOMMIT")
    try:
        with engine.connect() as conn:
            for statement in _tables(prefix, without, add or {}):
                conn.exec_driver_sql(statement.replace("%", "%%"))
            if options is not None:
                conn.exec_driver_sql(OPTIONS.replace("{p}", prefix))
                _fill(conn, f"{prefix}options", [
                    {"option_name": name, "option_value": value, "autoload": "yes"} for name, value in options.items()
                ])  # fmt: skip
            if "custom_statuses" in rows:
                conn.exec_driver_sql(STATUSES.replace("{p}", prefix))
            for table, some in rows.items():
                if table not in without:
                    _fill(conn, f"{prefix}bookly_{table}", [_kept(table, row, without) for row in some])
    finally:
        engine.dispose()


def _tables(prefix: str, without: frozenset[str], add: Mapping[str, str]) -> list[str]:
    made = []
    for name, table in json.loads(SCHEMA.read_text())["tables"].items():
        short = name.removeprefix(f"{PLACEHOLDER}bookly_")
        if short in without:
            continue
        columns = [_column(c) for c in table["columns"] if f"{short}.{c['column']}" not in without]
        columns += [f"`{key.partition('.')[2]}` {kind}" for key, kind in add.items() if key.startswith(f"{short}.")]
        made.append(
            f"CREATE TABLE `{prefix}bookly_{short}` ({', '.join(columns)}) ENGINE={table['engine']} "
            "DEFAULT CHARSET=utf8mb4"
        )
    return made


def _column(column: Mapping[str, Any]) -> str:
    words = [f"`{column['column']}`", column["type"], "NULL" if column["nullable"] else "NOT NULL"]
    if column["default"] is not None:
        words.append(f"DEFAULT {column['default']}")
    if "auto_increment" in column["extra"]:
        words.append("AUTO_INCREMENT PRIMARY KEY")
    return " ".join(words)


def _kept(table: str, row: Row, without: frozenset[str]) -> Row:
    return {name: value for name, value in row.items() if f"{table}.{name}" not in without}


def _fill(conn: sa.Connection, table: str, rows: list[Row]) -> None:
    shapes: dict[tuple[str, ...], list[Row]] = {}
    for row in rows:
        shapes.setdefault(tuple(row), []).append(row)
    for names, some in shapes.items():
        columns = ", ".join(f"`{name}`" for name in names)
        values = ", ".join(["%s"] * len(names))
        cursor = conn.connection.cursor()
        cursor.executemany(f"INSERT INTO `{table}` ({columns}) VALUES ({values})", [tuple(r.values()) for r in some])
        cursor.close()
