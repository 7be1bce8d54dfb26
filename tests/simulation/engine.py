"""The engine as the simulation drives it: one process at a time, each step to its end or to the point where it dies.

All that is known of the engine's ways in is known here.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from random import Random
from typing import Any
from unittest import mock

from sync.converge import House
from sync.decide.choices import choices
from sync.inbox.crew import Crew
from sync.inbox.opening import open_crew, open_worker
from sync.inbox.worker import Worker
from sync.model import Ref, Side, Source
from sync.rounds.pull import pull, window_for
from sync.rounds.reconcile import reconcile
from sync.store import findings, hints, keeping, mirror, requests
from sync.store.board import load_board
from sync.store.connection import reading, writing
from tests.simulation.house import HORIZON, Premises
from tests.simulation.points import Died
from tests.simulation.salon import HOOK_KEY, HOOK_URL

AROUND = timedelta(hours=12)
OK, REFUSED, UNKEPT = 200, 401, 503


@dataclass(slots=True)
class Process:
    """One life of the engine."""

    premises: Premises
    house: House = field(init=False)
    crew: Crew = field(init=False)
    worker: Worker = field(init=False)

    def __post_init__(self) -> None:
        self.house = self.premises.house()
        self.crew = open_crew(self.house)
        self.worker = open_worker(self.house)

    # ------------------------------------------------------------ learning of changes

    def receive(self, body: str, headers: Mapping[str, str]) -> int:
        """Square's webhook; the status of our answer."""
        self.premises.points.at("received")
        wanted = hmac.new(HOOK_KEY.encode(), (HOOK_URL + body).encode(), hashlib.sha256).digest()
        given = headers.get("x-square-hmacsha256-signature", "")
        if not hmac.compare_digest(base64.b64encode(wanted).decode(), given):
            return REFUSED
        event = json.loads(body)
        booking = event["data"]["object"].get("booking")
        if booking:
            self._keep([(Ref(Side.SQUARE, booking["id"]), booking.get("version"))])
        self.premises.points.at("kept")
        return OK

    def nudge(self, rows: tuple[int, ...], lines: tuple[int, ...]) -> int:
        """The plugin's message that these rows and lines of Bookly's changed."""
        self.premises.points.at("received")
        with reading(self.house.engine) as conn:
            known = {row: mirror.refs_on(conn, [(Side.BOOKLY, str(row))]) for row in rows}
        found = set[Ref]().union(*known.values()) | {Ref(Side.BOOKLY, f"ca:{line}") for line in lines}
        unknown = [row for row, refs in known.items() if not refs]
        if unknown:
            found |= {Ref(Side.BOOKLY, f"row:{row}") for row in unknown}
        if len(unknown) > 1 and len(lines) > 1:
            found.add(Ref(Side.BOOKLY, f"compound:{min(lines)}"))
        self._keep([(ref, None) for ref in sorted(found)])
        self.premises.points.at("kept")
        return OK

    def _keep(self, told: list[tuple[Ref, int | None]]) -> None:
        with writing(self.house.engine) as conn:
            for ref, version in told:
                hints.put(conn, ref, Source.WEBHOOK, self.house.now(), version=version)

    def poll(self, side: Side) -> None:
        """Read a side whole, and take what is another than before as hints."""
        now = self.house.now()
        with reading(self.house.engine) as conn:
            last = keeping.last_change(conn)
        pull(self.house.engine, self.house.readers[side], window_for(side, now, *HORIZON), now)
        with writing(self.house.engine) as conn:
            for ref in mirror.changed_since(conn, last):
                hints.put(conn, ref, Source.POLL, self.house.now())

    def reconcile(self) -> None:
        """Look over everything; what is out of step is hinted at again."""
        reconcile(self.house.engine, self.house.now())
        with reading(self.house.engine) as conn:
            kept = findings.all_in(conn, "open")
        with writing(self.house.engine) as conn:
            for ref in dict.fromkeys(ref for one in kept for about in one.finding.concerned for ref in about.refs):
                hints.put(conn, ref, Source.RECONCILE, self.house.now())

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

    def click(self, rng: Random, who: str) -> bool:
        """Somebody chooses one of what is offered for one of the cards."""
        with reading(self.house.engine) as conn:
            kept = [one for one in findings.all_in(conn, "open") if one.finding.concerned]
            if not kept:
                return False
            one = rng.choice(kept)
            found = one.finding
            refs = [ref for about in found.concerned for ref in about.refs]
            board = load_board(conn, self.house.now(), found.start - AROUND, found.end + AROUND, refs)
        offered = choices(found, board)
        if not offered:
            return False
        choice = rng.choice(offered)
        with writing(self.house.engine) as conn:
            requests.ask(
                conn,
                key=f"{one.id}:{found.seen}:{choice.id}"[:90],
                finding=one.id,
                choice=choice,
                seen=found.seen,
                who=who,
                role="manager",
                now=self.house.now(),
            )
        return True

    def pause(self, value: bool, who: str) -> None:
        """Pause and go on."""
        with writing(self.house.engine) as conn:
            keeping.set_paused(conn, value, who, self.house.now())

    def resend_dead(self, who: str) -> int:
        """Somebody sends all dead letters round again, after a look at what each would do."""
        with writing(self.house.engine) as conn:
            letters = hints.dead(conn)
            for letter in letters:
                hints.put(conn, letter.ref, Source.RESEND, self.house.now(), asked_by=who)
        return len(letters)


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
