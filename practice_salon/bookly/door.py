"""The website: what a client can do there, as Bookly does it, its race included.

Booking is a check and then a write, each statement committed by itself: `check` and `write` are there apart so that
two clients can both check before either writes.
"""

import secrets
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from practice_salon import PracticeError
from practice_salon.bookly import shelf
from practice_salon.bookly.journal import Request, Row, Site
from practice_salon.bookly.rules import refuses

AUTHOR = "Visitor"


class SlotTaken(PracticeError):
    """The website's answer to a time that is gone: the client is sent back to the time step."""

    def __init__(self) -> None:
        super().__init__("The selected time is not available anymore; choose another one.")


@dataclass(frozen=True, slots=True)
class Form:
    """What a client types in. Phone and mail decide who they are; the name overwrites the one that was kept."""

    name: str
    email: str
    phone: str


@dataclass(frozen=True, slots=True)
class Choice:
    """A time chosen on the website: ids of Bookly's, `start` naive local."""

    staff: int
    service: int
    start: datetime
    persons: int = 1
    extras_s: int = 0
    any_staff: bool = False


@dataclass(frozen=True, slots=True)
class Booked:
    """What a booking wrote, one appointment and one customer_appointment a part."""

    customer: int
    appointments: tuple[int, ...]
    customer_appointments: tuple[int, ...]
    order: int | None = None


@dataclass(frozen=True, slots=True)
class Ties:
    """What ties the parts of one booking, and its payment."""

    fields: Row = field(default_factory=dict)
    order: int | None = None


@dataclass(frozen=True, slots=True)
class Website:
    """The booking form and the links in its mails."""

    site: Site

    def times(self, staff: int, service: int, day: date, persons: int = 1, extras_s: int = 0) -> list[datetime]:
        """What the time step shows for that day, naive local."""
        with self.site.request(AUTHOR) as request:
            return shelf.offers(request, staff, service, day, persons, extras_s)

    def check(self, choice: Choice) -> bool:
        """The final check before saving; knows nothing of hours, breaks and days off."""
        with self.site.request(AUTHOR) as request:
            return _passes(request, choice)

    def write(self, choice: Choice, form: Form) -> Booked:
        """Save without asking again."""
        with self.site.request(AUTHOR) as request:
            return _save(request, [choice], form, Ties())

    def book(self, choice: Choice, form: Form) -> Booked:
        """Check, then write, as the last step of the form does. Raises SlotTaken."""
        if not self.check(choice):
            raise SlotTaken
        return self.write(choice, form)

    def book_parts(self, service: int, staff: int, start: datetime, form: Form) -> Booked:
        """A compound service with one person: a row for each part, one after the other. Raises SlotTaken."""
        with self.site.request(AUTHOR) as request:
            choices = _parts(request, service, staff, start)
            if not all(_passes(request, choice) for choice in choices):
                raise SlotTaken
            ties = {"compound_service_id": service, "compound_token": secrets.token_hex(16)}
            return _save(request, choices, form, Ties(ties))

    def book_online(self, choice: Choice, form: Form) -> Booked:
        """With an online payment: the rows are there before the money. Raises SlotTaken."""
        with self.site.request(AUTHOR) as request:
            if not _passes(request, choice):
                raise SlotTaken
            return _save_unpaid(request, choice, form)

    def paid(self, order: int) -> None:
        """The gateway says that the money came."""
        with self.site.request(AUTHOR) as request:
            for payment in request.rows(request.bookly.payments, order_id=order):
                request.update(
                    request.bookly.payments, payment["id"], {"status": "completed", "paid": payment["total"]}
                )

    def back_out(self, order: int) -> None:
        """The client leaves the gateway: the rows vanish by hard delete, without a line in the log."""
        with self.site.request(AUTHOR) as request:
            b = request.bookly
            for row in request.rows(b.customer_appointments, order_id=order):
                request.delete(b.customer_appointments, row["id"], logged=False)
                if not request.rows(b.customer_appointments, appointment_id=row["appointment_id"]):
                    request.delete(b.appointments, row["appointment_id"], logged=False)
            request.connection.execute(b.payments.delete().where(b.payments.c.order_id == order))

    def payment_timed_out(self, order: int) -> None:
        """WP-Cron gives up waiting: rejected, no stamp touched, and only a debug line in the log."""
        with self.site.request("Cron") as request:
            b = request.bookly
            orders = b.customer_appointments.c.order_id == order
            request.update_quietly(b.customer_appointments, orders, {"status": "rejected"})
            request.update_quietly(b.payments, b.payments.c.order_id == order, {"status": "rejected"})
            request.log("debug", b.payments, None, {}, "Unpaid payments rejected")

    def cancel(self, customer_appointment: int) -> None:
        """The cancel link: the status changes, or the row goes when the site is set to delete."""
        with self.site.request(AUTHOR) as request:
            cancel(request, customer_appointment)

    def move(self, customer_appointment: int, start: datetime) -> Booked:
        """The Customer Cabinet's reschedule: a new row for the client, the old one cancelled. Raises SlotTaken."""
        with self.site.request(AUTHOR) as request:
            b = request.bookly
            old = request.row(b.customer_appointments, customer_appointment)
            appointment = request.row(b.appointments, old["appointment_id"])
            if appointment["service_id"] is None:
                raise PracticeError("A custom service is moved by staff only.")
            persons, extras_s = old["number_of_persons"], appointment["extras_duration"]
            choice = Choice(appointment["staff_id"], appointment["service_id"], start, persons, extras_s)
            if not _passes(request, choice):
                raise SlotTaken
            row, new = _save_part(request, choice, old["customer_id"], Ties())
            _set_status(request, customer_appointment, "cancelled")
            return Booked(old["customer_id"], (row,), (new,))


