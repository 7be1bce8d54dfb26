"""Bookly's named lock: the one that the WordPress plugin takes around Bookly's own booking handlers.

It lies on a connection of its own that is closed afterwards, since a pool would hand a held lock on. On SQLite there is
none: BEGIN IMMEDIATE lets one writer in.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass

import sqlalchemy as sa

from sync.calendars import WriteRefused
from sync.calendars.bookly.connect import BooklyDoor
from sync.calendars.bookly.trouble import verdict
from sync.calendars.calls import told
from sync.model import Side

WAIT_SECONDS = 10
ANSWER_SECONDS = 3


def lock_name(database: str, prefix: str) -> str:
    """`slotkeeper:` and the first 16 hex digits of sha256 of `database:prefix`; the plugin computes the same."""
    return f"slotkeeper:{hashlib.sha256(f'{database}:{prefix}'.encode()).hexdigest()[:16]}"


@dataclass(frozen=True, slots=True)
class Held:
    """The lock while it is held; `connection` None where the database needs none."""

    name: str
    connection: sa.Connection | None = None

    def make_sure(self) -> None:
        """Raises WriteRefused when the lock's own connection went away meanwhile, and the lock with it."""
        if self.connection is None:
            return
        try:
            ours = self.connection.execute(
                sa.text("SELECT IS_USED_LOCK(:name) = CONNECTION_ID()"), {"name": self.name}
            ).scalar()
        except (sa.exc.SQLAlchemyError, OSError):
            ours = None
        if ours != 1:
            sentence = "The lock on Bookly was lost before the change was made; it will be tried again."
            raise WriteRefused(sentence, waiting=True)


@contextmanager
def alone(door: BooklyDoor, wait: int = WAIT_SECONDS) -> Iterator[Held]:
    """Hold the named lock of this site for the block. Raises WriteRefused when it is not granted within `wait` seconds;
    database errors come out as SQLAlchemy's."""
    if door.on_sqlite:
        yield Held("")
        return
    with ExitStack() as stack:
        with told(Side.BOOKLY, "named lock", verdict):
            engine = door.engine("lock", wait + ANSWER_SECONDS, pooled=False)
            connection = stack.enter_context(engine.connect())
            name = _granted(door, connection, wait)
        try:
            yield Held(name, connection)
        finally:
            _release(connection, name)


def _granted(door: BooklyDoor, connection: sa.Connection, wait: int) -> str:
    """The lock's name once it is ours."""
    database, tables = door.tables(connection)
    name = lock_name(database, tables.prefix)
    granted = connection.execute(sa.text("SELECT GET_LOCK(:name, :wait)"), {"name": name, "wait": wait}).scalar()
    if granted != 1:
        raise WriteRefused(
            "Bookly is busy with another booking; nothing was changed, it will be tried again.", waiting=True
        )
    return name


def _release(connection: sa.Connection, name: str) -> None:
    try:
        connection.execute(sa.text("SELECT RELEASE_LOCK(:name)"), {"name": name})
    except sa.exc.SQLAlchemyError:
        connection.invalidate()
