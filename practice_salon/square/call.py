"""One call as a handler gets it, and what every handler checks in it."""

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from practice_salon.square.errors import invalid, missing
from practice_salon.square.faults import Armed, strike
from practice_salon.square.grants import Grant
from practice_salon.square.state import Doc, World


@dataclass(frozen=True, slots=True)
class Call:
    """A request after the bearer check: its route, who calls, when (server time), and what was sent."""

    route: str
    grant: Grant
    now: datetime
    path: Mapping[str, str] = field(default_factory=dict)
    query: Mapping[str, str] = field(default_factory=dict)
    body: Doc = field(default_factory=dict)
    due: tuple[Armed, ...] = ()

    def struck(self, name: str) -> Armed | None:
        """The fault of that name if it strikes this call; it then counts as fired."""
        return strike(self.due, name)


Handler = Callable[[World, Call], Doc]
"""Answers a call with the body of a 200. Raises SquareError for everything else."""


def text(value: Any, name: str, longest: int) -> str | None:
    """A string of at most `longest` characters, or None when it was not sent. Raises SquareError."""
    if value is None:
        return None
    if not isinstance(value, str):
        raise invalid("EXPECTED_STRING", f"Field `{name}` is not a string.", name)
    if len(value) > longest:
        raise invalid("VALUE_TOO_LONG", f"Field `{name}` is longer than {longest} characters.", name)
    return value


def whole(value: Any, name: str, least: int, most: int | None = None) -> int:
    """An integer within bounds. Raises SquareError."""
    if isinstance(value, bool) or not isinstance(value, int):
        raise invalid("EXPECTED_INTEGER", f"Field `{name}` is not an integer.", name)
    if value < least:
        raise invalid("VALUE_TOO_LOW", f"Field `{name}` is less than {least}.", name)
    if most is not None and value > most:
        raise invalid("VALUE_TOO_HIGH", f"Field `{name}` is more than {most}.", name)
    return value


def digits(value: str, name: str) -> int:
    """A query parameter as an integer. Raises SquareError."""
    try:
        return int(value)
    except ValueError:
        raise invalid("EXPECTED_INTEGER", f"Field `{name}` is not an integer.", name) from None


def part(doc: Doc, name: str) -> Doc:
    """An object inside a body; empty when it was not sent. Raises SquareError when it is something else."""
    value = doc.get(name)
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise invalid("EXPECTED_OBJECT", f"Field `{name}` is not an object.", name)
    return value


def strings(value: Any, name: str) -> list[str]:
    """A non-empty list of strings. Raises SquareError."""
    if value is None:
        raise missing(name)
    if not isinstance(value, list) or not all(isinstance(entry, str) for entry in value):
        raise invalid("EXPECTED_ARRAY", f"Field `{name}` is not a list of strings.", name)
    if not value:
        raise invalid("ARRAY_EMPTY", f"Field `{name}` is empty.", name)
    return value


def once(world: World, call: Call, longest_key: int, apply: Callable[[], Doc]) -> Doc:
    """Applies a write, or, for a key seen before, gives the first answer again, whatever happened since.

    Raises SquareError IDEMPOTENCY_KEY_REUSED when the key came with another body. Refusals are not kept.
    """
    key = text(call.body.get("idempotency_key"), "idempotency_key", longest_key)
    if not key:
        return apply()
    place = f"{call.grant.application_id}:{call.route}:{key}"
    print_now = _fingerprint([dict(call.path), call.body])
    kept = world["replies"].get(place)
    if kept is None:
        answer = apply()
        world["replies"].put(place, {"fingerprint": print_now, "answer": answer})
        return answer
    if kept["fingerprint"] != print_now:
        raise invalid("IDEMPOTENCY_KEY_REUSED", "The idempotency key was used with other data.", "idempotency_key")
    answer = kept["answer"]
    assert isinstance(answer, dict)
    return answer


def _fingerprint(value: Any) -> str:
    return hashlib.sha256(json.dumps(value, sort_keys=True).encode()).hexdigest()
