"""The acts that people do on either side, each one kept as the truth. Times are UTC.

An act takes what it needs and does it; whether the time is free, and for whom, the caller has looked up.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from practice_salon.bookly.backoffice import BackOffice
from practice_salon.bookly.door import Booked, Choice, Form
from practice_salon.people.square_side import Doc
from practice_salon.people.stage import Chair, Stage, Treat
from practice_salon.people.standing import Span, Standing, identity
from practice_salon.truth import Deed, Side, Truth

DESK = "front desk"


@dataclass(frozen=True, slots=True)
class People:
    """Everybody who can touch either calendar."""

    stage: Stage
    truth: Truth

    @property
    def office(self) -> BackOffice:
        """Bookly's back end at the front desk."""
        return self.stage.office(DESK)

    # ------------------------------------------------------------ booking

    def books_on_website(self, chair: Chair, treat: Treat, start: datetime, form: Form, persons: int = 1) -> Standing:
        """A client on Bookly's website. Raises SlotTaken."""
        choice = Choice(chair.bookly, treat.bookly, self.stage.local(start), persons)
        return self._booked(self.stage.website.book(choice, form), "website", chair, treat, start, [form])

    def books_parts_on_website(self, chair: Chair, compound: int, start: datetime, form: Form) -> Booked:
        """A client books a compound service, a row a part. Raises SlotTaken."""
        booked = self.stage.website.book_parts(compound, chair.bookly, self.stage.local(start), form)
        self._tell("website", "bookly", "book parts", _ids(booked), staff=chair.name, start=start)
        return booked

    def books_in_office(
        self, chair: Chair, treat: Treat, start: datetime, forms: Sequence[Form], typed: datetime | None = None
    ) -> Standing:
        """Staff in Bookly's back end, over whatever is there. `typed`: naive digits that no moment has."""
        booked = self.office.book(chair.bookly, treat.bookly, typed or self.stage.local(start), forms)
        return self._booked(booked, "office", chair, treat, start, forms)

    def blocks_in_office(self, chair: Chair, start: datetime, minutes: int) -> Standing:
        """Time kept free in Bookly, nobody on it."""
        row = self.office.block(chair.bookly, self.stage.local(start), minutes)
        span = (start, start + timedelta(minutes=minutes))
        self._tell("office", "bookly", "block", {"appointment": (row,)}, staff=chair.name, start=start)
        return Standing("bookly", row, chair.bookly, span, span)

    def seats_in_office(self, one: Standing, form: Form) -> int:
        """One more client on a row that is there, whether it takes them or not."""
        seat = self.office.seat(int(one.unit), form)
        self._tell("office", "bookly", "seat", {"appointment": (one.unit,), "customer_appointment": (seat,)})
        return seat

    def books_in_square(
        self, chair: Chair, treat: Treat, start: datetime, form: Form, who: str = "staff", status: str | None = None
    ) -> Standing:
        """Staff in the Square app (over anything), or with `who` "buyer" a client on Square's own site."""
        customer = self.stage.square.customer_for(form)
        return self._books_in_square(chair, treat, start, form, customer, who, status)

    def types_into_square(self, chair: Chair, treat: Treat, start: datetime, form: Form) -> Standing:
        """Staff type the client in anew instead of looking them up, as they were told on the phone."""
        return self._books_in_square(chair, treat, start, form, self.stage.square.new_customer(form), "staff", None)

    def _books_in_square(
        self, chair: Chair, treat: Treat, start: datetime, form: Form, customer: str, who: str, status: str | None
    ) -> Standing:
        service: Doc = {} if treat.variation is None else {"service_variation_id": treat.variation}
        place = {"team_member_id": chair.square, "customer_id": customer, "start_at": start.isoformat()}
        more = {"duration_minutes": treat.minutes} | ({"status": status} if status else {})
        doc = self.stage.square.act(who, "book", by=who, **place, **service, **more)["booking"]
        return self.booked_in_square(doc, who, "book", identity(form.phone, form.email))

    def booked_in_square(self, doc: Doc, who: str, what: str, clients: frozenset[str]) -> Standing:
        """Keep what Square answered as done, and give back its first part."""
        parts = list(self.stage.parts_in_square(doc, clients))
        ids: dict[str, tuple[int | str, ...]] = {"booking": (doc["id"],)}
        self._tell(who, "square", what, ids, start=parts[0].core[0], end=parts[-1].core[1], staff=self._name(parts[0]))
        return parts[0]

    # ------------------------------------------------------------ changing

    def moves_in_office(self, one: Standing, start: datetime) -> Standing:
        """The whole row to another time, ids kept."""
        self.office.move(int(one.unit), self.stage.local(start))
        return self._changed(one, "office", "move", shifted(one, start - one.core[0]))

    def moves_on_website(self, one: Standing, start: datetime) -> Standing:
        """A client moves their own visit: a new row, the old one cancelled. Raises SlotTaken."""
        booked = self.stage.website.move(one.seats[0], self.stage.local(start))
        moved = shifted(one, start - one.core[0])
        after = replace(moved, unit=booked.appointments[0], seats=booked.customer_appointments)
        return self._changed(one, "website", "move", after, into=booked.appointments[0])

    def moves_in_square(self, one: Standing, start: datetime, who: str = "staff") -> Standing:
        """To another time, id kept; a buyer only to a free one. Raises SquareSaidNo."""
        self.stage.square.act(who, "move", by=who, booking_id=one.unit, start_at=start.isoformat())
        return self._changed(one, who, "move", shifted(one, start - one.core[0]))

    def gives_away_in_office(self, one: Standing, chair: Chair) -> Standing:
        """Somebody else does it, in Bookly."""
        self.office.change_staff(int(one.unit), chair.bookly)
        return self._changed(one, "office", "change staff", replace(one, staff=chair.bookly), staff=chair.name)

    def gives_away_in_square(self, one: Standing, chair: Chair) -> Standing:
        """Somebody else does it, in Square."""
        self.stage.square.act("staff", "change_staff", by="staff", booking_id=one.unit, team_member_id=chair.square)
        return self._changed(one, "staff", "change staff", replace(one, staff=chair.bookly), staff=chair.name)

    def cancels_on_website(self, one: Standing) -> None:
        """Everybody who stands on it uses the link in their mail."""
        for seat in one.seats:
            self.stage.website.cancel(seat)
        self._changed(one, "website", "cancel", one)

    def cancels_in_office(self, one: Standing) -> None:
        """Staff cancel it in Bookly."""
        for seat in one.seats:
            self.office.cancel(seat)
        self._changed(one, "office", "cancel", one)

    def cancels_in_square(self, one: Standing, who: str = "staff") -> None:
        """Staff or the buyer cancel it in Square, which is final there."""
        self.stage.square.act(who, "cancel", by=who, booking_id=one.unit)
        self._changed(one, who, "cancel", one)

    def deletes_in_office(self, one: Standing) -> None:
        """Deleted in Bookly's calendar, rows and all."""
        self.office.delete(int(one.unit))
        self._changed(one, "office", "delete", one)

    def sets_status(self, one: Standing, status: str) -> None:
        """Bookly's word for everybody on it: done, approved again, rejected, ..."""
        for seat in one.seats:
            self.office.set_status(seat, status)
        self._changed(one, "office", status, one)

    def does_not_come(self, one: Standing) -> None:
        """Marked as a no-show in Square."""
        self.stage.square.act("staff", "no_show", by="staff", booking_id=one.unit)
        self._changed(one, "staff", "no show", one)

    def reinstates_in_square(self, booking_id: str, clients: frozenset[str]) -> Standing:
        """A cancelled booking comes back as a new one."""
        doc = self.stage.square.act("staff", "reinstate", by="staff", booking_id=booking_id)["booking"]
        return self.booked_in_square(doc, "staff", "reinstate", clients)

    # ------------------------------------------------------------ keeping the truth

    def _booked(
        self, booked: Booked, who: str, chair: Chair, treat: Treat, start: datetime, forms: Sequence[Form]
    ) -> Standing:
        core = treat.core(start)
        self._tell(who, "bookly", "book", _ids(booked), staff=chair.name, start=core[0], end=core[1])
        return Standing(
            side="bookly",
            unit=booked.appointments[0],
            staff=chair.bookly,
            core=core,
            busy=treat.busy(start),
            clients=frozenset().union(*(identity(form.phone, form.email) for form in forms)),
            seats=booked.customer_appointments,
            service=treat.bookly,
            capacity=treat.capacity,
        )

    def _changed(self, one: Standing, who: str, what: str, after: Standing, **detail: Any) -> Standing:
        name = "appointment" if one.side == "bookly" else "booking"
        ids: dict[str, tuple[int | str, ...]] = {name: (one.unit,)}
        if one.seats:
            ids["customer_appointment"] = one.seats
        self._tell(who, one.side, what, ids, start=after.core[0], end=after.core[1], **detail)
        return after

    def _tell(self, who: str, side: Side, what: str, ids: dict[str, tuple[int | str, ...]], **detail: Any) -> None:
        plain = {k: v.isoformat() if isinstance(v, datetime) else v for k, v in detail.items()}
        self.truth.record(Deed(self.stage.now(), who, side, what, ids, plain))

    def _name(self, one: Standing) -> str:
        return next((chair.name for chair in self.stage.chairs if chair.bookly == one.staff), "")


def shifted(one: Standing, by: timedelta) -> Standing:
    """The same at another time."""
    return replace(one, core=_moved(one.core, by), busy=_moved(one.busy, by))


def _moved(span: Span, by: timedelta) -> Span:
    return span[0] + by, span[1] + by


def _ids(booked: Booked) -> dict[str, tuple[int | str, ...]]:
    return {"appointment": booked.appointments, "customer_appointment": booked.customer_appointments}
