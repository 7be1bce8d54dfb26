"""What is wrong with the store, as one sentence a person can act on."""

from __future__ import annotations

import sqlite3
from typing import Literal, overload

from sqlalchemy.engine import URL
from sqlalchemy.exc import DBAPIError


class StoreProblem(Exception):
    """The store cannot be used. `str(problem)` is one plain sentence that names DATABASE_URL; it holds no password."""

    setting = "DATABASE_URL"


_BY_CODE = {
    sqlite3.SQLITE_FULL: "The disk that DATABASE_URL writes to ({where}) is full: make room on it; nothing was lost.",
    sqlite3.SQLITE_CANTOPEN: "DATABASE_URL names {where}, which cannot be opened: see that it is a file "
    "and that its folder may be written to.",
    sqlite3.SQLITE_READONLY: "DATABASE_URL names {where}, which may not be written to: give this user the right, "
    "or choose another place.",
    sqlite3.SQLITE_PERM: "DATABASE_URL names {where}, which this user may not open: give the right, "
    "or choose another place.",
    sqlite3.SQLITE_NOTADB: "DATABASE_URL names {where}, which is not a database: move that file away, "
    "or choose another name.",
    sqlite3.SQLITE_CORRUPT: "DATABASE_URL names {where}, which is damaged: move it away and bring back a copy; "
    "the calendars themselves are not touched.",
    sqlite3.SQLITE_IOERR: "The disk under DATABASE_URL ({where}) does not answer as it should: look at it "
    "and at its free room.",
    sqlite3.SQLITE_BUSY: "The store named by DATABASE_URL ({where}) is held by another program: close that, "
    "or try again.",
}


@overload
def explain(error: BaseException, address: URL) -> StoreProblem: ...
@overload
def explain(error: BaseException, address: URL, *, only_known: Literal[True]) -> StoreProblem | None: ...
def explain(error: BaseException, address: URL, *, only_known: bool = False) -> StoreProblem | None:
    """The problem behind a driver's error. With `only_known`, None for an error that is not the store's own trouble."""
    where = _masked(address)
    sentence = _BY_CODE.get(_code(error))
    if sentence:
        return StoreProblem(sentence.format(where=where))
    if isinstance(error, DBAPIError) and error.connection_invalidated:
        return StoreProblem(f"The database of DATABASE_URL ({where}) closed the connection: check that it runs.")
    if only_known:
        return None
    return StoreProblem(
        f"DATABASE_URL names {where}, which cannot be used: check the address, the name and the rights."
    )


def is_readonly(error: BaseException) -> bool:
    """Whether SQLite refused because nothing may be written there."""
    return _code(error) == sqlite3.SQLITE_READONLY


def _code(error: BaseException) -> int:
    """SQLite's primary result code; 0 when the error carries none."""
    cause = error.orig if isinstance(error, DBAPIError) else error
    return int(getattr(cause, "sqlite_errorcode", 0)) & 0xFF


def _masked(address: URL) -> str:
    if address.get_backend_name() == "sqlite":
        return str(address.database)
    return address.render_as_string(hide_password=True)
