"""The practice Square over HTTP: the application, the command's server, and one in a thread for tests."""

import asyncio
import socket
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import uvicorn
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from practice_salon.square.acts import perform
from practice_salon.square.control import control_routes
from practice_salon.square.courier import Courier
from practice_salon.square.endpoint import WIRE, Endpoint
from practice_salon.square.errors import INVALID, SquareError
from practice_salon.square.faults import Armed
from practice_salon.square.grants import TOKEN
from practice_salon.square.routes import ROUTES
from practice_salon.square.state import Doc, World

HOST = "127.0.0.1"
PATIENCE_S = 20.0


class SquareApp(Starlette):
    """Starlette that keeps the outermost `send`, through which a fault reaches the connection itself."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """The ASGI entry."""
        scope[WIRE] = send
        await super().__call__(scope, receive, send)


def build_app(world: World) -> Starlette:
    """The application that answers for this world: Square's routes, and the control routes under /practice/."""
    square = [Route(route.path, Endpoint(world, route), methods=[route.method]) for route in ROUTES]
    return SquareApp(
        routes=[*square, *control_routes(world)],
        exception_handlers={HTTPException: _refused},
        lifespan=_with_courier(world),
    )


def _with_courier(world: World) -> Callable[[Starlette], Any]:
    @asynccontextmanager
    async def lifespan(_app: Starlette) -> AsyncIterator[None]:
        task = asyncio.create_task(Courier(world).run())
        yield
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task

    return lifespan


async def _refused(_request: Request, error: Exception) -> JSONResponse:
    """An unknown path or method, in Square's shape."""
    status = error.status_code if isinstance(error, HTTPException) else 500
    code = "METHOD_NOT_ALLOWED" if status == 405 else "NOT_FOUND"
    return JSONResponse(SquareError(status, INVALID, code, "Resource not found.").body(), status)


def serve(world: World, port: int, db: Path | str | None, prepare: Callable[[World], object] | None = None) -> None:
    """Serves on 127.0.0.1 until told to stop (SIGINT, SIGTERM); port 0 takes a free one. Prints the address.

    With `db` the world lives in that SQLite file; a world that is already in it is used instead of this one. `prepare`
    is done to the world that is served, before it is.
    Raises SystemExit when the port is taken.
    """
    try:
        door = _listen(port)
    except OSError as taken:
        raise SystemExit(f"Port {port} on {HOST} cannot be had ({taken.strerror}); choose another.") from taken
    try:
        if db is not None:
            world.attach(db)
        if prepare is not None:
            with world.change():
                prepare(world)
        print(f"Practice Square at {_address(door)}, access token {TOKEN}", flush=True)
        uvicorn.Server(_config(world)).run([door])
    finally:
        door.close()
        world.detach()


def _address(door: socket.socket) -> str:
    return f"http://{HOST}:{door.getsockname()[1]}"


def _config(world: World) -> uvicorn.Config:
    return uvicorn.Config(
        build_app(world),
        http="h11",
        ws="none",
        loop="asyncio",
        log_level="warning",
        access_log=False,
        timeout_graceful_shutdown=1,
    )


@dataclass(frozen=True, slots=True)
class RunningSquare:
    """A server in a thread of this process."""

    url: str
    world: World

    def arm(self, name: str, route: str, nth: int = 1, times: int = 1, seconds: float | None = None) -> Armed:
        """Arms a fault; see `faults.Disturbances.arm`. The result tells how often it fired."""
        with self.world.change():
            return self.world.faults.arm(name, route, nth, times, seconds)

    def act(self, who: str, what: str, **params: Any) -> Doc:
        """Lets somebody outside our app do something; see `acts.perform`."""
        with self.world.change():
            return perform(self.world, who, what, params)

    def advance(self, seconds: float) -> datetime:
        """Moves server time on; what falls due by it is delivered."""
        return self.world.advance(seconds)

    def wait_for(self, holds: Callable[[World], bool], timeout: float = PATIENCE_S) -> bool:
        """Waits until the world is so (asked after each change); whether it came to be in time."""
        with self.world.lock:
            return self.world.moved.wait_for(lambda: holds(self.world), timeout)


class _ThreadedServer(uvicorn.Server):
    """Tells when it serves, and leaves when it is told to, so that nobody has to ask again and again."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.serving = threading.Event()
        self._told: asyncio.Event | None = None
        self._loop: asyncio.AbstractEventLoop | None = None

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        self._told, self._loop = asyncio.Event(), asyncio.get_running_loop()
        await super().startup(sockets)
        self.serving.set()

    async def main_loop(self) -> None:
        assert self._told is not None
        await self.on_tick(0)
        await self._told.wait()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        for connection in list(self.server_state.connections):
            connection.shutdown()
        await asyncio.sleep(0.001)  # by then those that are idle are closed, or they are asked about a tenth later
        await super().shutdown(sockets)

    def leave(self) -> None:
        """From another thread."""
        self.should_exit = True
        if self._loop is not None and self._told is not None:
            self._loop.call_soon_threadsafe(self._told.set)


def _listen(port: int) -> socket.socket:
    """A listening socket, on a free port for 0. Raises OSError when the port is taken.

    It names its protocol, or asyncio would not switch Nagle's delay off (40 ms a call).
    """
    door = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        door.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        door.bind((HOST, port))
        door.listen(128)
    except OSError:
        door.close()
        raise
    return door


@contextmanager
def running_square(world: World) -> Iterator[RunningSquare]:
    """Serves the world on a free port of 127.0.0.1 in a thread, for tests."""
    door = _listen(0)
    url = _address(door)
    server = _ThreadedServer(_config(world))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [door]}, name=f"square {url}", daemon=True)
    thread.start()
    try:
        if not server.serving.wait(PATIENCE_S):
            raise RuntimeError("the practice Square did not start")
        yield RunningSquare(url, world)
    finally:
        server.leave()
        thread.join(PATIENCE_S)
        door.close()
