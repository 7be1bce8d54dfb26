"""A child process with a bound on its start and on its end."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

START = 60.0  # seconds: a cold server on a busy two-core machine
END = 15.0
STEP = 0.05


class NotStartedError(Exception):
    """The server ended, or did not answer in time; the message holds the last lines of its log."""


def free_port() -> int:
    """A loopback port that was free a moment ago."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def answers(port: int) -> bool:
    """True if something accepts connections on the loopback port."""
    with socket.socket() as probe:
        probe.settimeout(1.0)
        return probe.connect_ex(("127.0.0.1", port)) == 0


def tail(log: Path, lines: int = 15) -> str:
    return "\n".join(log.read_text(errors="replace").splitlines()[-lines:])


def wait_until(is_ready: Callable[[], bool], child: subprocess.Popen[bytes], log: Path) -> None:
    """Returns once `is_ready()`. Raises NotStartedError when the child ended or START passed."""
    pause = threading.Event()
    for _ in range(int(START / STEP)):
        if child.poll() is not None:
            raise NotStartedError(f"{child.args!r} ended with {child.returncode}:\n{tail(log)}")
        if is_ready():
            return
        pause.wait(STEP)
    raise NotStartedError(f"{child.args!r} did not answer within {START:.0f} s:\n{tail(log)}")


def end(child: subprocess.Popen[bytes]) -> None:
    """Ends the child and what it started: asked first, then without asking. Only its own process group."""
    for number in (signal.SIGTERM, signal.SIGKILL):
        if child.poll() is None:
            os.killpg(child.pid, number)
            try:
                child.wait(END)
            except subprocess.TimeoutExpired:
                continue
    child.wait(END)


@contextmanager
def running(command: Sequence[str], log: Path, is_ready: Callable[[], bool]) -> Iterator[subprocess.Popen[bytes]]:
    """`command` in a process group of its own, ready; ended when the block is left."""
    with log.open("wb") as out:
        child = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=out, stderr=subprocess.STDOUT, start_new_session=True
        )
    try:
        wait_until(is_ready, child, log)
        yield child
    finally:
        end(child)
