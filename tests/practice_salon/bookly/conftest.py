"""Databases for Bookly's side, on SQLite and on MariaDB."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.practice_salon.bookly.small_salon import Salon, small_salon

SAMPLE = Path(__file__).parents[2] / "data" / "bookly-27.4-sample.json"


@pytest.fixture
def sqlite_url(tmp_path: Path) -> str:
    """An empty SQLite database of this test alone."""
    return f"sqlite:///{tmp_path}/bookly.db"


@pytest.fixture(params=["sqlite", pytest.param("mariadb", marks=pytest.mark.mariadb)])
def either_url(request: pytest.FixtureRequest) -> str:
    """An empty database, once on each of the two kinds."""
    fixture = "sqlite_url" if request.param == "sqlite" else "mariadb_url"
    url: str = request.getfixturevalue(fixture)
    return url


@pytest.fixture
def salon(sqlite_url: str) -> Iterator[Salon]:
    """A small salon on SQLite, its clock at a Monday's 09:00 local."""
    made = small_salon(sqlite_url)
    yield made
    made.site.engine.dispose()


@pytest.fixture
def either_salon(either_url: str) -> Iterator[Salon]:
    """The same, once on each kind of database."""
    made = small_salon(either_url)
    yield made
    made.site.engine.dispose()


@pytest.fixture
def mariadb_salon(mariadb_url: str) -> Iterator[Salon]:
    """The same on MariaDB alone."""
    made = small_salon(mariadb_url)
    yield made
    made.site.engine.dispose()
