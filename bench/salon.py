"""A practice salon with the real processes before it: a slow Square, Bookly on SQLite, the intake, the worker."""

from __future__ import annotations

import asyncio
import multiprocessing
import os
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from multiprocessing.connection import Connection as Pipe
from pathlib import Path

import httpx
import sqlalchemy as sa
import uvicorn
from pydantic import SecretStr
from sqlalchemy import Engine
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from bench.slots import Slot
from practice_salon.bookly.door import Choice, Form, Website
from practice_salon.bookly.journal import open_site
from practice_salon.bookly.messages import Messenger, Touched
from practice_salon.bookly.seed import seed
from practice_salon.shop import Person, Shop, shop
from practice_salon.square.customers import add_customer
from practice_salon.square.seed import SEEDER, seeded_world
from practice_salon.square.server import build_app
from practice_salon.square.state import World
from sync.converge import open_house
from sync.intake.serving import listen
from sync.model import Side
from sync.rounds.first_start import confirm_suggestions
from sync.rounds.pull import pull, window_for
from sync.settings import Settings
from sync.store import mapping
from sync.store.connection import open_store, writing

CALL_SECONDS = 0.12
SECRET = "whsec_c2xvdGtlZXBlciBiZW5jaCBzZWNyZXQh"
ROOT = Path(__file__).parent.parent
SHOP = shop(1)
FREE_SERVICES = {service.key: service for service in SHOP.services if service.capacity == 1}
START_SECONDS = 60.0


# --- a slow Square ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Received:
    """A call as Square counted it: the number it gave it, which it was, and when, by this machine's monotonic clock."""

    number: str
    method: str
    path: str
    at: float

    @property
    def creates(self) -> bool:
        return (self.method, self.path) == ("POST", "/v2/bookings")


class Slow:
    """Answers each call of Square's `seconds` after it came, counts it and gives it a number. GET and DELETE /received
    are ours."""

    def __init__(self, app: ASGIApp, each: float) -> None:
        self._app, self._each = app, each
        self._received: list[tuple[str, str, str, float]] = []

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """The ASGI entry."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
        elif scope["path"] == "/received":
            await self._tell(scope, send)
        else:
            await self._late(scope, receive, send)

    async def _late(self, scope: Scope, receive: Receive, send: Send) -> None:
        came, number = time.perf_counter(), f"call-{len(self._received)}"
        self._received.append((number, scope["method"], scope["path"], came))

        async def later(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message["headers"], (b"x-request-id", number.encode())]
                await asyncio.sleep(came + self._each - time.perf_counter())
            await send(message)

        await self._app(scope, receive, later)

    async def _tell(self, scope: Scope, send: Send) -> None:
        body = httpx.Response(200, json=self._received).content
        if scope["method"] == "DELETE":
            self._received.clear()
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": body})


def _square(salon: Shop, each: float, ready: Pipe) -> None:
    """Serve until killed; says its port, and the customer that each client of the salon is."""
    world = seeded_world(salon, datetime.now(UTC))
    with world.change():
        customers = {person.email: _customer(world, person) for person in salon.clients}
    door = listen("127.0.0.1", 0)
    ready.send((door.getsockname()[1], customers))
    app = Slow(build_app(world), each)
    uvicorn.Server(uvicorn.Config(app, ws="none", access_log=False, log_config=None, lifespan="off")).run([door])


def _customer(world: World, person: Person) -> str:
    given, _, family = person.name.partition(" ")
    fields = {"given_name": given, "family_name": family, "email_address": person.email, "phone_number": person.phone}
    return str(add_customer(world, SEEDER, fields, "DIRECTORY", lag_s=0)["id"])


@contextmanager
def slow_square(each: float) -> Iterator[tuple[str, Mapping[str, str]]]:
    """(its address, its customers by mail) of a Square in a process of its own."""
    spawn = multiprocessing.get_context("spawn")
    here, there = spawn.Pipe()
    process = spawn.Process(target=_square, args=(SHOP, each, there), daemon=True)
    process.start()
    there.close()
    try:
        port, customers = here.recv()
        yield f"http://127.0.0.1:{port}", customers
    finally:
        process.terminate()
        process.join()


# --- the salon --------------------------------------------------------------------------------------------------------


class Salon:
    """Both calendars and the store, and the door at which the website's news are handed in."""

    def __init__(self, folder: Path, settings: Settings, intake: str, engine: Engine) -> None:
        self.engine = engine
        self._folder, self._settings = folder, settings
        self._square, self._intake = httpx.Client(base_url=settings.square_base_url), httpx.Client()
        self._messenger = Messenger(f"{intake}/webhooks/bookly", SECRET)
        self._told: tuple[str, float] = ("", 0.0)
        self._site = open_site(settings.bookly_database_url.get_secret_value(), tell=self._tell)
        self._clients = iter(range(10**9))
        self._bare = sqlite3.connect(folder / "bare.db", isolation_level=None)
        self._bare.executescript("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; CREATE TABLE t (a)")

    @property
    def chairs(self) -> list[tuple[int, int]]:
        """Everybody who works there, with the first service for one client that they do within an hour."""
        return [(person.key, self._service_of(person.key)) for person in SHOP.staff]

    def _service_of(self, staff: int) -> int:
        return next(key for key in sorted(SHOP.skills[staff]) if key in FREE_SERVICES and _fits(key))

    def book(self, slot: Slot) -> tuple[str, float]:
        """A client known on both sides books on the website, and its plugin tells us. Returns the visit's name and when
        our 200 came; raises RuntimeError for any other answer."""
        person = SHOP.clients[next(self._clients) % len(SHOP.clients)]
        form = Form(person.name, person.email, person.phone)
        Website(self._site).write(Choice(slot.staff, slot.service, slot.start), form)
        return self._told

    def _tell(self, touched: Touched) -> None:
        rows, lines = list(touched.appointments), list(touched.customer_appointments)
        body = self._messenger.body(touched)
        answer = self._intake.post(self._messenger.url, content=body, headers=self._messenger.headers(body))
        if answer.status_code != 200 or len(lines) != 1 or len(rows) != 1:
            raise RuntimeError(f"a webhook about {lines} was answered with {answer.status_code}")
        self._told = f"ca:{lines[0]}", time.perf_counter()

    def bare_commit(self) -> float:
        """Seconds that one durable commit takes on this disk."""
        began = time.perf_counter()
        self._bare.execute("BEGIN IMMEDIATE")
        self._bare.execute("INSERT INTO t VALUES (1)")
        self._bare.execute("COMMIT")
        return time.perf_counter() - began

    def received(self) -> list[Received]:
        """What Square counted since it was told to forget, in the order it came."""
        return [Received(*one) for one in self._square.get("/received").json()]

    def forget_calls(self) -> None:
        """Square counts anew."""
        self._square.delete("/received")

    @contextmanager
    def working(self) -> Iterator[None]:
        """A worker process, for the block."""
        with _process(self._folder, self._settings, "work"):
            yield

    def close(self) -> None:
        self._square.close()
        self._intake.close()
        self._bare.close()
        self._site.engine.dispose()


