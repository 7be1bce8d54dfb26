"""An application served on a free loopback port, in a thread of the test."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import uvicorn
from starlette.applications import Starlette

PATIENCE_S = 20.0


class _Telling(uvicorn.Server):
    """Says when it serves, so that nobody has to ask again and again."""

    def __init__(self, app: Starlette) -> None:
        super().__init__(uvicorn.Config(app, http="h11", ws="none", loop="asyncio", log_level="warning"))
        self.serving = threading.Event()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self.serving.set()


@contextmanager
def served(app: Starlette) -> Iterator[str]:
    """The address it is served at, until the block is left."""
    # It names its protocol, or asyncio would not switch Nagle's delay off (40 ms a call).
    door = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    door.bind(("127.0.0.1", 0))
    door.listen(64)
    server = _Telling(app)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [door]}, daemon=True)
    thread.start()
    try:
        assert server.serving.wait(PATIENCE_S), "the application did not start"
        yield f"http://127.0.0.1:{door.getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join(PATIENCE_S)
        door.close()
