"""A small store and a page on it, at a fixed moment."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import streamlit as st
from sqlalchemy import Engine
from streamlit import config
from streamlit.testing.v1 import AppTest

from dashboard import store
from dashboard.current_user import NAME, ROLE
from sync.settings import settings
from sync.store import keeping
from sync.store.connection import open_store, writing
from tests.dashboard.small_store import NOW, Shop, busy_day, fill

ROOT = Path(__file__).resolve().parents[2]
Open = Callable[..., AppTest]


@pytest.fixture
def shop() -> Shop:
    return busy_day()


@pytest.fixture
def empty_store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Engine]:
    """An empty store that the screens read too, at NOW; writing is allowed by the settings and not switched on."""
    url = f"sqlite:///{tmp_path / 'small.db'}"
    monkeypatch.setenv("DATABASE_URL", url)
    monkeypatch.setenv("WRITES", "on")
    monkeypatch.chdir(ROOT)
    monkeypatch.setattr(store, "now", lambda: NOW)
    settings.cache_clear()
    st.cache_resource.clear()
    engine = open_store(url)
    yield engine
    engine.dispose()
    settings.cache_clear()
    st.cache_resource.clear()


@pytest.fixture
def small_store(empty_store: Engine, shop: Shop) -> Engine:
    """The busy day in the store; both calendars read, everything alive, writing switched on."""
    fill(empty_store, shop)
    with writing(empty_store) as conn:
        keeping.beat(conn, "worker", NOW)
        keeping.beat(conn, "jobs", NOW)
        keeping.set_writes(conn, True, "Dana", NOW)
    return empty_store


@pytest.fixture
def on_this_machine() -> Iterator[None]:
    """The server is told to listen on loopback, as `make run` tells it: only then may anybody act."""
    before = config.get_option("server.address")
    config.set_option("server.address", "127.0.0.1")
    yield
    config.set_option("server.address", before)


@pytest.fixture
def open_page(on_this_machine: None) -> Open:
    """`open_page("conflicts.py", "viewer", finding="1")`: a page as somebody sees it, already run once."""

    def opened(page: str = "today.py", role: str = "manager", name: str = "", **query: str) -> AppTest:
        at = AppTest.from_file(str(ROOT / "streamlit_app.py"), default_timeout=30)
        at.session_state[ROLE] = role
        at.session_state[NAME] = name
        if page != "today.py":
            room = "developer" if (ROOT / "dashboard" / "pages" / "developer" / page).exists() else "manager"
            at.switch_page(f"dashboard/pages/{room}/{page}")
        for key, value in query.items():
            at.query_params[key] = value
        return at.run()

    return opened
