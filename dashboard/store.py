"""The one way in which the screens reach the store: short readings, and an engine for what a button asks."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

import streamlit as st
from sqlalchemy.engine import Connection, Engine

from sync.settings import settings
from sync.store.connection import open_store, reading


def engine() -> Engine:
    """The store of DATABASE_URL, opened once a process. Raises StoreProblem and WrongSettings, each one sentence."""
    return _engine(settings().database_url)


@st.cache_resource(show_spinner=False, max_entries=4)
def _engine(url: str) -> Engine:
    return open_store(url)


@contextmanager
def look() -> Iterator[Connection]:
    """A short reading of the store."""
    with reading(engine()) as conn:
        yield conn


def now() -> datetime:
    """This moment, in UTC: the only clock of the screens."""
    return datetime.now(UTC)
