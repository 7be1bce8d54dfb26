"""The way to one Bookly's database: engines, which tables are there, the site's zone, how a read begins.

Nothing is touched before the first use, so that wrong settings are told by `check`, never by an import.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from threading import Lock
from typing import Any

import sqlalchemy as sa

from sync.calendars import ReadFailed, calls
from sync.calendars.bookly import statements
from sync.calendars.bookly.tables import NEEDED, Tables, beginnings, described, missing, prefixes
from sync.calendars.bookly.times import SiteZone, ZoneUnknown, same_rules, site_zone, zone_named
from sync.calendars.bookly.trouble import PREFIX, TIMEZONE, URL, CannotRead, trouble, verdict
from sync.calendars.bookly.written import Asked
from sync.model import Side

READ_SECONDS = 5
WRITE_SECONDS = 10
CONNECT_SECONDS = 5
DRIVERS = {
    "mysql": "mysql+pymysql",
    "mariadb": "mariadb+pymysql",
    "mysql+pymysql": "mysql+pymysql",
    "mariadb+pymysql": "mariadb+pymysql",
    "sqlite": "sqlite",
    "sqlite+pysqlite": "sqlite",
}
EXAMPLE = "mysql://user:password@host/database"


@dataclass(frozen=True, slots=True)
class Session:
    """An open transaction on Bookly: its tables, the site's zone, custom statuses (word -> does it keep the chair).

    `zone_from` is where the zone came from: the options table's name, or "" where only SALON_TIMEZONE told it.
    """

    connection: sa.Connection
    tables: Tables
    database: str
    zone: SiteZone
    zone_from: str
    custom: Mapping[str, bool]

    def rows(self, statement: sa.Select[Any] | Asked) -> list[Any]:
        """What it finds."""
        if isinstance(statement, Asked):
            return list(statement.on(self.connection))
        return list(self.connection.execute(statement))

    @property
    def on_sqlite(self) -> bool:
        return self.connection.dialect.name == "sqlite"


class BooklyDoor:
    """One Bookly's database. `timezone_expected` is SALON_TIMEZONE: where the site's zone differs, every use fails."""

    def __init__(self, url: str, prefix: str | None = None, timezone_expected: str | None = None) -> None:
        self._url = url
        self._prefix = prefix or None
        self._expected = timezone_expected or None
        self._known: tuple[str, Tables] | None = None
        self._engines: dict[str, sa.Engine] = {}
        self._guard = Lock()

    @cached_property
    def url(self) -> sa.URL:
        """The address as the driver takes it; raises CannotRead when it is none."""
        return _usable(self._url)

    @property
    def masked(self) -> str:
        """The address without its password, for people."""
        try:
            return _masked(sa.make_url(self._url))
        except sa.exc.ArgumentError:
            return "no address" if not self._url.strip() else "an address that cannot be read"

    @property
    def on_sqlite(self) -> bool:
        return self.url.drivername == "sqlite"

    def close(self) -> None:
        """Give back all connections; the next use opens new ones."""
        with self._guard:
            engines, self._engines = list(self._engines.values()), {}
        for engine in engines:
            engine.dispose()

    def engine(self, kind: str, seconds: int, pooled: bool = True) -> sa.Engine:
        """The engine of that kind, made at its first use. Transactions are begun by hand: it only autocommits."""
        with self._guard:
            if kind not in self._engines:
                self._engines[kind] = _engine(self.url, seconds, pooled)
            return self._engines[kind]

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """A read-only transaction in which every read sees one moment. Raises CannotRead for whatever goes wrong."""
        with (
            self.told(),
            calls.told(Side.BOOKLY, "read rows", verdict),
            self.engine("read", READ_SECONDS).connect() as connection,
        ):
            _begin_reading(connection)
            try:
                yield self.session(connection)
            finally:
                end(connection, "ROLLBACK")

    @contextmanager
    def told(self) -> Iterator[None]:
        """Database errors of the block as CannotRead, in plain words."""
        try:
            yield
        except (sa.exc.SQLAlchemyError, OSError, RuntimeError) as error:
            what = trouble(error)
            if what.tables_changed:
                self._known = None
            raise CannotRead(
                what.sentence,
                setting=what.setting,
                seen=self.masked if what.setting else "",
                permanent=what.permanent,
                fault=what.fault,
            ) from None

    def session(self, connection: sa.Connection) -> Session:
        """What is to be known before the first row is read, from within the transaction itself."""
        database, tables = self.tables(connection)
        zone, zone_from = self._zone(connection, tables)
        custom: dict[str, bool] = {}
        if "custom_statuses" in tables:
            found = statements.custom_statuses(tables).on(connection)
            custom = {str(row.slug).strip().lower(): bool(row.busy) for row in found}
        return Session(connection, tables, database, zone, zone_from, custom)

    def tables(self, connection: sa.Connection) -> tuple[str, Tables]:
        """(database name, the site's tables), looked up once and kept until the database says they changed."""
        if self._known is None:
            database, present = _present(connection)
            prefix = self._chosen_prefix(frozenset(present))
            gaps = missing(prefix, present)
            if gaps:
                raise _gaps(gaps, self.masked)
            self._known = database, described(prefix, present)
        return self._known

    def _chosen_prefix(self, names: frozenset[str]) -> str:
        found = prefixes(names) or beginnings(names)
        if self._prefix is not None:
            if self._prefix not in found and not any(self._prefix + name in names for name in NEEDED):
                raise _no_such_prefix(self._prefix, found)
            return self._prefix
        if not found:
            raise _not_bookly(self.masked)
        if len(found) > 1:
            raise CannotRead(
                f"There are several Bookly sites in this database, with the prefixes {', '.join(found)}: "
                f"say in {PREFIX} which one is this salon's.",
                setting=PREFIX,
                seen="not set",
                permanent=True,
            )
        return found[0]

    def _zone(self, connection: sa.Connection, tables: Tables) -> tuple[SiteZone, str]:
        expected = self._expected_zone()
        said: dict[str, str] = {}
        if tables.options is not None:
            found = statements.options(tables.options).on(connection)
            said = {row.option_name: row.option_value for row in found}
        if not any(value and str(value).strip() for value in said.values()):
            if expected is None:
                raise _no_zone(bool(said))
            return expected, ""
        zone = _read_zone(said)
        if expected is not None and not same_rules(zone, expected):
            raise CannotRead(
                f"WordPress keeps the time zone {zone.name}, but {TIMEZONE} is {expected.name}, so nothing is read or "
                f"written until they agree: set WordPress back (Settings, General, Timezone), or {TIMEZONE}.",
                setting=TIMEZONE,
                seen=expected.name,
                permanent=True,
            )
        return zone, tables.options.name if tables.options is not None else ""

    def _expected_zone(self) -> SiteZone | None:
        if self._expected is None:
            return None
        try:
            return zone_named(self._expected)
        except ZoneUnknown:
            raise CannotRead(
                f"{TIMEZONE} is no time zone: write a name such as America/Chicago, or leave it out.",
                setting=TIMEZONE,
                seen=self._expected,
                permanent=True,
            ) from None


def open_bookly(url: str, prefix: str | None = None, timezone_expected: str | None = None) -> BooklyDoor:
    """The way to a Bookly's database. `url` is a `mysql://`, `mariadb://` or `sqlite:///` address; the table prefix is
    discovered when left out, the zone read from WordPress. Raises nothing: problems are told at the first use."""
    return BooklyDoor(url, prefix, timezone_expected)


def end(connection: sa.Connection, word: str) -> None:
    """ROLLBACK on a connection that may be gone already: then the server has rolled back by itself."""
    if connection.invalidated:
        return
    try:
        connection.exec_driver_sql(word)
    except sa.exc.DBAPIError:
        connection.invalidate()


def _masked(url: sa.URL) -> str:
    """An address for people: without its password, and without its options, which may hold one too."""
    return url.set(query={}).render_as_string(hide_password=True)


def _usable(url: str) -> sa.URL:
    try:
        parsed = sa.make_url(url)
    except sa.exc.ArgumentError:
        raise CannotRead(
            f"{URL} is no database address: write it like {EXAMPLE}.",
            setting=URL,
            seen="not set" if not url.strip() else "an address that cannot be read",
            permanent=True,
        ) from None
    seen = _masked(parsed)
    driver = DRIVERS.get(parsed.drivername)
    if driver is None:
        raise CannotRead(
            f"{URL} names a kind of database that Bookly does not run on: write it like {EXAMPLE}.",
            setting=URL,
            seen=seen,
            permanent=True,
        )
    if not parsed.database:
        raise CannotRead(
            f"{URL} names no database: add its name after the last slash, like {EXAMPLE}.",
            setting=URL,
            seen=seen,
            permanent=True,
        )
    return parsed.set(drivername=driver)


def _engine(url: sa.URL, seconds: int, pooled: bool) -> sa.Engine:
    common: dict[str, Any] = {"isolation_level": "AUTOCOMMIT", "hide_parameters": True}
    if url.drivername == "sqlite":
        if not Path((url.database or "").removeprefix("file:")).is_file():
            raise CannotRead(
                f"There is no file at the path in {URL}: correct the path.",
                setting=URL,
                seen=_masked(url),
                permanent=True,
            )
        once: dict[str, Any] = {} if pooled else {"poolclass": sa.NullPool}
        return sa.create_engine(url, connect_args={"timeout": seconds}, **once, **common)
    connect_args = {"connect_timeout": CONNECT_SECONDS, "read_timeout": seconds, "write_timeout": seconds}
    pool: dict[str, Any] = {"pool_pre_ping": True, "pool_recycle": 600, "pool_size": 2}
    return sa.create_engine(
        url, connect_args=connect_args, **(pool if pooled else {"poolclass": sa.NullPool}), **common
    )


def _begin_reading(connection: sa.Connection) -> None:
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql("PRAGMA query_only=ON")
        connection.exec_driver_sql("BEGIN")
        return
    connection.exec_driver_sql("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
    connection.exec_driver_sql("START TRANSACTION WITH CONSISTENT SNAPSHOT, READ ONLY")


def _present(connection: sa.Connection) -> tuple[str, dict[str, frozenset[str]]]:
    """(database name, whole table names with the columns this user may see there)."""
    if connection.dialect.name == "sqlite":
        found = connection.exec_driver_sql(
            "SELECT m.name, p.name FROM sqlite_master m, pragma_table_info(m.name) p WHERE m.type IN ('table', 'view')"
        )
        database = Path(connection.engine.url.database or "").stem
    else:
        database = str(connection.exec_driver_sql("SELECT DATABASE()").scalar())
        found = connection.exec_driver_sql(
            "SELECT table_name, column_name FROM information_schema.columns WHERE table_schema = DATABASE() "
            "AND (table_name LIKE '%%bookly\\_%%' OR table_name LIKE '%%options')"
        )
    present: dict[str, set[str]] = {}
    for table, column in found:
        present.setdefault(table, set()).add(column)
    return database, {table: frozenset(columns) for table, columns in present.items()}


def _read_zone(said: Mapping[str, str]) -> SiteZone:
    try:
        return site_zone(said.get("timezone_string"), said.get("gmt_offset"))
    except ZoneUnknown as unknown:
        raise CannotRead(
            f"WordPress's time zone is not one that is known here, and {TIMEZONE} does not stand in for it: choose a "
            "city in WordPress under Settings, General, Timezone.",
            setting=TIMEZONE,
            seen=str(unknown),
            permanent=True,
        ) from None


def _no_zone(readable: bool) -> CannotRead:
    why = "WordPress has no time zone" if readable else "WordPress's time zone could not be read"
    return CannotRead(
        f"{why}: choose a city in WordPress under Settings, General, Timezone, or set {TIMEZONE}.",
        setting=TIMEZONE,
        seen="not set",
        permanent=True,
    )


def _not_bookly(masked: str) -> CannotRead:
    return CannotRead(
        f"The database in {URL} holds no Bookly tables that this user may read: check that it is the website's "
        "database and that the user may read it.",
        setting=URL,
        seen=masked,
        permanent=True,
    )


def _no_such_prefix(prefix: str, found: tuple[str, ...]) -> CannotRead:
    instead = f"found here: {', '.join(found)}" if found else "no Bookly tables were found under any other prefix"
    return CannotRead(
        f"No Bookly tables begin with the prefix in {PREFIX} ({instead}): correct it, or leave it out.",
        setting=PREFIX,
        seen=prefix,
        permanent=True,
    )


def _gaps(gaps: tuple[str, ...], masked: str) -> CannotRead:
    more = f" and {len(gaps) - 4} more" if len(gaps) > 4 else ""
    return CannotRead(
        f"The database user in {URL} may not read {', '.join(gaps[:4])}{more}, or this Bookly is too old: "
        "grant SELECT there.",
        setting=URL,
        seen=masked,
        permanent=True,
    )


__all__ = ["READ_SECONDS", "WRITE_SECONDS", "BooklyDoor", "ReadFailed", "Session", "end", "open_bookly"]
