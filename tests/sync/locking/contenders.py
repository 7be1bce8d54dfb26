"""Real processes that want one stylist's time, each half an hour here and there, until all have had their turns."""

from __future__ import annotations

import multiprocessing
import os
import random
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from sync.locking.contract import Busy, Claim, Lease, Locks

SLOT = 300
"""Time is cut into pieces of five minutes; who sits in the chair puts a file on each."""

LONGEST = 60.0
"""Seconds after which a contender gives up: a bound, not a wait."""


@dataclass(frozen=True, slots=True)
class Told:
    """What all of them saw: how often somebody else was in the chair at the same time, and the tokens granted."""

    together: int
    tokens: tuple[int, ...]

    @property
    def granted(self) -> int:
        return len(self.tokens)


def contend(opener: Callable[[], Locks], folder: Path, processes: int, turns: int) -> Told:
    """Let them contend, each for `turns` leases on overlapping stretches of one day."""
    context = multiprocessing.get_context("spawn")
    chair = folder / "chair"
    chair.mkdir()
    told: multiprocessing.Queue[tuple[int, list[int]]] = context.Queue()
    workers = [
        context.Process(target=_contender, args=(opener, chair, number, turns, told)) for number in range(processes)
    ]
    for worker in workers:
        worker.start()
    answers = [told.get(timeout=2 * LONGEST) for _ in workers]
    for worker in workers:
        worker.join(LONGEST)
    return Told(sum(together for together, _ in answers), tuple(t for _, tokens in answers for t in tokens))


def _contender(
    opener: Callable[[], Locks],
    chair: Path,
    number: int,
    turns: int,
    told: multiprocessing.Queue[tuple[int, list[int]]],
) -> None:
    rng = random.Random(number)
    locks = opener()
    together = 0
    tokens: list[int] = []
    until = time.monotonic() + LONGEST
    while len(tokens) < turns and time.monotonic() < until:
        start = rng.randrange(0, 12) * SLOT
        end = start + rng.randrange(2, 12) * SLOT
        answer = locks.acquire([Claim("staff:bookly:1", float(start), float(end))], f"contender {number}", 20.0)
        if isinstance(answer, Lease):
            together += _sit(chair, range(start // SLOT, end // SLOT), number)
            tokens.append(answer.token)
            locks.release(answer)
    told.put((together, tokens))


def _sit(chair: Path, pieces: Iterable[int], number: int) -> int:
    """Put a file on every piece, take them away again, and say on how many somebody else sat."""
    mine: list[int] = []
    met = 0
    for piece in pieces:
        try:
            os.close(os.open(chair / str(piece), os.O_CREAT | os.O_EXCL))
            mine.append(piece)
        except FileExistsError:
            met += 1
    for piece in mine:
        (chair / str(piece)).unlink()
    return met


class LockByStart:
    """How such a lock is usually made: one key a person and start. Here to show what it lets through."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def acquire(self, claims: Iterable[Claim], owner: str, ttl: float) -> Lease | Busy:
        (claim,) = claims
        key = self._folder / f"{claim.subject}@{claim.start}".replace("/", "_")
        try:
            os.close(os.open(key, os.O_CREAT | os.O_EXCL))
        except FileExistsError:
            return Busy("somebody", ttl, claim)
        return Lease(owner, (claim,), 0.0, ttl, 1, ttl)
