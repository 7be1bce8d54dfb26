"""What people really did: each act with who, when, on which side, and the ids it made or touched.

Kept as JSON lines, so that a run can be judged afterwards by somebody who trusts neither calendar.
"""

import json
import threading
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal

Side = Literal["bookly", "square"]
Ids = Mapping[str, tuple[int | str, ...]]
"""What an act made or touched: `appointment`, `customer_appointment`, `booking`, ... to their ids on that side."""


@dataclass(frozen=True, slots=True)
class Deed:
    """One act. `at` is UTC; `who` the door and the person ("website Anna Abbott"); times in `detail` are ISO, UTC."""

    at: datetime
    who: str
    side: Side
    what: str
    ids: Ids = field(default_factory=dict)
    detail: Mapping[str, Any] = field(default_factory=dict)


class Truth:
    """The acts in the order they were done, in memory, and in a file as well when one is given."""

    def __init__(self, file: Path | None = None) -> None:
        self._file = file
        self._guard = threading.Lock()
        self._deeds: list[Deed] = [] if file is None or not file.exists() else read(file)

    def record(self, deed: Deed) -> Deed:
        """Keep one act. From several threads their lines do not mix."""
        with self._guard:
            self._deeds.append(deed)
            if self._file is not None:
                with self._file.open("a", encoding="utf-8") as lines:
                    lines.write(json.dumps(asdict(deed), default=_plain) + "\n")
        return deed

    def deeds(self, side: Side | None = None, what: str | None = None) -> list[Deed]:
        """The acts so far, of one side or kind when asked."""
        with self._guard:
            return [d for d in self._deeds if side in (None, d.side) and what in (None, d.what)]

    def about(self, name: str, row_id: int | str) -> list[Deed]:
        """The acts on the thing of that id, in order."""
        return [deed for deed in self.deeds() if row_id in deed.ids.get(name, ())]


def read(file: Path) -> list[Deed]:
    """The acts kept in a file. A last line that was cut off by a kill is left out."""
    found = []
    for line in file.read_text("utf-8").splitlines():
        try:
            found.append(_deed(json.loads(line)))
        except ValueError:
            continue
    return found


def _deed(kept: Mapping[str, Any]) -> Deed:
    ids = {name: tuple(values) for name, values in kept["ids"].items()}
    at = datetime.fromisoformat(kept["at"]).astimezone(UTC)
    return Deed(at, kept["who"], kept["side"], kept["what"], ids, kept["detail"])


def _plain(value: object) -> str:
    return value.isoformat() if isinstance(value, datetime) else str(value)
