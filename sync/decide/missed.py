"""Which changes came without a webhook: what was learned by looking against what was delivered. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sync.model import Ref

SAME_MOMENT = timedelta(seconds=60)
"""An event is stamped this close to the change that it tells of."""
LOOKED_AFTER = timedelta(minutes=75)
"""A change that was met by looking was made this long before at most: whole reads come every hour."""
TOLD_AFTER = timedelta(minutes=10)
"""A webhook that comes later than this after we looked was missed when it was needed."""


@dataclass(frozen=True, slots=True)
class Change:
    """A change of a booking to a version; when we learned of it and when the side says it was made (UTC)."""

    ref: Ref
    version: int
    at: datetime
    made_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Delivered:
    """A webhook that was taken: when, and when the side says that it happened (UTC)."""

    ref: Ref
    at: datetime
    made_at: datetime | None = None


def never_delivered(changes: Iterable[Change], delivered: Iterable[Delivered]) -> tuple[Change, ...]:
    """The changes that no webhook told of, one a booking and version, in their order."""
    by_ref: dict[Ref, list[Delivered]] = {}
    for one in delivered:
        by_ref.setdefault(one.ref, []).append(one)
    each = {(change.ref, change.version): change for change in changes}
    return tuple(c for c in each.values() if not any(_tells_of(one, c) for one in by_ref.get(c.ref, ())))


def _tells_of(one: Delivered, change: Change) -> bool:
    if one.made_at is not None and change.made_at is not None:
        return abs(one.made_at - change.made_at) <= SAME_MOMENT
    return change.at - LOOKED_AFTER <= one.at <= change.at + TOLD_AFTER