def _fits(key: int) -> bool:
    service = FREE_SERVICES[key]
    return service.padding_left_min + service.minutes + service.padding_right_min <= 60


@contextmanager
def open_salon(folder: Path, each: float = CALL_SECONDS) -> Iterator[Salon]:
    """The salon, known to the store: both calendars read, staff, services and clients matched, writing on."""
    with slow_square(each) as (square, customers):
        bookly = f"sqlite:///{folder / 'bookly.db'}"
        _quiet_bookly(bookly)
        settings = Settings(
            database_url=f"sqlite:///{folder / 'store.db'}",
            bookly_database_url=SecretStr(bookly),
            bookly_webhook_secret=SecretStr(SECRET),
            square_base_url=square,
            square_access_token=SecretStr("practice"),
            writes="on",
        )
        _get_to_know(settings, customers)
        engine = open_store(settings.database_url)
        with _process(folder, settings, "intake", "--port", "0") as child:
            salon = Salon(folder, settings, _address(child), engine)
            try:
                yield salon
            finally:
                salon.close()
                engine.dispose()


def _quiet_bookly(url: str) -> None:
    """Bookly with its staff, services and clients, and nobody booked."""
    seed(url, SHOP, datetime.now(UTC))
    engine = sa.create_engine(url)
    with engine.begin() as conn:
        for name in ("customer_appointments", "appointments", "log", "holidays"):
            conn.execute(sa.text(f"DELETE FROM wp_bookly_{name}"))
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as conn:
        conn.execute(sa.text("PRAGMA journal_mode = WAL"))
    engine.dispose()


def _get_to_know(settings: Settings, customers: Mapping[str, str]) -> None:
    house = open_house(open_store(settings.database_url), settings)
    try:
        for side in Side:
            done = pull(house.engine, house.readers[side], window_for(side, house.now(), 1, 90), house.now())
            if not done.whole:
                raise RuntimeError(done.sentence)
        confirm_suggestions(house)
        with writing(house.engine) as conn:
            for person in SHOP.clients:
                mapping.link_client(conn, str(person.key), customers[person.email], house.now())
    finally:
        house.close()


@contextmanager
def _process(folder: Path, settings: Settings, *command: str) -> Iterator[subprocess.Popen[str]]:
    """`python -m sync ...` with these settings, in a folder of its own; its log lies there."""
    given = ((name.upper(), getattr(settings, name)) for name in settings.model_fields_set)
    named = {name: v.get_secret_value() if isinstance(v, SecretStr) else v for name, v in given}
    env = {**os.environ, **named, "PYTHONPATH": str(ROOT)}
    with (
        (folder / f"{command[0]}.log").open("ab") as log,
        subprocess.Popen(
            [sys.executable, "-m", "sync", *command], cwd=folder, env=env, stdout=subprocess.PIPE, stderr=log, text=True
        ) as child,
    ):
        try:
            yield child
        finally:
            child.send_signal(signal.SIGTERM)
            child.wait(START_SECONDS)


def _address(intake: subprocess.Popen[str]) -> str:
    """Where it says that it listens. Raises RuntimeError when it ends instead."""
    assert intake.stdout is not None
    said = intake.stdout.readline().split()
    if not said:
        raise RuntimeError("the intake did not start")
    return said[-1]
