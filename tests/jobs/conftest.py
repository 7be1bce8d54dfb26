"""An empty practice Square and a salon on it, with Bookly on SQLite and on MariaDB."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from practice_salon.square.seed import empty_world
from practice_salon.square.server import running_square
from tests.jobs.salon import Salon

ZONE = "America/Chicago"


@pytest.fixture(scope="session")
def empty_square() -> Iterator[str]:
    """The address of a practice Square with a location and nothing else; nobody writes to it."""
    with running_square(empty_world(ZONE)) as square:
        yield square.url


@pytest.fixture(params=["sqlite", "mariadb"])
def either_bookly(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The URL of an empty database, of each kind in turn."""
    if request.param == "mariadb":
        return str(request.getfixturevalue("mariadb_url"))
    return f"sqlite:///{tmp_path}/bookly.db"


@pytest.fixture
def salon(tmp_path: Path, empty_square: str) -> Salon:
    """A salon whose Bookly is on SQLite and holds nothing yet."""
    return Salon(tmp_path, f"sqlite:///{tmp_path}/bookly.db", empty_square)
