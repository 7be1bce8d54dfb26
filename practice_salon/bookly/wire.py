"""The wire between a program and MariaDB, which can be cut: a small forwarder on 127.0.0.1 with faults on demand."""

import contextlib
import selectors
import socket
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Literal

import sqlalchemy as sa

Mode = Literal["through", "refuse", "cut", "hang"]
CHUNK = 65_536
TICK_S = 0.05


@dataclass(slots=True)
class Wire:
    """Forwards to the server of `server_url`. `url` is what the program under test is given instead.

    `mode`: through; refuse (closed as soon as opened); cut (closed after `after` bytes of answers, which may be in
    the middle of a result); hang (answers stop coming, the connection stays). It holds for what comes from then on,
    on open connections too. `fired` counts how often somebody met it.
    """

    server_url: str
    mode: Mode = "through"
    after: int = 0
    fired: int = 0
    _door: socket.socket = field(init=False)
    _stop: threading.Event = field(init=False, default_factory=threading.Event)
    _threads: list[threading.Thread] = field(init=False, default_factory=list)
    _guard: threading.Lock = field(init=False, default_factory=threading.Lock)

    def __post_init__(self) -> None:
        self._door = socket.create_server(("127.0.0.1", 0))
        self._door.settimeout(TICK_S)
        self._start(self._accept)

    @property
    def url(self) -> str:
        """The server's URL with this wire's address in it."""
        there = sa.make_url(self.server_url).set(host="127.0.0.1", port=self._door.getsockname()[1])
        return there.render_as_string(hide_password=False)

    def close(self) -> None:
        """Cut everything and stop listening."""
        self._stop.set()
        for thread in self._threads:
            thread.join(5)
        self._door.close()

    def _start(self, work: object, *arguments: object) -> None:
        thread = threading.Thread(target=work, args=arguments, daemon=True)  # type: ignore[arg-type]
        self._threads.append(thread)
        thread.start()

    def _accept(self) -> None:
        while not self._stop.is_set():
            try:
                client, _ = self._door.accept()
            except TimeoutError:
                continue
            if self.mode == "refuse":
                self._met()
                client.close()
            else:
                self._start(self._forward, client)

    def _forward(self, client: socket.socket) -> None:
        there = sa.make_url(self.server_url)
        server = socket.create_connection((there.host or "127.0.0.1", there.port or 3306), timeout=5)
        with client, server, contextlib.suppress(OSError):
            self._pump(client, server)

    def _pump(self, client: socket.socket, server: socket.socket) -> None:
        """Both ways until one end closes, the mode says so, or the wire is closed."""
        answered = 0
        with selectors.DefaultSelector() as ready:
            ready.register(client, selectors.EVENT_READ, server)
            ready.register(server, selectors.EVENT_READ, client)
            while not self._stop.is_set():
                for key, _ in ready.select(TICK_S):
                    source, target = key.fileobj, key.data
                    assert isinstance(source, socket.socket)
                    data = source.recv(CHUNK)
                    if not data:
                        return
                    answered += len(data) if source is server else 0
                    if source is server and self._spoils(data, answered, target):
                        return
                    target.sendall(data)

    def _spoils(self, data: bytes, answered: int, client: socket.socket) -> bool:
        """Whether the mode ends the connection here; a cut lets the first bytes through, so that answers are torn."""
        if self.mode == "refuse" or (self.mode == "cut" and answered > self.after):
            self._met()
            client.sendall(data[: max(0, len(data) - (answered - self.after))] if self.mode == "cut" else b"")
            return True
        if self.mode == "hang":
            self._met()
            self._stop.wait()
            return True
        return False

    def _met(self) -> None:
        with self._guard:
            self.fired += 1


@contextlib.contextmanager
def wire(server_url: str) -> Iterator[Wire]:
    """A wire for a block."""
    made = Wire(server_url)
    try:
        yield made
    finally:
        made.close()
