"""A store of its own for each test."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy.engine import Engine

from sync.store.connection import open_store


@pytest.fixture
def store_url(tmp_path: Path) -> str:
    """The address of a store that is not there yet."""
    return f"sqlite:///{tmp_path / 'var' / 'store.db'}"


@pytest.fixture(scope="session")
def new_store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The file of a store in which nothing was ever written, to copy from."""
    path = tmp_path_factory.mktemp("store") / "new.db"
    open_store(f"sqlite:///{path}").dispose()
    return path


@pytest.fixture
def store(store_url: str, new_store: Path) -> Iterator[Engine]:
    """An empty store with the schema of today."""
    place = Path(store_url.removeprefix("sqlite:///"))
    place.parent.mkdir()
    shutil.copy(new_store, place)
    engine = open_store(store_url)
    yield engine
    engine.dispose()
