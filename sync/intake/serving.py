"""The intake's process: a socket, uvicorn, and a graceful end."""

from __future__ import annotations

import socket
from collections.abc import Sequence

import uvicorn
from sqlalchemy import Engine
from starlette.routing import BaseRoute

from sync.inbox.waking import Ringer
from sync.intake.app import Intake, Metrics, app, signs
from sync.intake.keeper import Keeper
from sync.settings import Settings, WrongSettings

BACKLOG = 2048
GRACE = 10
"""Seconds that requests under way have at the end."""
MOST_AT_ONCE = 2000
"""Connections beyond which uvicorn itself answers 503."""


def serve(
    engine: Engine,
    settings: Settings,
    host: str,
    port: int,
    metrics: Metrics | None = None,
    more: Sequence[BaseRoute] = (),
) -> None:
    """Serve until told to stop (SIGINT, SIGTERM): what was queued is kept and answered first. Port 0 takes a free one;
    the address is printed. Raises WrongSettings when it cannot listen there."""
    door, ringer = listen(host, port), Ringer(engine)
    try:
        intake = Intake(signs(settings), Keeper(engine, ringer.ring))
        print(f"Intake at {address(door)}", flush=True)
        uvicorn.Server(config(intake, metrics, more)).run([door])
    finally:
        door.close()
        ringer.close()


def config(intake: Intake, metrics: Metrics | None = None, more: Sequence[BaseRoute] = ()) -> uvicorn.Config:
    """How uvicorn serves it. Who calls is taken from X-Forwarded-For only where the caller is on this machine."""
    return uvicorn.Config(
        app(intake, metrics, more),
        ws="none",
        log_level="warning",
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=GRACE,
        limit_concurrency=MOST_AT_ONCE,
        backlog=BACKLOG,
    )


def listen(host: str, port: int) -> socket.socket:
    """A listening socket. It names its protocol, or asyncio would not switch Nagle's delay off (40 ms a call).

    Raises WrongSettings when the host is none of this machine's, or the port is taken.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    door = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        door.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        door.bind((host, port))
        door.listen(BACKLOG)
    except OSError as error:
        door.close()
        raise WrongSettings(
            "--port",
            f"The intake cannot listen on {host} port {port} ({error.strerror or 'no such address'}): "
            "stop what is there, or choose another with --port and --host.",
        ) from None
    return door


def address(door: socket.socket) -> str:
    """Where it listens, as a URL."""
    host, port = door.getsockname()[:2]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
