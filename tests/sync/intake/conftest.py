"""An intake in front of an empty store, and somebody who calls it as Square and as the plugin would."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import hmac
import json
import shutil
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest
import sqlalchemy as sa
import uvicorn
from sqlalchemy import Engine
from starlette.applications import Starlette

from sync.intake.app import Intake, Signs, app
from sync.intake.bookly import BooklySign
from sync.intake.door import Rates
from sync.intake.keeper import Keeper
from sync.intake.serving import address, config, listen
from sync.intake.square import SIGNATURE, SquareSign
from sync.store import hints
from sync.store.connection import open_store, reading
from sync.store.hints import Hint
from sync.store.tables import deliveries
from sync.store.tables import hints as hints_table

URL = "https://salon.example/webhooks/square"
KEY = "signature-key"
SECRET = "whsec_" + base64.b64encode(b"a secret of the salon's").decode()
NEXT_SECRET = "whsec_" + base64.b64encode(b"the one that comes next").decode()
BOUND = 30.0
Headers = dict[str, str]


@pytest.fixture(scope="session")
def new_store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The file of a store in which nothing was ever written, to copy from."""
    path = tmp_path_factory.mktemp("store") / "new.db"
    open_store(f"sqlite:///{path}").dispose()
    return path


@pytest.fixture
def store(tmp_path: Path, new_store: Path) -> Iterator[Engine]:
    shutil.copy(new_store, tmp_path / "slotkeeper.db")
    engine = open_store(f"sqlite:///{tmp_path}/slotkeeper.db")
    yield engine
    engine.dispose()


def event(kind: str = "booking.updated", name: str = "event-1", **data: Any) -> bytes:
    """An event of Square's; `data` are the objects in it, a booking named abc at version 3 without any."""
    objects = data or {"booking": {"id": "abc", "version": 3, "status": "ACCEPTED"}}
    body = {
        "merchant_id": "M1",
        "type": kind,
        "event_id": name,
        "created_at": "2026-11-21T10:00:00Z",
        "data": {"type": "booking", "id": "abc:3", "object": objects},
    }
    return json.dumps(body).encode()


def signed(body: bytes, key: str = KEY, url: str = URL) -> Headers:
    """As Square would."""
    digest = hmac.new(key.encode(), url.encode() + body, hashlib.sha256).digest()
    return {SIGNATURE: base64.b64encode(digest).decode()}


def message(rows: list[Any] | None = None, lines: list[Any] | None = None) -> bytes:
    """What the plugin says."""
    ids = {"appointments": rows or [], "customer_appointments": lines or []}
    return json.dumps({"type": "bookly.changed", **ids, "changed_at": "2026-11-21T10:00:00+00:00"}).encode()


def signed_by_plugin(body: bytes, secret: str = SECRET, name: str = "msg_1", age: float = 0.0) -> Headers:
    """As the plugin would, so many seconds ago."""
    at = int(time.time() - age)
    text = f"{name}.{at}.".encode() + body
    digest = hmac.new(base64.b64decode(secret.removeprefix("whsec_")), text, hashlib.sha256).digest()
    given = f"v1,{base64.b64encode(digest).decode()}"
    return {"webhook-id": name, "webhook-timestamp": str(at), "webhook-signature": given}


@dataclass
class Http:
    """Calls an application without a socket, each call to its end."""

    runner: asyncio.Runner
    client: httpx.AsyncClient

    def post(self, path: str, body: bytes = b"", headers: Headers | None = None) -> httpx.Response:
        return self.runner.run(self.client.post(path, content=body, headers=headers or {}))

    def get(self, path: str) -> httpx.Response:
        return self.runner.run(self.client.get(path))


@contextmanager
def called(application: Starlette) -> Iterator[Http]:
    """The application, from its start to its end."""
    with asyncio.Runner() as runner:
        lifespan = application.router.lifespan_context(application)
        client = httpx.AsyncClient(transport=httpx.ASGITransport(application), base_url="http://intake.example")
        runner.run(lifespan.__aenter__())
        try:
            yield Http(runner, client)
        finally:
            runner.run(client.aclose())
            runner.run(lifespan.__aexit__(None, None, None))


@dataclass
class Caller:
    """Calls an intake and looks into its store."""

    store: Engine
    intake: Intake
    http: Http
    rung: list[int] = field(default_factory=list)

    def square(self, body: bytes, headers: Headers | None = None) -> int:
        """What is answered to Square; signed as it should be unless other headers are given."""
        given = signed(body) if headers is None else headers
        return self.http.post("/webhooks/square", body, given).status_code

    def bookly(self, body: bytes, headers: Headers | None = None) -> int:
        """What is answered to the plugin."""
        given = signed_by_plugin(body) if headers is None else headers
        return self.http.post("/webhooks/bookly", body, given).status_code

    def hints(self) -> list[Hint]:
        return kept(self.store)

    def refs(self) -> set[str]:
        return {str(hint.ref) for hint in self.hints()}

    def listed(self, count: int) -> list[tuple[int, str]]:
        """Answer and reason of each delivery in the list, once there are so many."""
        return [(row.status, row.reason) for row in lines(self.store, count)]


def kept(store: Engine) -> list[Hint]:
    """Every hint, oldest first."""
    with reading(store) as conn:
        numbers = conn.execute(sa.select(hints_table.c.id)).scalars().all()
        return list(hints.some(conn, numbers))


def wait_for(holds: Callable[[], object]) -> None:
    """Ask again until it holds, within a bound."""
    pause = threading.Event()
    for _ in range(int(BOUND / 0.02)):
        if holds():
            return
        pause.wait(0.02)
    pytest.fail("it did not come to be in time")


def lines(store: Engine, count: int) -> list[sa.Row[Any]]:
    """The list of deliveries, once it has so many."""
    found: list[sa.Row[Any]] = []

    def looked() -> bool:
        with reading(store) as conn:
            found[:] = conn.execute(sa.select(deliveries).order_by(deliveries.c.id)).all()
        return len(found) >= count

    wait_for(looked)
    return found


def made(store: Engine, rung: list[int], **keeper: Any) -> Intake:
    """An intake for both sides; each ring of the bell is counted."""
    signs = Signs(SquareSign(URL, KEY), BooklySign((SECRET,)))
    return Intake(signs, Keeper(store, lambda: rung.append(1), **{"list_within": 0.01, **keeper}), Rates())


@pytest.fixture
def caller(store: Engine) -> Iterator[Caller]:
    rung: list[int] = []
    intake = made(store, rung)
    with called(app(intake)) as http:
        yield Caller(store, intake, http, rung)


@contextmanager
def listening(intake: Intake) -> Iterator[str]:
    """The intake behind a real socket, in a thread; yields its address."""
    door = listen("127.0.0.1", 0)
    server = uvicorn.Server(config(intake))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [door]}, daemon=True)
    thread.start()
    try:
        wait_for(lambda: server.started)
        yield address(door)
    finally:
        server.should_exit = True
        thread.join(BOUND)
        door.close()
