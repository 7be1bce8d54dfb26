"""A salon that the jobs are run on: an empty practice Square, a Bookly, and a store of its own, by typed commands."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from practice_salon.bookly.load import load
from sync.store.connection import open_store

ROOT = Path(__file__).parents[2]
SAMPLE = ROOT / "tests" / "data" / "bookly-27.4-sample.json"
SCHEMA = ROOT / "tests" / "data" / "bookly-27.4-schema.json"
PATIENCE_S = 120
OURS = ("DATABASE_URL", "WRITES", "SQUARE_", "BOOKLY_", "SALON_", "PRACTICE", "LEASE_", "PULL_", "LOCK_URL")

CLASHES = frozenset({"double_booking", "padding_clash", "over_capacity"})
"""The kinds that the sample's planted truth speaks of."""

Found = tuple[str, tuple[int, ...]]


@dataclass(frozen=True)
class Salon:
    """Settings as a salon gives them, in a directory of its own."""

    directory: Path
    bookly: str
    square: str
    more: Mapping[str, str] = field(default_factory=dict)

    @property
    def store(self) -> str:
        return f"sqlite:///{self.directory}/slotkeeper.db"

    @property
    def environment(self) -> dict[str, str]:
        """This process's, with nothing of Slotkeeper's in it but what this salon sets."""
        kept = {name: value for name, value in os.environ.items() if not name.startswith(OURS)}
        return {
            **kept,
            "PYTHONPATH": str(ROOT),
            "DATABASE_URL": self.store,
            "BOOKLY_DATABASE_URL": self.bookly,
            "SQUARE_BASE_URL": self.square,
            "SQUARE_ACCESS_TOKEN": "practice",
            **self.more,
        }

    def typed(self, *words: str) -> subprocess.CompletedProcess[str]:
        """`python -m WORDS`, with both outputs in pipes."""
        return subprocess.run(
            command(*words),
            cwd=self.directory,
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=PATIENCE_S,
            check=False,
        )

    def started(self, *words: str) -> subprocess.Popen[str]:
        """`python -m WORDS`, left running; the caller waits for it."""
        return subprocess.Popen(
            command(*words),
            cwd=self.directory,
            env=self.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def load(self) -> None:
        """Fill its Bookly with the sample."""
        load(self.bookly, SAMPLE)

    def load_as_typed(self) -> None:
        """The same by the practice salon's command."""
        done = self.typed("practice_salon", "bookly", "--url", self.bookly, "--load", str(SAMPLE))
        assert done.returncode == 0, done.stderr

    def open_store(self) -> None:
        """Make the store, with nothing in it."""
        open_store(self.store).dispose()

    def reconciled(self, *words: str) -> list[dict[str, Any]]:
        """Both pulls and a look, as typed; what `--json` printed."""
        for job in ("pull-bookly", "pull-square"):
            done = self.typed("jobs", "run", job, *words)
            assert (done.returncode, done.stderr) == (0, ""), done.stderr
        done = self.typed("jobs", "run", "reconcile", "--json", *words)
        assert (done.returncode, done.stderr) == (0, ""), done.stderr
        found: list[dict[str, Any]] = json.loads(done.stdout)
        return found

    def runs(self) -> list[tuple[str, str, str, str]]:
        """(job, who asked, state, sentence) of every run the store knows of, in their order."""
        rows = self.kept("SELECT job, asked_by, state, sentence FROM runs ORDER BY id")
        return [(row[0], row[1], row[2], row[3] or "") for row in rows]

    def kept(self, statement: str) -> list[tuple[Any, ...]]:
        """What the store answers to a plain statement."""
        engine = sa.create_engine(self.store)
        try:
            with engine.connect() as conn:
                return [tuple(row) for row in conn.exec_driver_sql(statement)]
        finally:
            engine.dispose()


def command(*words: str) -> list[str]:
    return [sys.executable, "-m", *words]


def clashes(found: list[dict[str, Any]]) -> set[Found]:
    """(kind, Bookly's appointment ids) of the findings of the planted kinds; each reported once."""
    told = [
        (one["kind"], tuple(sorted(int(a["id"]) for a in one["appointments"])))
        for one in found
        if one["kind"] in CLASHES
    ]
    assert len(told) == len(set(told)), "a finding was reported twice"
    return set(told)


def planted() -> set[Found]:
    """The sample's own word for what is wrong in it."""
    facts = json.loads(SAMPLE.read_text())["meta"]["seed_facts"]
    return {
        *(("double_booking", tuple(sorted(pair))) for pair in facts["double_bookings"]),
        *(("padding_clash", tuple(sorted(pair))) for pair in facts["padding_only_clash"]),
        *(("over_capacity", (row,)) for row in facts["over_capacity_rows"]),
    }
