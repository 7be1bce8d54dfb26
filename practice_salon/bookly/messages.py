"""What the site's plugin tells after each change: ids only, signed as Standard Webhooks has it. Best effort: nobody who
books notices whether anyone listens."""

import base64
import binascii
import hashlib
import hmac
import json
import time
import uuid
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime

import httpx

from practice_salon import PracticeError

PATIENCE_S = 2.0


@dataclass(slots=True)
class Touched:
    """What one PHP request changed: ids of appointment rows and of customer_appointments, in that order of time."""

    appointments: dict[int, None] = field(default_factory=dict)
    customer_appointments: dict[int, None] = field(default_factory=dict)

    def __bool__(self) -> bool:
        return bool(self.appointments or self.customer_appointments)


Tell = Callable[[Touched], None]


@dataclass(frozen=True, slots=True)
class Messenger:
    """Posts to `url`, signed with `secret` (whsec_ and base64). Raises PracticeError for a secret that is none."""

    url: str
    secret: str

    def __post_init__(self) -> None:
        if not self.url.startswith(("http://", "https://")):
            raise PracticeError(
                "--bookly-webhook is no web address; write it like http://127.0.0.1:8100/webhooks/bookly."
            )
        try:
            self._key()
        except binascii.Error:
            raise PracticeError("--secret is none; write whsec_ and base64 behind it.") from None

    def tell(self, touched: Touched) -> None:
        """Post once; whatever comes of it."""
        body = self.body(touched)
        with suppress(httpx.HTTPError):
            httpx.post(self.url, content=body, headers=self.headers(body), timeout=PATIENCE_S, trust_env=False)

    def body(self, touched: Touched) -> str:
        """What is posted of it."""
        return json.dumps(
            {
                "type": "bookly.changed",
                "appointments": list(touched.appointments),
                "customer_appointments": list(touched.customer_appointments),
                "changed_at": datetime.now(UTC).isoformat(),
            }
        )

    def headers(self, body: str) -> dict[str, str]:
        """With a new id and the time of now."""
        message, at = f"msg_{uuid.uuid4().hex}", str(int(time.time()))
        digest = hmac.new(self._key(), f"{message}.{at}.{body}".encode(), hashlib.sha256).digest()
        return {
            "content-type": "application/json",
            "webhook-id": message,
            "webhook-timestamp": at,
            "webhook-signature": f"v1,{base64.b64encode(digest).decode()}",
        }

    def _key(self) -> bytes:
        return base64.b64decode(self.secret.removeprefix("whsec_"), validate=True)
