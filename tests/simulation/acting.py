"""Who acts, on which salon, and how they choose: what the doors of both calendars have in common."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random
from typing import Any

from practice_salon import PracticeError
from practice_salon.bookly.backoffice import BackOffice
from practice_salon.bookly.door import Booked, Form, Website
from practice_salon.square.acts import perform
from practice_salon.square.errors import SquareError
from practice_salon.square.state import Doc
from tests.simulation.clock import NOON
from tests.simulation.raw import STANDS, ZONE, Place, Shown, State
from tests.simulation.salon import BEARD, BLOWOUT, CLASS, CUT, FORMS, GLOSS, STAFF, Salon
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
class Acting:
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
    renamed: bool = False
    """Whether a part of a visit was deleted: what is left of it may go by another name, which only a look tells."""

    @property
    def website(self) -> Website:
        return Website(self.salon.site)

    @property
    def office(self) -> BackOffice:
        return BackOffice(self.salon.site, "front desk")

    # ------------------------------------------------------------ doing

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
