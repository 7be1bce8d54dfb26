"""The practice salon as `make run` starts it, in processes of its own, with its people in a hurry."""

from __future__ import annotations

import os
import sqlite3
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.servers.process import answers, free_port, running
from tools.plan import Part, Step, practice_plan

ROOT = Path(__file__).resolve().parents[2]
STEP_SECONDS = 600
NOT_NEEDED = "dashboard"
PEOPLE = "practice-people"
STORE = Path("var", "slotkeeper.db")


@dataclass(frozen=True, slots=True)
class Salon:
    """`processes` by their names in the plan; each one's log lies beside."""

    folder: Path
    processes: Mapping[str, subprocess.Popen[bytes]]
    people: ExitStack
    engine: ExitStack

    @property
    def store(self) -> Path:
        return self.folder / STORE

    def memory(self, name: str) -> int:
        """Resident kilobytes of a process."""
        status = Path(f"/proc/{self.processes[name].pid}/status").read_text()
        return next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmRSS"))

    def log(self) -> int:
        """Bytes of the store's write-ahead log; 0 while there is none."""
        file = Path(f"{self.store}-wal")
        return file.stat().st_size if file.exists() else 0

    def said(self, words: str) -> int:
        """How often any process said that."""
        return sum(log.read_text(errors="replace").count(words) for log in self.folder.glob("*.log"))

    def rows(self, sql: str) -> list[tuple[object, ...]]:
        """What the store answers."""
        with sqlite3.connect(f"file:{self.store}?mode=ro", uri=True, timeout=30) as conn:
            found: list[tuple[object, ...]] = conn.execute(sql).fetchall()
        conn.close()
        return found


@contextmanager
def busy_salon(folder: Path, speed: float) -> Iterator[Salon]:
    """Everything but the dashboard; `people.close()` sends everybody home, `engine.close()` stops the engine too."""
    names = ("DASHBOARD_PORT", "INTAKE_PORT", "PRACTICE_SQUARE_PORT")
    plan = practice_plan({name: str(free_port()) for name in names})
    kept = {name: value for name, value in os.environ.items() if name not in plan.without}
    environment = {**kept, **plan.environment, "PYTHONPATH": str(ROOT)}
    (folder / "var").mkdir()
    made: dict[str, subprocess.Popen[bytes]] = {}
    with ExitStack() as engine, ExitStack() as people:
        for item in plan.order:
            if isinstance(item, Step):
                _done(item, folder, environment)
            elif item.name != NOT_NEEDED:
                stack = people if item.name == PEOPLE else engine
                made[item.name] = stack.enter_context(_started(item, folder, environment, speed))
        yield Salon(folder, made, people, engine)


def _done(step: Step, folder: Path, environment: Mapping[str, str]) -> None:
    done = subprocess.run(step.command, cwd=folder, env=environment, capture_output=True, timeout=STEP_SECONDS)
    assert done.returncode == 0, done.stderr.decode()


@contextmanager
def _started(
    part: Part, folder: Path, environment: Mapping[str, str], speed: float
) -> Iterator[subprocess.Popen[bytes]]:
    more = ("--speed", str(speed)) if part.name == PEOPLE else ()
    command = ["env", "-C", str(folder), *(f"{k}={v}" for k, v in environment.items()), *part.command, *more]
    with running(command, folder / f"{part.name}.log", lambda: not part.port or answers(part.port)) as child:
        yield child
