"""The same Bookly on SQLite and on a private MariaDB: what holds on one must hold on the other."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from practice_salon.bookly.tables import create, open_engine
from tests.servers import mariadb as mariadb_room
from tests.sync.calendars.bookly.salon import Salon

BOTH = [pytest.param("sqlite"), pytest.param("mariadb", marks=pytest.mark.mariadb)]


@pytest.fixture(params=BOTH)
def bookly_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The URL of an empty database of either kind."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'bookly.db'}"
    url: str = request.getfixturevalue("mariadb_url")
    return url


@pytest.fixture(scope="session")
def mariadb_home(mariadb_server: int) -> Iterator[str]:
    """The URL of a database with Bookly's tables, made once: making them takes longer than any test."""
    with mariadb_room.database(mariadb_server) as url:
        engine = open_engine(url)
        create(engine)
        engine.dispose()
        yield url


def sweep(url: str) -> None:
    """Leave Bookly's own tables in the database, empty and counting from 1, and nothing else."""
    engine = open_engine(url)
    ours = create(engine).metadata.tables
    with engine.begin() as connection:
        connection.exec_driver_sql("SET FOREIGN_KEY_CHECKS = 0")
        names = connection.exec_driver_sql("SHOW FULL TABLES").all()
        for name, kind in names:
            if name in ours:
                connection.execute(sa.delete(ours[name]))
            else:
                connection.exec_driver_sql(f"DROP {'VIEW' if kind == 'VIEW' else 'TABLE'} `{name}`")
        for name in ("appointments", "customer_appointments"):
            connection.exec_driver_sql(f"ALTER TABLE wp_bookly_{name} AUTO_INCREMENT = 1")
    engine.dispose()


@pytest.fixture
def mariadb_salon(mariadb_home: str) -> Iterator[Salon]:
    sweep(mariadb_home)
    made = Salon(mariadb_home, has_tables=True)
    yield made
    made.close()


@pytest.fixture(scope="session")
def sqlite_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A SQLite file with Bookly's empty tables, to copy."""
    file = tmp_path_factory.mktemp("bookly") / "empty.db"
    engine = open_engine(f"sqlite:///{file}")
    create(engine)
    engine.dispose()
    return file


@pytest.fixture
def sqlite_salon(sqlite_home: Path, tmp_path: Path) -> Iterator[Salon]:
    file = tmp_path / "bookly.db"
    shutil.copyfile(sqlite_home, file)
    made = Salon(f"sqlite:///{file}", has_tables=True)
    yield made
    made.close()


@pytest.fixture(params=BOTH)
def salon(request: pytest.FixtureRequest) -> Salon:
    """A small salon on either database."""
    made: Salon = request.getfixturevalue(f"{request.param}_salon")
    return made
