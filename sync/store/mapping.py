"""What a person confirmed: who is who, and which service is which. And the clients we linked on the way."""

from __future__ import annotations

from collections.abc import Mapping

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from sync.store.rows import upsert
from sync.store.tables import clients as clients_table
from sync.store.tables import service_map as service_table
from sync.store.tables import staff_map as staff_table
from sync.store.times import When, seconds


def staff_map(conn: Connection) -> dict[str, str]:
    """Bookly's staff id to Square's team member id, as confirmed."""
    return _map(conn, staff_table)


def service_map(conn: Connection) -> dict[str, str]:
    """Bookly's service id to Square's variation id, as confirmed."""
    return _map(conn, service_table)


def clients(conn: Connection) -> dict[str, str]:
    """Bookly's customer id to Square's, as linked."""
    return _map(conn, clients_table)


def confirm_staff(conn: Connection, couples: Mapping[str, str], who: str, now: When) -> None:
    """Confirm who is who, Bookly's id to Square's. Each of the two belongs to one couple at most: older ones go."""
    conn.execute(staff_table.delete().where(staff_table.c.square.in_(list(couples.values()))))
    _confirm(conn, staff_table, couples, who, now)


def confirm_services(conn: Connection, couples: Mapping[str, str], who: str, now: When) -> None:
    """Confirm which service is which. Several of Bookly's may be one of Square's."""
    _confirm(conn, service_table, couples, who, now)


def forget_staff(conn: Connection, bookly: str) -> None:
    """Take a couple of staff back."""
    conn.execute(staff_table.delete().where(staff_table.c.bookly == bookly))


def forget_service(conn: Connection, bookly: str) -> None:
    """Take a couple of services back."""
    conn.execute(service_table.delete().where(service_table.c.bookly == bookly))


def square_client(conn: Connection, bookly: str) -> str | None:
    """Square's customer id of a Bookly client, if they were ever linked."""
    return conn.execute(sa.select(clients_table.c.square).where(clients_table.c.bookly == bookly)).scalar()


def link_client(conn: Connection, bookly: str, square: str, now: When) -> None:
    """Remember that two customer ids are one client."""
    upsert(conn, clients_table, [{"bookly": bookly, "square": square, "linked_at": seconds(now)}])


def _map(conn: Connection, table: sa.Table) -> dict[str, str]:
    return {row.bookly: row.square for row in conn.execute(sa.select(table.c.bookly, table.c.square))}


def _confirm(conn: Connection, table: sa.Table, couples: Mapping[str, str], who: str, now: When) -> None:
    at = seconds(now)
    rows = [{"bookly": b, "square": s, "confirmed_by": who, "confirmed_at": at} for b, s in couples.items()]
    upsert(conn, table, rows)
