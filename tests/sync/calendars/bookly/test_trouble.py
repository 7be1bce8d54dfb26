"""What kind of failure each trouble of Bookly's database is, also when it comes out as a write that was refused."""

from __future__ import annotations

import pymysql
import pytest
import sqlalchemy as sa

from sync.calendars import ReadFailed, WriteRefused
from sync.calendars.bookly import BooklyReader
from sync.calendars.bookly.connect import open_bookly
from sync.calendars.bookly.trouble import trouble
from sync.calendars.bookly.write import BooklyWriter
from sync.model import Fault
from tests.sync.calendars.bookly.writes import place

KINDS = {
    1045: Fault.NOT_LET_IN,
    1049: Fault.NOT_LET_IN,
    1142: Fault.NOT_ALLOWED,
    1146: Fault.TROUBLE,
    1213: Fault.TROUBLE,
    1452: Fault.REFUSED,
    1064: Fault.REFUSED,
    2013: Fault.NO_ANSWER,
    2003: Fault.UNREACHED,
}


@pytest.mark.parametrize("number", KINDS)
def test_each_error_of_the_database_is_of_a_kind(number: int) -> None:
    error = sa.exc.OperationalError("SELECT", {}, pymysql.err.OperationalError(number, "it says why"))
    assert trouble(error).fault is KINDS[number]


@pytest.mark.parametrize(
    ("url", "kind"),
    [
        ("mysql://me@127.0.0.1:1/wp", Fault.UNREACHED),
        ("sqlite:////nowhere/bookly.db", Fault.NOT_LET_IN),
        ("nonsense", Fault.NOT_LET_IN),
    ],
)
def test_reads_and_writes_say_the_same_kind(url: str, kind: Fault) -> None:
    door = open_bookly(url)
    with pytest.raises(ReadFailed) as read:
        BooklyReader(door).directory()
    with pytest.raises(WriteRefused) as written:
        BooklyWriter(door).write(place())
    assert (read.value.fault, written.value.fault) == (kind, kind)
    door.close()


def test_a_database_without_booklys_tables_lets_nobody_in(tmp_path: object) -> None:
    with pytest.raises(ReadFailed) as read:
        BooklyReader(open_bookly(f"sqlite:///{tmp_path}/empty.db")).directory()
    assert read.value.fault is Fault.NOT_LET_IN
