"""The WordPress plugin's webhooks (Standard Webhooks): is it the plugin, and which ids does it name. Pure."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from standardwebhooks.webhooks import Webhook, WebhookVerificationError

from sync.intake.news import Changed, News, Other, Reason, Refused, Subject, event_name, part, plain_id, told_time

ID = "webhook-id"
TIMESTAMP = "webhook-timestamp"
SIGNATURE = "webhook-signature"
TYPE = "bookly.changed"
MOST_IDS = 500
"""Ids of one kind that are taken from one delivery; what is named beyond is left to the poll, which reads all."""
_NUMBERS = 2**63


@dataclass(frozen=True, slots=True)
class BooklySign:
    """The secrets that count now: one, or two while they change places. The library lets a time be five minutes off."""

    secrets: tuple[str, ...]

    def read(self, raw: bytes, headers: Mapping[str, str]) -> News:
        """The news, if the plugin said it. Raises Refused: 401, or 400 for a body that is none of its own."""
        self.verify(raw, headers)
        return news(raw, headers[ID])

    def verify(self, raw: bytes, headers: Mapping[str, str]) -> None:
        """Raises Refused (401) unless one of the secrets signed this id, time and body a moment ago."""
        if not self.secrets:
            raise Refused(401, Reason.NO_KEY)
        signed = {name: headers.get(name) for name in (ID, TIMESTAMP, SIGNATURE)}
        given = {name: value for name, value in signed.items() if value}
        if len(given) < len(signed):
            raise Refused(401, Reason.NO_SIGNATURE)
        if not any(_signed_with(secret, raw, given) for secret in self.secrets):
            raise Refused(401, Reason.WRONG_SIGNATURE)


def _signed_with(secret: str, raw: bytes, headers: dict[str, str]) -> bool:
    """A malformed signature or body makes the library raise ValueError, which is no signature either."""
    try:
        Webhook(secret).verify(raw, headers, json_parse=False)
    except (WebhookVerificationError, ValueError):
        return False
    return True


def news(raw: bytes, webhook_id: str) -> News:
    """Which ids it names. Raises Refused (400) when it cannot be read."""
    event_id = event_name(webhook_id)
    try:
        body = json.loads(raw)
        return News(event_id, _subject(body), told_time(part(body, "changed_at")))
    except (ValueError, RecursionError, Refused):
        raise Refused(400, Reason.UNREADABLE, event_id=event_id) from None


def _subject(body: Any) -> Subject:
    kind = plain_id(part(body, "type"))
    if kind != TYPE:
        return Other(kind)
    return Changed(_ids(part(body, "appointments")), _ids(part(body, "customer_appointments")))


def _ids(given: Any) -> tuple[int, ...]:
    if given is None:
        return ()
    if not isinstance(given, list) or not all(_is_id(one) for one in given):
        raise Refused(400, Reason.UNREADABLE)
    return tuple(dict.fromkeys(given))[:MOST_IDS]


def _is_id(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 < value < _NUMBERS
