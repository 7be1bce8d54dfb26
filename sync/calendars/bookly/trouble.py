"""What a database's refusals mean, in plain sentences that name a setting. Never the database's own text: it may repeat
values of a statement."""

from __future__ import annotations

from dataclasses import dataclass

import sqlalchemy as sa

from sync.calendars import CalendarError, OutcomeUnknown, ReadFailed, Stale, Taken
from sync.calendars.calls import Verdict
from sync.model import Fault
from sync.model.calls import Ended

URL = "BOOKLY_DATABASE_URL"
PREFIX = "BOOKLY_TABLE_PREFIX"
TIMEZONE = "SALON_TIMEZONE"

LOST = frozenset({0, 1053, 1927, 2006, 2013, 2014, 2055, 4031})
"""The connection went away: what was sent last may or may not have been carried out."""
RIGHTS = frozenset({1044, 1142, 1143, 1227, 1290, 1370})
CHANGED = frozenset({1054, 1146})
BUSY = frozenset({1040, 1205, 1213, 1226})
UNFIT = frozenset({1048, 1364, 1451, 1452})
ACCESS_DENIED, NO_DATABASE = frozenset({1045, 1698}), frozenset({1049})


_FILE = f"The file named in {URL} {{}}."
SAID_NO: dict[type[CalendarError], str] = {Taken: "TAKEN", Stale: "STALE"}
"""What we found there that kept us from writing, as the code of a refused call."""

NO_FIT = "Bookly refused the row: a staff member or a service that it names is not there any more."


def with_seen(sentence: str, seen: str) -> str:
    """The sentence with what was seen at its end, where it does not say so already."""
    return f"{sentence.removesuffix('.')} (seen: {seen})." if seen and seen not in sentence else sentence


class CannotRead(ReadFailed):
    """A read failed; `seen` is what was found, with secrets masked, and part of the sentence."""

    def __init__(
        self,
        sentence: str,
        *,
        setting: str = "",
        seen: str = "",
        permanent: bool = False,
        fault: Fault | None = None,
        waiting: bool = False,
    ) -> None:
        super().__init__(with_seen(sentence, seen), permanent=permanent, setting=setting, fault=fault, waiting=waiting)
        self.seen = seen


@dataclass(frozen=True, slots=True)
class Trouble:
    """What a database error means. `lost`: the connection went away, so the last statement's fate is unknown."""

    sentence: str
    fault: Fault = Fault.TROUBLE
    permanent: bool = False
    setting: str = ""
    lost: bool = False
    tables_changed: bool = False


def number_of(error: sa.exc.DBAPIError) -> int | None:
    """MySQL's number of an error; None for SQLite and for errors without one."""
    args = getattr(error.orig, "args", ())
    return args[0] if args and isinstance(args[0], int) else None


def trouble(error: Exception) -> Trouble:
    """What went wrong, as far as the error says it."""
    if not isinstance(error, sa.exc.DBAPIError):
        return _of_driver(error)
    number = number_of(error)
    return _of_sqlite(str(error.orig)) if number is None else _of_mysql(number)


def verdict(error: Exception) -> Verdict:
    """What is told of a call that ended so: never the database's own text, only its number."""
    if isinstance(error, sa.exc.DBAPIError):
        number = number_of(error)
        return Verdict(_ended(number, trouble(error).lost), code="" if number is None else str(number))
    if isinstance(error, OutcomeUnknown) or not isinstance(error, CalendarError):
        return Verdict("lost")
    return Verdict("refused", code=next((word for kind, word in SAID_NO.items() if isinstance(error, kind)), ""))


def _ended(number: int | None, lost: bool) -> Ended:
    if lost:
        return "lost"
    return "unsent" if number is not None and 2000 <= number < 3000 else "refused"


def _of_driver(error: Exception) -> Trouble:
    if "cryptography" in str(error):
        return Trouble(
            "Bookly's database wants an encrypted sign-in that needs Python's package cryptography: install it, "
            "or let the database user sign in with mysql_native_password.",
            Fault.NOT_LET_IN,
            permanent=True,
            setting=URL,
        )
    return Trouble("Bookly's database answered in a way that was not understood; it will be tried again.")


def _of_mysql(number: int) -> Trouble:
    if number in ACCESS_DENIED:
        return Trouble(
            f"Bookly's database refused the user or password in {URL}: correct them.",
            Fault.NOT_LET_IN,
            permanent=True,
            setting=URL,
        )
    if number in NO_DATABASE:
        return Trouble(
            f"The database named in {URL} does not exist there: correct the name after the last slash.",
            Fault.NOT_LET_IN,
            permanent=True,
            setting=URL,
        )
    if number in RIGHTS:
        return Trouble(
            f"The database user in {URL} has too few rights for this: run `python -m sync check`, it lists them.",
            Fault.NOT_ALLOWED,
            permanent=True,
            setting=URL,
        )
    if number in CHANGED:
        return Trouble(
            "Bookly's tables are not what they were: was Bookly updated or removed? Run `python -m sync check`.",
            setting=URL,
            tables_changed=True,
        )
    if number in BUSY:
        return Trouble("Bookly's database is too busy just now; it will be tried again.")
    if number in UNFIT:
        return Trouble(NO_FIT, Fault.REFUSED, permanent=True)
    if number in LOST:
        return Trouble("The connection to Bookly's database was lost or took too long.", Fault.NO_ANSWER, lost=True)
    if 2000 <= number < 3000:
        return Trouble(
            f"Bookly's database does not answer at the address in {URL}: is it running, and is the address right?",
            Fault.UNREACHED,
            setting=URL,
        )
    return Trouble(f"Bookly's database refused the statement (error {number}).", Fault.REFUSED, permanent=True)


def _of_sqlite(said: str) -> Trouble:
    if "locked" in said or "busy" in said:
        return Trouble("Bookly's database is busy with another program just now; it will be tried again.")
    if "unable to open" in said:
        return Trouble(
            _FILE.format("cannot be opened: correct the path"), Fault.NOT_LET_IN, permanent=True, setting=URL
        )
    if "not a database" in said:
        return Trouble(
            _FILE.format("is no SQLite database: correct the path"), Fault.NOT_LET_IN, permanent=True, setting=URL
        )
    if "readonly" in said:
        return Trouble(
            _FILE.format("may only be read: allow writing to it"), Fault.NOT_ALLOWED, permanent=True, setting=URL
        )
    if "no such" in said:
        return Trouble(
            "Bookly's tables are not what they were. Run `python -m sync check`.", setting=URL, tables_changed=True
        )
    if "constraint" in said.lower():
        return Trouble(NO_FIT, Fault.REFUSED, permanent=True)
    sentence = "Bookly's database could not carry out the statement; it will be tried again."
    return Trouble(sentence, Fault.NO_ANSWER, lost=True)
