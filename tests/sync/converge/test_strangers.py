"""Another installation is at work while its marks are young, and until a person adopts it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine

from sync.converge.strangers import AT_WORK, strangers
from sync.store import keeping, mirror
from sync.store.connection import open_store, writing
from tests.sync.store.made import NOON, bookly, visit


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Engine]:
    engine = open_store(f"sqlite:///{tmp_path}/store.db")
    yield engine
    engine.dispose()


@pytest.mark.parametrize(
    ("made_at", "at_work"),
    [(NOON - AT_WORK + timedelta(seconds=1), True), (NOON - AT_WORK, False), (None, False)],
)
def test_a_strangers_mark_counts_for_a_day(store: Engine, made_at: datetime | None, at_work: bool) -> None:
    block = replace(visit(bookly(1), mark="slotkeeper:another1:7:0"), made_at=made_at)
    with writing(store) as conn:
        mirror.record(conn, block.ref, block, NOON, NOON)
        assert strangers(conn, NOON) == (frozenset({"another1"}) if at_work else frozenset())
        keeping.adopt(conn, ["another1"], "Dana", NOON)
        assert not strangers(conn, NOON)
