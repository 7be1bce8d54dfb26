"""Rounds of killing: a process is led to a point, killed there, and another takes over."""

from __future__ import annotations

import json
import signal
from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime

import sqlalchemy as sa

from practice_salon.people.standing import Standing
from sync.decide.choices import choices
from sync.model import ChoiceKind, End, Kind, Side
from sync.rounds.reconcile import GRACE, reconcile
from sync.store import findings, requests
from sync.store.board import load_board
from sync.store.connection import reading, writing
from sync.store.tables import hints
from sync.store.tables import requests as requests_table
from tests.kills.points import INTAKE, POINTS
from tests.kills.processes import Nursery, Process, wait_for
from tests.kills.salon import Salon
from tests.servers.process import answers

PROPERTY, SAID = "kills", "said"
"""By what a test tells its figures."""
STARTING = 30.0
"""Seconds that a process may need to begin on a busy machine: a bound."""
LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)
ENDED = tuple(end.value for end in End)


@dataclass
class Killing:
    """A salon under fire. `killed`: how often at each point; `last`: when the last time; `asked`: the clicks.
    `seconds`: from the last kill to the end of the last hint that was there by then, for each time it came to rest."""

    salon: Salon
    nursery: Nursery
    killed: Counter[str] = field(default_factory=Counter)
    asked: list[int] = field(default_factory=list)
    last: datetime = LONG_AGO
    prepared: int = 0
    seconds: list[float] = field(default_factory=list)
    turn: int = 0
    door: Process | None = None

    def kill_at(self, point: str, place: int = 0) -> None:
        """Lead a process to that point, by what somebody does there, and kill it."""
        if point in INTAKE:
            self._kill_the_intake(point)
        elif point == "in a pull":
            side = (Side.SQUARE, Side.BOOKLY)[self.turn % 2]
            self._kill(self.nursery.start("jobs", "run", f"pull-{side}", point=point, place=place), point)
        elif point == "in a resend":
            letter = self._dead_letter()
            self._kill(self.nursery.start("sync", "resend", str(letter), "--yes", point=point, place=place), point)
        else:
            self._kill_the_worker(point, place)
        self.turn += 1

    def _kill_the_worker(self, point: str, place: int) -> None:
        worker = self.nursery.start("sync", "work", point=point, place=place)
        if point == "in a click":
            self._click()
        elif point == "in burying":
            self._will_be_buried()
        else:
            self.salon.books((Side.BOOKLY, Side.SQUARE)[self.turn % 2])
        self._kill(worker, point)
        self.salon.square.world.faults.clear()

    def _kill_the_intake(self, point: str) -> None:
        """Square's own try ends without an answer; its next one meets another intake."""
        self.end_the_intake()
        armed = self.nursery.start("sync", "intake", "--port", str(self.salon.port), point=point)
        self._until_open(armed)
        self.salon.books(Side.SQUARE)
        self._kill(armed, point)
        self.open_the_intake()

    def _kill(self, process: Process, point: str) -> None:
        self.nursery.reached(process)
        assert not self.salon.too_old_leases()
        process.end(signal.SIGKILL)
        self.killed[point] += 1
        self.last = datetime.now(UTC)

    # ------------------------------------------------------------ the intake

    def open_the_intake(self) -> None:
        self.door = self.nursery.start("sync", "intake", "--port", str(self.salon.port), patience=3600)
        self._until_open(self.door)

    def end_the_intake(self) -> None:
        if self.door is not None:
            self.door.end(signal.SIGKILL)
            self.door = None

    def _until_open(self, process: Process) -> None:
        wait_for(lambda: answers(self.salon.port) or not process.alive, "the intake listens")
        assert process.alive, process.said()

    # ------------------------------------------------------------ what leads there

    def _will_be_buried(self) -> Standing:
        """A visit made in Bookly that Square refuses for now, in a way that trying again cannot help."""
        self.salon.square.arm("unknown_error_code", "bookings.create", times=1000)
        return self.salon.books(Side.BOOKLY)

    def _dead_letter(self) -> int:
        """The number of an open dead letter; one is made where there is none."""
        open_ones = sa.select(sa.func.min(hints.c.id)).where(hints.c.state == "dead", hints.c.closed_at.is_(None))
        if not self.salon.value(open_ones):
            worker = self.nursery.start("sync", "work")
            self._will_be_buried()
            wait_for(lambda: self.salon.value(open_ones), "a dead letter")
            self.salon.square.world.faults.clear()
            worker.end(signal.SIGTERM)
        return int(self.salon.value(open_ones))

    def prepare_clicks(self, count: int) -> None:
        """So many times, two clients in one chair, both typed into Bookly before we were there to see it."""
        for _ in range(count):
            slot = next(self.salon.slots)
            self.salon.books(Side.BOOKLY, slot)
            self.salon.books(Side.BOOKLY, slot)
        self.prepared = count
        self.salon.made.clear()  # what stands twice in one chair is judged by itself

    def _click(self) -> None:
        """Somebody chooses another time for one of the two."""
        with reading(self.salon.store) as conn:
            kept = [one for one in findings.all_in(conn, "open") if one.finding.kind is Kind.DOUBLE_BOOKING]
            asked = {row.finding for row in conn.execute(sa.select(requests_table.c.finding))}
            one = next(found for found in kept if found.id not in asked)
            refs = [ref for about in one.finding.concerned for ref in about.refs]
            board = load_board(conn, datetime.now(UTC), one.finding.start, one.finding.end, refs)
        choice = next(c for c in choices(one.finding, board) if c.kind is ChoiceKind.OTHER_TIME)
        with writing(self.salon.store) as conn:
            number = requests.ask(
                conn,
                key=f"click {one.id}",
                finding=one.id,
                choice=choice,
                seen=one.finding.seen,
                who="Dana",
                role="manager",
                now=datetime.now(UTC),
            ).id
        self.asked.append(number)

    def find_clashes(self) -> None:
        """As a pull and a look of the schedule would."""
        for side in Side:
            self.nursery.run("jobs", "run", f"pull-{side}")
        reconcile(self.salon.store, datetime.now(UTC) + GRACE)

    def resend_what_is_dead(self) -> None:
        """Somebody sends every dead letter round again."""
        if self.letters():
            self.nursery.run("sync", "resend", "--all", "--yes")
            self.come_to_rest()

    # ------------------------------------------------------------ and afterwards

    def come_to_rest(self) -> None:
        """A worker that nobody kills takes over, and both calendars are looked at once: what Bookly said to nobody is
        found. Every hint and every click has ended two locks' time after the last kill, and what it takes to begin."""
        worker = self.nursery.start("sync", "work")
        for side in Side:
            self.nursery.run("jobs", "run", f"poll-{side}")
        bound = 2 * self.salon.ttl + STARTING
        wait_for(lambda: self.salon.is_idle() and not self._clicks_open(), "every hint and every click ends", bound)
        known = hints.c.received_at <= self.last.timestamp()
        ended = float(self.salon.value(sa.select(sa.func.max(hints.c.ended_at)).where(known)) or 0.0)
        self.seconds.append(max(0.0, ended - self.last.timestamp()))
        worker.end(signal.SIGTERM)

    def _clicks_open(self) -> int:
        waits = requests_table.c.state.in_(("waiting", "working"))
        return int(self.salon.value(sa.select(sa.func.count()).where(waits)))

    # ------------------------------------------------------------ judged

    def lost(self) -> list[str]:
        """What was acknowledged and did not end, or ended without a reason; bookings of which we know nothing."""
        known = {(row.side, row.key) for row in self.salon.rows(sa.select(hints.c.side, hints.c.key))}
        unknown = [
            str(one.unit) for one in self.salon.made if one.side == "square" and ("square", one.unit) not in known
        ]
        odd = self.salon.rows(sa.select(hints).where(sa.or_(hints.c.state.not_in(ENDED), hints.c.reason == "")))
        return [*(f"booking {key} is not known" for key in unknown), *(f"hint {row.id} {row.state}" for row in odd)]

    def not_once(self) -> dict[str, tuple[int, int]]:
        """Times at which a visit was made, or anybody is taken in Square, that are not taken exactly once on each side,
        and those taken in Bookly more than once: with how often in Bookly and in Square."""
        bookly, square = self.salon.in_bookly(), self.salon.in_square()
        wanted = {*((one.staff or 0, one.core[0]) for one in self.salon.made), *square}
        found = {key: (bookly[key], square[key]) for key in {*wanted, *bookly}}
        allowed = {True: {(1, 1)}, False: {(1, 0)}}
        return {
            f"{key[0]} at {key[1]:%d %H:%M}": seen for key, seen in found.items() if seen not in allowed[key in wanted]
        }

    def too_few_or_many(self) -> str:
        """Visits that are nowhere, or in Bookly besides those that somebody made. Square is shown whom a click moved;
        whom they left alone in the chair may cross by then, too."""
        bookly, square = self.salon.in_bookly().total(), self.salon.in_square().total()
        made, clicked = len(self.salon.made), len(self.asked)
        right = bookly == made + 2 * self.prepared and made + clicked <= square <= made + 2 * clicked
        return "" if right else f"{bookly} in Bookly and {square} in Square of {made} and {clicked} clicks"

    def letters(self) -> list[str]:
        """The open dead letters, each with how every hint of its visit ended."""
        lie = sa.select(hints).where(hints.c.state == "dead", hints.c.closed_at.is_(None))
        told = []
        for letter in self.salon.rows(lie):
            its_own = sa.select(hints).where(hints.c.side == letter.side, hints.c.key == letter.key)
            ends = [f"{row.source} {row.state} {row.reason}" for row in self.salon.rows(its_own)]
            told.append(f"{letter.side}/{letter.key}: {', '.join(ends)}")
        return told

    def clicks(self) -> list[str]:
        """How each click ended."""
        with reading(self.salon.store) as conn:
            rows = [requests.get(conn, number) for number in self.asked]
        return [row.state for row in rows if row]

    def figures(self) -> str:
        """As text that travels to where the table is printed."""
        return json.dumps(
            {
                "killed": dict(self.killed),
                "seconds": max(self.seconds),
                "ttl": self.salon.ttl,
                "visits": len(self.salon.made),
            }
        )


def lines(told: list[str]) -> list[str]:
    """The table of figures, ready to be printed."""
    rows = [json.loads(text) for text in told]
    killed: Counter[str] = Counter()
    for row in rows:
        killed.update(row["killed"])
    if not killed:
        return []
    worst, ttl = max(row["seconds"] for row in rows), max(row["ttl"] for row in rows)
    visits = sum(row["visits"] for row in rows)
    return [
        f"{killed.total()} processes killed under {visits} visits: 0 lost, 0 doubled;",
        f"the last hint ended {worst:.1f} s after the last kill, where a lock lasts {ttl:g} s; killed",
        *(f"  {point:<22}{killed[point]:>5}" for point in POINTS),
    ]
