"""Slotkeeper itself: both sides' messages, the short looks and the nightly whole reads, and the road that carries.

The road, the looks and the store are the real ones. One hint is carried after the other, where the real worker carries
sixteen side by side, and a look keeps them waiting, where the real one has a process of its own.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random
from typing import Any

from practice_salon.bookly.messages import Touched
from practice_salon.square.endpoint import Answer
from practice_salon.square.routes import SquareRoute
from practice_salon.square.state import Doc
from practice_salon.square.webhooks import due_parcels, settle
from sync.model import Side
from sync.store import hints
from sync.store.connection import reading
from tests.proof.plan import Delay
from tests.proof.stage import Stage
from tests.proof.truth import BOOKLY, SQUARE, Truth
from tests.proof.wishes import ZONE
from tests.simulation.engine import Process
from tests.simulation.house import Premises, open_premises, seeded
from tests.simulation.line import BEARER, Line
from tests.simulation.people import Message

LOOKS_EVERY = {Side.BOOKLY: timedelta(seconds=5), Side.SQUARE: timedelta(seconds=30)}
NIGHTLY = timedelta(hours=3)
"""After midnight: the whole reads."""


@dataclass
class TimedLine(Line):
    """A line on which each call takes its own time; what it asks for happens half way."""

    delay: Delay = field(default_factory=lambda: Delay(0.12, 0.0, 0.12))
    rng: Random = field(default_factory=Random)

    def call(
        self, route: SquareRoute, path: Mapping[str, str], query: Mapping[str, str], body: Doc, bearer: str = BEARER
    ) -> Answer:
        """See Line."""
        self.seconds = self.delay.draw(self.rng) / 2
        answer = super().call(route, path, query, body, bearer)
        self.clock.pass_by(self.seconds)
        return answer


@contextmanager
def engine_on(stage: Stage, seed: int) -> Iterator[Engine]:
    """The engine at this salon, which it has read whole."""
    seeded(seed)
    with open_premises(stage.salon) as premises:
        line = premises.line
        premises.line = TimedLine(
            line.world, line.clock, line.points, delay=stage.plan.square_calls, rng=Random(f"calls {seed}")
        )
        engine = Engine(stage, premises, Process(premises))
        yield engine
        engine.process.crew.engine.dispose()


@dataclass(slots=True)
class Post:
    """What is told on the way, and what never arrives: the units it was about."""

    delay: Delay
    rng: Random
    lost: set[str] = field(default_factory=set)

    def on_the_way(self, units: list[str]) -> timedelta | None:
        """How long a message takes; None when it is lost."""
        seconds, lost = self.delay.draw(self.rng), self.rng.random() < self.delay.lost
        if lost:
            self.lost.update(units)
        return None if lost else timedelta(seconds=seconds)


@dataclass(slots=True)
class Engine:
    """One process of it, and what comes to it."""

    stage: Stage
    premises: Premises
    process: Process
    planned: set[Side] = field(default_factory=set)
    known: set[str] = field(default_factory=set)
    webhooks: Post = field(init=False)
    messages: Post = field(init=False)
    told: int = 0
    changes: int = 0
    seen: int = 0

    def __post_init__(self) -> None:
        plan = self.stage.plan
        self.webhooks = Post(plan.square_webhooks, Random(f"webhooks {self.stage.rng.random()}"))
        self.messages = Post(plan.website_messages, Random(f"messages {self.stage.rng.random()}"))

    @property
    def truth(self) -> Truth:
        return self.stage.truth

    @property
    def now(self) -> datetime:
        return self.stage.clock.at

    # ------------------------------------------------------------ the whole of it

    def play(self, until: datetime) -> None:
        """Until then, each thing at its time."""
        clock = self.stage.clock
        self.stage.listen(self._told_by_website)
        stop = self.stage.salon.world.on_change(self._told_by_square)
        self._plan_night()
        while (at := self._next()) is not None and at <= until:
            clock.live_until(at)
            clock.at = max(clock.at, at)
            if due := self.stage.ours.pop_due(clock.at):
                due[1]()
            while self.process.hint():
                self.changes += 1
                clock.looked()
            self._plan_looks()
        stop()
        for visit in self.truth.visits:
            visit.lost = visit.unit in (self.messages if visit.side == BOOKLY else self.webhooks).lost

    def _next(self) -> datetime | None:
        with reading(self.premises.store) as conn:
            due = hints.next_due(conn)
        times = (due, self.stage.clock.outside.next_at, self.stage.ours.next_at)
        return min((at for at in times if at is not None), default=None)

    # ------------------------------------------------------------ messages

    def _told_by_website(self, touched: Touched) -> None:
        rows, lines = tuple(touched.appointments), tuple(touched.customer_appointments)
        units = [str(row) for row in rows]
        late = self.messages.on_the_way(units)
        if late is not None:
            self.told += 1
            message = Message(f"msg_{self.told}", rows, lines)
            self.stage.clock.outside.put(self.now + late, lambda: self._nudged(message, units))

    def _nudged(self, message: Message, units: list[str]) -> None:
        self.process.nudge(message)
        self._know(BOOKLY, units)

    def _told_by_square(self) -> None:
        """Each delivery that was queued goes on its way, or is lost."""
        deliveries = self.stage.salon.world["deliveries"]
        for key, kept in deliveries.items():
            if key not in self.known:
                self.known.add(key)
                booking = json.loads(kept["body"])["data"]["object"].get("booking")
                late = self.webhooks.on_the_way([booking["id"]] if booking else [])
                if late is None:
                    deliveries.drop(key)
                else:
                    self.stage.clock.outside.put(self.now + late, _arrives(self, key, booking))

    def arrived(self, key: str, booking: dict[str, Any] | None) -> None:
        """One of Square's webhooks is here."""
        world = self.stage.salon.world
        parcel = next(one for one in due_parcels(world, self.now + timedelta(seconds=1)) if one.delivery_id == key)
        self.process.receive(parcel.body, parcel.headers)
        with world.change():
            settle(world, parcel, None)
        if booking:
            self._know(SQUARE, [booking["id"]])

    def _know(self, side: str, units: list[str]) -> None:
        for visit in (visit for unit in units for visit in self.truth.of_unit(side, unit)):
            visit.told_at = visit.told_at or self.now

    # ------------------------------------------------------------ looking

    def _plan_looks(self) -> None:
        """A look comes at its usual time, where there is anything new to see at all."""
        changes = self.changes + self.truth.changes
        if changes == self.seen:
            return
        self.seen = changes
        for side, every in LOOKS_EVERY.items():
            if side not in self.planned:
                self.planned.add(side)
                over = timedelta(seconds=self.now.timestamp() % every.total_seconds())
                self.stage.ours.put(self.now - over + every, _looks(self, side))

    def looks(self, side: Side) -> None:
        """One short look."""
        self.planned.discard(side)
        self.process.poll(side)

    def _plan_night(self) -> None:
        midnight = self.now.astimezone(ZONE).replace(hour=0, minute=0, second=0, microsecond=0)
        self.stage.ours.put((midnight + timedelta(days=1) + NIGHTLY).astimezone(self.now.tzinfo), self._night)

    def _night(self) -> None:
        for side in Side:
            self.process.snapshot(side)
        self.process.reconcile()
        self.process.hint_apart()
        self._plan_night()


def _arrives(engine: Engine, key: str, booking: dict[str, Any] | None) -> Any:
    return lambda: engine.arrived(key, booking)


def _looks(engine: Engine, side: Side) -> Any:
    return lambda: engine.looks(side)
