"""What is wrong with Bookly's settings, connection, rights or time zone, as plain sentences: for `sync check`, the jobs
and the screen alike."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

import sqlalchemy as sa

from sync.calendars.bookly import statements
from sync.calendars.bookly.connect import WRITE_SECONDS, BooklyDoor, Session, end
from sync.calendars.bookly.directory import directory
from sync.calendars.bookly.trouble import TIMEZONE, URL, CannotRead, number_of, trouble, verdict, with_seen
from sync.calendars.calls import told
from sync.model import Problem, Side

WRITES: tuple[tuple[str, str, str], ...] = (
    ("INSERT, UPDATE, DELETE", "bookly_appointments", "UPDATE {table} SET internal_note = NULL WHERE id = 0"),
    ("INSERT, UPDATE, DELETE", "bookly_appointments", "DELETE FROM {table} WHERE id = 0"),
    (
        "INSERT, UPDATE, DELETE",
        "bookly_appointments",
        (
            "INSERT INTO {table} (staff_id, custom_service_name, start_date, end_date, internal_note, created_at, "
            "updated_at) SELECT id, NULL, NULL, NULL, NULL, NULL, NULL FROM {table} WHERE id = 0"
        ),
    ),
    (
        "UPDATE (status, status_changed_at, updated_at, appointment_id)",
        "bookly_customer_appointments",
        (
            "UPDATE {table} SET status = 'cancelled', status_changed_at = NULL, updated_at = NULL, appointment_id = 0 "
            "WHERE id = 0"
        ),
    ),
)
"""(what must be granted, on which table, a statement that needs it); only explained, never carried out."""


def problems(door: BooklyDoor, now: datetime) -> list[Problem]:
    """Everything that keeps Bookly from being read, and what is worth a warning. Empty when all is well."""
    try:
        with door.reading() as session:
            session.rows(statements.joined(session.tables).limit(1))
            directory(session, now)
            return list(_zone_warnings(session))
    except CannotRead as error:
        return [Problem(error.setting or URL, error.seen or door.masked, str(error))]


def write_problems(door: BooklyDoor) -> list[Problem]:
    """Which rights to write are missing. Nothing is written to learn it."""
    try:
        with (
            door.told(),
            told(Side.BOOKLY, "read rows", verdict),
            door.engine("write", WRITE_SECONDS).connect() as connection,
        ):
            session = door.session(connection)
            return _sqlite_rights(session, door) if session.on_sqlite else _mysql_rights(session, door)
    except CannotRead as error:
        return [Problem(error.setting or URL, error.seen or door.masked, str(error))]


def _zone_warnings(session: Session) -> Iterator[Problem]:
    if not session.zone_from:
        yield Problem(
            TIMEZONE,
            session.zone.name,
            f"WordPress's own time zone cannot be read, so {TIMEZONE} ({session.zone.name}) is believed and a change "
            f"in WordPress would go unnoticed: grant SELECT on {session.tables.prefix}options, or on a view of its "
            "timezone_string and gmt_offset.",
        )
    elif session.zone.fixed:
        yield Problem(
            TIMEZONE,
            session.zone.name,
            f"WordPress has only a fixed offset ({session.zone.name}) and no city for {TIMEZONE}, so after the next "
            "change of clocks every time in Bookly is an hour off the wall: choose a city in WordPress under Settings, "
            "General, Timezone.",
        )


def _sqlite_rights(session: Session, door: BooklyDoor) -> list[Problem]:
    try:
        session.connection.exec_driver_sql("PRAGMA query_only=OFF")
        session.connection.exec_driver_sql("BEGIN IMMEDIATE")
        session.connection.execute(sa.delete(session.tables["appointments"]).where(sa.false()))
    except sa.exc.DBAPIError as error:
        return [Problem(URL, door.masked, with_seen(trouble(error).sentence, door.masked))]
    finally:
        end(session.connection, "ROLLBACK")
    return []


def _mysql_rights(session: Session, door: BooklyDoor) -> list[Problem]:
    lacking: dict[str, str] = {}
    for right, table, statement in WRITES:
        name = f"{session.tables.prefix}{table}"
        try:
            session.connection.exec_driver_sql("EXPLAIN " + statement.format(table=f"`{name}`"))
        except sa.exc.DBAPIError as error:
            if number_of(error) not in {1142, 1143}:
                raise
            lacking[name] = right
    if not lacking:
        return []
    grants = ", and ".join(f"{right} on {name}" for name, right in lacking.items())
    return [
        Problem(
            URL,
            door.masked,
            f"The database user in {URL} ({door.masked}) may not write to Bookly, so visits can be compared but "
            f"nothing in Bookly can be changed: grant {grants}.",
        )
    ]
