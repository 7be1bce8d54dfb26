"""What can be wrong with Bookly or with the way to it, on demand, each told by name and undone again.

A fault is inflicted on a site for a block; afterwards everything is as before, so that a test can go on to show that
a real change is then found. `Wound.fired` says whether there was anything to spoil.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from practice_salon import PracticeError
from practice_salon.bookly import door
from practice_salon.bookly.columns import MYSQL
from practice_salon.bookly.journal import Request, Row, Site
from practice_salon.bookly.site import read_options, write_options

AUTHOR = "fault"
HALF_HOUR = timedelta(minutes=30)


@dataclass(slots=True)
class Wound:
    """A fault while it lasts: the rows it touched by table, and whether it found any."""

    name: str
    ids: dict[str, tuple[int, ...]] = field(default_factory=dict)
    fired: bool = True


Inflict = Callable[..., Iterator[Wound]]


@contextmanager
def half_written(site: Site, staff: int, service: int, start: datetime, customer: int) -> Iterator[Wound]:
    """Bookly between its two statements: the appointment is there, nobody on it yet. Afterwards the client is."""
    with site.request(AUTHOR) as request:
        row = _bare_row(request, staff, service, start, request.now)
    yield Wound("half_written", {"appointments": (row,)})
    with site.request(AUTHOR) as request:
        door.new_customer_appointment(request, row, customer, "frontend")


@contextmanager
def service_without_client(site: Site, staff: int, service: int, start: datetime) -> Iterator[Wound]:
    """The client's row failed on a foreign key long ago, and Bookly said success: an appointment with nobody on it."""
    with site.request(AUTHOR) as request:
        row = _bare_row(request, staff, service, start, request.now - HALF_HOUR)
    yield Wound("service_without_client", {"appointments": (row,)})
    _remove(site, [row])


@contextmanager
def rows_vanish(site: Site, share: float = 1.0) -> Iterator[Wound]:
    """A backup is restored, or a reader sees half a table: so much of what lies ahead is gone, without a log line."""
    with site.request(AUTHOR) as request:
        a = site.bookly.appointments
        ahead = sa.select(a.c.id).where(a.c.end_date > request.now).order_by(a.c.created_at.desc(), a.c.id.desc())
        ids = list(request.connection.scalars(ahead))
    gone = ids[: round(len(ids) * share)]
    kept = _take_out(site, gone)
    yield Wound("rows_vanish", {"appointments": tuple(gone)}, bool(gone))
    _put_back(site, kept)


@contextmanager
def reused_ids(site: Site, count: int = 3) -> Iterator[Wound]:
    """A truncated and restored site: the ids of visits ahead now belong to other visits, made today."""
    with site.request(AUTHOR) as request:
        a = site.bookly.appointments
        ahead = sa.select(a.c.id).where(a.c.start_date > request.now, a.c.service_id.is_not(None)).order_by(a.c.id)
        ids = list(request.connection.scalars(ahead.limit(count)))
        now = request.now
    kept = _take_out(site, ids)
    others = [_another_visit(row, now) for row in kept["appointments"]]
    _put_back(site, {"appointments": others, "customer_appointments": []})
    yield Wound("reused_ids", {"appointments": tuple(ids)}, bool(ids))
    _take_out(site, ids)
    _put_back(site, kept)


@contextmanager
def table_missing(site: Site, table: str = "customer_appointments") -> Iterator[Wound]:
    """An update that stopped half-way: one of Bookly's tables has another name."""
    name = site.bookly.by_name[table].name
    _rename(site, name, f"{name}_old")
    try:
        yield Wound("table_missing")
    finally:
        _rename(site, f"{name}_old", name)


@contextmanager
def timezone_changed(site: Site, name: str = "Europe/Lisbon", offset: str = "0") -> Iterator[Wound]:
    """Somebody set another zone in WordPress; both empty is what Bookly itself cannot bear."""
    with site.engine.begin() as connection:
        before = read_options(connection, site.bookly)
        write_options(connection, site.bookly, {"timezone_string": name, "gmt_offset": offset})
    yield Wound("timezone_changed", fired=before.get("timezone_string") != name)
    with site.engine.begin() as connection:
        write_options(connection, site.bookly, {key: before[key] for key in ("timezone_string", "gmt_offset")})


@contextmanager
def unknown_status(site: Site, word: str = "floating") -> Iterator[Wound]:
    """A status that nobody has heard of, on the next visit ahead."""
    with site.request(AUTHOR) as request:
        seat = _next_seat(request)
        was = request.row(site.bookly.customer_appointments, seat)["status"] if seat else ""
    _set_status(site, seat, word)
    yield Wound("unknown_status", {"customer_appointments": (seat,) if seat else ()}, bool(seat))
    _set_status(site, seat, was)


