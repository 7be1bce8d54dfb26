"""Whether a request comes from the WordPress plugin: signed as its webhooks are (Standard Webhooks)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from standardwebhooks.webhooks import Webhook, WebhookVerificationError

IsSigned = Callable[[Mapping[str, str], bytes], bool]
"""Given a request's headers and what is signed, whether it is signed well and not old."""


def signed_by(secrets: Iterable[str]) -> IsSigned:
    """Signed with any of these secrets (two while one replaces the other), at most five minutes ago. An empty secret
    signs nothing."""
    known = [Webhook(secret) for secret in secrets if secret]

    def is_signed(headers: Mapping[str, str], content: bytes) -> bool:
        return any(_is_from(webhook, headers, content) for webhook in known)

    return is_signed


def _is_from(webhook: Webhook, headers: Mapping[str, str], content: bytes) -> bool:
    try:
        webhook.verify(content, dict(headers), json_parse=False)
    except (WebhookVerificationError, ValueError):  # the library lets a malformed signature or text through as these
        return False
    return True
