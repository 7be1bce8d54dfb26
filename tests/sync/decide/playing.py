"""What a verdict leaves behind: its steps played on the board, as both calendars would answer them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from sync.calendars.bookly.times import as_shown, zone_named
from sync.decide.carrying import Verdict, carry
from sync.decide.case import Sight
from sync.model import (
    Appointment,
    Board,
    Client,
    End,
    Pair,
    Part,
    Partner,
    Place,
    Ref,
    Reinstate,
    Side,
    Span,
    Standing,
    Step,
    StepKind,
)
from tests.sync.decide.boards import at, block, board, square

OURS = "slotkeeper:here:1:0"
LONG_AGO = at(0) - timedelta(days=30)


def seen(name: Appointment | Ref, *appointments: Appointment, pairs: Iterable[Pair] = (), **more: Any) -> Sight:
    """What is seen when a hint names this one: writing was switched on long ago, and it is eight in the morning."""
    here = board(*appointments, pairs=pairs, now=more.pop("now", None))
    ref = name if isinstance(name, Ref) else name.ref
    return Sight(board=replace(here, **more.pop("board", {})), ref=ref, **{"crossing_since": LONG_AGO, **more})


def ours(appointment: Appointment, number: int = 0) -> Appointment:
    """The same with our mark: a block of ours, or a booking that we made."""
    return replace(appointment, mark=f"{OURS}:{number}")


def our_block(row: str, start: datetime, minutes: int = 60, staff: str = "1", number: int = 0) -> Appointment:
    return ours(block(row, start, minutes, staff), number)


def our_booking(key: str, start: datetime, minutes: int = 60, staff: str = "TM1", **more: Any) -> Appointment:
    return ours(square(key, start, minutes, staff, **more))


def group(row: Appointment, persons: int) -> Appointment:
    """A class on the row of a booking, with that many people."""
    clients = tuple(Client(f"c{n}", f"Client {n}") for n in range(persons))
    key = f"row:{row.units[0]}"
    people: dict[str, Any] = {"clients": clients, "persons": persons, "unit_persons": persons}
    return replace(row, ref=Ref(Side.BOOKLY, key), capacity=6, is_class=True, **people)


def linked(owner: Appointment, *shown: Appointment, former: Iterable[Ref] = ()) -> Pair:
    """A visit, agreed as these are."""
    current = tuple(Partner(a.ref, current=True, agreed=a) for a in (owner, *shown))
    return Pair(7, owner.ref.side, 0, current + tuple(Partner(ref, current=False, agreed=None) for ref in former))


def moved(appointment: Appointment, by: timedelta, *numbers: int) -> Appointment:
    """The same, its parts (or only those of these numbers) so much later."""
    parts = tuple(
        replace(part, span=part.span.moved(part.span.start + by)) if not numbers or n in numbers else part
        for n, part in enumerate(appointment.parts)
    )
    return replace(appointment, parts=parts)


def with_staff(appointment: Appointment, staff: str) -> Appointment:
    return replace(appointment, parts=tuple(replace(p, span=replace(p.span, staff=staff)) for p in appointment.parts))


def cancelled(appointment: Appointment) -> Appointment:
    return replace(appointment, standing=Standing.CANCELLED, status="cancelled")


def parts_of(*appointments: Appointment) -> tuple[Part, ...]:
    """Their parts, as those of one visit."""
    return tuple(part for appointment in appointments for part in appointment.parts)


# --- what a verdict says ----------------------------------------------------------------------------------------------


def end(verdict: Verdict) -> tuple[End | None, str]:
    """How it ends, and why."""
    return verdict.end, verdict.reason


def places(verdict: Verdict) -> list[Place]:
    return [step.write for step in verdict.steps if isinstance(step.write, Place)]


def kinds(verdict: Verdict) -> list[StepKind]:
    return [step.kind for step in verdict.steps]


def written(verdict: Verdict) -> set[Ref | None]:
    return {step.ref for step in verdict.steps}


# --- played -----------------------------------------------------------------------------------------------------------


def played(sight: Sight, verdict: Verdict) -> Sight:
    """The same salon once the verdict was carried out and recorded."""
    game = _Game(sight)
    for number, step in enumerate(verdict.steps):
        game.play(step, number)
    for ref in verdict.former:
        game.partners[ref] = replace(game.partners[ref], current=False)
    for ref in verdict.agree:
        if ref not in verdict.former:
            game.partners[ref] = replace(game.partners[ref], agreed=sight.board.appointments.get(ref))
    return game.sight()


def again(sight: Sight, verdict: Verdict) -> Verdict:
    """What the next hint about the same leads to, once the verdict was carried out."""
    return carry(played(sight, verdict))


class _Game:
    def __init__(self, sight: Sight) -> None:
        self.before = sight
        self.pair = sight.board.pair_of(sight.ref)
        self.partners = {partner.ref: partner for partner in self.pair.partners} if self.pair else {}
        self.shown = dict(sight.board.appointments)

    def play(self, step: Step, number: int) -> None:
        if step.kind in (StepKind.PLACE, StepKind.PLACE_AGAIN):
            self._place(step, number)
        elif step.kind is StepKind.WITHDRAW:
            assert step.ref is not None
            there = self.shown.pop(step.ref)
            self.partners[step.ref] = replace(self.partners[step.ref], current=False)
            if step.side is Side.SQUARE:
                self.shown[step.ref] = cancelled(there)
        else:
            assert step.ref is not None and step.after is not None
            assert isinstance(step.write, Reinstate) or self.shown[step.ref] == step.before
            self._stands(_as_answered(step.after, self.before.board))

    def _place(self, step: Step, number: int) -> None:
        assert isinstance(step.write, Place) and step.ref is not None
        if step.kind is StepKind.PLACE_AGAIN:
            self.partners[step.ref] = replace(self.partners[step.ref], current=False)
        elif step.ref not in self.partners:
            self.partners[step.ref] = Partner(step.ref, current=True, agreed=self.shown[step.ref])
        key = f"{'row:' if step.side is Side.BOOKLY else 'NEW'}{900 + number}"
        parts = tuple(
            Part(Span.of(p.staff, p.start, p.end), key.removeprefix("row:"), p.service) for p in step.write.parts
        )
        made = Appointment(Ref(step.side, key), Standing.STANDS, "new", parts, mark=f"{OURS}:{number}", version=0)
        self._stands(_as_answered(made, self.before.board))

    def _stands(self, answered: Appointment) -> None:
        self.shown[answered.ref] = answered
        if answered.ref in self.partners or self.partners:
            self.partners[answered.ref] = Partner(answered.ref, current=True, agreed=answered)

    def sight(self) -> Sight:
        pair = self.pair or Pair(99, self.before.ref.side, 0, ())
        others = tuple(p for p in self.before.board.pairs if p is not self.pair)
        pairs = (*others, replace(pair, partners=tuple(self.partners.values()))) if self.partners else others
        return replace(self.before, board=replace(self.before.board, appointments=self.shown, pairs=pairs))


def _as_answered(appointment: Appointment, here: Board) -> Appointment:
    """Bookly answers by the digits that it keeps."""
    if appointment.ref.side is Side.SQUARE:
        return appointment
    site = zone_named(here.timezone)

    def kept(part: Part) -> Part:
        start, end = as_shown(part.span.start, part.span.end, site)
        before, after = part.span.start - part.span.busy_start, part.span.busy_end - part.span.end
        return replace(part, span=Span.of(part.span.staff, start, end, before, after))

    return replace(appointment, parts=tuple(kept(part) for part in appointment.parts))
