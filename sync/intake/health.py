"""Alive, and able to work: for whoever watches the process."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from sync.intake.door import Rates, caller_of, refusal
from sync.intake.keeper import Keeper
from sync.intake.news import Refused
from sync.model import Side
from sync.store import keeping, runs
from sync.store.connection import reading
from sync.store.runs import SideRead
from sync.store.trouble import StoreProblem
from sync.wording.scene import Scene
from sync.wording.sides import STILL, Reading, doubt_about
from sync.wording.times import ago

NOT_KEPT = "The store does not keep anything just now; see the log of the intake, and DATABASE_URL."
DEAD = "The intake's own writer has ended: start it again."
OF_THE_JOBS = "jobs "
"""How the signs of life begin that are the loop's, not a worker's."""


@dataclass(frozen=True, slots=True)
class Health:
    """Answers for one intake."""

    keeper: Keeper
    rates: Rates

    async def alive(self, _request: Request) -> Response:
        """GET /healthz: 200 while this process can do its work at all, else 503."""
        return JSONResponse([] if self.keeper.alive else [DEAD], 200 if self.keeper.alive else 503)

    async def ready(self, request: Request) -> Response:
        """GET /readyz: 200 and an empty list, or 503 and what is wrong, a sentence each."""
        try:
            self.rates.call(caller_of(request))
        except Refused as refused:
            return refusal(refused)
        wrong = await self.wrong()
        return JSONResponse(wrong, 503 if wrong else 200)

    async def wrong(self) -> list[str]:
        """What keeps Slotkeeper from its work; something is really written to learn it."""
        if not self.keeper.alive:
            return [DEAD]
        try:
            await self.keeper.keep(None)
            return await run_in_threadpool(self._looked)
        except Refused:
            return [self.keeper.problem or NOT_KEPT]
        except StoreProblem as problem:
            return [str(problem)]

    def _looked(self) -> list[str]:
        now = datetime.fromtimestamp(self.keeper.clock(), UTC)
        with reading(self.keeper.engine) as conn:
            beats, zone = keeping.beats(conn), keeping.pinned_timezone(conn) or "UTC"
            read = {side: runs.side_read(conn, side) for side in Side}
        doubts = [doubt_about(_reading(side, found), Scene(now, zone)) for side, found in read.items()]
        return [said for said in (_worker(beats, now), *doubts) if said]


def _worker(beats: Mapping[str, datetime], now: datetime) -> str:
    """What is wrong with the worker; empty when one gave a sign of life lately."""
    last = max((at for name, at in beats.items() if not name.startswith(OF_THE_JOBS)), default=None)
    if last is None:
        return "No worker has given a sign of life: start it with python -m sync work."
    if now - last > STILL:
        return f"The worker gave its last sign of life {ago(last, now)}: see whether it still runs."
    return ""


def _reading(side: Side, read: SideRead | None) -> Reading:
    if read is None:
        return Reading(side, None)
    return Reading(side, read.whole_began_at, read.failing_since, read.problem)
