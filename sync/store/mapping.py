"""Who and what is the same on both sides, as a person confirmed it; and which client of one side is which of the other.

A change to a map gets a value of the change counter: it changes what everything that is known means.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from sync.store import keeping, tables
from sync.store.connection import driver_of
from sync.store.rows import chunks, named, upsert
from sync.store.times import When, moment, seconds


@dataclass(frozen=True, slots=True)
class Confirmed:
    """One line of a map: Bookly's id, Square's id, who confirmed it and when (UTC)."""

    bookly: str
    square: str
    by: str
    at: datetime


def confirm_staff(conn: Connection, couples: Mapping[str, str], by: str, now: When) -> None:
    """A person says who is who, Bookly's id to Square's. Each belongs to one couple at most: an older couple goes."""
    for chunk in chunks(couples.values()):
        conn.execute(tables.staff_map.delete().where(tables.staff_map.c.square.in_(chunk)))
    _confirm(conn, tables.staff_map, couples, by, now)


def confirm_services(conn: Connection, couples: Mapping[str, str], by: str, now: When) -> None:
    """A person says which service of Bookly's is which variation in Square; several may be the same variation."""
    _confirm(conn, tables.service_map, couples, by, now)


def forget_staff(conn: Connection, bookly: str) -> bool:
    """Take a confirmed couple apart; False when there was none."""
    return _forget(conn, tables.staff_map, bookly)


def forget_service(conn: Connection, bookly: str) -> bool:
    """Take a confirmed couple apart; False when there was none."""
    return _forget(conn, tables.service_map, bookly)


def staff_map(conn: Connection) -> dict[str, str]:
    """Bookly's staff id to Square's team member id."""
    return {line.bookly: line.square for line in confirmed_staff(conn)}


def service_map(conn: Connection) -> dict[str, str]:
    """Bookly's service id to Square's variation id."""
    return {line.bookly: line.square for line in confirmed_services(conn)}


def confirmed_staff(conn: Connection) -> tuple[Confirmed, ...]:
    """Every line with who confirmed it, by Bookly's id."""
    return _lines(conn, tables.staff_map)


def confirmed_services(conn: Connection) -> tuple[Confirmed, ...]:
    """Every line with who confirmed it, by Bookly's id."""
    return _lines(conn, tables.service_map)


def last_change(conn: Connection) -> int:
    """The change counter when a map last changed; 0 when none ever was confirmed."""
    return int(keeping.get(conn, keeping.MAPPING_CHANGE, 0))


# --- clients --------------------------------------------------------------------------------------------------------


def link_client(conn: Connection, bookly: str, square: str, now: When) -> None:
    """Bookly's customer is that customer in Square; what was linked before is replaced (Square merges profiles)."""
    upsert(conn, tables.clients, [{"bookly": bookly, "square": square, "linked_at": seconds(now)}])


def forget_client(conn: Connection, square: str) -> bool:
    """Square no longer has that customer: nobody is linked with it any more. False when nobody was."""
    return conn.execute(tables.clients.delete().where(tables.clients.c.square == square)).rowcount > 0


def follow_merge(conn: Connection, former: Iterable[str], into: str, now: When) -> int:
    """Square made one customer of these: who was linked with one of them is linked with that one. Returns how many."""
    moved = set(clients(conn, bookly=(), square=former))
    for bookly in moved:
        link_client(conn, bookly, into, now)
    return len(moved)


def square_client(conn: Connection, bookly: str) -> str | None:
    """Square's customer id of a Bookly customer, where it is linked."""
    asked = "SELECT square FROM clients WHERE bookly = :bookly"
    row = driver_of(conn).execute(asked, {"bookly": bookly}).fetchone()
    return str(row[0]) if row else None


def clients(conn: Connection, bookly: Iterable[str] | None = None, square: Iterable[str] = ()) -> dict[str, str]:
    """Bookly's customer id to Square's: all, or those in which one of the given ids takes part."""
    table = tables.clients
    if bookly is None:
        return {row.bookly: row.square for row in conn.execute(sa.select(table))}
    found: dict[str, str] = {}
    for column, ids in (("bookly", bookly), ("square", square)):
        for chunk in chunks(ids):
            places, given = named(chunk)
            these = f"SELECT bookly, square FROM clients WHERE {column} IN ({places})"
            found.update(driver_of(conn).execute(these, given).fetchall())
    return found


# --- helpers --------------------------------------------------------------------------------------------------------


def _confirm(conn: Connection, table: sa.Table, couples: Mapping[str, str], by: str, now: When) -> None:
    said = {"confirmed_by": by, "confirmed_at": seconds(now)}
    upsert(conn, table, [{"bookly": bookly, "square": square, **said} for bookly, square in couples.items()])
    keeping.put(conn, keeping.MAPPING_CHANGE, keeping.next_change(conn), now, by)


def _forget(conn: Connection, table: sa.Table, bookly: str) -> bool:
    forgotten = conn.execute(table.delete().where(table.c.bookly == bookly)).rowcount == 1
    if forgotten:
        keeping.put(conn, keeping.MAPPING_CHANGE, keeping.next_change(conn), 0.0)
    return forgotten


def _lines(conn: Connection, table: sa.Table) -> tuple[Confirmed, ...]:
    rows = conn.execute(sa.select(table).order_by(table.c.bookly))
    return tuple(Confirmed(row.bookly, row.square, row.confirmed_by, moment(row.confirmed_at)) for row in rows)
