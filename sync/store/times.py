"""Moments as the store keeps them: seconds since 1970 in UTC. Outside the store every time is an aware datetime."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import overload


@overload
def seconds(moment: datetime) -> float: ...
@overload
def seconds(moment: datetime | None) -> float | None: ...
def seconds(moment: datetime | None) -> float | None:
    """An aware datetime as seconds since 1970; None stays None."""
    return None if moment is None else moment.timestamp()


@overload
def moment(at: float) -> datetime: ...
@overload
def moment(at: float | None) -> datetime | None: ...
def moment(at: float | None) -> datetime | None:
    """Seconds since 1970 as an aware datetime in UTC; None stays None."""
    return None if at is None else datetime.fromtimestamp(at, UTC)
