"""Fetching Bookly's joined rows: of a window, of named visits, whole visits always."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import TypeVar

from sync.calendars.bookly import statements
from sync.calendars.bookly.connect import Session
from sync.calendars.bookly.rows import Row
from sync.calendars.bookly.times import local
from sync.model import Ref, Side, Window

CHUNK = 500
"""Ids asked for in one statement."""

T = TypeVar("T")


def rows_of_window(session: Session, window: Window) -> list[Row]:
    """What starts in the window, and some more around it."""
    bounds = local(window.start, session.zone), local(window.end, session.zone)
    return whole_visits(session, session.rows(statements.starting(session.tables, *bounds)))


def rows_of_refs(session: Session, refs: Iterable[Ref]) -> list[Row]:
    """The joined rows that these visits stand on."""
    rows, lines = _ids(refs)
    for some in chunks(sorted(lines)):
        rows.update(row[0] for row in session.rows(statements.rows_of_clients(session.tables, some)))
    return _by_rows(session, rows)


def whole_visits(session: Session, rows: list[Row]) -> list[Row]:
    """Joined rows, together with those that hold the other parts of compound services among them."""
    rows, asked = list(rows), set[str]()
    if "compound_token" in session.tables["customer_appointments"].c:
        while tokens := {row.compound_token for row in rows if row.compound_token} - asked:
            asked |= tokens
            here = {row.row_id for row in rows}
            for some in chunks(sorted(tokens)):
                more = session.rows(statements.by_tokens(session.tables, some))
                rows.extend(row for row in more if row.row_id not in here)
                here.update(row.row_id for row in more)
    return rows


def _by_rows(session: Session, ids: set[int]) -> list[Row]:
    return [row for some in chunks(sorted(ids)) for row in session.rows(statements.by_rows(session.tables, some))]


def _ids(refs: Iterable[Ref]) -> tuple[set[int], set[int]]:
    """(appointment rows, customer_appointments) that refs name; what is no name of Bookly's is left out."""
    rows: set[int] = set()
    lines: set[int] = set()
    for ref in refs:
        kind, _, number = ref.key.partition(":")
        if ref.side is Side.BOOKLY and number.isdecimal():
            (rows if kind == "row" else lines).add(int(number))
    return rows, lines


def chunks(values: Sequence[T]) -> Iterator[Sequence[T]]:
    for at in range(0, len(values), CHUNK):
        yield values[at : at + CHUNK]
