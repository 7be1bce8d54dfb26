"""The store opens safely, says plainly why it cannot, and loses no update."""

from __future__ import annotations

import shutil
import sqlite3
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy.engine import Engine
from sqlalchemy.exc import OperationalError

from sync.locking.contract import Busy, Claim, Lease
from sync.locking.fencing import Superseded, refuse_if_superseded
from sync.locking.sqlite import StoreLocks
from sync.store import schema, turns
from sync.store.connection import StoreProblem, open_store, reading, writing
from sync.store.schema import head, revision_of
from sync.store.tables import keeping, metadata
from sync.store.trouble import explain
from tests.sync.store.processes import COUNTER, count_up, open_together, run_together


def _set_counter(store: Engine, value: int) -> None:
    with writing(store) as conn:
        conn.execute(keeping.insert().values(key=COUNTER, value=value, changed_at=0.0))


def _counter(store: Engine) -> int:
    with reading(store) as conn:
        return int(conn.execute(sa.select(keeping.c.value).where(keeping.c.key == COUNTER)).scalar_one())


# --- the schema ---------------------------------------------------------------------------------------------------


@pytest.fixture
def migrated(tmp_path: Path) -> Iterator[Engine]:
    """A store that came here one revision after the other. A new one is made at once."""
    engine = sa.create_engine(f"sqlite:///{tmp_path / 'migrated.db'}")
    with engine.begin() as conn:
        schema.migrate(conn)
    yield engine
    engine.dispose()


def test_a_new_store_and_one_that_was_migrated_have_exactly_the_tables_that_the_code_knows(
    store: Engine, migrated: Engine
) -> None:
    for engine in (store, migrated):
        with engine.connect() as conn:
            assert compare_metadata(MigrationContext.configure(conn), metadata) == []
            assert revision_of(conn) == head()


def test_a_store_that_was_migrated_lies_on_the_disk_as_a_new_one_does(store: Engine, migrated: Engine) -> None:
    def without_numbers(engine: Engine) -> set[str]:
        with engine.connect() as conn:
            return set(
                conn.exec_driver_sql(
                    "SELECT name FROM pragma_table_list WHERE wr = 1 AND name != 'sqlite_schema'"
                ).scalars()
            )

    assert without_numbers(store) == without_numbers(migrated) != set()


def test_the_migrations_give_every_column_the_default_that_the_code_knows(store: Engine, migrated: Engine) -> None:
    def defaults(engine: Engine) -> dict[tuple[str, str], object]:
        looked = sa.inspect(engine)
        return {(t, c["name"]): c["default"] for t in metadata.tables for c in looked.get_columns(t)}

    assert defaults(store) == defaults(migrated)


