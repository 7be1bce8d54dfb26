"""From our 200 to the practice Square's receipt of the create: intake and worker as real processes, Bookly on SQLite,
and a Square that takes 120 ms for every call, all in one run with the bare commits that the goal is measured in."""

from __future__ import annotations

import statistics
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import sqlalchemy as sa

from bench.measure import goal, seconds, table
from bench.salon import CALL_SECONDS, Received, Salon, open_salon
from bench.slots import Slot, slots
from sync.model.hints import End
from sync.store.connection import reading
from sync.store.tables import calls, hints

HINTS, A_SECOND = 400, 20.0
BACKLOG = 240
WORKERS = 16
COMMITS = 4
MOST_P50, MOST_P99 = 0.08, 0.20
MOST_BEFORE = 2
LEAST_OF_IDEAL = 0.85
"""The goals: how much of a call we may take ourselves, beside four bare durable commits; calls in sequence before the
create; calls a second beside as many as that many threads could make."""

MOST_SECONDS = 120.0
FIRST = 24
"""Hints before the measurement, so that every connection is open and every list is known."""


@dataclass(frozen=True, slots=True)
class Carried:
    """One hint: when our 200 came, when Square received the create, and when the calls for it before that."""

    told: float
    created: float
    calls: tuple[float, ...]

    @property
    def whole(self) -> float:
        return self.created - self.told

    @property
    def before(self) -> int:
        return len(self.calls)

    @property
    def off(self) -> float:
        """Without 120 ms for each of the calls: less than nothing, where two of them were made side by side."""
        return self.whole - self.before * CALL_SECONDS

    @property
    def own(self) -> float:
        """Without the time in which Square was at work, once, however many calls it was at work on."""
        busy, until = 0.0, 0.0
        for at in sorted(self.calls):
            busy += min(at + CALL_SECONDS, self.created) - min(max(at, until), self.created)
            until = max(until, at + CALL_SECONDS)
        return self.whole - busy


def run(count: int = HINTS, a_second: float = A_SECOND, backlog: int = BACKLOG) -> Iterator[str]:
    """The report. Starts every process of its own and ends it."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        salon = stack.enter_context(open_salon(folder))
        free = slots(salon.chairs, FIRST + count + backlog)
        with salon.working():
            _hand_in(salon, [next(free) for _ in range(min(FIRST, count))], a_second)
            told, commits, took = _hand_in(salon, [next(free) for _ in range(count)], a_second)
        yield f"{count} visits from the website, {len(told) / took:.1f} a second; Square takes 120 ms a call"
        yield from _one_by_one(_carried(salon, told), commits)
        yield ""
        yield from _backlog(salon, [next(free) for _ in range(backlog)])


def _one_by_one(carried: Sequence[Carried], commits: Sequence[float]) -> Iterator[str]:
    off, own, before = ([getattr(one, name) for one in carried] for name in ("off", "own", "before"))
    bare = statistics.median(commits)
    rows = [
        _row("from our 200 to the create", [one.whole for one in carried]),
        _row("without 120 ms a call", off),
        _row("without Square's time, side by side once", own),
        _row("a bare durable commit", commits),
        ["Square calls before the create", f"{statistics.median(before):.0f}", f"{_p99(before):.0f}"],
    ]
    yield table(("", "p50", "p99"), rows)
    limits = [share * CALL_SECONDS + COMMITS * bare for share in (MOST_P50, MOST_P99)]
    yield table(
        ("goal", "figure", "limit", ""),
        [
            goal("120 ms a call taken off, p50", 1000 * statistics.median(off), round(1000 * limits[0], 1), " ms"),
            goal("120 ms a call taken off, p99", 1000 * _p99(off), round(1000 * limits[1], 1), " ms"),
            goal("our own part, p50", 1000 * statistics.median(own), round(1000 * limits[0], 1), " ms"),
            goal("our own part, p99", 1000 * _p99(own), round(1000 * limits[1], 1), " ms"),
            goal("calls before the create, p50", statistics.median(before), MOST_BEFORE),
        ],
    )


def _row(name: str, took: Sequence[float]) -> list[str]:
    return [name, seconds(statistics.median(took)), seconds(_p99(took))]


def _p99(values: Sequence[float]) -> float:
    return sorted(values)[min(len(values) - 1, round(0.99 * len(values)))]


def _backlog(salon: Salon, wanted: Sequence[Slot]) -> Iterator[str]:
    """What waits for a worker that was away."""
    for slot in wanted:
        salon.book(slot)
    salon.forget_calls()
    with salon.working():
        _all_ended(salon)
    received = salon.received()
    lasted = received[-1].at + CALL_SECONDS - received[0].at
    rate, ideal = len(received) / lasted, WORKERS / CALL_SECONDS
    yield f"{len(wanted)} visits that had waited for the worker, {WORKERS} threads"
    yield table(
        ("", "calls a second", "of the ideal"),
        [["ideal", f"{ideal:.0f}", "1.00"], ["this project", f"{rate:.0f}", f"{rate / ideal:.2f}"]],
    )
    yield table(
        ("goal", "figure", "limit", ""), [goal("ideal, times ours", ideal / rate, round(1 / LEAST_OF_IDEAL, 2))]
    )


def _hand_in(salon: Salon, wanted: Sequence[Slot], a_second: float) -> tuple[dict[str, float], list[float], float]:
    """Book these at that rate; when each was acknowledged, by its name, what bare commits took meanwhile, and how long
    all of it lasted. Returns when every hint has ended."""
    salon.forget_calls()
    told: dict[str, float] = {}
    commits: list[float] = []
    began = time.perf_counter()
    for number, slot in enumerate(wanted):
        time.sleep(max(0.0, began + number / a_second - time.perf_counter()))
        told.update([salon.book(slot)])
        commits.append(salon.bare_commit())
    took = time.perf_counter() - began
    _all_ended(salon)
    return told, commits, took


def _all_ended(salon: Salon) -> None:
    """Wait until no hint is open. Raises RuntimeError when one ended otherwise than carried, or not in time."""
    until = time.monotonic() + MOST_SECONDS
    while _states(salon).get("waiting", 0) + _states(salon).get("working", 0):
        if time.monotonic() > until:
            raise RuntimeError(f"the worker did not come to an end: {_states(salon)}")
        time.sleep(0.2)
    if {End.CONFLICT.value, End.DEAD.value} & set(_states(salon)):
        raise RuntimeError(f"not everything was carried: {_states(salon)}")


def _states(salon: Salon) -> Mapping[str, int]:
    with reading(salon.engine) as conn:
        counted = sa.select(hints.c.state, sa.func.count()).group_by(hints.c.state)
        return {str(state): int(many) for state, many in conn.execute(counted)}


def _carried(salon: Salon, told: Mapping[str, float]) -> list[Carried]:
    """Square's own record of what it received, put to the hints by the number that it gave each call."""
    received = {one.number: one for one in salon.received()}
    made = sa.select(hints.c.key, calls.c.request_id).join(calls, calls.c.hint == hints.c.id)
    with reading(salon.engine) as conn:
        rows = conn.execute(made.where(calls.c.side == "square", hints.c.key.in_(list(told)))).all()
    by_hint: dict[str, list[Received]] = {key: [] for key in told}
    for key, number in rows:
        by_hint[key].append(received[number])
    return [_one(told[key], of_hint) for key, of_hint in by_hint.items()]


def _one(told: float, received: Sequence[Received]) -> Carried:
    created = next(one.at for one in received if one.creates)
    return Carried(told, created, tuple(one.at for one in received if one.at < created))
