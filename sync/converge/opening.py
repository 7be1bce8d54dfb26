"""The house put together from the settings: the only place where the calendars' writers are made."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from functools import partial

from sqlalchemy import Engine

from sync.breakers.guarded import GuardedReader, GuardedWriter
from sync.breakers.keeper import Breakers
from sync.calendars import CalendarReader, CalendarWriter
from sync.calendars.bookly.checks import write_problems as bookly_write_problems
from sync.calendars.bookly.connect import BooklyDoor
from sync.calendars.bookly.write import BooklyWriter
from sync.calendars.opening import bookly_door, readers, square_client
from sync.calendars.square.checks import write_problems_of as square_write_problems
from sync.calendars.square.client import SquareClient
from sync.calendars.square.read import SquareReader
from sync.calendars.square.write import SquareWriter
from sync.converge.alongside import Threads
from sync.converge.counted import CountedLocks
from sync.converge.grip import NEEDED
from sync.converge.house import House, process_name, utc_now
from sync.locking.opening import open_locks
from sync.model import Problem, Side
from sync.settings import Settings, WrongSettings


@contextmanager
def open_readers(settings: Settings, engine: Engine | None = None) -> Iterator[dict[Side, CalendarReader]]:
    """Both sides, for reading, closed with the block; with a store behind their breakers. Raises WrongSettings when one
    cannot be tried at all."""
    _can_be_tried(settings)
    bookly, square = _bookly(settings), _square(settings)
    found = readers(bookly, square, settings.salon_timezone, utc_now)
    try:
        yield found if engine is None else _guarded_readers(found, Breakers(engine, utc_now))
    finally:
        square.close()
        bookly.close()


def write_problems(settings: Settings, side: Side) -> list[Problem]:
    """What keeps that side from being written: rights in Bookly's database, Square's plan. Nothing is written to learn
    it; never raises."""
    if side is Side.BOOKLY:
        door = _bookly(settings)
        try:
            return bookly_write_problems(door)
        finally:
            door.close()
    client = _square(settings)
    try:
        return square_write_problems(client)
    finally:
        client.close()


def open_house(
    engine: Engine,
    settings: Settings,
    clock: Callable[[], datetime] = utc_now,
    ring: Callable[[], object] = lambda: None,
) -> House:
    """Everything the road needs; `clock` gives the time in UTC, `ring` wakes who waits for a side that is well again.
    Raises WrongSettings."""
    _can_be_tried(settings)
    bookly, square = _bookly(settings), _square(settings)
    breakers, threads = Breakers(engine, clock, ring), Threads()
    writers: dict[Side, CalendarWriter] = {
        Side.BOOKLY: BooklyWriter(bookly, clock),
        Side.SQUARE: SquareWriter(square, SquareReader(square, settings.salon_timezone, clock)),
    }
    return House(
        engine=engine,
        locks=CountedLocks(open_locks(engine, settings.lock_url.get_secret_value())),
        readers=_guarded_readers(readers(bookly, square, settings.salon_timezone, clock), breakers),
        writers={side: GuardedWriter(writer, breakers) for side, writer in writers.items()},
        breakers=breakers,
        writes=settings.writes,
        lease_seconds=settings.lease_seconds,
        owner=process_name(),
        clock=clock,
        close=partial(_close, engine, bookly, square, threads),
        alongside=threads,
    )


def _guarded_readers(found: Mapping[Side, CalendarReader], breakers: Breakers) -> dict[Side, CalendarReader]:
    return {side: GuardedReader(reader, breakers) for side, reader in found.items()}


def _can_be_tried(settings: Settings) -> None:
    if settings.lease_seconds < NEEDED:
        raise WrongSettings(
            "LEASE_SECONDS",
            f"LEASE_SECONDS={settings.lease_seconds:g} is too short: one change takes up to {NEEDED:g} seconds, "
            "so give it at least that (30 is the default).",
        )
    settings.two_calendars_named()


def _bookly(settings: Settings) -> BooklyDoor:
    return bookly_door(
        settings.bookly_database_url.get_secret_value(), settings.bookly_table_prefix, settings.salon_timezone
    )


def _square(settings: Settings) -> SquareClient:
    return square_client(
        settings.square_base_url, settings.square_access_token.get_secret_value(), settings.square_location_id
    )


def _close(engine: Engine, bookly: BooklyDoor, square: SquareClient, threads: Threads) -> None:
    threads.close()
    square.close()
    bookly.close()
    engine.dispose()
