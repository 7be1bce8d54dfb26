"""The same Bookly on SQLite and on a private MariaDB: what holds on one must hold on the other."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.sync.calendars.bookly.salon import Salon

BOTH = [pytest.param("sqlite"), pytest.param("mariadb", marks=pytest.mark.mariadb)]


@pytest.fixture(params=BOTH)
def bookly_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The URL of an empty database of either kind."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'bookly.db'}"
    url: str = request.getfixturevalue("mariadb_url")
    return url


@pytest.fixture
def salon(bookly_url: str) -> Iterator[Salon]:
    made = Salon(bookly_url)
    yield made
    made.close()


@pytest.fixture
def mariadb_salon(mariadb_url: str) -> Iterator[Salon]:
    made = Salon(mariadb_url)
    yield made
    made.close()


@pytest.fixture
def sqlite_salon(tmp_path: Path) -> Iterator[Salon]:
    made = Salon(f"sqlite:///{tmp_path / 'bookly.db'}")
    yield made
    made.close()
