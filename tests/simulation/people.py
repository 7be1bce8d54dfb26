"""Everybody who can touch either calendar: clients and staff in both doors, and what befalls a calendar."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random
from typing import Any

import sqlalchemy as sa

from practice_salon import PracticeError
from practice_salon.bookly.backoffice import BackOffice
from practice_salon.bookly.door import Booked, Choice, Form, Website
from practice_salon.square.acts import perform
from practice_salon.square.errors import SquareError
from practice_salon.square.state import Doc
from tests.simulation.clock import NOON
from tests.simulation.raw import CANCELLED, STANDS, ZONE, Place, Shown, State
from tests.simulation.salon import BEARD, BLOWOUT, CLASS, COMPOUND, CUT, FORMS, GLOSS, STAFF, Salon
from tests.simulation.watch import Deed, Watch

MINUTES = {CUT: 30, BEARD: 15, BLOWOUT: 45, GLOSS: 45, CLASS: 60}
SINGLE = (CUT, BEARD, BLOWOUT, GLOSS)
HOURS = range(9, 18)
DAYS = (1, 2, 3)
LOOKS = 40


@dataclass(frozen=True, slots=True)
class Message:
    """What the plugin tells after a PHP request: its own id, ids of appointment rows and of customer_appointments
    (lines)."""

    id: str
    rows: tuple[int, ...]
    lines: tuple[int, ...]


Nudge = Callable[[Message], None]
"""Told what a PHP request touched."""


@dataclass(slots=True)
class People:
    """They act by chance; what they do is seen by the watch and, where Bookly's plugin would, told to the nudge."""

    salon: Salon
    watch: Watch
    rng: Random
    nudge: Nudge
    variations: dict[int, str]
    members: dict[int, str]
    customers: dict[str, str] = field(default_factory=dict)
    orders: list[Booked] = field(default_factory=list)
    vanished: list[tuple[list[Any], list[Any]]] = field(default_factory=list)

    @property
    def website(self) -> Website:
        return Website(self.salon.site)

    @property
    def office(self) -> BackOffice:
        return BackOffice(self.salon.site, "front desk")

    # ------------------------------------------------------------ doing

    def act(self, name: str) -> bool:
        """One act by its name in ACTS. False when there was nothing to do it on, or it was refused."""
        return bool(ACTS[name](self))

    def _bookly(self, what: Callable[[], object], *, told: bool = True, meant: bool = True) -> bool:
        before = len(self.watch.deeds)
        try:
            with self.watch.person(meant=meant):
                what()
        except PracticeError:
            return False
        deeds = [deed for deed in self.watch.deeds[before:] if deed.by == "people" and deed.side == "bookly"]
        if told and deeds:
            self.nudge(message_of(f"nudge-{len(self.watch.deeds)}", deeds))
        return bool(deeds)

    def _square(self, who: str, what: str, **params: Any) -> Doc | None:
        try:
            with self.watch.person(), self.salon.world.change():
                return perform(self.salon.world, who, what, params)
        except SquareError:
            return None

    # ------------------------------------------------------------ choosing

    def local(self, moment: datetime) -> datetime:
        """UTC as Bookly's naive digits."""
        return moment.astimezone(ZONE).replace(tzinfo=None, microsecond=0)

    def standing(self, side: str) -> list[Shown]:
        """What stands on a side, in the order of its names."""
        state: State = self.watch.there if side == "bookly" else self.watch.square.state()
        return [state[name] for name in sorted(state) if state[name].standing == STANDS]

    def visits(self) -> list[Shown]:
        """Clients' bookings in Bookly that stand, each alone."""
        return [shown for shown in self.standing("bookly") if shown.thing.startswith("ca:")]

    def one(self, found: list[Shown]) -> Shown | None:
        """One of them by chance."""
        return self.rng.choice(found) if found else None

    def when(self) -> datetime:
        """A time of an opening hour of the next days, in UTC."""
        day = NOON.astimezone(ZONE) + timedelta(days=self.rng.choice(DAYS))
        at = day.replace(hour=self.rng.choice(HOURS), minute=self.rng.choice((0, 15, 30, 45)), second=0)
        return at.astimezone(NOON.tzinfo)

    def free(self, minutes: int, person: int | None = None) -> Place:
        """A time that nobody has on either side."""
        taken = [place for side in ("bookly", "square") for shown in self.standing(side) for place in shown.places]
        for _ in range(LOOKS):
            who, at = person or self.rng.choice(STAFF), self.when()
            place = Place(who, at, at + timedelta(minutes=minutes))
            if not any(place.meets(other) for other in taken):
                return place
        return place

    def client(self) -> Form:
        return self.rng.choice(FORMS)

    def customer(self, form: Form) -> str:
        """Their customer id in Square, typed in by staff when it is not there."""
        if form.phone not in self.customers:
            for key, kept in self.salon.world["customers"].items():
                profile = kept["history"][-1]["profile"]
                if profile and profile.get("phone_number") == form.phone:
                    self.customers[form.phone] = key
        if form.phone not in self.customers:
            given, _, family = form.name.partition(" ")
            fields = {"given_name": given, "family_name": family, "email_address": form.email}
            made = self._square("staff", "add_customer", phone_number=form.phone, **fields)
            assert made is not None
            self.customers[form.phone] = made["customer"]["id"]
        return self.customers[form.phone]

    # ------------------------------------------------------------ Bookly's doors

    def books_on_website(self, place: Place | None = None, form: Form | None = None) -> bool:
        service = self.rng.choice(SINGLE)
        place = place or self.free(MINUTES[service])
        choice = Choice(place.person, service, self.local(place.start))
        return self._bookly(lambda: self.website.book(choice, form or self.client()))

    def books_over(self) -> bool:
        """In the office, over whatever stands there on either side."""
        there = self.one([*self.standing("square"), *self.standing("bookly")])
        if there is None:
            return False
        place = there.places[0]
        service = self.rng.choice(SINGLE)
        return self._bookly(
            lambda: self.office.book(place.person, service, self.local(place.start), [self.client()])
        )  # fmt: skip

    def books_online(self) -> bool:
        """With a payment that has not come yet."""
        service = self.rng.choice(SINGLE)
        place = self.free(MINUTES[service])
        choice = Choice(place.person, service, self.local(place.start))
        return self._bookly(lambda: self.orders.append(self.website.book_online(choice, self.client())))

    def backs_out(self) -> bool:
        """An unpaid online booking vanishes by hard delete."""
        if not self.orders:
            return False
        order = self.orders.pop().order or 0
        return self._bookly(lambda: self.website.back_out(order))

    def pays(self) -> bool:
        if not self.orders:
            return False
        order = self.orders.pop().order or 0
        self._bookly(lambda: self.website.paid(order))
        return True

    def times_out(self) -> bool:
        """The gateway gave up: rejected, no stamp touched."""
        if not self.orders:
            return False
        order = self.orders.pop().order or 0
        return self._bookly(lambda: self.website.payment_timed_out(order))

    def books_parts(self) -> bool:
        """A compound service, a row a part."""
        place = self.free(MINUTES[BLOWOUT] + MINUTES[GLOSS])
        at = self.local(place.start)
        return self._bookly(lambda: self.website.book_parts(COMPOUND, place.person, at, self.client()))

    def books_class(self) -> bool:
        place = self.free(MINUTES[CLASS])
        choice = Choice(place.person, CLASS, self.local(place.start))
        return self._bookly(lambda: self.website.book(choice, self.client()))

    def joins_class(self) -> bool:
        found = self.one([s for s in self.standing("bookly") if s.thing.startswith("row:") and s.others[0] == CLASS])
        return found is not None and self._bookly(lambda: self.office.seat(int(found.unit), self.client()))

    def leaves_class(self) -> bool:
        found = self.one([s for s in self.standing("bookly") if s.thing.startswith("row:") and s.others[0] == CLASS])
        if found is None:
            return False
        seats = [seat[0] for seat in found.others[2] if seat[1] in ("approved", "pending")]
        return self._bookly(lambda: self.office.cancel(self.rng.choice(seats)))

    def moves_in_office(self, found: Shown | None = None, place: Place | None = None) -> bool:
        found = found or self.one(self.visits())
        if found is None:
            return False
        minutes = int((found.places[0].end - found.places[0].start).total_seconds() // 60)
        place = place or self.free(minutes, found.places[0].person)
        return self._bookly(lambda: self.office.move(int(found.unit), self.local(place.start)))

    def moves_on_website(self) -> bool:
        """A new line for the client, the old one cancelled."""
        found = self.one(self.visits())
        if found is None:
            return False
        place = self.free(60, found.places[0].person)
        return self._bookly(lambda: self.website.move(number(found), self.local(place.start)))

    def changes_staff_in_office(self) -> bool:
        found = self.one(self.visits())
        if found is None:
            return False
        other = self.rng.choice([who for who in STAFF if who != found.places[0].person])
        return self._bookly(lambda: self.office.change_staff(int(found.unit), other))

    def changes_service_in_office(self) -> bool:
        found = self.one(self.visits())
        if found is None:
            return False
        return self._bookly(lambda: self.office.change_service(int(found.unit), self.rng.choice(SINGLE)))

    def cancels_on_website(self) -> bool:
        found = self.one(self.visits())
        return found is not None and self._bookly(lambda: self.website.cancel(number(found)))

    def cancels_in_office(self) -> bool:
        found = self.one(self.visits())
        return found is not None and self._bookly(lambda: self.office.cancel(number(found)))

    def reinstates_in_office(self) -> bool:
        """A client's cancelled line stands again."""
        gone = [s for s in self.watch.there.values() if s.thing.startswith("ca:") and s.standing == CANCELLED]
        found = self.one(sorted(gone, key=lambda shown: shown.thing))
        return found is not None and self._bookly(lambda: self.office.set_status(number(found), "approved"))

    def takes_cancelled_time(self) -> bool:
        """Anna cancelled; Ben books the very same time, and Bookly uses her row again."""
        gone = [s for s in self.watch.there.values() if s.thing.startswith("ca:") and s.standing == CANCELLED]
        found = self.one(sorted(gone, key=lambda shown: shown.thing))
        if found is None or found.others[0] not in SINGLE:
            return False
        other = self.rng.choice([form for form in FORMS if form.phone[-10:] != found.who])
        choice = Choice(found.places[0].person, found.others[0], self.local(found.places[0].start))
        return self._bookly(lambda: self.website.book(choice, other))

    def is_done(self) -> bool:
        """Staff mark the client as served, which frees the time in Bookly."""
        found = self.one(self.visits())
        return found is not None and self._bookly(lambda: self.office.set_status(number(found), "done"))

    def deletes_in_office(self) -> bool:
        """With a line in the log for each client on it."""
        found = self.one(self.visits())
        return found is not None and self._bookly(lambda: self.office.delete(int(found.unit)))

    def deletes_by_sql(self) -> bool:
        """A client's row is gone without a trace: nobody can know that it was meant."""
        found = self.one(self.visits())
        return found is not None and self._bookly(lambda: self._take_out([found.unit]), told=False, meant=False)

    def restores_backup(self) -> bool:
        """All that was made last is gone, blocks of ours too, without a line in the log."""
        rows = sorted({int(shown.unit) for shown in self.watch.there.values()}, reverse=True)
        gone = rows[: self.rng.randint(1, max(1, len(rows)))]
        return bool(rows) and self._bookly(lambda: self._take_out(gone), told=False, meant=False)

    def loses_all(self) -> bool:
        """All rows are gone at once."""
        rows = sorted({int(shown.unit) for shown in self.watch.there.values()})
        return bool(rows) and self._bookly(lambda: self._take_out(rows), meant=False)

    def puts_backup_right(self) -> bool:
        """What had vanished is there again."""
        if not self.vanished:
            return False
        rows, seats = self.vanished.pop()
        b = self.salon.site.bookly

        def put() -> None:
            with self.salon.site.engine.begin() as conn:
                conn.execute(sa.insert(b.appointments).prefix_with("OR IGNORE"), rows)
                if seats:
                    conn.execute(sa.insert(b.customer_appointments).prefix_with("OR IGNORE"), seats)

        return self._bookly(put, told=False, meant=False)

    def _take_out(self, units: list[Any]) -> None:
        a, ca = self.salon.site.bookly.appointments, self.salon.site.bookly.customer_appointments
        ids = [int(unit) for unit in units]
        with self.salon.site.engine.begin() as conn:
            rows = [dict(row) for row in conn.execute(sa.select(a).where(a.c.id.in_(ids))).mappings()]
            seats = [dict(row) for row in conn.execute(sa.select(ca).where(ca.c.appointment_id.in_(ids))).mappings()]
            conn.execute(sa.delete(ca).where(ca.c.appointment_id.in_(ids)))
            conn.execute(sa.delete(a).where(a.c.id.in_(ids)))
        if rows:
            self.vanished.append((rows, seats))

    def blocks_in_office(self) -> bool:
        """Time of staff's own, nobody on it."""
        place = self.free(60)
        return self._bookly(lambda: self.office.block(place.person, self.local(place.start), 60, "Own time"))

    def drags_block(self) -> bool:
        """A block of ours is moved in Bookly."""
        found = self.one([shown for shown in self.standing("bookly") if shown.ours])
        if found is None:
            return False
        place = self.free(60, found.places[0].person)
        return self._bookly(lambda: self.office.move(int(found.unit), self.local(place.start)), meant=False)

    def deletes_block(self) -> bool:
        found = self.one([shown for shown in self.standing("bookly") if shown.ours])
        return found is not None and self._bookly(lambda: self.office.delete(int(found.unit)), meant=False)

    # ------------------------------------------------------------ Square's doors

    def books_in_square(self, place: Place | None = None, who: str = "staff", form: Form | None = None) -> bool:
        service = self.rng.choice(SINGLE)
        place = place or self.free(MINUTES[service])
        customer = self.customer(form or self.client())
        return self._book_in_square(place, service, who, customer_id=customer)

    def _book_in_square(self, place: Place, service: int, who: str, **more: Any) -> bool:
        done = self._square(
            who,
            "book",
            team_member_id=self.members[place.person],
            service_variation_id=self.variations[service],
            start_at=place.start.isoformat(),
            **more,
        )
        return done is not None

    def buys_in_square(self) -> bool:
        """A client on Square's own site."""
        return self.books_in_square(who="buyer")

    def books_over_in_square(self) -> bool:
        there = self.one([*self.standing("bookly"), *self.standing("square")])
        return there is not None and self.books_in_square(there.places[0])

    def books_several_in_square(self) -> bool:
        """Two services after each other, by two people."""
        place = self.free(60)
        one, other = self.rng.sample(STAFF, 2)
        segments = [
            {"team_member_id": self.members[who], "service_variation_id": self.variations[what]}
            for who, what in ((one, CUT), (other, BEARD))
        ]
        customer = self.customer(self.client())
        made = self._square(
            "staff", "book", segments=segments, start_at=place.start.isoformat(), customer_id=customer
        )  # fmt: skip
        return made is not None

    def moves_in_square(self, found: Shown | None = None, place: Place | None = None) -> bool:
        found = found or self.one(self.standing("square"))
        if found is None:
            return False
        place = place or self.free(60, found.places[0].person)
        return bool(self._square("staff", "move", booking_id=found.thing, start_at=place.start.isoformat()))

    def swaps_in_square(self) -> bool:
        """Two clients take each other's time."""
        found = self.standing("square")
        if len(found) < 2:
            return False
        one, other = self.rng.sample(found, 2)
        if len(one.places) > 1 or len(other.places) > 1:
            return False
        done = self.moves_in_square(one, other.places[0])
        return self.moves_in_square(other, one.places[0]) and done

    def changes_staff_in_square(self) -> bool:
        found = self.one(self.standing("square"))
        if found is None:
            return False
        other = self.rng.choice([who for who in STAFF if who != found.places[0].person])
        member = self.members[other]
        return bool(self._square("staff", "change_staff", booking_id=found.thing, team_member_id=member))

    def changes_service_in_square(self) -> bool:
        found = self.one(self.standing("square"))
        if found is None:
            return False
        service = self.rng.choice(SINGLE)
        more = {"service_variation_id": self.variations[service], "duration_minutes": MINUTES[service]}
        return bool(self._square("staff", "edit", booking_id=found.thing, **more))

    def cancels_in_square(self) -> bool:
        found = self.one(self.standing("square"))
        who = self.rng.choice(("staff", "buyer"))
        return found is not None and bool(self._square(who, "cancel", booking_id=found.thing))

    def reinstates_in_square(self) -> bool:
        """A cancelled booking is final: what comes back is a new one."""
        gone = [s for s in self.watch.square.state().values() if s.standing == CANCELLED]
        found = self.one(sorted(gone, key=lambda shown: shown.thing))
        return found is not None and bool(self._square("staff", "reinstate", booking_id=found.thing))

    def does_not_come(self) -> bool:
        found = self.one(self.standing("square"))
        return found is not None and bool(self._square("staff", "no_show", booking_id=found.thing))

    def writes_a_note(self) -> bool:
        """Something changes that concerns no chair."""
        found = self.one(self.standing("square"))
        return found is not None and bool(self._square("staff", "edit", booking_id=found.thing, customer_note="Tea."))

    def blocks_in_square(self) -> bool:
        """Time that no API shows."""
        place = self.free(30)
        more = {"start_at": place.start.isoformat(), "duration_minutes": 30}
        return bool(self._square("staff", "block", team_member_id=self.members[place.person], **more))


def message_of(name: str, deeds: list[Deed]) -> Message:
    """The message of that id about what was done."""
    shown = [one for deed in deeds for one in (deed.before, deed.after) if one is not None]
    rows = {int(one.unit) for one in shown}
    lines = {number(one) for one in shown if one.thing.startswith("ca:")}
    for deed in deeds:
        if deed.thing.startswith("row:"):
            before, after = (set(one.others[2]) if one and len(one.others) > 2 else set() for one in _both(deed))
            lines |= {seat[0] for seat in before ^ after}
    return Message(name, tuple(sorted(rows)), tuple(sorted(lines)))


def _both(deed: Deed) -> tuple[Shown | None, Shown | None]:
    return deed.before, deed.after


def number(shown: Shown) -> int:
    """The id in a thing's name."""
    return int(shown.thing.partition(":")[2])


ACTS: dict[str, Callable[[People], bool]] = {
    name: getattr(People, name)
    for name in (
        "books_on_website", "books_over", "books_online", "backs_out", "pays", "times_out", "books_parts",
        "books_class", "joins_class", "leaves_class", "moves_in_office", "moves_on_website",
        "changes_staff_in_office", "changes_service_in_office", "cancels_on_website", "cancels_in_office",
        "reinstates_in_office", "takes_cancelled_time", "is_done", "deletes_in_office", "deletes_by_sql",
        "restores_backup", "puts_backup_right", "blocks_in_office", "drags_block", "deletes_block",
        "books_in_square", "buys_in_square", "books_over_in_square", "books_several_in_square", "moves_in_square",
        "swaps_in_square", "changes_staff_in_square", "changes_service_in_square", "cancels_in_square",
        "reinstates_in_square", "does_not_come", "writes_a_note", "blocks_in_square",
    )
}  # fmt: skip
"""By name, so that a history can be written down and played again."""

BOOKING = ("books_on_website", "books_online", "books_parts", "books_class", "books_in_square", "buys_in_square")
RARE = frozenset({"restores_backup", "puts_backup_right", "deletes_by_sql", "books_over", "books_over_in_square"})
