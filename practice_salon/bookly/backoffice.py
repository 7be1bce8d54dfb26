"""Bookly's back end: what staff do there. It warns of overlaps and refuses none."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from practice_salon import PracticeError
from practice_salon.bookly.door import Booked, Form, cancel, delete_cascade, keep_client, new_customer_appointment
from practice_salon.bookly.journal import Request, Row, Site

WEEK = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class BackOffice:
    """The calendar, the lists and the customers' page, used by one member of staff. Times are naive local."""

    site: Site
    author: str = "admin"

    def book(
        self, staff: int, service: int, start: datetime, clients: Sequence[Form], status: str | None = None
    ) -> Booked:
        """An appointment with these clients on it, wherever it falls; only the row's own capacity is kept.

        Raises PracticeError when the row would hold more persons than it takes.
        """
        with self.site.request(self.author) as request:
            row = request.row(request.bookly.services, service)
            _refuse_over_capacity(request, staff, service, len(clients))
            values = {"service_id": service, "end_date": start + timedelta(seconds=row["duration"])}
            appointment = _new_appointment(request, staff, start, values)
            return _seat(request, appointment, clients, status)

    def book_custom(self, staff: int, start: datetime, minutes: int, name: str, clients: Sequence[Form]) -> Booked:
        """A service that is on no list: service_id stays NULL."""
        with self.site.request(self.author) as request:
            values = {"custom_service_name": name, "end_date": start + timedelta(minutes=minutes)}
            appointment = _new_appointment(request, staff, start, values)
            return _seat(request, appointment, clients, None)

    def block(self, staff: int, start: datetime, minutes: int, name: str = "Blocked", note: str = "") -> int:
        """Time kept free: a custom service without a client, the one shape that shuts both of Bookly's checks."""
        with self.site.request(self.author) as request:
            end = start + timedelta(minutes=minutes)
            values = {"custom_service_name": name, "end_date": end, "internal_note": note}
            return _new_appointment(request, staff, start, values)

    def series(self, staff: int, service: int, start: datetime, weeks: int, client: Form) -> list[Booked]:
        """The same time every week, tied by one series."""
        with self.site.request(self.author) as request:
            b = request.bookly
            weekly = {"repeat": '{"enabled":1,"repeat":"weekly"}', "token": secrets.token_hex(16)}
            series = request.insert(b.series, weekly, logged=False)
            length = timedelta(seconds=request.row(b.services, service)["duration"])
            made = []
            for week in range(weeks):
                begin = start + week * WEEK
                values = {"service_id": service, "end_date": begin + length}
                appointment = _new_appointment(request, staff, begin, values)
                made.append(_seat(request, appointment, [client], None, series_id=series))
            return made

    def move(self, appointment: int, start: datetime, minutes: int | None = None) -> None:
        """Another time, and another length when one is given; ids stay."""
        with self.site.request(self.author) as request:
            row = request.row(request.bookly.appointments, appointment)
            length = row["end_date"] - row["start_date"] if minutes is None else timedelta(minutes=minutes)
            _edit(request, appointment, {"start_date": start, "end_date": start + length})

    def change_staff(self, appointment: int, staff: int) -> None:
        """Somebody else does it; ids stay."""
        with self.site.request(self.author) as request:
            _edit(request, appointment, {"staff_id": staff})

    def change_service(self, appointment: int, service: int) -> None:
        """Another service, with its length."""
        with self.site.request(self.author) as request:
            row = request.row(request.bookly.appointments, appointment)
            length = timedelta(seconds=request.row(request.bookly.services, service)["duration"])
            _edit(request, appointment, {"service_id": service, "end_date": row["start_date"] + length})

    def set_status(self, customer_appointment: int, status: str) -> None:
        """approved, pending, done, cancelled, rejected, waitlisted, or a word of the salon's own."""
        with self.site.request(self.author) as request:
            b = request.bookly
            row = request.row(b.customer_appointments, customer_appointment)
            request.log("update", b.appointments, row["appointment_id"], {})
            changed = {} if row["status"] == status else {"status": status, "status_changed_at": request.now}
            request.update(b.customer_appointments, customer_appointment, changed)

    def cancel(self, customer_appointment: int) -> None:
        """As the website's link does, by the site's option."""
        with self.site.request(self.author) as request:
            cancel(request, customer_appointment)

    def seat(self, appointment: int, client: Form, persons: int = 1, status: str | None = None) -> int:
        """One more client on an appointment that is there. Unlike `book`, does not ask whether they fit."""
        with self.site.request(self.author) as request:
            customer = keep_client(request, client)
            return new_customer_appointment(
                request, appointment, customer, "backend", **_given(status), number_of_persons=persons
            )

    def unseat(self, customer_appointment: int) -> None:
        """Take one client off; the appointment goes with the last."""
        with self.site.request(self.author) as request:
            delete_cascade(request, customer_appointment)

    def delete(self, appointment: int) -> None:
        """Delete in the calendar's dialog: the clients' rows first, then the appointment, each logged whole."""
        with self.site.request(self.author) as request:
            b = request.bookly
            for row in request.rows(b.customer_appointments, appointment_id=appointment):
                request.delete(b.customer_appointments, row["id"])
            request.delete(b.appointments, appointment)

    def rename_client(self, customer: int, name: str, email: str | None = None, phone: str | None = None) -> None:
        """Other contact data for a client."""
        first, _, last = name.partition(" ")
        given = {"email": email, "phone": phone}
        values: Row = {"full_name": name, "first_name": first, "last_name": last}
        with self.site.request(self.author) as request:
            more = {key: value for key, value in given.items() if value is not None}
            request.update(request.bookly.customers, customer, {**values, **more})

    def merge_clients(self, target: int, others: Sequence[int]) -> None:
        """Others' visits become the target's: no log line for them, no stamp touched; the others' rows go."""
        with self.site.request(self.author) as request:
            b = request.bookly
            moved = b.customer_appointments.c.customer_id.in_(others)
            request.update_quietly(b.customer_appointments, moved, {"customer_id": target})
            for other in others:
                request.delete(b.customers, other)

    def delete_client(self, customer: int) -> None:
        """Their rows are logged and go; the appointments stay, with nobody on them and a note."""
        with self.site.request(self.author) as request:
            b = request.bookly
            for row in request.rows(b.customer_appointments, customer_id=customer):
                request.delete(b.customer_appointments, row["id"])
                here = b.appointments.c.id == row["appointment_id"]
                request.update_quietly(b.appointments, here, {"internal_note": "Customer deleted"})
            request.delete(b.customers, customer)

    def delete_service(self, service: int) -> None:
        """One statement; the database's cascade takes every appointment of the service, and nothing is logged."""
        with self.site.request(self.author) as request:
            request.delete(request.bookly.services, service, logged=False)

    def archive_staff(self, staff: int) -> None:
        """Gone from the form's list; rows stay, and both checks go on as before."""
        with self.site.request(self.author) as request:
            request.update(request.bookly.staff, staff, {"visibility": "archive"})


