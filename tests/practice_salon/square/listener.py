"""A listener for webhooks on a free port: keeps what arrives and answers as told."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from square.utils.webhooks_helper import verify_signature


@dataclass(frozen=True)
class Arrived:
    """One delivery."""

    headers: dict[str, str]
    raw: str

    @property
    def event(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self.raw)
        return found

    def signed(self, key: str, url: str) -> bool:
        """Whether Square's own helper takes the signature."""
        header = self.headers["x-square-hmacsha256-signature"]
        return verify_signature(request_body=self.raw, signature_header=header, signature_key=key, notification_url=url)


@dataclass
class Listener:
    """What arrived, and the statuses to answer with next (200 when none is left; 0 hangs up)."""

    url: str
    arrived: list[Arrived] = field(default_factory=list)
    answers: list[int] = field(default_factory=list)
    news: threading.Condition = field(default_factory=threading.Condition)

    def wait_for(self, count: int, timeout: float = 10.0) -> list[Arrived]:
        """The deliveries, once there are so many."""
        with self.news:
            assert self.news.wait_for(lambda: len(self.arrived) >= count, timeout), f"{len(self.arrived)} of {count}"
            return list(self.arrived)


@contextmanager
def listening() -> Iterator[Listener]:
    """Serves until the block ends."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            raw = self.rfile.read(int(self.headers["content-length"])).decode()
            with listener.news:
                status = listener.answers.pop(0) if listener.answers else 200
                headers = {name.lower(): value for name, value in self.headers.items()}
                listener.arrived.append(Arrived(headers, raw))
                listener.news.notify_all()
            if status == 0:
                self.close_connection = True
                return
            self.send_response(status)
            self.send_header("content-length", "0")
            self.end_headers()

        def log_message(self, *args: Any) -> None:
            """Quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    listener = Listener(f"http://127.0.0.1:{server.server_address[1]}/webhooks/square")
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield listener
    finally:
        server.shutdown()
        server.server_close()
        thread.join(10)
