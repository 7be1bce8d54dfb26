"""Text from calendars, made safe to stand in Markdown: a client's name is never markup."""

from __future__ import annotations

import re

_SPECIAL = re.compile(r"([\\`*_{}\[\]<>()#+!|~$:&^=-])")


def plain(text: str) -> str:
    """The text with everything that Markdown would take as markup written out."""
    return _SPECIAL.sub(r"\\\1", " ".join(text.split()))


def link(text: str, target: str) -> str:
    """A Markdown link to a page of ours or a phone number; the target is made by us, the text may be anybody's."""
    return f"[{plain(text)}]({target})"


def call_link(name: str, phone: str) -> str:
    """A link that dials on a phone; the plain name when no number is known."""
    digits = re.sub(r"[^\d+]", "", phone)
    return f"[:material/call: Call {plain(name)} {plain(phone)}](tel:{digits})" if digits else plain(name)