@contextmanager
def file_gone(site: Site) -> Iterator[Wound]:
    """SQLite only: the database's file is somewhere else for a while. MariaDB's way out is `wire.Wire`."""
    database = site.engine.url.database
    if site.engine.dialect.name != "sqlite" or not database:
        raise PracticeError("file_gone is for SQLite; cut the connection to MariaDB with wire.Wire.")
    site.engine.dispose()
    files = [Path(database + ending) for ending in ("", "-wal", "-shm") if Path(database + ending).exists()]
    for file in files:
        file.rename(_away(file))
    try:
        yield Wound("file_gone", fired=bool(files))
    finally:
        for file in files:
            _away(file).replace(file)


FAULTS: dict[str, tuple[str, Callable[..., Any]]] = {
    "half_written": ("a row with nobody on it yet", half_written),
    "service_without_client": ("a row whose client's row failed long ago", service_without_client),
    "rows_vanish": ("the calendar is suddenly small", rows_vanish),
    "reused_ids": ("ids now belong to other visits", reused_ids),
    "table_missing": ("one of Bookly's tables is not there", table_missing),
    "timezone_changed": ("WordPress's zone is another", timezone_changed),
    "unknown_status": ("a status nobody has heard of", unknown_status),
    "file_gone": ("SQLite's file is not there", file_gone),
}
"""What can be inflicted on a site, with a word for each. See `wire` for the way to MariaDB, `rights` for its users."""


ODD_ROWS = ("unknown status", "row without its client", "ends before it begins")


def odd_row(site: Site, how: str, staff: int, service: int, start: datetime) -> int:
    """One row that cannot be taken at its word (a word of ODD_ROWS), older than any grace, and it stays; its id."""
    with site.request(AUTHOR) as request:
        row = _bare_row(request, staff, service, start, request.now - HALF_HOUR)
        a = site.bookly.appointments
        if how == "ends before it begins":
            request.update_quietly(a, a.c.id == row, {"end_date": start - HALF_HOUR})
        if how != "row without its client":
            customer = request.connection.scalar(sa.select(sa.func.min(site.bookly.customers.c.id)))
            status = "floating" if how == "unknown status" else "approved"
            door.new_customer_appointment(request, row, int(customer or 0), "backend", status=status)
    return row


def _bare_row(request: Request, staff: int, service: int, start: datetime, made: datetime) -> int:
    length = timedelta(seconds=request.row(request.bookly.services, service)["duration"])
    row = {"staff_id": staff, "service_id": service, "start_date": start, "end_date": start + length}
    return request.insert(request.bookly.appointments, {**row, "created_at": made, "updated_at": made}, logged=False)


def _another_visit(row: Row, now: datetime) -> Row:
    """The same id on the same chair a week later, as somebody else's custom service."""
    week = timedelta(days=7)
    moved = {"start_date": row["start_date"] + week, "end_date": row["end_date"] + week}
    return {**row, **moved, "service_id": None, "custom_service_name": "Other", "created_at": now, "updated_at": now}


def _take_out(site: Site, ids: list[int]) -> dict[str, list[Row]]:
    """Delete these appointments and who is on them, without a line in the log; what there was."""
    a, ca = site.bookly.appointments, site.bookly.customer_appointments
    with site.engine.begin() as connection:
        rows = connection.execute(sa.select(a).where(a.c.id.in_(ids))).mappings().all()
        seats = connection.execute(sa.select(ca).where(ca.c.appointment_id.in_(ids))).mappings().all()
        connection.execute(sa.delete(ca).where(ca.c.appointment_id.in_(ids)))
        connection.execute(sa.delete(a).where(a.c.id.in_(ids)))
    return {"appointments": [dict(row) for row in rows], "customer_appointments": [dict(seat) for seat in seats]}


def _put_back(site: Site, kept: dict[str, list[Row]]) -> None:
    with site.engine.begin() as connection:
        for name in ("appointments", "customer_appointments"):
            if kept[name]:
                connection.execute(sa.insert(site.bookly.by_name[name]), kept[name])


def _remove(site: Site, ids: list[int]) -> None:
    _take_out(site, ids)


def _rename(site: Site, old: str, new: str) -> None:
    """MySQL and SQLite both take the foreign keys along, there and back."""
    verb = (
        f"RENAME TABLE `{old}` TO `{new}`"
        if site.engine.dialect.name in MYSQL
        else f"ALTER TABLE {old} RENAME TO {new}"
    )
    with site.engine.begin() as connection:
        connection.execute(sa.text(verb))


def _next_seat(request: Request) -> int:
    b = request.bookly
    a, ca = b.appointments.c, b.customer_appointments.c
    query = (
        sa.select(ca.id)
        .join(b.appointments, a.id == ca.appointment_id)
        .where(a.start_date > request.now, ca.status == "approved")
        .order_by(a.start_date, ca.id)
        .limit(1)
    )
    return request.connection.scalar(query) or 0


def _set_status(site: Site, seat: int, word: str) -> None:
    ca = site.bookly.customer_appointments
    with site.engine.begin() as connection:
        connection.execute(sa.update(ca).where(ca.c.id == seat).values(status=word))


def _away(file: Path) -> Path:
    return file.with_name(file.name + ".away")
