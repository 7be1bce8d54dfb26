"""One history: people, a worker, what goes wrong, until all has come to rest and is judged. Its seed is all of it."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from random import Random
from typing import Any

from practice_salon.square.acts import perform
from practice_salon.square.webhooks import SIGNATURE, Parcel, due_parcels, settle, signature
from sync.model import Side
from tests.simulation.engine import OK, Answered, Process
from tests.simulation.faults import LOSES_NEWS, OUTAGE, Loose, let_loose
from tests.simulation.house import LEASE_SECONDS, Heard, Premises, seeded
from tests.simulation.invariants import Ack, Evidence
from tests.simulation.people import ACTS, BOOKING, RARE, Message, People
from tests.simulation.points import Ambush, Died
from tests.simulation.raw import RawBookly, RawSquare, RawStore
from tests.simulation.salon import FORMS, HOOK_KEY, HOOK_URL, SHOP
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
class History:
    """A history on these premises."""

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
    befalls: Callable[[], None] | None = None
    """What happens in the middle of it beside the cell's."""

    def __post_init__(self) -> None:
        self.rng: Random = seeded(self.seed)
        self.premises.begin(writes=self.writes, by_sdk=self.seed % 20 == 0)
        salon = self.premises.salon
        self.clock, self.points = salon.clock, self.premises.points
        self.raw = RawBookly(salon.bookly_file)
        self.store = RawStore(self.premises.store_file)
        self.members, self.variations = _names(salon.world)
        self.square = RawSquare(salon.world, {member: person for person, member in self.members.items()})
        self.watch = Watch(salon.world, self.raw, self.square)
        self.people = People(salon, self.watch, self.rng, self._nudged, self.variations, self.members)
        self.process = Process(self.premises)

    # ------------------------------------------------------------ the whole of it

    def play(self) -> Evidence:
        """From the first booking to the evidence."""
        with heard() as log:
            self._happen()
            return self.rest(log)

    def rest(self, log: list[str] | None = None) -> Evidence:
        """Let it come to rest; the evidence of all that was."""
        try:
            return self._evidence(log if log is not None else [])
        finally:
            self.raw.close()
            self.store.close()

    def _happen(self) -> None:
        total, when = EVENTS + self.rng.randint(0, 2), self.rng.randint(2, 8)
        loose = False
        while self.events < total:
            if not loose and self.events >= when:
                loose = True
                self._let_loose()
                if self.befalls is not None:
                    self.befalls()
            if self.visits < VISITS or self.rng.random() < 0.06:
                self.person(self.rng.choice(BOOKING))
            else:
                self._any()
        for _ in range(MOST_PROVOKED):
            if self.complete:
                break
            self._provoke()

    @property
    def visits(self) -> int:
        """How many visits people made."""
        made = (deed for deed in self.watch.deeds if deed.by == "people" and deed.before is None and deed.meant)
        return len({deed.thing for deed in made})

    @property
    def complete(self) -> bool:
        """Whether what must happen has happened."""
        struck = self.loose is None or self.loose.fired()
        return struck and (self.ambush is None or self.ambush.met)

    def _let_loose(self) -> None:
        if self.cell.point:
            self.ambush = self.points.lay(self.cell.point, self.points.die, self.rng.randint(1, 3))
        if self.cell.fault:
            self.loose = let_loose(self.premises, self.cell.fault, self.rng, self.freeze)
            self.news_lost |= self.cell.fault in LOSES_NEWS
            self.troubles += 1
        if self.rng.random() < 0.4:
            self.points.lay(self.rng.choice(QUIET), self.meanwhile, self.rng.randint(1, 3))

    def freeze(self) -> Callable[[], bool]:
        ambush = self.points.lay(self.rng.choice(QUIET), self._stand_still, self.rng.randint(1, 2))
        return lambda: ambush.met

    def _any(self) -> None:
        chance = self.rng.random()
        if chance < 0.36:
            self.person(self.rng.choice([name for name in ACTS if name not in RARE or self.rng.random() < 0.3]))
        elif chance < 0.52:
            self.deliver()
        elif chance < 0.8:
            self.work()
        elif chance < 0.88:
            self.poll(self.rng.choice(tuple(Side)))
        elif chance < 0.95:
            self.later(self.rng.choice((0.5, 3, 20, 100, 400)))
        else:
            self.click()

    def _provoke(self) -> None:
        """What every point of the road and every fault is met by, sooner or later."""
        for step in (self._book_here, self._move_here, self._book_there, self._move_there, self._cancel_here):
            if not self.complete:
                step()
                self.deliver()
                self.work(4)
                self.later(3)
                self.work(4)

    def _book_here(self) -> None:
        self.person("books_on_website")

    def _move_here(self) -> None:
        self.person("moves_in_office")

    def _book_there(self) -> None:
        self.person("books_in_square")

    def _move_there(self) -> None:
        self.person("moves_in_square")

    def _cancel_here(self) -> None:
        self.person("cancels_on_website")

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

    def pauses(self) -> None:
        """Somebody presses Pause; life goes on, and after a while they let it write again."""
        self._step(lambda: self.process.pause(True, WHO))
        first = len(self.watch.deeds)
        for _ in range(6):
            self._any()
            self.work(3)
        self.silent.append((first, len(self.watch.deeds)))
        self._step(lambda: self.process.pause(False, WHO))

    def square_is_down(self) -> None:
        """Square does not answer for some minutes; people go on booking."""
        self.premises.line.goes_down(FOR_LONG)
        self.troubles += 1
        for seconds in (1, 2, 5, 5, 60, 200):
            self.person(self.rng.choice(BOOKING))
            self.deliver()
            self.work(6)
            self.later(seconds)
        self.premises.line.down_until = 0.0

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
        """One step of the process; where it dies there, another one starts after a while."""
        self.premises.line.step += 1
        self.watch.step = self.premises.line.step
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

    # ------------------------------------------------------------ rest

    def _rest(self) -> None:
        """Nothing goes wrong any more; what waits arrives, what is due is carried."""
        self.premises.line.down_until = 0.0
        self.premises.salon.world.faults.clear()
        self.premises.spoiled.clear()
        self.points.clear()
        with self.premises.salon.world.change():
            perform(self.premises.salon.world, "owner", "add_customer", {"given_name": "Nobody"})
            for key, waiting in self.premises.salon.world["deliveries"].items():
                if waiting["wrong_key"] or waiting["wrong_host"]:
                    self.premises.salon.world["deliveries"].drop(key)

    def _drain(self) -> None:
        for _ in range(ROUNDS):
            self.deliver()
            self.work(60)
            if not self.waiting and not self.premises.salon.world["deliveries"].values() and not self._open():
                return
            self.later(BETWEEN_ROUNDS)
            self._step(self.process.redrive)

    def _open(self) -> int:
        return int(
            self.store.rows(
                "select (select count(*) from hints where state in ('waiting', 'working')) + "
                "(select count(*) from requests where state in ('waiting', 'working')) as n"
            )[0]["n"]
        )

    def _look_over(self, *, whole: bool) -> None:
        """What runs on a schedule: the short looks or the snapshots, then what is out of order and out of step."""
        self.later(BETWEEN_ROUNDS * 2)
        for side in Side:
            self.poll(side)
            if whole:
                self._step(lambda side=side: self.process.snapshot(side))  # type: ignore[misc]
        self._step(self.process.reconcile)
        self._step(self.process.hint_apart)

    def _evidence(self, log: list[str]) -> Evidence:
        self._rest()
        self._drain()
        alone = None
        if not self.news_lost and not self._unmeant() and self.writes == "on":
            self._step(self.process.reconcile)
            alone = (self.raw.state(), self.square.state(), self.store.excused())
        self._look_over(whole=True)
        self._drain()
        if self._step(lambda: self.process.resend_dead(WHO)):
            self._drain()
        settled = len(self.watch.deeds)
        self._look_over(whole=False)
        self._drain()
        return Evidence(
            now=self.clock.at,
            deeds=self.watch.deeds,
            bookly=self.raw.state(),
            square=self.square.state(),
            excused=self.store.excused(),
            acks=self.acks,
            hints=self.store.hints(),
            requests=self.store.rows("select * from requests"),
            audit=self.store.rows("select * from audit"),
            counted=self._counted(),
            sent=self.premises.line.sent,
            log=log,
            private=PRIVATE,
            settled=settled,
            troubles=self.troubles,
            writes=self.writes,
            silent=self.silent,
            alone=alone,
            customers=self._customers_made(),
        )

    def _unmeant(self) -> bool:
        return any(not deed.meant for deed in self.watch.deeds)

    def _counted(self) -> dict[str, int]:
        noted = self.store.rows("select kind as word, count(*) as n from ledger group by kind")
        counted = self.store.rows("select key as word, value as n from keeping where key = 'withdrawn_after_write'")
        return {row["word"]: int(row["n"]) for row in (*noted, *counted)}

    def _customers_made(self) -> list[tuple[str, str]]:
        made = []
        for deed in self.premises.salon.world["deeds"].values():
            if deed["what"] == "create customer":
                kept = self.premises.salon.world["customers"].get(deed["customer_id"]) or {"history": [{}]}
                profile = kept["history"][0].get("profile") or {}
                phone = profile.get("phone_number") or ""
                if phone:
                    made.append((phone, "engine" if deed["actor"] == "api" else "people"))
        return made

    def _tell(self, what: str) -> None:
        self.events += 1
        self.told.append(what)


