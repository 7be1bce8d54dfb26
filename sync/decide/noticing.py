"""What a short look at a side gives news of: against what the last look showed, and against what is known already.

Pure. A hint too many ends as already true; one too few waits for the next whole read. So what is doubtful is news.
"""

from __future__ import annotations

from collections.abc import Mapping, Set
from dataclasses import dataclass, replace
from datetime import datetime

from sync.model import Appointment, Polled, Ref

UNRIPE = "?"
"""Behind the remembered stamp of a row that looked half written: it is news when it still looks so at the next look."""


@dataclass(frozen=True, slots=True)
class Notice:
    """An appointment that may have changed: to which version and when, where the side tells (UTC)."""

    ref: Ref
    version: int | None = None
    changed_at: datetime | None = None


def stirred(polled: Polled, last: Mapping[Ref, str] | None) -> frozenset[Ref]:
    """What shows something else than at the last look; everything where there was none. A booking is two statements in
    Bookly: a row with a service and nobody on it counts from the second look on."""
    before = last or {}
    found = {ref for ref, stamp in {**polled.stamps, **polled.elsewhere}.items() if before.get(ref) != stamp}
    return frozenset(ref for ref in found if ref not in polled.half or before.get(ref) == polled.stamps[ref] + UNRIPE)


def remembered(polled: Polled, last: Mapping[Ref, str] | None) -> dict[Ref, str]:
    """What the next look is to be compared with."""
    before = last or {}
    kept = dict(polled.stamps)
    for ref in polled.half:
        if before.get(ref) not in (kept[ref], kept[ref] + UNRIPE):
            kept[ref] += UNRIPE
    return kept


def news(
    polled: Polled, moved: Set[Ref], known: Mapping[Ref, Appointment], shown: Mapping[Ref, Appointment]
) -> tuple[Notice, ...]:
    """What of `moved` is not known yet, and what is gone and was known, by name.

    known: what our copy has of these. shown: what was just seen of them, where it could be understood; one that
    cannot be is left to the whole read, which lists it.
    """
    fresh = {ref for ref in moved if not _is_known(polled, ref, known.get(ref), shown.get(ref))}
    return tuple(
        Notice(ref, polled.versions.get(ref), polled.changed_at.get(ref))
        for ref in sorted(fresh | {ref for ref in polled.gone if ref in known})
    )


def _is_known(polled: Polled, ref: Ref, known: Appointment | None, shown: Appointment | None) -> bool:
    version = polled.versions.get(ref)
    if version is not None:
        return known is not None and known.version is not None and known.version >= version
    if shown is None:
        return True
    return known is not None and _named_alike(known) == _named_alike(shown)


def _named_alike(appointment: Appointment) -> Appointment:
    """Without the names of services: one that gets another name changes no visit."""
    parts = tuple(replace(part, service_name="") if part.service else part for part in appointment.parts)
    return replace(appointment, parts=parts)


def all_at_once(notices: tuple[Notice, ...], withheld: Set[Ref]) -> tuple[tuple[Notice, ...], tuple[Notice, ...]]:
    """(what goes on, what is held back because so much went or moved at once)."""
    back = tuple(notice for notice in notices if notice.ref in withheld)
    return tuple(notice for notice in notices if notice.ref not in withheld), back
