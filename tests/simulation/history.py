"""One history: people, a worker, what goes wrong, until all has come to rest and is judged. Its seed is all of it."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial

from practice_salon.square.acts import perform
from sync.model import Side
from tests.simulation.faults import LOSES_NEWS, let_loose
from tests.simulation.house import Heard
from tests.simulation.invariants import Evidence
from tests.simulation.people import ACTS, BOOKING, RARE
from tests.simulation.raw import OVER
from tests.simulation.running import (
    BETWEEN_ROUNDS,
    EVENTS,
    FOR_LONG,
    MOST_PROVOKED,
    QUIET,
    ROUNDS,
    VISITS,
    WHO,
    Cell,
    Running,
)
from tests.simulation.salon import FORMS, HOOK_KEY


@dataclass
class History(Running):
    """From the first booking to the evidence."""

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
            if whole:
                self._step(partial(self.process.snapshot, side))
            else:
                self.poll(side)
        self._step(self.process.reconcile)
        self._step(self.process.hint_apart)

    def _evidence(self, log: list[str]) -> Evidence:
        self._rest()
        self._drain()
        alone = None
        if not (self.news_lost or self.people.renamed or self._unmeant()) and self.writes == "on":
            self._step(self.process.reconcile)
            alone = (self.raw.state(), self.square.state(), self._excused())
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
            excused=self._excused(),
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

    def _excused(self) -> frozenset[tuple[str, str]]:
        """What findings are about; and what staff moved in Square of a client whom Bookly calls served: it is not
        carried (the status table), and nobody takes it back."""
        over = [shown.thing for shown in self.raw.state().values() if shown.standing == OVER]
        return self.store.excused() | self.store.shown_for(over)

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


__all__ = ["EVENTS", "QUIET", "VISITS", "Cell", "History"]
