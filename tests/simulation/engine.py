"""The engine as the simulation drives it: one process at a time, each step to its end or to the point where it dies.

All that is known of the engine's ways in is known here.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any
from unittest import mock

from sqlalchemy import Connection
from standardwebhooks.webhooks import Webhook

from sync.converge import House
from sync.decide.choices import choices
from sync.inbox.crew import Crew
from sync.inbox.dead_letters import redrive, resend_many
from sync.inbox.opening import open_crew, open_worker
from sync.inbox.worker import Worker
from sync.intake.bookly import BooklySign
from sync.intake.news import News, Reason, Refused
from sync.intake.square import SquareSign
from sync.intake.taking import Came, take
from sync.model import Choice, ChoiceKind, Finding, Side
from sync.rounds.out_of_step import hint_apart
from sync.rounds.polling import Memory, look
from sync.rounds.pull import pull, window_for
from sync.rounds.reconcile import reconcile
from sync.store import findings, hints, keeping, requests
from sync.store.board import load_board
from sync.store.connection import reading, writing
from sync.store.dead_letters import Filter
from tests.simulation.house import HORIZON, Premises
from tests.simulation.people import Message
from tests.simulation.points import Died
from tests.simulation.salon import HOOK_KEY, HOOK_URL

AROUND = timedelta(hours=12)
OK = 200
NUDGE_SECRET = "whsec_c2ltdWxhdGVkLXBsdWdpbi1zZWNyZXQ="
SQUARE = SquareSign(HOOK_URL, HOOK_KEY)
BOOKLY = BooklySign((NUDGE_SECRET,))


@dataclass(frozen=True, slots=True)
class Answered:
    """Our answer to a delivery, and whether it had been taken before."""

    status: int
    again: bool = False


@dataclass(slots=True)
class Process:
    """One life of the engine."""

    premises: Premises
    house: House = field(init=False)
    crew: Crew = field(init=False)
    worker: Worker = field(init=False)
    memories: dict[Side, Memory] = field(init=False)

    def __post_init__(self) -> None:
        self.house = self.premises.house()
        self.crew = open_crew(self.house)
        self.worker = open_worker(self.house)
        self.memories = {side: Memory() for side in Side}

    # ------------------------------------------------------------ learning of changes

    def receive(self, body: str, headers: Mapping[str, str]) -> Answered:
        """Square's webhook."""
        return self._taken(Side.SQUARE, SQUARE.read, body.encode(), headers)

    def nudge(self, message: Message) -> Answered:
        """The plugin's message, signed as it signs."""
        body = json.dumps(
            {"type": "bookly.changed", "appointments": message.rows, "customer_appointments": message.lines}
        )
        signed_at = datetime.now(UTC)  # the library looks at the machine's own clock
        signature = Webhook(NUDGE_SECRET).sign(message.id, signed_at, body)
        headers = {"webhook-id": message.id, "webhook-timestamp": str(int(signed_at.timestamp()))}
        return self._taken(Side.BOOKLY, BOOKLY.read, body.encode(), {**headers, "webhook-signature": signature})

    def _taken(
        self, side: Side, read: Callable[[bytes, Mapping[str, str]], News], raw: bytes, headers: Mapping[str, str]
    ) -> Answered:
        """What the door does with a delivery: believe it, keep it, and only then answer."""
        points, now = self.premises.points, self.house.now()
        points.at("received")
        try:
            news = read(raw, headers)
        except Refused as refused:
            return Answered(refused.status)
        with writing(self.house.engine) as conn:
            (why,) = take(conn, [(Came(side, now.timestamp(), time.perf_counter()), news)])
        points.at("kept")
        return Answered(OK, again=why is Reason.DUPLICATE)

    def poll(self, side: Side) -> None:
        """The short look that a job takes every few seconds."""
        look(self.house.engine, self.house.readers[side], self.memories[side], self.house.now())

    def snapshot(self, side: Side) -> None:
        """Read a side whole."""
        now = self.house.now()
        pull(self.house.engine, self.house.readers[side], window_for(side, now, *HORIZON), now)

    def reconcile(self) -> None:
        """Look over everything for what is out of order."""
        reconcile(self.house.engine, self.house.now())

    def hint_apart(self) -> None:
        """What is out of step and on nobody's way is hinted at."""
        hint_apart(self.house.engine, self.house.writes, self.house.now())

    # ------------------------------------------------------------ working

    def hint(self) -> bool:
        """Take one hint up that is due, and see to it. False when none is."""
        taken = self.crew.take(1)
        if not taken:
            return False
        self.premises.points.at("claimed")
        self.crew.see_to(taken[0])
        return True

    def request(self) -> bool:
        """Carry one click that is due. False when none is."""
        return self.worker.take_one()

    # ------------------------------------------------------------ what people do on the screen

    def click(self, rng: Random, who: str, kind: ChoiceKind | None = None) -> bool:
        """Somebody chooses one of what is offered (of that kind) for one of the cards."""
        with reading(self.house.engine) as conn:
            kept = [one for one in findings.all_in(conn, "open") if one.finding.concerned]
            if not kept:
                return False
            offered = [
                (one, choice)
                for one in (kept if kind else [rng.choice(kept)])
                for choice in self._offered(conn, one.finding)
                if kind in (None, choice.kind)
            ]
        if not offered:
            return False
        one, choice = rng.choice(offered)
        with writing(self.house.engine) as conn:
            requests.ask(
                conn,
                key=f"{one.id}:{one.finding.seen}:{choice.id}"[:90],
                finding=one.id,
                choice=choice,
                seen=one.finding.seen,
                who=who,
                role="manager",
                now=self.house.now(),
            )
        return True

    def _offered(self, conn: Connection, found: Finding) -> tuple[Choice, ...]:
        refs = [ref for about in found.concerned for ref in about.refs]
        board = load_board(conn, self.house.now(), found.start - AROUND, found.end + AROUND, refs)
        return choices(found, board)

    def pause(self, value: bool, who: str) -> None:
        """Pause and go on."""
        with writing(self.house.engine) as conn:
            keeping.set_paused(conn, value, who, self.house.now())

    def redrive(self) -> int:
        """The job that sends round again what was nobody's fault."""
        with writing(self.house.engine) as conn:
            return redrive(conn, self.house.now())

    def resend_dead(self, who: str) -> int:
        """Somebody sends all dead letters round again."""
        with writing(self.house.engine) as conn:
            return len(resend_many(conn, Filter(), who, self.house.now()).hints)


@contextmanager
def watched_ends(premises: Premises) -> Iterator[None]:
    """Ending a hint, or putting it back, passes a point."""
    finish, put_back = hints.finish, hints.put_back

    def at_the_end(done: Callable[..., bool]) -> Callable[..., bool]:
        def passing(*given: Any, **named: Any) -> bool:
            premises.points.at("before the end")
            return done(*given, **named)

        return passing

    with (
        mock.patch.object(hints, "finish", at_the_end(finish)),
        mock.patch.object(hints, "put_back", at_the_end(put_back)),
    ):
        yield


__all__ = ["OK", "Died", "Process", "watched_ends"]
