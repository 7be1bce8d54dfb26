"""Who works there and what they do, as each calendar lists it, and who is who."""

from __future__ import annotations

import pandas as pd
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from queries.register import Asked, frame, named
from sync.store.tables import service_map, services, staff, staff_map


@named("staff", "Everybody on either calendar's list of staff, with the partner somebody confirmed.")
def people(conn: Connection, _asked: Asked) -> pd.DataFrame:
    """Columns side, id, name, active, content, partner (the other side's id, or None)."""
    return _with_partner(conn, staff, staff_map)


@named("services", "Every service on either calendar's list, with the partner somebody confirmed.")
def offered(conn: Connection, _asked: Asked) -> pd.DataFrame:
    """Columns side, id, name, active, content, partner (the other side's id, or None)."""
    return _with_partner(conn, services, service_map)


def _with_partner(conn: Connection, table: sa.Table, joined: sa.Table) -> pd.DataFrame:
    pairs = {(row.bookly, row.square) for row in conn.execute(sa.select(joined.c.bookly, joined.c.square))}
    partner = {("bookly", bookly): square for bookly, square in pairs}
    partner |= {("square", square): bookly for bookly, square in sorted(pairs, reverse=True)}
    columns = [table.c[name] for name in ("side", "id", "name", "active", "content")]
    found = frame(conn, sa.select(*columns).order_by(table.c.name, table.c.side, table.c.id))
    who = zip(found["side"], found["id"], strict=True)
    return found.assign(
        active=found["active"].astype(bool),
        partner=pd.Series([partner.get(key) for key in who], index=found.index, dtype="object"),
    )


def names(conn: Connection) -> list[str]:
    """The names of everybody active, each once, for "Who is this?"."""
    statement = sa.select(staff.c.name).where(staff.c.active, staff.c.name != "").distinct().order_by(staff.c.name)
    return [str(name) for name in conn.execute(statement).scalars()]
