"""What taking a lease and letting it go costs, and what a lock keyed by the start lets through.

On Redis beside SET NX + DEL on the same Redis; in SQLite beside two bare durable commits on the same disk. Each is
timed in turn with what it is compared with, in random order, so that a busy moment meets all of them.
"""

from __future__ import annotations

import multiprocessing
import random
import sqlite3
import statistics
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from typing import TypeVar

import redis

from bench.measure import goal, seconds, table
from sync.locking.contract import Busy, Claim, Lease, Locks
from sync.locking.redis import Door, RedisLocks
from sync.locking.sqlite import StoreLocks
from sync.store.connection import open_store
from tests.servers.redis import redis_server

Granted = TypeVar("Granted")

TIMES = 2000
PROCESSES = 8
CONTEND_SECONDS = 1.5
SLOT = 900
STAY = 0.001
"""Seconds that who was let in stays, where a real one would call a calendar."""

TTL = 30.0
MOST_ON_REDIS, MOST_ON_SQLITE = 1.5, 1.25
"""The goals: times SET NX + DEL, times two bare durable commits."""

Calls = Mapping[str, Callable[[int], object]]


def run(times: int = TIMES, processes: int = PROCESSES, contend: float = CONTEND_SECONDS) -> Iterator[str]:
    """The report, line by line as it is measured. Starts a Redis of its own and ends it."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        url = stack.enter_context(redis_server(folder))
        yield f"Taking a lease and letting it go: p50 and p99 of {times:,}, each kind in turn"
        on_redis = _on_redis(stack, folder, url)
        in_store = _in_store(stack, folder)
        rows = []
        for calls in (on_redis, in_store):
            took = timed(calls, times)
            first = statistics.median(took[next(iter(calls))])
            rows += [_row(name, each, first) for name, each in took.items()]
        yield table(("", "p50", "p99", "times the first"), rows)
        yield ""
        yield f"Overlapping quarters of one person's time, {processes} processes, {contend:g} s each"
        let_through = {name: together(opener, processes, contend) for name, opener in _kinds(folder, url).items()}
        contended = [[name, f"{granted:,}", f"{met:,}"] for name, (granted, met) in let_through.items()]
        yield table(("", "granted", "in one chair together"), contended)
        yield from _goals(rows, let_through)


def timed(calls: Calls, times: int) -> dict[str, list[float]]:
    """Seconds that each call took, by its name; it is given its number."""
    took: dict[str, list[float]] = {name: [] for name in calls}
    names = list(calls)
    for number in range(-times // 10, times):
        for name in random.sample(names, len(names)):
            began = time.perf_counter()
            calls[name](number)
            if number >= 0:
                took[name].append(time.perf_counter() - began)
    return took


def _row(name: str, took: list[float], first: float) -> list[str]:
    p50, p99 = statistics.median(took), statistics.quantiles(took, n=100)[98]
    return [name, seconds(p50), seconds(p99), f"{p50 / first:.2f}"]


def claims(number: int, count: int = 1) -> tuple[Claim, ...]:
    """A visit's time with one person, then the visit itself, then the time it had before."""
    start = 36_000.0 + number % 97 * SLOT
    span = Claim(f"staff:bookly:{number % 7}", start, start + 3 * SLOT)
    return (span, Claim.visit(f"square/{number % 97}"), Claim(f"staff:bookly:{number % 5}x", start, start + SLOT))[
        :count
    ]


# --- on Redis ---------------------------------------------------------------------------------------------------------

PLAIN, ALONE, ALONE_3, WHOLE = "SET NX + DEL", "Redis, lease alone", "the same, 3 claims", "Redis, with the grant's row"


def _on_redis(stack: ExitStack, folder: Path, url: str) -> Calls:
    plain = redis.Redis.from_url(url)
    stack.callback(plain.close)
    door = Door(url, "bench")
    stack.callback(door.close)
    engine = open_store(f"sqlite:///{folder / 'redis.db'}")
    stack.callback(engine.dispose)
    locks = RedisLocks(engine, url, "bench-whole")

    def set_and_delete(number: int) -> None:
        name = f"staff:bookly:{number % 7}@{36_000.0 + number % 97 * SLOT}"
        if not plain.set(name, "bench", nx=True, px=int(TTL * 1000)):
            raise RuntimeError("somebody else is here")
        plain.delete(name)

    def alone(count: int, number: int) -> None:
        wanted = claims(number, count)
        now = door.reserve(wanted, "bench", TTL)
        since = _granted(now)
        door.free(Lease("bench", wanted, since, since + TTL, 0, 0.0))

    return {
        PLAIN: set_and_delete,
        ALONE: partial(alone, 1),
        ALONE_3: partial(alone, 3),
        WHOLE: partial(_take, locks, 1),
    }


def _granted(answer: Granted | Busy) -> Granted:
    """What was asked for and given. Raises RuntimeError where somebody else is there: then nothing is measured."""
    match answer:
        case Busy():
            raise RuntimeError(f"somebody else is here: {answer}")
        case _:
            return answer


def _take(locks: Locks, count: int, number: int) -> None:
    lease = locks.acquire(claims(number, count), "bench", TTL)
    locks.release(_granted(lease))


