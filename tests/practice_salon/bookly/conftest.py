"""Databases for Bookly's side, on SQLite and on MariaDB."""

from pathlib import Path

import pytest

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
