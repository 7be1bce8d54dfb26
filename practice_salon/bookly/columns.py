"""Column kinds of Bookly's tables: MySQL's own types there, the nearest that behaves alike on SQLite.

SQLite keeps dates and times as text to the second, so that a plain SQL reader sees the same digits on both databases.
"""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import mysql, sqlite
from sqlalchemy.engine.interfaces import Dialect
from sqlalchemy.types import TypeEngine, UserDefinedType

COLLATION = "utf8mb4_unicode_520_ci"
MYSQL = ("mysql", "mariadb")
TOKEN_INFO: dict[str, bool] = {"secret": True}
"""Put on columns that no log, error or screen may show."""


class _MySqlTime(UserDefinedType[str]):
    """TIME as the text "HH:MM:SS". Bookly's may pass 24:00, which no datetime.time can hold."""

    cache_ok = True

    def get_col_spec(self, **_: Any) -> str:
        return "TIME"

    def result_processor(
        self,
        dialect: Dialect,  # noqa: ARG002
        coltype: object,  # noqa: ARG002
    ) -> Callable[[timedelta | None], str | None]:
        return lambda value: None if value is None else clock_text(value)


class ClockTime(sa.types.TypeDecorator[str]):
    """A time of day as the text "HH:MM:SS", up to 838:59:59 as MySQL allows."""

    impl = sa.String(10)
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        return _MySqlTime() if dialect.name in MYSQL else sa.String(10)


class OneOfSeveral(sa.Text):
    """MySQL's SET, kept as the comma-joined words."""

    def __init__(self, words: tuple[str, ...] = ()) -> None:
        super().__init__()
        self.words = words


def clock_text(value: timedelta) -> str:
    """A span since midnight as "HH:MM:SS"."""
    minutes, seconds = divmod(int(value.total_seconds()), 60)
    return f"{minutes // 60:02d}:{minutes % 60:02d}:{seconds:02d}"


COUNT = sa.Integer().with_variant(mysql.INTEGER(unsigned=True), *MYSQL)
LONG_COUNT = sa.BigInteger().with_variant(mysql.BIGINT(unsigned=True), *MYSQL)
LONG_KEY = sa.Integer().with_variant(mysql.BIGINT(unsigned=True), *MYSQL)
FLAG = sa.SmallInteger().with_variant(mysql.TINYINT(1), *MYSQL)
MOMENT = sa.DateTime().with_variant(
    sqlite.DATETIME(  # type: ignore[no-untyped-call]
        storage_format="%(year)04d-%(month)02d-%(day)02d %(hour)02d:%(minute)02d:%(second)02d",
        regexp=r"(\d+)-(\d+)-(\d+) (\d+):(\d+):(\d+)",
    ),
    "sqlite",
)
"""A naive local time of the site's zone, to the second."""

Column = sa.Column[Any]


def identity(name: str = "id") -> Column:
    """The auto-increment key. SQLite's plain INTEGER is needed there for AUTOINCREMENT."""
    return sa.Column(name, COUNT, primary_key=True, autoincrement=True)


def count(name: str, default: int | None = None, null: bool = False) -> Column:
    return sa.Column(name, COUNT, nullable=null, server_default=_number(default))


def long_count(name: str, null: bool = False) -> Column:
    return sa.Column(name, LONG_COUNT, nullable=null)


def whole(name: str, default: int | None = None, null: bool = False) -> Column:
    return sa.Column(name, sa.Integer(), nullable=null, server_default=_number(default))


def flag(name: str, default: int | None = None) -> Column:
    return sa.Column(name, FLAG, nullable=False, server_default=_number(default))


def money(name: str, default: str | None = None, null: bool = False) -> Column:
    server_default = None if default is None else sa.text(default)
    return sa.Column(name, sa.Numeric(10, 2, asdecimal=False), nullable=null, server_default=server_default)


def words(name: str, length: int, default: str | None = None, null: bool = False, secret: bool = False) -> Column:
    info: dict[Any, Any] = dict(TOKEN_INFO) if secret else {}
    return sa.Column(name, sa.String(length), nullable=null, server_default=default, info=info)


def text(name: str, null: bool = False, secret: bool = False) -> Column:
    info: dict[Any, Any] = dict(TOKEN_INFO) if secret else {}
    return sa.Column(name, sa.Text(), nullable=null, info=info)


def moment(name: str, null: bool = False) -> Column:
    return sa.Column(name, MOMENT, nullable=null)


def day(name: str, null: bool = False) -> Column:
    return sa.Column(name, sa.Date(), nullable=null)


def clock(name: str, null: bool = False) -> Column:
    return sa.Column(name, ClockTime(), nullable=null)


def choice(name: str, options: tuple[str, ...], default: str | None = None, null: bool = False) -> Column:
    """MySQL's ENUM; on SQLite text with a CHECK, so that an outside writer is refused there too."""
    kind = sa.Enum(*options, native_enum=True, create_constraint=True)
    return sa.Column(name, kind, nullable=null, server_default=default)


def several(name: str, options: tuple[str, ...], default: str) -> Column:
    kind = OneOfSeveral(options).with_variant(mysql.SET(*options, retrieve_as_bitwise=False), *MYSQL)
    return sa.Column(name, kind, nullable=False, server_default=default)


def link(name: str, table: str, on_delete: str = "CASCADE", null: bool = False) -> Column:
    """A foreign key, unnamed: MySQL then names key and index as Bookly's own CREATE TABLE makes it name them."""
    key = sa.ForeignKey(f"{table}.id", onupdate="CASCADE", ondelete=on_delete)
    return sa.Column(name, COUNT, key, nullable=null)


def index(name: str, *columns: str) -> sa.Index:
    """An index on MySQL only: its names are one table's there and the whole file's on SQLite."""
    made = sa.Index(name, *columns)
    made.ddl_if(callable_=lambda *_, dialect, **__: dialect.name in MYSQL)
    return made


def table(prefix: str, metadata: sa.MetaData, name: str, *parts: sa.schema.SchemaItem) -> sa.Table:
    """One table with the engine, charset and collation of Bookly's. SQLite never gives an id out twice either."""
    return sa.Table(
        prefix + name,
        metadata,
        *parts,
        mysql_engine="InnoDB",
        mysql_charset="utf8mb4",
        mysql_collate=COLLATION,
        mariadb_engine="InnoDB",
        mariadb_charset="utf8mb4",
        mariadb_collate=COLLATION,
        sqlite_autoincrement=True,
    )


def _number(value: int | None) -> sa.TextClause | None:
    return None if value is None else sa.text(str(value))
