"""Every SELECT on Bookly, built and not run. Times in bounds are local digits.

`start_date` has no index and must not be given one, which is fine: a scan of 200,000 rows was measured at 29 ms.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any

import sqlalchemy as sa

from sync.calendars.bookly.tables import Tables, column
from sync.calendars.bookly.times import text
from sync.calendars.bookly.written import Asked, numbered, places

MARGIN = timedelta(days=2)
"""Rows this far around a window are fetched and sorted out by their exact UTC times: wider than any offset, extras or
padding."""

OPTION_NAMES = ("timezone_string", "gmt_offset")


@lru_cache(maxsize=16)
def joined(tables: Tables) -> sa.Select[Any]:
    """The one join: an appointment row with each of its customers (or none), service, capacity and payment."""
    a, ca, c, s = (tables[name] for name in ("appointments", "customer_appointments", "customers", "services"))
    source = (
        a.outerjoin(ca, ca.c.appointment_id == a.c.id)
        .outerjoin(c, c.c.id == ca.c.customer_id)
        .outerjoin(s, s.c.id == a.c.service_id)
    )
    paid: list[sa.ColumnElement[Any]] = [sa.null().label("payment_status"), sa.null().label("payment_type")]
    if "payments" in tables and "payment_id" in ca.c:
        p = tables["payments"]
        source = source.outerjoin(p, p.c.id == ca.c.payment_id)
        paid = [p.c.status.label("payment_status"), column(p, "type").label("payment_type")]
    return (
        sa.select(*_of_row(a, s), _capacity(tables).label("capacity"), *_of_client(ca, c), *paid)
        .select_from(source)
        .order_by(a.c.id, ca.c.id)
    )


def _of_row(a: sa.TableClause, s: sa.TableClause) -> list[sa.ColumnElement[Any]]:
    return [
        a.c.id.label("row_id"),
        a.c.staff_id,
        a.c.service_id,
        a.c.custom_service_name,
        a.c.start_date,
        a.c.end_date,
        a.c.extras_duration,
        a.c.internal_note,
        column(a, "created_at").label("row_created_at"),
        s.c.title,
        s.c.padding_left,
        s.c.padding_right,
        column(s, "one_booking_per_slot").label("one_booking_per_slot"),
    ]


def _of_client(ca: sa.TableClause, c: sa.TableClause) -> list[sa.ColumnElement[Any]]:
    return [
        ca.c.id.label("ca_id"),
        ca.c.customer_id,
        ca.c.status,
        ca.c.number_of_persons,
        column(ca, "compound_token").label("compound_token"),
        column(ca, "created_at").label("ca_created_at"),
        *(column(c, name).label(name) for name in ("full_name", "first_name", "last_name", "phone", "email")),
    ]


def _capacity(tables: Tables) -> sa.ScalarSelect[Any]:
    """capacity_max of that staff member for that service: the row without a location is what Bookly checks."""
    a, ss = tables["appointments"], tables["staff_services"]
    where = [ss.c.staff_id == a.c.staff_id, ss.c.service_id == a.c.service_id]
    if "location_id" in ss.c:
        where.append(ss.c.location_id.is_(None))
    return sa.select(sa.func.max(ss.c.capacity_max)).where(*where).correlate(a).scalar_subquery()


def starting(tables: Tables, start: datetime, end: datetime) -> Asked:
    """Rows that start about start..end."""
    return Asked(_starting(tables), {"low": text(start - MARGIN), "high": text(end + MARGIN)})


@lru_cache(maxsize=16)
def _starting(tables: Tables) -> sa.Select[Any]:
    a = tables["appointments"]
    return joined(tables).where(a.c.start_date >= sa.bindparam("low"), a.c.start_date <= sa.bindparam("high"))


def ending_after(tables: Tables, digits: datetime) -> Asked:
    """Rows that end after then by their digits, and those without an end that start after it."""
    return Asked(_ending_after(tables), {"low": text(digits)})


@lru_cache(maxsize=16)
def _ending_after(tables: Tables) -> sa.Select[Any]:
    a = tables["appointments"]
    ends = sa.func.coalesce(a.c.end_date, a.c.start_date)
    return joined(tables).where(a.c.start_date.is_not(None), ends > sa.bindparam("low"))


def of_staff(tables: Tables, staff: int, start: datetime, end: datetime) -> Asked:
    """Rows of one staff member that may meet start..end."""
    return Asked(_of_staff(tables), {"staff": staff, "low": text(start - MARGIN), "high": text(end + MARGIN)})


@lru_cache(maxsize=16)
def _of_staff(tables: Tables) -> sa.Select[Any]:
    a = tables["appointments"]
    return joined(tables).where(
        a.c.staff_id == sa.bindparam("staff"),
        a.c.end_date >= sa.bindparam("low"),
        a.c.start_date <= sa.bindparam("high"),
    )


def by_rows(tables: Tables, rows: Sequence[int]) -> Asked:
    """These rows."""
    return Asked(_by_rows(tables, len(rows)), numbered("row_", rows))


@lru_cache(maxsize=256)
def _by_rows(tables: Tables, count: int) -> sa.Select[Any]:
    return joined(tables).where(tables["appointments"].c.id.in_(places("row_", count)))


def by_tokens(tables: Tables, tokens: Sequence[str]) -> Asked:
    """The rows on which any part of these compound bookings stands, each whole."""
    return Asked(_by_tokens(tables, len(tokens)), numbered("token_", tokens))


@lru_cache(maxsize=256)
def _by_tokens(tables: Tables, count: int) -> sa.Select[Any]:
    ca = tables["customer_appointments"]
    rows = sa.select(ca.c.appointment_id).where(ca.c.compound_token.in_(places("token_", count)))
    return joined(tables).where(tables["appointments"].c.id.in_(rows))


def rows_of_clients(tables: Tables, lines: Sequence[int]) -> Asked:
    """The appointment rows that these customer_appointments stand on."""
    return Asked(_rows_of_clients(tables, len(lines)), numbered("line_", lines))


@lru_cache(maxsize=256)
def _rows_of_clients(tables: Tables, count: int) -> sa.Select[Any]:
    ca = tables["customer_appointments"]
    return sa.select(ca.c.appointment_id).where(ca.c.id.in_(places("line_", count)))


def by_mark(tables: Tables, mark: str) -> sa.Select[Any]:
    """Rows whose note holds the mark, waiting for whoever is writing one just now (not on SQLite, where nobody can)."""
    a = tables["appointments"]
    found = sa.select(a.c.id, a.c.internal_note, a.c.staff_id, a.c.start_date, a.c.end_date)
    return found.where(a.c.internal_note.contains(mark, autoescape=True)).order_by(a.c.id).with_for_update()


def held(tables: Tables, rows: Iterable[int]) -> sa.Select[Any]:
    """Lock rows until the transaction ends; MySQL then lets no customer be put on them either."""
    a = tables["appointments"]
    return sa.select(a.c.id).where(a.c.id.in_(sorted(rows))).order_by(a.c.id).with_for_update()


def whole_row(tables: Tables, row: int) -> sa.Select[Any]:
    """All known columns of one appointment row, as the database keeps them."""
    a = tables["appointments"]
    return sa.select(*a.c).where(a.c.id == row)


def options(table: sa.TableClause) -> Asked:
    """The options that the site's zone follows from."""
    return Asked(_options(table), numbered("option_", OPTION_NAMES))


