"""What people do in Square."""

from __future__ import annotations

from typing import Any

from practice_salon.bookly.door import Form
from tests.simulation.acting import MINUTES, SINGLE, Acting
from tests.simulation.raw import CANCELLED, Place, Shown
from tests.simulation.salon import BEARD, CUT, STAFF


class SquareDoors(Acting):
    """The app of the staff, and the site where clients buy."""

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
