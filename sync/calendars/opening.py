"""The two readers, opened with what the settings say. Writers are opened by `sync.converge` alone."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from sync.calendars import CalendarReader
from sync.calendars.bookly.connect import BooklyDoor, open_bookly
from sync.calendars.bookly.read import BooklyReader
from sync.calendars.square.client import SquareClient, open_square
from sync.calendars.square.read import SquareReader
from sync.model import Side


def bookly_door(url: str, prefix: str, timezone: str) -> BooklyDoor:
    """The way to Bookly's database; empty texts mean left out."""
    return open_bookly(url, prefix or None, timezone or None)


def square_client(base_url: str, token: str, location: str) -> SquareClient:
    """The way to Square's API; an empty location means the only one."""
    return open_square(base_url, token, location or None)


def readers(
    bookly: BooklyDoor, square: SquareClient, timezone: str, clock: Callable[[], datetime]
) -> dict[Side, CalendarReader]:
    """Both sides, for reading; `clock` gives the time in UTC."""
    return {Side.BOOKLY: BooklyReader(bookly, clock), Side.SQUARE: SquareReader(square, timezone, clock)}
