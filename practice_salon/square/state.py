"""The world behind the practice Square: plain JSON documents in tables, a clock, and rules that can be set.

A document is never changed in place: `put` replaces it, in memory and, when a file was attached, in SQLite.
Whoever reads or changes the world holds `World.lock`; `World.change()` does that and writes the file at its end.
"""

import hashlib
import json
import sqlite3
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from practice_salon.square.faults import Disturbances

Doc = dict[str, Any]
"""A JSON object."""

TABLES = (
    "meta",
    "grants",
    "locations",
    "team_members",
    "profiles",
    "hours",
    "items",
    "transitions",
    "customers",
    "bookings",
    "blocks",
    "replies",
    "subscriptions",
    "events",
    "deliveries",
    "deeds",
)

SCHEMA = """
create table if not exists documents (
    place integer primary key autoincrement,
    kind text not null,
    id text not null,
    body text not null,
    unique (kind, id)
)
"""
UPSERT = """
insert into documents (kind, id, body) values (?, ?, ?)
on conflict (kind, id) do update set body = excluded.body
"""


@dataclass(frozen=True, slots=True)
class Rules:
    """What differs between salons and Square versions, and what Square leaves undocumented (statuses).

    Seconds are server time but for `webhook_timeout_s`, which is real; `retry_scale` shrinks the webhook retry steps.
    """

    booking_policy: str = "ACCEPT_ALL"
    seller_writes: bool = True
    allow_user_cancel: bool = True
    alignment: str = "QUARTER_HOURLY"
    min_lead_s: int = 0
    max_lead_s: int = 366 * 86_400
    customer_lag_s: float = 3.0
    page_cap: int = 100
    cursor_life_s: int = 300
    stale_status: int = 409
    taken_status: int = 400
    api_cancel_status: str = "CANCELLED_BY_SELLER"
    retry_scale: float = 1.0
    webhook_timeout_s: float = 10.0
    events_enabled: bool = False


@dataclass(slots=True)
class Clock:
    """Server time: the machine's clock moved by `offset`, or, when `frozen_at` is set, standing until advanced."""

    offset: timedelta = timedelta()
    frozen_at: datetime | None = None

    def now(self) -> datetime:
        """The server's time, in UTC."""
        base = datetime.now(UTC) if self.frozen_at is None else self.frozen_at
        return base + self.offset

    def advance(self, seconds: float) -> None:
        """Moves server time on by so many seconds."""
        self.offset += timedelta(seconds=seconds)


class Table:
    """Documents of one kind by id, in the order they were first put."""

    def __init__(self, kind: str, save: Callable[[str, str, Doc | None], None]) -> None:
        self.kind = kind
        self._save = save
        self._docs: dict[str, Doc] = {}

    def get(self, key: str) -> Doc | None:
        """The document, or None."""
        return self._docs.get(key)

    def put(self, key: str, doc: Doc) -> Doc:
        """Keeps the document under the key and returns it."""
        self._docs[key] = doc
        self._save(self.kind, key, doc)
        return doc

    def drop(self, key: str) -> None:
        """Forgets the document; nothing happens when there is none."""
        if self._docs.pop(key, None) is not None:
            self._save(self.kind, key, None)

    def load(self, docs: dict[str, Doc]) -> None:
        """Takes documents that are already on disk."""
        self._docs = docs

    def values(self) -> list[Doc]:
        """All documents, oldest first."""
        return list(self._docs.values())

    def items(self) -> list[tuple[str, Doc]]:
        """All keys with their documents, oldest first."""
        return list(self._docs.items())

    def __contains__(self, key: object) -> bool:
        return key in self._docs

    def __len__(self) -> int:
        return len(self._docs)


