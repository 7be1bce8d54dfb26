"""What `make run` weighs: every process of it, after five minutes with one page open, by its share of memory (PSS)."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path

from tools.chromium import chromium, open_settled

ROOT = Path(__file__).resolve().parent.parent
GOAL_MB = 1000
LOOKS = 5
SECONDS_BETWEEN_LOOKS = 60.0
START_SECONDS = 600.0


def run() -> Iterator[str]:
    """A line a minute and one with the goal. Starts a practice salon of its own and ends it."""
    with tempfile.TemporaryDirectory() as place:
        subprocess.run(["git", "clone", "-q", str(ROOT), place], check=True)
        port = _free_port()
        starter = _start(Path(place), port)
        try:
            yield from _watch(starter, f"http://127.0.0.1:{port}")
        finally:
            starter.send_signal(signal.SIGINT)
            starter.wait(timeout=60)


def _start(place: Path, port: int) -> subprocess.Popen[str]:
    settings = {
        "DASHBOARD_PORT": str(port),
        "PRACTICE_SQUARE_PORT": str(_free_port()),
        "INTAKE_PORT": str(_free_port()),
    }
    starter = subprocess.Popen(
        [sys.executable, "-m", "tools.run"],
        cwd=place,
        env={**os.environ, **settings},
        stdout=subprocess.PIPE,
        text=True,
    )
    timer = threading.Timer(START_SECONDS, starter.kill)
    timer.start()
    assert starter.stdout is not None
    up = any("nothing real is touched" in line for line in starter.stdout)
    timer.cancel()
    if not up:
        raise RuntimeError("make run did not come up")
    return starter


def _watch(starter: subprocess.Popen[str], address: str) -> Iterator[str]:
    with chromium() as browser:
        open_settled(browser.new_page(), address)
        yield "memory of all processes of make run, one page open (sum of PSS)"
        total = 0.0
        for look in range(1, LOOKS + 1):
            threading.Event().wait(SECONDS_BETWEEN_LOOKS)
            weights = [(name, _pss(pid)) for pid, name in _family(starter.pid)]
            total = sum(mb for _, mb in weights)
            parts = ", ".join(f"{name} {mb:.0f}" for name, mb in sorted(weights, key=lambda weight: -weight[1]))
            yield f"  after {look} min: {total:6.0f} MB  ({parts})"
    yield f"  goal: under {GOAL_MB} MB; measured {total:.0f} MB: {'held' if total < GOAL_MB else 'SHORT'}"


def _family(root: int) -> Iterator[tuple[int, str]]:
    """The process and all that descend from it, each with a short name."""
    yield root, "starter"
    for child in Path(f"/proc/{root}/task/{root}/children").read_text().split():
        words = Path(f"/proc/{child}/cmdline").read_bytes().decode().split("\0")
        name = words[words.index("-m") + 1 : words.index("-m") + 3] if "-m" in words else words[:1]
        yield from ((pid, " ".join(name) if pid == int(child) else inner) for pid, inner in _family(int(child)))


def _pss(pid: int) -> float:
    """Megabytes; 0 for a process that has just ended."""
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    except (FileNotFoundError, ProcessLookupError):
        return 0.0
    return sum(int(line.split()[1]) for line in lines if line.startswith("Pss:")) / 1024


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