def test_a_new_revision_holds_what_the_tables_have_beyond_the_last_one(
    store: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    copied = tmp_path / "migrations"
    shutil.copytree(schema._MIGRATIONS, copied)
    monkeypatch.setattr(schema, "_MIGRATIONS", copied)
    with writing(store) as conn:
        conn.exec_driver_sql("ALTER TABLE sides DROP COLUMN withheld")
        written = schema.write_revision(conn, "side by side")
    assert written.parent == copied / "versions"
    assert [line.strip() for line in written.read_text().splitlines() if "add_column" in line] == [
        "batch_op.add_column(sa.Column('withheld', sa.JSON(), nullable=True))"
    ]


def test_leases_and_what_they_fence_off_outlive_the_release_that_moved_them(tmp_path: Path) -> None:
    """A store of the release before, with a lease that runs, one that was let go of, and a sequence beyond both."""
    url = f"sqlite:///{tmp_path / 'before.db'}"
    plain = sa.create_engine(url)
    with plain.begin() as conn:
        config = schema._config()
        config.attributes["connection"] = conn
        command.upgrade(config, "0002")
        conn.exec_driver_sql("INSERT INTO tokens (id, drawn_at) VALUES (7, 50.0)")
        conn.exec_driver_sql("INSERT INTO leases VALUES (5, 'worker', 10.0, 40.0)")
        conn.exec_driver_sql("INSERT INTO claims VALUES (5, 0, 'staff:1', 100.0, 200.0)")
        for token in (4, 5):
            conn.exec_driver_sql(f"INSERT INTO grants VALUES ({token}, 0, 'staff:1', 100.0, 200.0, 10.0)")
    plain.dispose()
    engine = open_store(url)
    locks = StoreLocks(engine, lambda: 20.0, lambda: 0.0)
    (running,) = locks.leases()
    assert (running.token, running.claims) == (5, (Claim("staff:1", 100.0, 200.0),))
    assert locks.acquire([Claim("staff:1", 150.0, 250.0)], "another", 30.0) == Busy("worker", 40.0, running.claims[0])
    other = locks.acquire([Claim("staff:1", 200.0, 250.0)], "another", 30.0)
    assert isinstance(other, Lease) and other.token == 8
    with reading(engine) as conn, pytest.raises(Superseded):
        refuse_if_superseded(conn, replace(running, token=4))
    engine.dispose()


def test_a_store_is_at_the_newest_revision_and_opening_it_again_changes_nothing(store: Engine, store_url: str) -> None:
    _set_counter(store, 7)
    again = open_store(store_url)
    with reading(again) as conn:
        assert revision_of(conn) == head()
    assert _counter(again) == 7
    again.dispose()


def test_four_processes_that_start_at_once_make_one_good_store(store_url: str) -> None:
    assert run_together(4, open_together, store_url) == [0, 0, 0, 0]
    engine = open_store(store_url)
    with reading(engine) as conn:
        assert compare_metadata(MigrationContext.configure(conn), metadata) == []
    engine.dispose()


# --- settings of the connection -------------------------------------------------------------------------------------


def test_what_is_acknowledged_is_on_disk_and_foreign_keys_hold(store: Engine) -> None:
    with reading(store) as conn:
        found = [conn.exec_driver_sql(f"PRAGMA {name}").scalar() for name in ("journal_mode", "synchronous")]
        assert found == ["wal", 2]
        assert conn.exec_driver_sql("PRAGMA foreign_keys").scalar() == 1
        assert conn.exec_driver_sql("PRAGMA busy_timeout").scalar() == turns.WAIT_FOR_TURN * 1000


def test_a_reading_transaction_sees_one_moment(store: Engine) -> None:
    _set_counter(store, 1)
    mine = keeping.c.key == COUNTER
    with reading(store) as conn:
        before = conn.execute(sa.select(keeping.c.value).where(mine)).scalar_one()
        with writing(store) as other:
            other.execute(keeping.update().where(mine).values(value=2))
        assert conn.execute(sa.select(keeping.c.value).where(mine)).scalar_one() == before
    assert _counter(store) == 2


def test_a_reading_transaction_cannot_write(store: Engine) -> None:
    with pytest.raises(OperationalError, match="readonly"), reading(store) as conn:
        conn.execute(keeping.delete())


def test_the_same_connection_may_write_again_after_it_was_used_for_reading(store: Engine) -> None:
    with reading(store) as conn:
        conn.execute(sa.select(keeping))
    _set_counter(store, 3)
    assert _counter(store) == 3


def test_an_exception_in_the_block_undoes_all_of_it(store: Engine) -> None:
    def half(conn: sa.Connection) -> None:
        conn.execute(keeping.insert().values(key="half", value=1, changed_at=0.0))
        raise LookupError

    with pytest.raises(LookupError), writing(store) as conn:
        half(conn)
    with reading(store) as conn:
        assert conn.execute(sa.select(keeping)).all() == []


# --- no update is lost ----------------------------------------------------------------------------------------------


def test_three_processes_counting_up_together_lose_nothing(store: Engine, store_url: str) -> None:
    _set_counter(store, 0)
    assert run_together(3, count_up, store_url, 200) == [0, 0, 0]
    assert _counter(store) == 600


@pytest.mark.parametrize("settings", [{}, {"isolation_level": "IMMEDIATE"}])
def test_the_same_counting_with_sqlalchemys_own_settings_loses_an_update_without_a_word(
    store: Engine, store_url: str, settings: dict[str, str]
) -> None:
    _set_counter(store, 0)
    loose = sa.create_engine(store_url, connect_args=settings)
    mine = keeping.c.key == COUNTER
    with loose.begin() as one, loose.begin() as other:
        for conn in (one, other):
            found = conn.execute(sa.select(keeping.c.value).where(mine)).scalar_one()
            assert found == 0
        one.execute(keeping.update().where(mine).values(value=1))
        one.commit()
        other.execute(keeping.update().where(mine).values(value=1))
    loose.dispose()
    assert _counter(store) == 1


def test_a_second_writer_reads_only_when_the_first_has_committed(store: Engine) -> None:
    _set_counter(store, 0)
    mine = keeping.c.key == COUNTER
    at_the_door, seen = threading.Event(), []

    def second() -> None:
        at_the_door.set()
        with writing(store) as conn:
            seen.append(conn.execute(sa.select(keeping.c.value).where(mine)).scalar_one())

    thread = threading.Thread(target=second)
    with writing(store) as conn:
        thread.start()
        assert at_the_door.wait(10)
        conn.execute(keeping.update().where(mine).values(value=1))
    thread.join(20)
    assert seen == [1]


def test_a_writer_whose_turn_never_comes_says_that_the_store_is_busy(
    store: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(turns, "WAIT_FOR_TURN", 0.02)
    with writing(store), pytest.raises(StoreProblem, match="DATABASE_URL is busy"), writing(store):
        pass
    another = open_store(store.url.render_as_string())
    with writing(store), pytest.raises(StoreProblem, match="DATABASE_URL is busy"), writing(another):
        pass
    another.dispose()


def test_threads_of_one_process_hand_the_turn_on_without_trying_for_it(
    store: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    tries: list[float] = []
    monkeypatch.setattr(time, "sleep", tries.append)
    _set_counter(store, 0)
    mine = keeping.c.key == COUNTER

    def add() -> None:
        for _ in range(25):
            with writing(store) as conn:
                value = conn.execute(sa.select(keeping.c.value).where(mine)).scalar_one()
                conn.execute(keeping.update().where(mine).values(value=value + 1))

    threads = [threading.Thread(target=add) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert _counter(store) == 100
    assert tries == []


# --- why it cannot be used ------------------------------------------------------------------------------------------


def _sentence(url: str) -> str:
    with pytest.raises(StoreProblem) as caught:
        open_store(url)
    text = str(caught.value)
    assert "DATABASE_URL" in text
    assert "\n" not in text
    return text


@pytest.mark.parametrize("url", ["", "nonsense", "mysql://a.example/b", "oracle+nothing://x"])
def test_an_address_of_another_kind_is_refused_with_two_that_would_do(url: str) -> None:
    assert "sqlite:///var/slotkeeper.db or postgresql://" in _sentence(url)


@pytest.mark.parametrize("url", ["sqlite://", "sqlite:///:memory:"])
def test_a_store_that_would_keep_nothing_is_refused(url: str) -> None:
    assert "names no file" in _sentence(url)


def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("here")
    assert str(tmp_path / "file") in _sentence(f"sqlite:///{tmp_path}/file/store.db")


def test_a_file_that_is_no_database_is_named_and_left_as_it_was(tmp_path: Path) -> None:
    (tmp_path / "letter.txt").write_text("Dear reader, this was never a database. " * 40)
    assert "letter.txt, which is not a database" in _sentence(f"sqlite:///{tmp_path}/letter.txt")
    assert (tmp_path / "letter.txt").read_text().startswith("Dear reader")


def test_a_folder_in_the_place_of_the_file_is_named(tmp_path: Path) -> None:
    assert "cannot be opened" in _sentence(f"sqlite:///{tmp_path}")


def test_somebody_elses_database_is_refused_and_not_touched(tmp_path: Path) -> None:
    other = sqlite3.connect(tmp_path / "shop.db")
    other.execute("CREATE TABLE wp_options (name)")
    other.close()
    assert "wp_options" in _sentence(f"sqlite:///{tmp_path}/shop.db")
    other = sqlite3.connect(tmp_path / "shop.db")
    assert other.execute("SELECT name FROM sqlite_master").fetchall() == [("wp_options",)]
    other.close()


def test_a_store_of_a_newer_release_is_refused(store: Engine, store_url: str) -> None:
    with writing(store) as conn:
        conn.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
    assert "newer release" in _sentence(store_url)


def test_a_full_disk_is_told_as_such_and_the_store_works_on_when_there_is_room(store: Engine) -> None:
    def fill(conn: sa.Connection) -> None:
        conn.execute(keeping.insert().values(key="large", value="x" * 200_000, changed_at=0.0))

    with writing(store) as conn:
        pages = conn.exec_driver_sql("PRAGMA page_count").scalar_one()
        conn.exec_driver_sql(f"PRAGMA max_page_count = {pages + 2}")
    with pytest.raises(StoreProblem, match=r"DATABASE_URL .*is full"), writing(store) as conn:
        fill(conn)
    with writing(store) as conn:
        conn.exec_driver_sql("PRAGMA max_page_count = 1073741823")
        fill(conn)


def test_the_password_of_a_server_that_does_not_answer_is_not_shown() -> None:
    address = sa.make_url("postgresql+psycopg://keeper:secret-word@127.0.0.1:1/salon")
    refused = OSError("connection to 127.0.0.1 as keeper with secret-word refused")
    text = str(explain(OperationalError("SELECT 1", {}, refused), address))
    assert "127.0.0.1" in text
    assert "secret-word" not in text


def test_a_server_without_its_driver_is_told_as_such(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "psycopg", None)
    text = _sentence("postgresql://keeper:secret-word@127.0.0.1:1/salon")
    assert "driver is not installed" in text
    assert "secret-word" not in text