# --- in SQLite --------------------------------------------------------------------------------------------------------

BARE, IN_STORE, IN_STORE_3 = "two bare durable commits", "SQLite, lease", "SQLite, 3 claims"


def _in_store(stack: ExitStack, folder: Path) -> Calls:
    bare = sqlite3.connect(folder / "bare.db", isolation_level=None)
    stack.callback(bare.close)
    bare.executescript(
        "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; CREATE TABLE t (a INTEGER PRIMARY KEY, b)"
    )
    engine = open_store(f"sqlite:///{folder / 'store.db'}")
    stack.callback(engine.dispose)
    locks = StoreLocks(engine)

    def two_commits(number: int) -> None:
        for _ in range(2):
            bare.execute("BEGIN IMMEDIATE")
            bare.execute("INSERT INTO t (b) VALUES (?)", (number,))
            bare.execute("COMMIT")

    return {BARE: two_commits, IN_STORE: partial(_take, locks, 1), IN_STORE_3: partial(_take, locks, 3)}


# --- what is let through ----------------------------------------------------------------------------------------------


class ByStart:
    """How such a lock is usually made: SET NX on the person and the start."""

    def __init__(self, url: str) -> None:
        self._client = redis.Redis.from_url(url)

    def acquire(self, wanted: tuple[Claim, ...], owner: str, ttl: float) -> Lease | Busy:
        """One claim, by its subject and start alone."""
        (claim,) = wanted
        if self._client.set(f"{claim.subject}@{claim.start}", owner, nx=True, px=int(ttl * 1000)):
            return Lease(owner, wanted, 0.0, ttl, 0, ttl)
        return Busy("", 0.0, claim)

    def release(self, lease: Lease) -> bool:
        """Whether it was there."""
        (claim,) = lease.claims
        return bool(self._client.delete(f"{claim.subject}@{claim.start}"))


Opener = Callable[[], "Locks | ByStart"]


def _kinds(folder: Path, url: str) -> dict[str, Opener]:
    store = f"sqlite:///{folder / 'contend.db'}"
    return {
        BY_START: partial(ByStart, url),
        "interval locks in SQLite": partial(_store_locks, store),
        "interval locks on Redis": partial(_redis_locks, store, url),
    }


BY_START = "a lock keyed by person and start"


def _store_locks(store: str) -> Locks:
    return StoreLocks(open_store(store))


def _redis_locks(store: str, url: str) -> Locks:
    return RedisLocks(open_store(store), url, "bench")


def together(opener: Opener, processes: int, contend: float) -> tuple[int, int]:
    """How many leases were granted in so many seconds, and in how many quarters two sat in one chair."""
    context = multiprocessing.get_context("spawn")
    chair = context.Array("i", 16)
    ready = context.Barrier(processes)
    told: multiprocessing.Queue[tuple[int, int]] = context.Queue()
    workers = [
        context.Process(target=_contend, args=(opener, number, contend, chair, ready, told))
        for number in range(processes)
    ]
    for worker in workers:
        worker.start()
    answers = [told.get(timeout=120) for _ in workers]
    for worker in workers:
        worker.join()
    granted, met = (sum(column) for column in zip(*answers, strict=True))
    return granted, met


def _contend(
    opener: Opener,
    number: int,
    contend: float,
    chair: multiprocessing.sharedctypes.SynchronizedArray[int],
    ready: threading.Barrier,
    told: multiprocessing.Queue[tuple[int, int]],
) -> None:
    rng, locks = random.Random(number), opener()
    granted = met = 0
    ready.wait(60)
    until = time.monotonic() + contend
    while time.monotonic() < until:
        first = rng.randrange(12)
        quarters = range(first, first + rng.randrange(1, 5))
        wanted = (Claim("staff:bookly:1", float(quarters.start * SLOT), float(quarters.stop * SLOT)),)
        lease = locks.acquire(wanted, f"contender {number}", TTL)
        if isinstance(lease, Lease):
            granted += 1
            met += _sit(chair, quarters)
            locks.release(lease)
    told.put((granted, met))


def _sit(chair: multiprocessing.sharedctypes.SynchronizedArray[int], quarters: range) -> int:
    """Sit on each quarter for a moment; on how many somebody else sat."""
    with chair.get_lock():
        met = sum(chair[quarter] > 0 for quarter in quarters)
        for quarter in quarters:
            chair[quarter] += 1
    time.sleep(STAY)
    with chair.get_lock():
        for quarter in quarters:
            chair[quarter] -= 1
    return met


def _goals(rows: list[list[str]], let_through: dict[str, tuple[int, int]]) -> Iterator[str]:
    ratios = {name: float(ratio) for name, _, _, ratio in rows}
    both = sum(met for name, (_, met) in let_through.items() if name != BY_START)
    yield ""
    yield table(
        ("goal", "figure", "wanted", ""),
        [
            goal(f"{ALONE}: times {PLAIN}", ratios[ALONE], MOST_ON_REDIS),
            goal(f"{IN_STORE}: times {BARE}", ratios[IN_STORE], MOST_ON_SQLITE),
            goal("interval locks: in one chair together", both, 0),
        ],
    )