@lru_cache(maxsize=16)
def _options(table: sa.TableClause) -> sa.Select[Any]:
    named = table.c.option_name.in_(places("option_", len(OPTION_NAMES)))
    return sa.select(table.c.option_name, table.c.option_value).where(named)


def custom_statuses(tables: Tables) -> Asked:
    """An add-on's own statuses."""
    return Asked(_custom_statuses(tables), {})


@lru_cache(maxsize=16)
def _custom_statuses(tables: Tables) -> sa.Select[Any]:
    statuses = tables["custom_statuses"]
    return sa.select(statuses.c.slug, statuses.c.busy)


def deleted(tables: Tables, name: str, ids: Sequence[int]) -> sa.Select[Any]:
    """Bookly's own log: that rows of the table of that name were deleted, and when (local digits)."""
    log = tables["log"]
    return sa.select(log.c.target_id, log.c.created_at).where(_deletes(log, tables, name), log.c.target_id.in_(ids))


def deleted_parts(tables: Tables, ids: Sequence[int]) -> sa.Select[Any]:
    """Of the deleted customer_appointments that were parts of the same compound services as these: the row each stood
    on, and when it was deleted. The line's details are never handed out: they hold the secret of the client's link."""
    log = tables["log"]
    named, part = log.alias("named"), log.alias("part")
    token = _detail(named, "compound_token")
    return sa.select(
        named.c.target_id.label("of"),
        part.c.target_id,
        part.c.created_at,
        _detail(part, "appointment_id").label("row_id"),
    ).where(
        _deletes(named, tables, "customer_appointments"),
        named.c.target_id.in_(ids),
        _deletes(part, tables, "customer_appointments"),
        token.is_not(None),
        token == _detail(part, "compound_token"),
    )


def _deletes(log: sa.FromClause, tables: Tables, name: str) -> sa.ColumnElement[bool]:
    return sa.and_(log.c.action == "delete", log.c.target.in_([tables[name].name, f"bookly_{name}"]))


def _detail(log: sa.FromClause, name: str) -> sa.ColumnElement[Any]:
    """One field of the deleted row; NULL where the details are no JSON, or have no such field."""
    found = sa.func.json_extract(log.c.details, f"$.{name}")
    return sa.case((sa.func.json_valid(log.c.details) == 1, found), else_=sa.null())


def everything(tables: Tables, name: str) -> sa.Select[Any]:
    """All known columns of a small table."""
    return sa.select(*tables[name].c)


def lines_on(tables: Tables, rows: Iterable[int]) -> sa.Select[Any]:
    """The customer_appointments on these rows."""
    ca = tables["customer_appointments"]
    return _lines(ca).where(ca.c.appointment_id.in_(sorted(rows))).order_by(ca.c.id)


def lines_of_visit(tables: Tables, line: int) -> sa.Select[Any]:
    """One customer_appointment, and with it all parts of the compound service that it belongs to."""
    ca = tables["customer_appointments"]
    itself = ca.c.id == line
    if "compound_token" not in ca.c:
        return _lines(ca).where(itself)
    other = ca.alias("named")
    token = sa.select(other.c.compound_token).where(other.c.id == line, other.c.compound_token != "")
    return _lines(ca).where(itself | ca.c.compound_token.in_(token)).order_by(ca.c.id)


def _lines(ca: sa.TableClause) -> sa.Select[Any]:
    return sa.select(ca.c.id, ca.c.appointment_id, ca.c.status)
