"""What sending a dead letter again would do, and when the machine may do so by itself. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from sync.model import End, Side


class Verdict(StrEnum):
    """What a resend would do.

    still_needed: what it says. already_true: both sides show it by now. would_overwrite: the other side holds something
    newer. cannot_help: it would fail again the same way. cannot_say: a side cannot be read just now.
    """

    STILL_NEEDED = "still_needed"
    ALREADY_TRUE = "already_true"
    WOULD_OVERWRITE = "would_overwrite"
    CANNOT_HELP = "cannot_help"
    CANNOT_SAY = "cannot_say"


@dataclass(frozen=True, slots=True)
class Now:
    """The present of a dead letter's visit, as the engine sees it.

    end: how its hint would end if it were carried now, None where that cannot be known (a side cannot be read); reason:
    the engine's word for it. steps: what would be written, in whole sentences, nothing for nothing; writes: where.
    succeeded_since: a later hint of the same visit ended well. newer_there: what would be written over is newer than
    the letter. mended: nothing that can be seen keeps it from being written now (a match that was missing is there).
    """

    end: End | None = None
    reason: str = ""
    steps: tuple[str, ...] = ()
    succeeded_since: bool = False
    newer_there: bool = False
    mended: bool = False
    writes: tuple[Side, ...] = ()


NOTHING_KNOWN = Now()


def verdict(permanent: bool, now: Now) -> Verdict:
    """What sending it again would do. `permanent`: it was buried because trying again cannot help."""
    if now.end is None:
        return Verdict.ALREADY_TRUE if now.succeeded_since else Verdict.CANNOT_SAY
    if now.end in (End.ALREADY_TRUE, End.SUPERSEDED):
        return Verdict.ALREADY_TRUE
    if now.newer_there:
        return Verdict.WOULD_OVERWRITE
    if now.end is End.DEAD or (permanent and not now.mended):
        return Verdict.CANNOT_HELP
    return Verdict.STILL_NEEDED


AGAIN_AFTER = (timedelta(0), timedelta(minutes=5), timedelta(minutes=30), timedelta(hours=2))
"""How long a letter lies before it is sent round by itself, by how often it was within a day; the last from then on."""


def lies_for(redriven: int) -> timedelta:
    """How long a letter lies before the machine sends it round again. A calendar that is well but fails at this one
    visit is not asked for it every minute."""
    return AGAIN_AFTER[min(max(0, redriven), len(AGAIN_AFTER) - 1)]