def _new_appointment(request: Request, staff: int, start: datetime, values: Row) -> int:
    stamps = {"created_at": request.now, "updated_at": request.now, "internal_note": ""}
    row = {"staff_id": staff, "start_date": start, **stamps, **values}
    return request.insert(request.bookly.appointments, row)


def _seat(request: Request, appointment: int, clients: Sequence[Form], status: str | None, **values: Any) -> Booked:
    customers = [keep_client(request, client) for client in clients]
    rows = [
        new_customer_appointment(request, appointment, customer, "backend", **_given(status), **values)
        for customer in customers
    ]
    return Booked(customers[0] if customers else 0, (appointment,), tuple(rows))


def _given(status: str | None) -> Row:
    return {} if status is None else {"status": status}


def _edit(request: Request, appointment: int, values: Row) -> None:
    """Save of the calendar's dialog: the appointment and each client's row are logged, what differs is written."""
    b = request.bookly
    request.update(b.appointments, appointment, values)
    for row in request.rows(b.customer_appointments, appointment_id=appointment):
        request.update(b.customer_appointments, row["id"], {})


def _refuse_over_capacity(request: Request, staff: int, service: int, persons: int) -> None:
    skills = request.rows(request.bookly.staff_services, staff_id=staff, service_id=service)
    capacity = next((skill["capacity_max"] for skill in skills if skill["location_id"] is None), 1)
    if persons > capacity:
        raise PracticeError(f"The appointment takes {capacity} at most; {persons} were given.")
