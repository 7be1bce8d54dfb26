"""Our marks: the words by which a block or a booking that we made is known again, wherever people see its note.

A mark is `slotkeeper:<installation>:<visit>:<generation>`, with `:<part>` behind it where one visit takes several
blocks. It may stand anywhere in a note: people write around it. Marks serve recovery; the store's map is the truth.
"""

from __future__ import annotations

import re

_WORD = r"[A-Za-z0-9_-]+"
_MARK = re.compile(rf"(?<![\w:-])slotkeeper:(?P<installation>{_WORD}):{_WORD}:\d+(?::\d+)?(?![\w:-])")


def mark_for(installation: str, visit: int | str, generation: int, part: int | None = None) -> str:
    """The mark of one projection; raises ValueError when `installation` or `visit` would not be found again."""
    mark = f"slotkeeper:{installation}:{visit}:{generation}" + ("" if part is None else f":{part}")
    if mark_in(mark) != mark:
        raise ValueError(f"{installation!r} and {visit!r} may hold letters, digits, - and _ only")
    return mark


def mark_in(text: str | None) -> str | None:
    """The first mark in a note, whole and without what stands around it; None when there is none."""
    found = _MARK.search(text or "")
    return found.group(0) if found else None


def installation_of(mark: str) -> str | None:
    """Which installation made it; None when this is no mark."""
    found = _MARK.fullmatch(mark)
    return found["installation"] if found else None


def noted(note: str, mark: str) -> str:
    """A note for people with our mark on a line of its own behind it."""
    return f"{note}\n{mark}" if note else mark
