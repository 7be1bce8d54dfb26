"""A salon that was typed into both calendars by hand: the same visits on both sides, some a little different."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import cycle
from random import Random

from practice_salon.bookly.door import Form
from practice_salon.people.disturb import VARIANTS, Disturber
from practice_salon.people.stage import Chair, Treat
from practice_salon.people.standing import Standing
from tests.oracle.floor import Floor
from tests.oracle.judge import Visit

ONE_IN = 10
"""Of so many, one is typed with a spelling, a phone format or five minutes different."""
ALSO_BLOCKED = 2
"""Square's bookings for which somebody shut the time in Bookly, without a name."""


@dataclass
class Typed:
    """What was typed twice, each as its units on both sides; `different` with a small difference, `blocks` as time
    shut for nobody in particular. `alone` is what nobody could type into the other calendar."""

    twins: list[Visit] = field(default_factory=list)
    different: list[Visit] = field(default_factory=list)
    blocks: list[Visit] = field(default_factory=list)
    alone: list[Standing] = field(default_factory=list)

    @property
    def all(self) -> list[Visit]:
        """Every visit that stands in both calendars."""
        return [*self.twins, *self.blocks]


def type_in(floor: Floor) -> Typed:
    """Everything that Bookly has ahead is typed into Square, client by client; a few of Square's are shut in Bookly."""
    now = floor.clock.base
    stage, done = floor.people.stage, Typed()
    phones = {form.phone[-10:]: form for form in floor.clients}
    variants = cycle(Random(f"variants {floor.seed}").sample(VARIANTS, k=len(VARIANTS)))
    ahead = [s for s in stage.look(now, now + timedelta(days=40)).standings if s.side == "bookly" and s.core[0] > now]
    typeable, done.alone = _sorted_out(floor, ahead, phones)
    for number, (one, chair, treat, form) in enumerate(typeable):
        how, typed, later = next(variants)(form) if number % ONE_IN == 0 else ("", form, timedelta())
        there = floor.people.types_into_square(chair, treat, one.core[0] + later, typed)
        twin = frozenset({("bookly", str(one.unit)), ("square", str(there.unit))})
        done.twins.append(twin)
        if how:
            done.different.append(twin)
    done.blocks = list(_blocks(floor))
    return done


Line = tuple[Standing, Chair, Treat, Form]


def _sorted_out(floor: Floor, ahead: list[Standing], phones: dict[str, Form]) -> tuple[list[Line], list[Standing]]:
    """Those with one known client and a service that Square has too; and the others."""
    stage = floor.people.stage
    chairs = {chair.bookly: chair for chair in stage.chairs}
    lines, others = [], []
    for one in ahead:
        treat = stage.treats.get(one.service or 0)
        form = next((phones[name] for name in sorted(one.clients) if name in phones), None)
        if one.staff in chairs and treat and treat.variation and treat.capacity == 1 and form and len(one.seats) == 1:
            lines.append((one, chairs[one.staff], treat, form))
        else:
            others.append(one)
    return lines, others


def _blocks(floor: Floor) -> Iterator[Visit]:
    """New bookings in Square, and the same minutes shut in Bookly."""
    booker = Disturber(floor.people, floor.clients, floor.seed)
    for _ in range(ALSO_BLOCKED):
        chair, treat, span = booker.free_place()
        there = booker.book("square", chair, treat, span, booker.client(span))
        minutes = int((there.core[1] - there.core[0]).total_seconds()) // 60
        block = floor.people.blocks_in_office(chair, there.core[0], minutes)
        booker.keep(block)
        yield frozenset({("bookly", str(block.unit)), ("square", str(there.unit))})
