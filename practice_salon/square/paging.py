"""Pages and cursors. A cursor holds what it continues, belongs to one query, and expires (five minutes at Square)."""

import base64
import binascii
import hashlib
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from practice_salon.square.call import Call
from practice_salon.square.errors import SquareError, invalid
from practice_salon.square.state import Doc, World


@dataclass(frozen=True, slots=True)
class Cursor:
    """Where the next page starts: after this key. `gap` makes the next page an empty one."""

    query: str
    after: str
    expires: int
    gap: bool = False

    def token(self) -> str:
        """The opaque text a client sends back; under 256 characters for keys under 100."""
        raw = json.dumps([self.query, self.after, self.expires, int(self.gap)], separators=(",", ":"))
        return base64.urlsafe_b64encode(raw.encode()).decode().rstrip("=")


def page(
    world: World,
    call: Call,
    name: str,
    rows: Sequence[Doc],
    key: Callable[[Doc], str],
    *,
    limit: int,
    query: Any,
    cursor: str | None,
) -> Doc:
    """One page as `{name: rows, "cursor": ...}`; `cursor` is left out on the last one.

    `rows` are all that match, `key` orders them and must be unique; `query` is what the cursor is bound to.
    Raises SquareError INVALID_CURSOR.
    """
    fingerprint = hashlib.sha256(json.dumps([call.route, query], sort_keys=True).encode()).hexdigest()[:16]
    start = _opened(world, call, cursor, fingerprint)
    ordered = sorted((row for row in rows if start is None or key(row) > start.after), key=key)
    size = min(limit, world.rules.page_cap)
    shown, rest = (ordered[:0], ordered) if start and start.gap else (ordered[:size], ordered[size:])
    if call.struck("list_empty"):
        return {name: []}
    if len(shown) > 1 and call.struck("list_suddenly_small"):
        return {name: shown[: len(shown) // 2]}
    gap = call.struck("list_empty_middle_page") is not None
    if gap and len(shown) > 1:
        shown = shown[: len(shown) // 2]
    after = key(shown[-1]) if shown else (start.after if start else "")
    more = bool(rest) or gap or bool(start and start.gap)
    if shown and call.struck("list_missing_row"):
        shown = [row for index, row in enumerate(shown) if index != len(shown) // 2]
    answer: Doc = {name: shown}
    if more:
        expires = int((world.now() + timedelta(seconds=world.rules.cursor_life_s)).timestamp())
        answer["cursor"] = Cursor(fingerprint, after, expires, gap).token()
    return answer


def _opened(world: World, call: Call, token: str | None, fingerprint: str) -> Cursor | None:
    if not token:
        return None
    cursor = _read(token)
    if cursor.query != fingerprint:
        raise _bad("The cursor belongs to another query.")
    if cursor.expires <= world.now().timestamp() or call.struck("cursor_expired"):
        raise _bad("The cursor has expired.")
    return cursor


def _read(token: str) -> Cursor:
    try:
        raw = json.loads(base64.urlsafe_b64decode(token + "=" * (-len(token) % 4)))
        query, after, expires, gap = raw
        return Cursor(str(query), str(after), int(expires), bool(gap))
    except (ValueError, TypeError, binascii.Error):
        raise _bad("The cursor is not valid.") from None


def _bad(detail: str) -> SquareError:
    return invalid("INVALID_CURSOR", detail, "cursor")
