"""A store, a clock that is turned by hand, and a side that answers as it is told."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine

from sync.breakers import Breakers
from sync.store.connection import open_store
from tests.sync.breakers.told import Clock


@pytest.fixture(scope="session")
def new_store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The file of a store in which nothing was ever written, to copy from."""
    path = tmp_path_factory.mktemp("store") / "new.db"
    open_store(f"sqlite:///{path}").dispose()
    return path


@pytest.fixture
def store_url(tmp_path: Path, new_store: Path) -> str:
    return f"sqlite:///{shutil.copy(new_store, tmp_path / 'slotkeeper.db')}"


@pytest.fixture
def store(store_url: str) -> Iterator[Engine]:
    engine = open_store(store_url)
    yield engine
    engine.dispose()


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def breakers(store: Engine, clock: Clock) -> Breakers:
    return Breakers(store, clock)
