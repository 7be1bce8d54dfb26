"""How often an address may call: a bucket of tokens each, refilled steadily, in memory."""

from __future__ import annotations

import ipaddress
from collections import OrderedDict
from dataclasses import dataclass, field

MOST_ADDRESSES = 10_000
"""Buckets kept; beyond, the one that was used longest ago is forgotten."""


@dataclass(frozen=True, slots=True)
class Limit:
    """`burst` calls at once, and `per_second` on and on."""

    burst: float
    per_second: float


CALLS = Limit(burst=3000, per_second=200)
"""Any calls of one address. Square sends what piled up in a day in one burst; a busy salon makes hundreds."""
FAILURES = Limit(burst=60, per_second=1)
"""Calls of one address whose signature does not hold. Beyond it they are told to wait; those that hold never are."""


@dataclass(slots=True)
class Buckets:
    """One limit, a bucket for each name. Times are seconds of a clock that never goes back. For one thread."""

    limit: Limit
    most: int = MOST_ADDRESSES
    _levels: OrderedDict[str, tuple[float, float]] = field(default_factory=OrderedDict)

    def take(self, name: str, now: float) -> float:
        """Take a token: 0.0 when there was one, else the seconds until there is one."""
        level, since = self._levels.pop(name, (self.limit.burst, now))
        level = min(self.limit.burst, level + (now - since) * self.limit.per_second)
        granted = level >= 1
        self._levels[name] = (level - granted, now)
        if len(self._levels) > self.most:
            self._levels.popitem(last=False)
        return 0.0 if granted else (1 - level) / self.limit.per_second


def source(host: str) -> str:
    """The address by which a caller is counted: a whole /64 of IPv6 is one caller."""
    if ":" not in host:
        return host
    try:
        return str(ipaddress.IPv6Network((host.partition("%")[0], 64), strict=False))
    except ValueError:
        return host
