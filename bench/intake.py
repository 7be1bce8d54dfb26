"""How many webhooks a second are acknowledged: durable, beside an endpoint that only reads them, and beside one commit
for each. Each server is a process of its own, called over real connections, all in one run."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import hmac
import json
import multiprocessing
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from multiprocessing.connection import Connection as Pipe

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from bench.measure import goal, table
from sync.inbox.waking import Ringer
from sync.intake import keeper as room
from sync.intake.app import Intake, Signs
from sync.intake.bookly import BooklySign
from sync.intake.door import Rates
from sync.intake.keeper import Keeper
from sync.intake.rates import Buckets, Limit
from sync.intake.serving import config, listen
from sync.intake.square import SIGNATURE, SquareSign
from sync.store.connection import open_store

URL, KEY = "https://salon.example/webhooks/square", "signature-key"
CALLERS, EACH = 64, 60
ROUNDS = 3
ONLY_READS, DURABLE, ONE_BY_ONE = "only reads the body", "durable, group commit", "durable, a commit each"
LEAST_OF_READING, LEAST_TIMES_ONE_BY_ONE = 0.3, 2.5
"""The goals."""


async def _read(request: Request) -> Response:
    await request.body()
    return Response()


def _server(kind: str, place: str, ready: Pipe) -> None:
    """Serve until killed."""
    door = listen("127.0.0.1", 0)
    if kind == ONLY_READS:
        routes = [Route("/webhooks/square", _read, methods=["POST"])]
        serving = uvicorn.Config(Starlette(routes=routes), ws="none", access_log=False, log_config=None)
    else:
        room.MOST_AT_ONCE = 1 if kind == ONE_BY_ONE else room.MOST_AT_ONCE
        engine = open_store(f"sqlite:///{place}/store.db")
        wide = Buckets(Limit(1e9, 1e9))
        signs = Signs(SquareSign(URL, KEY), BooklySign(()))
        serving = config(Intake(signs, Keeper(engine, Ringer(engine).ring), Rates(wide, wide)))
    ready.send(door.getsockname()[1])
    uvicorn.Server(serving).run([door])


@contextmanager
def served(kind: str) -> Iterator[int]:
    """The port of a server of that kind, on an empty store."""
    spawn = multiprocessing.get_context("spawn")
    here, there = spawn.Pipe()
    with tempfile.TemporaryDirectory() as place:
        process = spawn.Process(target=_server, args=(kind, place, there), daemon=True)
        process.start()
        try:
            yield here.recv()
        finally:
            process.terminate()
            process.join()


def call(number: int) -> bytes:
    """A signed webhook about a booking of its own, as it goes over the wire."""
    booking = {"id": f"b{number}", "version": 1, "status": "ACCEPTED", "start_at": "2026-11-22T10:00:00Z"}
    event = {
        "merchant_id": "M1",
        "type": "booking.updated",
        "event_id": f"event-{number}",
        "created_at": "2026-11-21T10:00:00Z",
        "data": {"type": "booking", "id": f"b{number}:1", "object": {"booking": booking}},
    }
    body = json.dumps(event).encode()
    digest = base64.b64encode(hmac.new(KEY.encode(), URL.encode() + body, hashlib.sha256).digest()).decode()
    head = (
        f"POST /webhooks/square HTTP/1.1\r\nhost: bench\r\n{SIGNATURE}: {digest}\r\ncontent-length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


async def _caller(port: int, calls: Sequence[bytes]) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    for one in calls:
        writer.write(one)
        answer = await reader.readuntil(b"\r\n\r\n")
        if not answer.startswith(b"HTTP/1.1 200"):
            raise RuntimeError(f"a webhook was answered with {answer[:40]!r}")
    writer.close()


async def _all(port: int, callers: int, each: int) -> float:
    rows = [[call(caller * each + n) for n in range(each)] for caller in range(callers)]
    await _caller(port, [call(-1)])
    began = time.perf_counter()
    await asyncio.gather(*(_caller(port, row) for row in rows))
    return callers * each / (time.perf_counter() - began)


def rate(kind: str, callers: int, each: int) -> float:
    """Acknowledged webhooks a second, so many callers at once with so many calls each."""
    with served(kind) as port:
        return asyncio.run(_all(port, callers, each))


def run(callers: int = CALLERS, each: int = EACH, rounds: int = ROUNDS) -> Iterator[str]:
    """The report; of each kind the best of the rounds, which take turns."""
    best: dict[str, float] = {}
    for _ in range(rounds):
        for kind in (ONLY_READS, DURABLE, ONE_BY_ONE):
            best[kind] = max(best.get(kind, 0.0), rate(kind, callers, each))
    yield f"Webhooks acknowledged a second, {callers} callers at once"
    yield table(
        ("", "a second", "of reading"), [[k, f"{v:.0f}", f"{v / best[ONLY_READS]:.2f}"] for k, v in best.items()]
    )
    reading, alone = best[ONLY_READS] / best[DURABLE], best[ONE_BY_ONE] / best[DURABLE]
    yield table(
        ("goal", "figure", "limit", ""),
        [
            goal("only reading, times as fast", reading, round(1 / LEAST_OF_READING, 2)),
            goal("a commit each, of the group's", alone, 1 / LEAST_TIMES_ONE_BY_ONE),
        ],
    )
