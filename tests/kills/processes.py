"""The processes of the program as the tests hold them: begun, awaited at a point, killed, stopped and let go on."""

from __future__ import annotations

import json
import os
import select
import signal
import socket
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

from tests.kills.worker import Order

ROOT = Path(__file__).resolve().parents[2]
BOUND = 60.0
"""Seconds that anything is waited for: a bound, on a busy machine."""
STEP = 0.02


def wait_for(holds: Callable[[], object], what: str, bound: float = BOUND) -> None:
    """Ask again until it holds. Raises AssertionError, with what was waited for."""
    pause = threading.Event()
    for _ in range(int(bound / STEP)):
        if holds():
            return
        pause.wait(STEP)
    raise AssertionError(f"{what}: not within {bound:.0f} s")


@dataclass(frozen=True)
class Process:
    """One process of the program; `door` is where its death shows."""

    pid: int
    door: int
    log: Path

    @property
    def alive(self) -> bool:
        return not select.select([self.door], [], [], 0)[0]

    def send(self, number: signal.Signals) -> None:
        with suppress(ProcessLookupError):
            signal.pidfd_send_signal(self.door, number)

    def end(self, number: signal.Signals = signal.SIGKILL) -> None:
        """Send a signal, and come back when the process is gone."""
        self.send(number)
        if not select.select([self.door], [], [], BOUND)[0]:
            raise AssertionError(f"the process did not end on {number.name}: {self.said()}")

    def wait_until_stopped(self) -> None:
        """Until it stands still as after SIGSTOP."""
        stat = Path(f"/proc/{self.pid}/stat")
        wait_for(lambda: stat.read_text().rpartition(") ")[2].startswith("T"), "the process stands still")

    def said(self) -> str:
        """The end of what it wrote."""
        return self.log.read_text(errors="replace")[-3000:]


@dataclass
class Nursery:
    """Begins processes. `settings`: how they find the salon."""

    folder: Path
    settings: dict[str, str]
    nurse: subprocess.Popen[str]
    ear: socket.socket
    told: str
    began: list[Process] = field(default_factory=list)

    def start(
        self, *words: str, point: str = "", place: int = 0, goes_on: bool = False, patience: int = 180
    ) -> Process:
        """A process `python -m WORDS`, that stops at `point` where one is named."""
        log = self.folder / f"{words[1]}-{len(self.began)}.log"
        order = Order(words, self.settings, str(self.folder), self.told, str(log), point, place, patience, goes_on)
        assert self.nurse.stdin and self.nurse.stdout
        self.nurse.stdin.write(order.line())
        self.nurse.stdin.flush()
        pid = int(self.nurse.stdout.readline())
        log.touch()
        made = Process(pid, os.pidfd_open(pid), log)
        self.began.append(made)
        return made

    def run(self, *words: str) -> Process:
        """The same, to its end."""
        made = self.start(*words)
        if not select.select([made.door], [], [], BOUND)[0]:
            raise AssertionError(f"{' '.join(words)} did not end: {made.said()}")
        return made

    def reached(self, process: Process) -> None:
        """Comes back once this process is at its point; what others told is passed over. Raises AssertionError."""
        while select.select([self.ear], [], [], BOUND)[0]:
            if json.loads(self.ear.recv(1000))["pid"] == process.pid:
                return
        raise AssertionError(f"its point was not reached: {process.said()}")


@contextmanager
def nursery(folder: Path, settings: dict[str, str]) -> Iterator[Nursery]:
    """Processes, each gone when the block is left."""
    with tempfile.TemporaryDirectory(prefix="kills-") as short, socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as ear:
        told = f"{short}/told"  # a Unix socket's path is short
        ear.bind(told)
        ours = ("DATABASE_URL", "SQUARE", "BOOKLY", "SALON", "WRITES", "LOCK", "LEASE", "PRACTICE", "PULL")
        clean = {name: value for name, value in os.environ.items() if not name.startswith(ours)}
        with subprocess.Popen(
            [sys.executable, "-m", "tests.kills.worker"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            cwd=ROOT,
            env=clean,
        ) as nurse:
            made = Nursery(folder, settings, nurse, ear, told)
            try:
                yield made
            finally:
                for process in made.began:
                    process.end()
                    os.close(process.door)
                assert nurse.stdin
                nurse.stdin.close()
