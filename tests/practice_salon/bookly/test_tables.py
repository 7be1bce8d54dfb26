"""The practice tables against the schema of a running Bookly."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from practice_salon.bookly.tables import Bookly, create, drop, open_engine, tables

SCHEMA = Path(__file__).parents[2] / "data" / "bookly-27.4-schema.json"
MADE_UP_BY_WORDPRESS = {"options"}


def real_tables() -> dict[str, dict[str, Any]]:
    """Bookly's own tables that the practice salon has too, by their short names."""
    document = json.loads(SCHEMA.read_text("utf-8"))["tables"]
    ours = set(tables().by_name) - MADE_UP_BY_WORDPRESS
    return {short: document["{prefix}bookly_" + short] for short in sorted(ours)}


@pytest.fixture
def engine(tmp_path: Path) -> sa.Engine:
    return open_engine(f"sqlite:///{tmp_path}/bookly.db")


def test_the_practice_tables_have_the_columns_of_a_running_bookly_in_their_order(engine: sa.Engine) -> None:
    create(engine)
    there = sa.inspect(engine)
    for short, real in real_tables().items():
        columns = there.get_columns(f"wp_bookly_{short}")
        assert [c["name"] for c in columns] == [c["column"] for c in real["columns"]], short
        assert [c["nullable"] for c in columns] == [c["nullable"] for c in real["columns"]], short


def test_the_practice_tables_have_the_foreign_keys_of_a_running_bookly(engine: sa.Engine) -> None:
    create(engine, "wp_2_")
    there = sa.inspect(engine)
    for short, real in real_tables().items():
        made = {
            (k["constrained_columns"][0], k["referred_table"], k["options"]["onupdate"], k["options"]["ondelete"])
            for k in there.get_foreign_keys(f"wp_2_bookly_{short}")
        }
        assert made == {_real_key(key, "wp_2_") for key in real["foreign_keys"]}, short


def _real_key(key: dict[str, str], prefix: str) -> tuple[str, str, str, str]:
    table = key["references"].replace("{prefix}", prefix).removesuffix("(id)")
    return key["column"], table, key["on_update"], key["on_delete"]


@pytest.mark.mariadb
def test_on_mariadb_every_type_default_key_and_index_is_that_of_a_running_bookly(mariadb_url: str) -> None:
    engine = open_engine(mariadb_url)
    create(engine)
    with engine.connect() as connection:
        for short, real in real_tables().items():
            assert _columns(connection, f"wp_bookly_{short}") == real["columns"], short
            assert _keys(connection, f"wp_bookly_{short}") == _named(real["foreign_keys"]), short
            assert _indexes(connection, f"wp_bookly_{short}") == _index_set(real["indexes"]), short
            assert _engine_and_collation(connection, f"wp_bookly_{short}") == (real["engine"], real["collation"])
    engine.dispose()


def _named(keys: list[dict[str, str]]) -> list[tuple[str, str, str, str]]:
    return sorted(_real_key(key, "wp_") for key in keys)


def _index_set(indexes: list[dict[str, Any]]) -> set[tuple[str, bool, tuple[str, ...]]]:
    return {(i["name"], i["unique"], tuple(i["columns"])) for i in indexes}


def _columns(connection: sa.Connection, table: str) -> list[dict[str, Any]]:
    rows = connection.execute(
        sa.text(
            "SELECT column_name, column_type, is_nullable, column_default, column_key, extra"
            " FROM information_schema.columns WHERE table_schema = DATABASE() AND table_name = :t"
            " ORDER BY ordinal_position"
        ),
        {"t": table},
    )
    names = ("column", "type", "nullable", "default", "key", "extra")
    return [dict(zip(names, (n, t, y == "YES", d, k, e), strict=True)) for n, t, y, d, k, e in rows]


def _keys(connection: sa.Connection, table: str) -> list[tuple[str, str, str, str]]:
    """Without the keys' numbers: those only tell in which order Bookly adds them."""
    rows = connection.execute(
        sa.text(
            "SELECT k.column_name, k.referenced_table_name, r.update_rule, r.delete_rule"
            " FROM information_schema.key_column_usage k"
            " JOIN information_schema.referential_constraints r"
            " ON r.constraint_schema = k.table_schema AND r.constraint_name = k.constraint_name"
            " WHERE k.table_schema = DATABASE() AND k.table_name = :t AND k.referenced_column_name = 'id'"
        ),
        {"t": table},
    )
    return sorted((column, target, on_update, on_delete) for column, target, on_update, on_delete in rows)


def _indexes(connection: sa.Connection, table: str) -> set[tuple[str, bool, tuple[str, ...]]]:
    rows = connection.execute(
        sa.text(
            "SELECT index_name, MAX(non_unique), GROUP_CONCAT(column_name ORDER BY seq_in_index)"
            " FROM information_schema.statistics WHERE table_schema = DATABASE() AND table_name = :t"
            " GROUP BY index_name"
        ),
        {"t": table},
    )
    return {(name, not non_unique, tuple(columns.split(","))) for name, non_unique, columns in rows}


def _engine_and_collation(connection: sa.Connection, table: str) -> tuple[str, str]:
    row = connection.execute(
        sa.text(
            "SELECT engine, table_collation FROM information_schema.tables"
            " WHERE table_schema = DATABASE() AND table_name = :t"
        ),
        {"t": table},
    ).one()
    return row[0], row[1]


def test_a_deleted_service_takes_its_appointments_along_also_on_sqlite(engine: sa.Engine) -> None:
    bookly = create(engine)
    _one_appointment(engine, bookly)
    with engine.begin() as connection:
        connection.execute(sa.delete(bookly.services))
        assert connection.scalar(sa.select(sa.func.count()).select_from(bookly.appointments)) == 0


def test_sqlite_refuses_a_word_that_the_enum_does_not_have(engine: sa.Engine) -> None:
    bookly = create(engine)
    _one_appointment(engine, bookly)
    with engine.begin() as connection, pytest.raises(sa.exc.IntegrityError):
        connection.execute(sa.text("UPDATE wp_bookly_appointments SET created_from = 'somewhere'"))


def test_times_are_kept_on_sqlite_to_the_second_as_mysql_shows_them(engine: sa.Engine) -> None:
    _one_appointment(engine, create(engine))
    with engine.connect() as connection:
        written = connection.scalar(sa.text("SELECT start_date FROM wp_bookly_appointments"))
    assert re.fullmatch(r"2026-03-02 10:00:00", str(written))


def _one_appointment(engine: sa.Engine, bookly: Bookly) -> None:
    start = sa.text("'2026-03-02 10:00:00'")
    with engine.begin() as connection:
        connection.execute(sa.insert(bookly.staff).values(id=1, full_name="Maria"))
        connection.execute(sa.insert(bookly.services).values(id=1, title="Blowout"))
        connection.execute(
            sa.insert(bookly.appointments).values(
                id=1, staff_id=1, service_id=1, start_date=start, end_date=start, created_at=start, updated_at=start
            )
        )


def test_two_sites_live_in_one_database_under_their_own_prefixes(engine: sa.Engine) -> None:
    create(engine, "wp_")
    create(engine, "wp_2_")
    drop(engine, "wp_2_")
    names = sa.inspect(engine).get_table_names()
    assert "wp_bookly_appointments" in names and "wp_2_bookly_appointments" not in names