@dataclass
class World:
    """One merchant's Square. `salt` makes the ids: the same salt and the same doings give the same ids."""

    salt: str
    clock: Clock = field(default_factory=Clock)
    faults: Disturbances = field(default_factory=Disturbances)
    counts: Counter[str] = field(default_factory=Counter)

    def __post_init__(self) -> None:
        self.lock = threading.RLock()
        self.moved = threading.Condition(self.lock)
        self._listeners: list[Callable[[], None]] = []
        self._file: sqlite3.Connection | None = None
        self._tables = {kind: Table(kind, self._save) for kind in TABLES}
        self._depth = 0

    def __getitem__(self, kind: str) -> Table:
        return self._tables[kind]

    @property
    def rules(self) -> Rules:
        """The rules in force."""
        return Rules(**(self["meta"].get("rules") or {}))

    def set_rules(self, **changes: object) -> Rules:
        """Changes some rules. Raises TypeError for a name that is none."""
        rules = replace(self.rules, **changes)  # type: ignore[arg-type]
        self["meta"].put("rules", asdict(rules))
        return rules

    def now(self) -> datetime:
        """The server's time, in UTC."""
        return self.clock.now()

    def advance(self, seconds: float) -> datetime:
        """Moves server time on and wakes whatever waits for it; returns the new time."""
        with self.change():
            self.clock.advance(seconds)
            self["meta"].put("clock", {"offset_s": self.clock.offset.total_seconds()})
        return self.now()

    def next_number(self, name: str) -> int:
        """1, 2, 3, ... for each name."""
        counters = self["meta"].get("counters") or {}
        number = int(counters.get(name, 0)) + 1
        self["meta"].put("counters", {**counters, name: number})
        return number

    def digest(self, name: str) -> str:
        """64 hex digits that were never given out before in this world."""
        return hashlib.sha256(f"{self.salt}:{name}:{self.next_number(name)}".encode()).hexdigest()

    @contextmanager
    def change(self) -> Iterator[None]:
        """Holds the lock; at the outermost end writes the file and wakes those who wait for a change."""
        with self.lock:
            self._depth += 1
            try:
                yield
            finally:
                self._depth -= 1
                if self._depth == 0:
                    self._settle()

    def on_change(self, listener: Callable[[], None]) -> Callable[[], None]:
        """Calls the listener after each change; returns what takes it away again."""
        self._listeners.append(listener)
        return lambda: self._listeners.remove(listener)

    def attach(self, path: Path | str) -> None:
        """Keeps the world in that SQLite file from now on. A file that holds a world already replaces this one's."""
        with self.change():
            self._file = sqlite3.connect(path, check_same_thread=False, isolation_level=None)
            self._file.execute("pragma journal_mode=wal")
            self._file.execute("pragma synchronous=normal")
            self._file.execute(SCHEMA)
            self._file.execute("begin")
            if not self._load(self._file):
                self["meta"].put("salt", {"salt": self.salt})
                self._save_all()

    def detach(self) -> None:
        """Closes the file; the world goes on in memory."""
        with self.lock:
            if self._file is not None:
                self._file.close()
                self._file = None

    def _settle(self) -> None:
        if self._file is not None and self._file.in_transaction:
            self._file.execute("commit")
        self.moved.notify_all()
        for listener in list(self._listeners):
            listener()

    def _save(self, kind: str, key: str, doc: Doc | None) -> None:
        if self._file is None:
            return
        if not self._file.in_transaction:
            self._file.execute("begin")
        if doc is None:
            self._file.execute("delete from documents where kind = ? and id = ?", (kind, key))
        else:
            self._file.execute(UPSERT, (kind, key, json.dumps(doc)))

    def _save_all(self) -> None:
        for kind, table in self._tables.items():
            for key, doc in table.items():
                self._save(kind, key, doc)

    def _load(self, file: sqlite3.Connection) -> bool:
        found: dict[str, dict[str, Doc]] = {kind: {} for kind in TABLES}
        for kind, key, body in file.execute("select kind, id, body from documents order by place"):
            found[kind][key] = json.loads(body)
        if not found["meta"]:
            return False
        for kind, docs in found.items():
            self._tables[kind].load(docs)
        self.salt = found["meta"]["salt"]["salt"]
        self.clock.offset = timedelta(seconds=found["meta"].get("clock", {}).get("offset_s", 0.0))
        return True
