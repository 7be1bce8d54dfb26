"""A private Redis: nothing kept on disk, a loopback port."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path

from tests.servers.process import answers, free_port, running
from tests.servers.programs import program


@contextlib.contextmanager
def redis_server(directory: Path, port: int | None = None) -> Iterator[str]:
    """Yields the URL of a new empty Redis, on this port where one is given; it is ended with the block."""
    port = port or free_port()
    command = [
        program("redis-server", "redis-server"), "--bind", "127.0.0.1", "--port", str(port), "--dir", str(directory),
        "--save", "", "--appendonly", "no", "--daemonize", "no",
    ]  # fmt: skip
    with running(command, directory / "redis.log", lambda: answers(port)):
        yield f"redis://127.0.0.1:{port}/0"
