"""What people do in Bookly, and what befalls it."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from practice_salon.bookly.door import Choice, Form
from tests.simulation.acting import MINUTES, SINGLE, Acting, number
from tests.simulation.raw import CANCELLED, Place, Shown
from tests.simulation.salon import BLOWOUT, CLASS, COMPOUND, FORMS, GLOSS, STAFF


class BooklyDoors(Acting):
    """The website, the office, and the database behind both."""

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
        if found is None:
            return False
        self.renamed |= self._is_part(number(found))
        return self._bookly(lambda: self.office.delete(int(found.unit)))

    def _is_part(self, line: int) -> bool:
        """Whether it is one of several parts of a visit."""
        ca = self.salon.site.bookly.customer_appointments
        with self.salon.site.engine.connect() as conn:
            return conn.scalar(sa.select(ca.c.compound_token).where(ca.c.id == line)) is not None

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
