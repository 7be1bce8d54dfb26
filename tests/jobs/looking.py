"""Pulling a Bookly and looking it over in this process, on a store of its own: quicker than typed commands."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

from sync.calendars.bookly import BooklyReader, open_bookly
from sync.model import Side
from sync.rounds.pull import Pulled, pull, window_for
from sync.rounds.reconcile import reconcile, report
from sync.store.connection import open_store


@contextmanager
def _closing(*things: Any) -> Iterator[None]:
    try:
        yield
    finally:
        for thing in things:
            thing.close() if hasattr(thing, "close") else thing.dispose()


def look_at(
    url: str, folder: Path, now: datetime, prefix: str = "", zone: str = ""
) -> tuple[Pulled, list[dict[str, Any]]]:
    """How the pull went, and what `reconcile --json` would print at `now` (UTC). The store is in `folder`."""
    engine, door = open_store(f"sqlite:///{folder}/slotkeeper.db"), open_bookly(url, prefix, zone)
    with _closing(engine, door):
        done = pull(engine, BooklyReader(door, lambda: now), window_for(Side.BOOKLY, now, 92, 400), now)
        looked = reconcile(engine, now)
        assert looked.whole == done.whole
        return done, report(engine, now)
