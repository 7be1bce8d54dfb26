"""On whose behalf the road is walked: a person's request about a finding, or a hint."""

from __future__ import annotations

from dataclasses import dataclass

from sync.model import Finding
from sync.store.requests import Request


@dataclass(frozen=True, slots=True)
class Errand:
    """`request` and `finding` for a click, `hint` (its number) for what was learnt of a change."""

    request: Request | None = None
    finding: Finding | None = None
    hint: int | None = None

    @property
    def request_id(self) -> int | None:
        return self.request.id if self.request else None

    @property
    def goes_on(self) -> bool:
        """Whether it goes on with a plan that an earlier try began: others may have acted on that since."""
        return self.request is not None and self.request.plan is not None

    def key_for(self, token: int, step: int) -> str:
        """What makes the idempotency key of a step its own: a click goes on with its plan under the same key; a hint
        is decided anew under each lease."""
        return f"{self.request.id}-{step}" if self.request else f"t{token}-{step}"