def _booking_in(body: str) -> str:
    booking = json.loads(body)["data"]["object"].get("booking")
    return str(booking["id"]) if booking else ""


def _names(world: Any) -> tuple[dict[int, str], dict[int, str]]:
    """Square's ids by Bookly's, of staff and of services."""
    by_mail = {doc.get("email_address"): doc["id"] for doc in world["team_members"].values()}
    titles = {doc["item_data"]["name"]: doc["item_data"]["variations"][0]["id"] for doc in world["items"].values()}
    members = {person.key: by_mail[person.email] for person in SHOP.staff}
    return members, {service.key: titles[service.title] for service in SHOP.services}


PRIVATE = (*(word for form in FORMS for word in (form.name, form.email, form.phone, form.phone[-10:])), HOOK_KEY)


@contextmanager
def heard() -> Iterator[list[str]]:
    """Everything that is logged meanwhile, down to the smallest."""
    handler, ours = Heard(), logging.getLogger("slotkeeper")
    level, ours.propagate = ours.level, False
    ours.setLevel(logging.DEBUG)
    ours.addHandler(handler)
    try:
        yield handler.lines
    finally:
        ours.removeHandler(handler)
        ours.setLevel(level)
        ours.propagate = True


__all__ = ["OUTAGE", "Cell", "History"]
