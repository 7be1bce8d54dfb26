"""Child processes that are never left behind: each leads a process group of its own, and the group is ended."""

from __future__ import annotations

import ctypes
import os
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import FrameType
from typing import IO

GRACE = 8.0  # seconds a part has to end when asked
STEP = 0.1
PR_SET_PDEATHSIG = 1


def _end_with_parent() -> None:
    """Linux: the child is asked to end when the starter is killed without a chance to say so."""
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)


def start(
    command: Sequence[str], environment: Mapping[str, str], cwd: Path, log: IO[bytes] | None = None
) -> subprocess.Popen[bytes]:
    """`command` as the leader of a group of its own; its words go to `log`, or to this terminal."""
    return subprocess.Popen(
        command,
        env=dict(environment),
        cwd=cwd,
        stdin=subprocess.DEVNULL,
        stdout=log,
        stderr=subprocess.STDOUT if log else None,
        start_new_session=True,
        preexec_fn=_end_with_parent,
    )


def ended_with(child: subprocess.Popen[bytes]) -> int | None:
    """Its exit code (minus the signal's number when one ended it), or None while it goes on.

    It is not reaped, so that its group's number cannot be given to a stranger.
    """
    if child.returncode is not None:
        return child.returncode
    end = os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT)
    if end is None:
        return None
    return end.si_status if end.si_code == os.CLD_EXITED else -end.si_status


def has_ended(child: subprocess.Popen[bytes]) -> bool:
    return ended_with(child) is not None


def _tell(child: subprocess.Popen[bytes], number: signal.Signals) -> None:
    if child.returncode is None:
        os.killpg(child.pid, number)


def end_all(children: Sequence[subprocess.Popen[bytes]]) -> None:
    """Asks all to end, waits GRACE together, then ends what is left of every group, and reaps them."""
    for child in children:
        _tell(child, signal.SIGTERM)
    last = time.monotonic() + GRACE
    pause = threading.Event()
    while time.monotonic() < last and not all(has_ended(child) for child in children):
        pause.wait(STEP)
    for child in children:
        _tell(child, signal.SIGKILL)
        child.wait()


class Stop:
    """Set by Ctrl-C, by a request to end, or by the terminal being closed."""

    def __init__(self) -> None:
        self._event = threading.Event()

    def listen(self) -> None:
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, self._heard)

    def _heard(self, number: int, frame: FrameType | None) -> None:
        del number, frame
        self.ask()

    def ask(self) -> None:
        self._event.set()

    def asked(self) -> bool:
        return self._event.is_set()

    def wait_for(self, condition: Callable[[], bool], seconds: float) -> bool:
        """True once `condition()`; False when asked to stop or after `seconds`."""
        last = time.monotonic() + seconds
        while not self.asked() and time.monotonic() < last:
            if condition():
                return True
            self._event.wait(STEP)
        return False
