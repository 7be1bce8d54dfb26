"""The website's plugin, as far as it asks for times: it signs what it asks, over HTTP."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import count
from typing import Any

import httpx
from standardwebhooks.webhooks import Webhook

SECRET = "whsec_c2xvdGtlZXBlciBwcmFjdGljZSBzYWxvbiBzZWNyZXQ="
"""A made-up secret."""


@dataclass
class Plugin:
    """`http` leads to the intake. Each request is signed with `secret` as of now."""

    http: httpx.Client
    secret: str = SECRET
    _numbers: Any = field(default_factory=lambda: count(1))

    def available(self, **asked: Any) -> httpx.Response:
        return self.sent("POST", "/availability", asked)

    def hold(self, **asked: Any) -> httpx.Response:
        return self.sent("POST", "/holds", asked)

    def look(self, hold: str) -> httpx.Response:
        return self.sent("GET", f"/holds/{hold}")

    def let_go(self, hold: str) -> httpx.Response:
        return self.sent("DELETE", f"/holds/{hold}")

    def sent(self, method: str, path: str, asked: Any = None, content: bytes | None = None) -> httpx.Response:
        """A signed request; `content` is sent as it is."""
        body = content if content is not None else b"" if asked is None else json.dumps(asked).encode()
        signed = body.decode("utf-8", "replace") if body else f"{method} {path}"
        return self.http.request(method, path, content=body, headers=self.headers(signed))

    def headers(self, signed: str) -> dict[str, str]:
        name, now = f"msg_{next(self._numbers)}", datetime.now(UTC)
        signature = Webhook(self.secret).sign(name, now, signed)
        return {
            "webhook-id": name,
            "webhook-timestamp": str(int(now.timestamp())),
            "webhook-signature": signature,
            "content-type": "application/json",
        }
