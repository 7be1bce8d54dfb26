"""A store of its own for each test."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy.engine import Engine

from sync.store.connection import open_store


@pytest.fixture
def store_url(tmp_path: Path) -> str:
    """The address of a store that is not there yet."""
    return f"sqlite:///{tmp_path / 'var' / 'store.db'}"


@pytest.fixture
def store(store_url: str) -> Iterator[Engine]:
    """An empty store with the schema of today."""
    engine = open_store(store_url)
    yield engine
    engine.dispose()
