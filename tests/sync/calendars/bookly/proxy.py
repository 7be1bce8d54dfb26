"""A wire to MariaDB that is cut at a chosen word: before the server hears it, or after it did and before it answers."""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field

PATIENCE = 20.0


@dataclass
class Wire:
    """`word` None lets everything through; `heard` says whether the server still gets the statement that holds it."""

    upstream: int
    word: bytes | None = None
    heard: bool = True
    cut: int = 0
    _sockets: list[socket.socket] = field(default_factory=list)

    def serve(self, listener: socket.socket) -> None:
        while True:
            try:
                client, _ = listener.accept()
            except OSError:
                return
            server = socket.create_connection(("127.0.0.1", self.upstream), PATIENCE)
            self._sockets += [client, server]
            for one, other, asks in ((client, server, True), (server, client, False)):
                threading.Thread(target=self._carry, args=(one, other, asks), daemon=True).start()

    def _carry(self, source: socket.socket, target: socket.socket, asks: bool) -> None:
        source.settimeout(PATIENCE)
        with contextlib.suppress(OSError):
            while data := source.recv(65536):
                if asks and self.word and self.word in data:
                    self._cut(source, target, data)
                    return
                target.sendall(data)
        for end in (source, target):
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)

    def _cut(self, client: socket.socket, server: socket.socket, data: bytes) -> None:
        """The client sees its connection close; the server first gets the words, if it is to hear them."""
        self.cut += 1
        client.shutdown(socket.SHUT_RDWR)
        if self.heard:
            server.sendall(data)
            server.shutdown(socket.SHUT_WR)
        else:
            server.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        for one in self._sockets:
            one.close()


@contextlib.contextmanager
def wire(upstream: int) -> Iterator[tuple[Wire, int]]:
    """A wire to the server on port `upstream`, and its own port."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        made = Wire(upstream)
        thread = threading.Thread(target=made.serve, args=(listener,), daemon=True)
        thread.start()
        try:
            yield made, listener.getsockname()[1]
        finally:
            listener.shutdown(socket.SHUT_RDWR)
            listener.close()
            thread.join(PATIENCE)
            made.close()
