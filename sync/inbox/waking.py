"""The bell beside the store: whoever keeps a hint rings it, the worker that waits hears it at once.

A datagram on a Unix socket whose name follows from the store's. Ringing never waits and never fails: a worker that is
not there, or a full queue, is made up for by the worker's own look at the clock.
"""

from __future__ import annotations

import contextlib
import hashlib
import select
import socket
import tempfile
from pathlib import Path

from sqlalchemy import Engine

MOST_HEARD = 4096
"""Rings taken off the socket at once: many hints are one reason to look."""


def bell_path(engine: Engine) -> Path:
    """Where the bell of this store hangs. In the folder for temporary files: a Unix socket's path is at most about a
    hundred characters long, a store's may be longer."""
    address = engine.url
    if address.get_backend_name() == "sqlite":
        name = str(Path(str(address.database)).resolve())
    else:
        name = address.render_as_string(hide_password=True)
    return Path(tempfile.gettempdir()) / f"slotkeeper-{hashlib.sha256(name.encode()).hexdigest()[:16]}.bell"


class Ringer:
    """Rings the bell of one store. Safe for several threads."""

    def __init__(self, engine: Engine) -> None:
        self._path = str(bell_path(engine))
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._socket.setblocking(False)

    def ring(self) -> None:
        """Wake whoever waits; nothing happens when nobody does."""
        with contextlib.suppress(OSError):
            self._socket.sendto(b"!", self._path)

    def close(self) -> None:
        self._socket.close()


def ring_once(engine: Engine) -> None:
    """Wake whoever waits at the bell of this store, for those who ring now and then."""
    ringer = Ringer(engine)
    try:
        ringer.ring()
    finally:
        ringer.close()


class Bell:
    """The bell that one worker waits at. A second worker on the same machine takes it over: it is the one woken, and
    the first goes on by the clock."""

    def __init__(self, engine: Engine) -> None:
        self._path = bell_path(engine)
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._path.unlink(missing_ok=True)
        self._socket.bind(str(self._path))
        self._inode = self._path.stat().st_ino

    def wait(self, seconds: float) -> bool:
        """Whether it rang within so many seconds. Everything that rang by then is heard as one."""
        ready, _, _ = select.select([self._socket], [], [], max(0.0, seconds))
        for _ in range(MOST_HEARD if ready else 0):
            try:
                self._socket.recv(16, socket.MSG_DONTWAIT)
            except BlockingIOError:
                break
        return bool(ready)

    def close(self) -> None:
        self._socket.close()
        with contextlib.suppress(OSError):
            if self._path.stat().st_ino == self._inode:
                self._path.unlink()
