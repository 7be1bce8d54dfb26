"""The hold desk, and the routes that lead to it, put together from the settings."""

from __future__ import annotations

import os
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

from sqlalchemy import Engine
from starlette.routing import Route

from sync.breakers import Breakers, GuardedReader, guarded_read
from sync.calendars.opening import bookly_door, readers, square_client
from sync.calendars.square.openings import SquareOpenings
from sync.inbox.waking import Ringer
from sync.intake.bookly import BooklySign
from sync.intake.desk import HoldDesk, mirror_age
from sync.intake.holds import hold_routes
from sync.intake.looking import OpeningsReader
from sync.locking.contract import Locks
from sync.locking.opening import open_locks
from sync.model import Side
from sync.model.holds import BookingRules, Offer
from sync.settings import Settings


def utc_now() -> datetime:
    return datetime.now(UTC)


class GuardedOpenings:
    """What Square offers, asked for behind its breaker. Raises ReadKept while Square is left alone."""

    def __init__(self, openings: OpeningsReader, breakers: Breakers) -> None:
        self._openings, self._breakers = openings, breakers

    def offers(self, staff: str, service: str, start: datetime, end: datetime) -> tuple[Offer, ...]:
        return guarded_read(self._breakers, Side.SQUARE, lambda: self._openings.offers(staff, service, start, end))

    def rules(self) -> BookingRules:
        return guarded_read(self._breakers, Side.SQUARE, self._openings.rules)


@contextmanager
def open_desk(
    engine: Engine,
    settings: Settings,
    locks: Locks,
    clock: Callable[[], datetime] = utc_now,
    ring: Callable[[], object] = lambda: None,
) -> Iterator[HoldDesk]:
    """A desk that reads both calendars named in the settings, each behind its breaker; they are closed with the block.
    `clock` gives the time in UTC; `ring` wakes the worker when a calendar is found well again."""
    zone = settings.salon_timezone
    bookly = bookly_door(settings.bookly_database_url.get_secret_value(), settings.bookly_table_prefix, zone)
    square = square_client(
        settings.square_base_url, settings.square_access_token.get_secret_value(), settings.square_location_id
    )
    breakers = Breakers(engine, clock, ring)
    try:
        yield HoldDesk(
            engine=engine,
            locks=locks,
            readers={side: GuardedReader(r, breakers) for side, r in readers(bookly, square, zone, clock).items()},
            openings=GuardedOpenings(SquareOpenings(square), breakers),
            owner=f"{socket.gethostname()}:{os.getpid()} holds",
            lease_seconds=settings.lease_seconds,
            clock=clock,
            age=mirror_age,
        )
    finally:
        square.close()
        bookly.close()


@contextmanager
def open_hold_routes(engine: Engine, settings: Settings) -> Iterator[list[Route]]:
    """What the intake answers beside webhooks: availability and holds. None where the settings name no two calendars:
    there is nothing to ask then, and webhooks are taken in all the same."""
    if not (settings.bookly_database_url.get_secret_value() and settings.square_access_token.get_secret_value()):
        yield []
        return
    ringer = Ringer(engine)
    try:
        locks = open_locks(engine, settings.lock_url.get_secret_value(), ringer.ring)
        with open_desk(engine, settings, locks, ring=ringer.ring) as desk:
            yield hold_routes(desk, BooklySign(settings.bookly_webhook_secrets))
    finally:
        ringer.close()
