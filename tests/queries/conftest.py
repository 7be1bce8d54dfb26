"""The small salon's store, for the queries."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine
from sqlalchemy.engine import Connection

from sync.store.connection import open_store, reading
from tests.dashboard.small_store import Shop, busy_day, fill


@pytest.fixture
def shop() -> Shop:
    return busy_day()


@pytest.fixture
def engine(tmp_path: Path, shop: Shop) -> Iterator[Engine]:
    """A store with the busy day in it."""
    made = open_store(f"sqlite:///{tmp_path / 'small.db'}")
    fill(made, shop)
    yield made
    made.dispose()


@pytest.fixture
def conn(engine: Engine) -> Iterator[Connection]:
    with reading(engine) as connection:
        yield connection
