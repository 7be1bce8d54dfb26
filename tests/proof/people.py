"""The people of one play: they look at what their door shows them, choose, and press a while later."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from practice_salon.bookly.door import Booked, Choice, SlotTaken, Website
from practice_salon.square.acts import perform
from practice_salon.square.occupancy import Busy, all_busy
from practice_salon.square.state import Doc
from tests.proof.agenda import WorldClock
from tests.proof.truth import BOOKLY, SQUARE, Truth, Visit
from tests.proof.wishes import WEBSITE, ZONE, Wish
from tests.simulation.salon import Salon

OPENS, CLOSES = 9, 19
STEP = timedelta(minutes=15)
LEAD = timedelta(minutes=30)
"""Nobody asks for a time that begins sooner."""
AROUND = 3.0
"""Hours by which a time may differ from the one they had in mind; else they ask for somebody else."""
SOONEST_DAYS = 6
TRIES = 3
AGAIN_SECONDS = 20.0
"""Whoever finds their time gone at the last step takes so long to choose another."""


@dataclass(frozen=True, slots=True)
class Pick:
    """A time somebody chose."""

    staff: int
    start: datetime


@dataclass(slots=True)
class People:
    """They see one side each. `members`, `variations`: Square's ids by Bookly's. `refused`: how often somebody's
    time was gone when they pressed; `unserved`: who found nothing."""

    salon: Salon
    website: Website
    clock: WorldClock
    truth: Truth
    members: dict[int, str]
    variations: dict[int, str]
    promised: dict[int, Visit] = field(default_factory=dict)
    refused: int = 0
    unserved: int = 0

    def come(self, wish: Wish) -> None:
        """Let everything this person does happen at its time."""
        self.clock.outside.put(wish.looks_at, lambda: self._look(wish, wish.takes, TRIES))

    # ------------------------------------------------------------ looking

    def _look(self, wish: Wish, takes: float, tries: int) -> None:
        pick = self._pick(wish)
        if pick is None:
            self.unserved += 1
            return
        at = self.clock.at + timedelta(seconds=takes)
        self.clock.outside.put(at, lambda: self._press(wish, pick, tries))

    def _pick(self, wish: Wish) -> Pick | None:
        today = self.clock.at.astimezone(ZONE).date()
        if wish.day is None:
            days = (today + timedelta(days=number) for number in range(SOONEST_DAYS))
            shown = (self._shown(wish, wish.staff, day) for day in days)
            return next((min(found, key=_by_time) for found in shown if found), None)
        day = today + timedelta(days=wish.day)
        wanted = datetime.combine(day, datetime.min.time(), ZONE) + timedelta(hours=wish.hour)
        for staff in wish.staff:
            near = [one for one in self._shown(wish, (staff,), day) if _hours(one.start - wanted) <= AROUND]
            if near:
                return min(near, key=lambda one: (abs(one.start - wanted), one.start))
        return None

    def _shown(self, wish: Wish, staff: Iterable[int], day: date) -> list[Pick]:
        """What their door offers on a day."""
        offers = self._on_website if wish.door == WEBSITE else self._at_desk
        earliest = self.clock.at + LEAD
        return [Pick(who, start) for who in staff for start in offers(wish, who, day) if start >= earliest]

    def _on_website(self, wish: Wish, staff: int, day: date) -> list[datetime]:
        found = self.website.times(staff, wish.service, day)
        return [digits.replace(tzinfo=ZONE).astimezone(self.clock.at.tzinfo) for digits in found]

    def _at_desk(self, wish: Wish, staff: int, day: date) -> list[datetime]:
        """Staff see Square's calendar, and book what is free there."""
        busy = self._busy(staff)
        opens = datetime.combine(day, datetime.min.time(), ZONE) + timedelta(hours=OPENS)
        last = opens + timedelta(hours=CLOSES - OPENS) - wish.length
        starts = [opens + number * STEP for number in range(int((last - opens) / STEP) + 1)]
        moments = [start.astimezone(self.clock.at.tzinfo) for start in starts]
        return [start for start in moments if not _meets(busy, start, start + wish.length)]

    def _busy(self, staff: int) -> list[Busy]:
        return [one for one in all_busy(self.salon.world) if one.team_member_id == self.members[staff]]

    # ------------------------------------------------------------ pressing

    def _press(self, wish: Wish, pick: Pick, tries: int) -> None:
        book = self._books_on_website if wish.door == WEBSITE else self._books_at_desk
        visit = book(wish, pick)
        if visit is not None:
            self._keep(wish, visit)
            return
        self.refused += 1
        if tries > 1:
            self._look(wish, AGAIN_SECONDS, tries - 1)
        else:
            self.unserved += 1

    def _keep(self, wish: Wish, visit: Visit) -> None:
        first = wish.number not in self.promised
        self.promised[wish.number] = visit
        self.truth.made(visit)
        if first and wish.changes_after is not None:
            change = self._moves if wish.moves else self._cancels
            self.clock.outside.put(self.clock.at + timedelta(seconds=wish.changes_after), lambda: change(wish))

    def _books_on_website(self, wish: Wish, pick: Pick) -> Visit | None:
        choice = Choice(pick.staff, wish.service, _digits(pick.start))
        try:
            return self._in_bookly(wish, pick, self.website.book(choice, wish.client))
        except SlotTaken:
            return None

    def _in_bookly(self, wish: Wish, pick: Pick, booked: Booked) -> Visit:
        row, line = booked.appointments[0], booked.customer_appointments[0]
        return self._visit(wish, pick, BOOKLY, str(row), line)

    def _books_at_desk(self, wish: Wish, pick: Pick) -> Visit | None:
        if _meets(self._busy(pick.staff), pick.start, pick.start + wish.length):
            return None
        form = wish.client
        given, _, family = form.name.partition(" ")
        fields = {"given_name": given, "family_name": family, "email_address": form.email, "phone_number": form.phone}
        customer = self._square("add_customer", **fields)["customer"]["id"]
        made = self._square(
            "book",
            team_member_id=self.members[pick.staff],
            service_variation_id=self.variations[wish.service],
            start_at=pick.start.isoformat(),
            customer_id=customer,
        )
        return self._visit(wish, pick, SQUARE, made["booking"]["id"])

    def _visit(self, wish: Wish, pick: Pick, side: str, unit: str, line: int = 0) -> Visit:
        return Visit(wish.number, side, pick.staff, pick.start, pick.start + wish.length, self.clock.at, unit, line)

    def _square(self, what: str, **params: object) -> Doc:
        with self.salon.world.change():
            return perform(self.salon.world, "staff", what, dict(params))

    # ------------------------------------------------------------ changing their minds

    def _cancels(self, wish: Wish) -> None:
        visit = self.promised[wish.number]
        if visit.start <= self.clock.at + LEAD:
            return
        if visit.side == BOOKLY:
            self.website.cancel(visit.line)
        else:
            self._square("cancel", booking_id=visit.unit)
        self.truth.gone(visit, self.clock.at)

    def _moves(self, wish: Wish) -> None:
        """To another time that their door shows, with the same person."""
        visit = self.promised[wish.number]
        if visit.start <= self.clock.at + LEAD:
            return
        day = visit.start.astimezone(ZONE).date() + timedelta(days=1)
        shown = self._shown(wish, (visit.staff,), day)
        if not shown:
            return
        pick = min(shown, key=lambda one: abs(one.start - visit.start - timedelta(days=1)))
        if visit.side == BOOKLY:
            after = self._in_bookly(wish, pick, self.website.move(visit.line, _digits(pick.start)))
        else:
            self._square("move", booking_id=visit.unit, start_at=pick.start.isoformat())
            after = self._visit(wish, pick, SQUARE, visit.unit)
        self.truth.gone(visit, self.clock.at)
        self._keep(wish, after)


def _by_time(pick: Pick) -> tuple[datetime, int]:
    return pick.start, pick.staff


def _hours(apart: timedelta) -> float:
    return abs(apart.total_seconds()) / 3600


def _meets(busy: list[Busy], start: datetime, end: datetime) -> bool:
    return any(one.meets(start, end) for one in busy)


def _digits(moment: datetime) -> datetime:
    return moment.astimezone(ZONE).replace(tzinfo=None)