def cancel(request: Request, customer_appointment: int) -> None:
    """What both doors do to cancel, by the site's option `bookly_appointment_cancel_action`."""
    if request.options.get("bookly_appointment_cancel_action") == "delete":
        delete_cascade(request, customer_appointment)
    else:
        _set_status(request, customer_appointment, "cancelled")


def delete_cascade(request: Request, customer_appointment: int) -> None:
    """Remove one client, and the appointment too when nobody is left on it."""
    b = request.bookly
    row = request.row(b.customer_appointments, customer_appointment)
    request.delete(b.customer_appointments, customer_appointment)
    if not request.rows(b.customer_appointments, appointment_id=row["appointment_id"]):
        request.delete(b.appointments, row["appointment_id"])


def find_client(request: Request, form: Form) -> int | None:
    """Who the form means: by phone where the site asks for one, else by mail."""
    customers = request.bookly.customers
    by_phone = request.options.get("bookly_cst_required_phone", "1") == "1" and form.phone
    found = request.rows(customers, phone=form.phone) if by_phone else request.rows(customers, email=form.email)
    return found[0]["id"] if found else None


def keep_client(request: Request, form: Form) -> int:
    """The client's row, made or overwritten with what the form says."""
    first, _, last = form.name.partition(" ")
    values: dict[str, Any] = {"full_name": form.name, "first_name": first, "last_name": last, "email": form.email}
    known = find_client(request, form)
    if known is not None:
        request.update(request.bookly.customers, known, {**values, "phone": form.phone})
        return known
    made = {**values, "phone": form.phone, "notes": "", "info_fields": "[]", "created_at": request.now}
    return request.insert(request.bookly.customers, made)


def new_customer_appointment(request: Request, appointment: int, customer: int, door: str, **values: Any) -> int:
    """One client put on an appointment, with the defaults that Bookly's forms send."""
    row = {
        "appointment_id": appointment,
        "customer_id": customer,
        "notes": "",
        "extras": "[]",
        "custom_fields": "[]",
        "token": secrets.token_hex(16),
        "status": request.options.get("bookly_appointment_default_status") or "approved",
        "created_from": door,
        "created_at": request.now,
        "updated_at": request.now,
    }
    return request.insert(request.bookly.customer_appointments, {**row, **values})


def _set_status(request: Request, customer_appointment: int, status: str) -> None:
    values = {"status": status, "status_changed_at": request.now}
    request.update(request.bookly.customer_appointments, customer_appointment, values)


def _passes(request: Request, choice: Choice) -> bool:
    one = shelf.wish(request, choice.staff, choice.service, choice.start, choice.persons, choice.extras_s)
    rows = shelf.taken(request, choice.staff, one.start, one.end)
    return not any(refuses(row, one) for row in rows)


def _parts(request: Request, service: int, staff: int, start: datetime) -> list[Choice]:
    """The parts in their order; spare time between them only moves the next one on."""
    parts = request.rows(request.bookly.sub_services, service_id=service)
    if not parts:
        raise PracticeError(f"Service {service} has no parts; book it as one.")
    choices = []
    for part in sorted(parts, key=lambda row: int(row["position"])):
        if part["type"] == "spare_time":
            start += timedelta(seconds=part["duration"] or 0)
            continue
        choices.append(Choice(staff, part["sub_service_id"], start))
        start += timedelta(seconds=request.row(request.bookly.services, part["sub_service_id"])["duration"])
    return choices


def _save(request: Request, choices: list[Choice], form: Form, ties: Ties) -> Booked:
    customer = keep_client(request, form)
    parts = [_save_part(request, choice, customer, ties) for choice in choices]
    return Booked(customer, tuple(row for row, _ in parts), tuple(ca for _, ca in parts), ties.order)


def _save_part(request: Request, choice: Choice, customer: int, ties: Ties) -> tuple[int, int]:
    """The row of the same person, service, start and end is used again, whoever had it; else a new one is made."""
    b = request.bookly
    end = choice.start + timedelta(seconds=request.row(b.services, choice.service)["duration"])
    slot = {"staff_id": choice.staff, "service_id": choice.service, "start_date": choice.start, "end_date": end}
    there = request.rows(b.appointments, **slot)
    row_id = there[0]["id"] if there else _new_row(request, choice, slot)
    persons = {"number_of_persons": choice.persons}
    return row_id, new_customer_appointment(request, row_id, customer, "frontend", **persons, **ties.fields)


def _new_row(request: Request, choice: Choice, slot: Row) -> int:
    stamps = {"created_at": request.now, "updated_at": request.now, "internal_note": ""}
    more = {"staff_any": int(choice.any_staff), "extras_duration": choice.extras_s}
    return request.insert(request.bookly.appointments, {**slot, **more, **stamps})


def _save_unpaid(request: Request, choice: Choice, form: Form) -> Booked:
    b = request.bookly
    order = request.insert(b.orders, {"token": secrets.token_hex(16)}, logged=False)
    stamps = {"created_at": request.now, "updated_at": request.now}
    total = request.row(b.services, choice.service)["price"] * choice.persons
    money = {"type": "cloud_stripe", "total": total, "status": "pending", "order_id": order}
    payment = request.insert(b.payments, {**money, **stamps})
    return _save(request, [choice], form, Ties({"order_id": order, "payment_id": payment}, order))
