"""Moments as the store keeps them: seconds since 1970 in UTC. What the store hands out are aware datetimes in UTC."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import overload

When = datetime | float
"""A moment given to the store: an aware datetime, or seconds since 1970 in UTC."""


@overload
def seconds(when: When) -> float: ...
@overload
def seconds(when: When | None) -> float | None: ...
def seconds(when: When | None) -> float | None:
    """A moment as seconds since 1970; None stays None. Raises ValueError for a datetime without a time zone."""
    if isinstance(when, datetime):
        if when.tzinfo is None:
            raise ValueError(f"{when} has no time zone")
        return when.timestamp()
    return when


@overload
def moment(at: float) -> datetime: ...
@overload
def moment(at: float | None) -> datetime | None: ...
def moment(at: float | None) -> datetime | None:
    """Seconds since 1970 as an aware datetime in UTC; None stays None."""
    return None if at is None else datetime.fromtimestamp(at, UTC)
