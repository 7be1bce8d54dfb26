"""A poll as salons have it today: every so many minutes it reads both calendars and copies what is new both ways."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from practice_salon.bookly.backoffice import BackOffice
from practice_salon.square.acts import perform
from tests.proof.people import _digits
from tests.proof.stage import Stage
from tests.proof.truth import BOOKLY, Visit
from tests.simulation.clock import NOON


@dataclass(slots=True)
class CopyingPoll:
    """It copies at once and without asking, and takes back what is gone. Square takes the time a call takes."""

    stage: Stage
    every: float
    copies: dict[Visit, str] = field(default_factory=dict)
    seen: int = 0

    def play(self, until: datetime) -> None:
        """Round after round; between them life goes on. A round that would find nothing new is none."""
        clock = self.stage.clock
        period = timedelta(minutes=self.every)
        at = NOON + period * self.stage.rng.random()
        while at < until:
            clock.live_until(at)
            clock.at = max(clock.at, at)
            self._round()
            while at <= clock.at:
                at += period

    def _round(self) -> None:
        if self.stage.truth.changes == self.seen:
            return
        self.seen = self.stage.truth.changes
        there = list(self.stage.truth.standing(self.stage.clock.at))
        new = [visit for visit in there if visit not in self.copies]
        old = [visit for visit in self.copies if visit.gone_at is not None]
        if not new and not old:
            return
        self._call()
        for visit in old:
            self._take_back(visit)
        for visit in new:
            self._copy(visit)

    def _copy(self, visit: Visit) -> None:
        if visit.side == BOOKLY:
            self.copies[visit] = self._into_square(visit)
        else:
            minutes = int((visit.end - visit.start).total_seconds() // 60)
            self.copies[visit] = str(self._office.block(visit.staff, _digits(visit.start), minutes, "Square"))
        self.stage.clock.looked()

    def _into_square(self, visit: Visit) -> str:
        people = self.stage.people
        wish_minutes = int((visit.end - visit.start).total_seconds() // 60)
        made = self._square(
            "book",
            team_member_id=people.members[visit.staff],
            start_at=visit.start.isoformat(),
            duration_minutes=wish_minutes,
        )
        return str(made["booking"]["id"])

    def _take_back(self, visit: Visit) -> None:
        copy = self.copies.pop(visit)
        if visit.side == BOOKLY:
            self._square("cancel", booking_id=copy)
        else:
            self._office.delete(int(copy))

    @property
    def _office(self) -> BackOffice:
        return BackOffice(self.stage.salon.site, "copying poll")

    def _square(self, what: str, **params: object) -> dict[str, dict[str, object]]:
        seconds = self.stage.plan.square_calls.draw(self.stage.rng) / 2
        self.stage.clock.pass_by(seconds)
        with self.stage.salon.world.change():
            made = perform(self.stage.salon.world, "staff", what, dict(params))
        self.stage.clock.pass_by(seconds)
        return made

    def _call(self) -> None:
        self.stage.clock.pass_by(self.stage.plan.square_calls.draw(self.stage.rng))
