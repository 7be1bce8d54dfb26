"""What can happen in a history: the events, and what befalls a step of the engine."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from random import Random

from practice_salon.shop import Shop
from practice_salon.square.state import World
from practice_salon.square.webhooks import SIGNATURE, Parcel, due_parcels, settle, signature
from sync.model import Side
from tests.simulation.engine import OK, Answered, Process
from tests.simulation.faults import Loose
from tests.simulation.house import LEASE_SECONDS, Premises, seeded
from tests.simulation.invariants import Ack
from tests.simulation.people import ACTS, RARE, Message, People
from tests.simulation.points import Ambush, Died
from tests.simulation.raw import RawBookly, RawSquare, RawStore
from tests.simulation.salon import HOOK_KEY, HOOK_URL, SHOP
from tests.simulation.watch import Watch

VISITS, EVENTS = 3, 20
MOST_PROVOKED = 12
ROUNDS = 16
BETWEEN_ROUNDS = 100.0
"""Longer than a claim and a lease last, so that what a dead process held comes back."""
FOR_LONG = 3600.0
WHO = "Dana"
QUIET = ("claimed", "looked", "leased", "intended", "before the record", "before the release")
"""Points at which no transaction is open, so that others may act meanwhile."""


@dataclass(frozen=True, slots=True)
class Cell:
    """What must happen in a history: this fault, and a death at this point ('' for none)."""

    fault: str = ""
    point: str = ""


@dataclass
class Running:
    """A history on these premises, as far as it has come."""

    premises: Premises
    seed: int
    cell: Cell = field(default_factory=Cell)
    writes: str = "on"
    told: list[str] = field(default_factory=list)
    deaths: int = 0
    troubles: int = 0
    silent: list[tuple[int, int]] = field(default_factory=list)
    acks: list[Ack] = field(default_factory=list)
    waiting: list[Message] = field(default_factory=list)
    events: int = 0
    news_lost: bool = False
    loose: Loose | None = None
    ambush: Ambush | None = None
    careless: bool = True
    """Whether the plugin's messages get lost or are told twice now and then."""
    steps: int = 0
    befalls: Callable[[], None] | None = None
    """What happens in the middle of it beside the cell's."""

    def __post_init__(self) -> None:
        self.rng: Random = seeded(self.seed)
        self.premises.begin(writes=self.writes, by_sdk=self.seed % 20 == 0)
        salon = self.premises.salon
        self.clock, self.points = salon.clock, self.premises.points
        self.raw = RawBookly(salon.bookly_file)
        self.store = RawStore(self.premises.store_file)
        self.members, self.variations = names(salon.world, SHOP)
        self.square = RawSquare(salon.world, {member: person for person, member in self.members.items()})
        self.watch = Watch(salon.world, self.raw, self.square)
        self.people = People(salon, self.watch, self.rng, self._nudged, self.variations, self.members)
        self.process = Process(self.premises)

    @property
    def visits(self) -> int:
        """How many visits people made."""
        made = (deed for deed in self.watch.deeds if deed.by == "people" and deed.before is None and deed.meant)
        return len({deed.thing for deed in made})

    # ------------------------------------------------------------ events

    def person(self, name: str) -> bool:
        """Somebody does something."""
        done = self.people.act(name)
        if done:
            self._tell(name)
        return done

    def later(self, seconds: float) -> None:
        """Time passes."""
        self.clock.pass_by(seconds)
        self._tell(f"{seconds:g} s pass")

    def work(self, most: int = 1) -> int:
        """The worker takes up to so many things up."""
        done = 0
        while done < most and (self._step(self.process.hint) or self._clicked()):
            done += 1
        self._tell(f"worked {done}")
        return done

    def _clicked(self) -> bool:
        self.watch.engine()
        self.watch.clicking = True
        try:
            return self._step(self.process.request)
        finally:
            self.watch.clicking = False

    def poll(self, side: Side) -> None:
        """A side is read."""
        self._tell(f"poll {side}")
        self._step(lambda: self.process.poll(side))

    def click(self) -> None:
        """Somebody settles a card."""
        self._tell("click")
        self._step(lambda: self.process.click(self.rng, WHO))

    def deliver(self) -> None:
        """What waits on the way arrives: Square's webhooks in any order, the plugin's messages."""
        parcels = due_parcels(self.premises.salon.world, self.clock.now())
        self.rng.shuffle(parcels)
        for parcel in parcels:
            self._hand_over(parcel)
        waiting, self.waiting = self.waiting, []
        for message in waiting:
            self._pass_on(message)
        self._tell(f"{len(parcels)} webhooks, {len(waiting)} messages")

    def _hand_over(self, parcel: Parcel) -> None:
        answer = self._told(lambda: self.process.receive(parcel.body, parcel.headers))
        with self.premises.salon.world.change():
            settle(self.premises.salon.world, parcel, None if answer.status == OK else "http_timeout")
        booking = _booking_in(parcel.body)
        if answer.status == OK and booking:
            self._acknowledged("square", booking, answer)

    def _pass_on(self, message: Message) -> None:
        answer = self._told(lambda: self.process.nudge(message))
        if answer.status != OK:
            self.waiting.append(message)  # the plugin keeps what was not taken
            return
        for line in message.lines:
            self._acknowledged("bookly", f"ca:{line}", answer)

    def _told(self, tell: Callable[[], Answered]) -> Answered:
        """Our answer; none at all where we died before it."""
        answers: list[Answered] = []
        self._step(lambda: answers.append(tell()))
        return answers[0] if answers else Answered(0)

    def _acknowledged(self, side: str, key: str, answer: Answered) -> None:
        found = self.store.rows("select id from hints where side=? and key=? order by id desc limit 1", side, key)
        self.acks.append(Ack(side, key, self.clock.at, found[0]["id"] if found else 0, answer.again))

    def _nudged(self, message: Message) -> None:
        chance = self.rng.random() if self.careless else 1.0
        if chance < 0.05:
            self.news_lost = True
            return
        self.waiting.append(message)
        if chance < 0.1:
            self.waiting.append(message)

    # ------------------------------------------------------------ steps of the engine, and what befalls them

    def _step(self, what: Callable[[], object]) -> bool:
        """One step of the process; where it dies there, another one starts after a while. What is done in the middle
        of somebody else's step is a step of its own, and theirs goes on behind it."""
        outer = self.premises.line.step
        self.steps += 1
        self.premises.line.step = self.watch.step = self.steps
        try:
            return bool(what())
        except Died:
            self.deaths += 1
            self.troubles += 1
            self._tell(f"died {self.points.trail[-1]}")
            self.points.dying = False
            self.premises.spoiled.writing = False
            self.clock.pass_by(self.rng.choice((1, 10, 60)))
            self.process = Process(self.premises)
            return True
        finally:
            self.watch.engine()
            self.premises.line.step = self.watch.step = outer

    def another_process(self, what: Callable[[], object]) -> None:
        """Something that another process than the one in the middle of a step does."""
        held, self.process = self.process, Process(self.premises)
        what()
        self.process = held

    def meanwhile(self) -> None:
        """Others act while a process is in the middle of a step: people, and another process."""
        if self.premises.spoiled.writing:
            return
        self._tell("meanwhile")
        over = self.rng.random() < 0.3
        self.person("books_over_in_square" if over else self.rng.choice([name for name in ACTS if name not in RARE]))
        self.another_process(self._all_that_came)

    def _all_that_came(self) -> None:
        self.deliver()
        self.work(self.rng.randint(0, 2))

    def _stand_still(self) -> None:
        """Stopped for longer than its lease lasts; another process works meanwhile."""
        if self.premises.spoiled.writing:
            return
        self._tell("stands still")
        self.clock.pass_by(LEASE_SECONDS + 50)
        if self.rng.random() < 0.5:
            self.person(self.rng.choice(("moves_in_office", "moves_in_square", "cancels_in_square")))
        self.another_process(self._much_that_came)

    def _much_that_came(self) -> None:
        self.deliver()
        self.work(4)

    def late_webhook(self, booking: str) -> bool:
        """Square tells once more of a booking that it told of long ago."""
        events = [doc["event"] for doc in self.premises.salon.world["events"].values()]
        told = [event for event in events if event["data"]["id"].startswith(f"{booking}:")]
        body = json.dumps({**told[-1], "event_id": f"late-{booking}"}, separators=(",", ":"))
        signed = {SIGNATURE: signature(HOOK_KEY, HOOK_URL, body)}
        return self._told(lambda: self.process.receive(body, signed)).status == OK

    def freeze(self) -> Callable[[], bool]:
        ambush = self.points.lay(self.rng.choice(QUIET), self._stand_still, self.rng.randint(1, 2))
        return lambda: ambush.met

    def _tell(self, what: str) -> None:
        self.events += 1
        self.told.append(what)


def _booking_in(body: str) -> str:
    booking = json.loads(body)["data"]["object"].get("booking")
    return str(booking["id"]) if booking else ""


def names(world: World, shop: Shop) -> tuple[dict[int, str], dict[int, str]]:
    """Square's ids by Bookly's, of staff and of services."""
    by_mail = {doc.get("email_address"): doc["id"] for doc in world["team_members"].values()}
    titles = {doc["item_data"]["name"]: doc["item_data"]["variations"][0]["id"] for doc in world["items"].values()}
    members = {person.key: by_mail[person.email] for person in shop.staff}
    return members, {service.key: titles[service.title] for service in shop.services}
