"""Text from calendars, made safe to stand in Markdown: a client's name is never markup."""

from __future__ import annotations

import re

_ANYWHERE = re.compile(r"([\\`*_{}\[\]<>|~$]|:(?=[A-Za-z/]))")
_AT_THE_START = re.compile(r"^(\d+)([.)])|^([#+=-])")


def plain(text: str) -> str:
    """The text on one line, with everything that Markdown would take as markup written out."""
    line = _ANYWHERE.sub(r"\\\1", " ".join(text.split()))
    return _AT_THE_START.sub(lambda found: f"{found[1] or ''}\\{found[2] or found[3]}", line)


def call_link(name: str, phone: str) -> str:
    """A link that dials on a phone; the plain name when no number is known."""
    digits = re.sub(r"[^\d+]", "", phone)
    return f"[:material/call: {plain(f'Call {name} {phone}')}](tel:{digits})" if digits else plain(name)
