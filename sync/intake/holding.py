"""The hold desk put together from the settings."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime

from sqlalchemy import Engine

from sync.calendars.opening import bookly_door, readers, square_client
from sync.calendars.square.openings import SquareOpenings
from sync.converge.house import process_name, utc_now
from sync.intake.desk import HoldDesk, mirror_age
from sync.locking.contract import Locks
from sync.settings import Settings


@contextmanager
def open_desk(
    engine: Engine, settings: Settings, locks: Locks, clock: Callable[[], datetime] = utc_now
) -> Iterator[HoldDesk]:
    """A desk that reads both calendars named in the settings; their connections are closed with the block. `clock`
    gives the time in UTC."""
    zone = settings.salon_timezone
    bookly = bookly_door(settings.bookly_database_url.get_secret_value(), settings.bookly_table_prefix, zone)
    square = square_client(
        settings.square_base_url, settings.square_access_token.get_secret_value(), settings.square_location_id
    )
    try:
        yield HoldDesk(
            engine=engine,
            locks=locks,
            readers=readers(bookly, square, zone, clock),
            openings=SquareOpenings(square),
            owner=f"{process_name()} holds",
            lease_seconds=settings.lease_seconds,
            clock=clock,
            age=mirror_age,
        )
    finally:
        square.close()
        bookly.close()
