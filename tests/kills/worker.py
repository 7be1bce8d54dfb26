"""`python -m tests.kills.worker`: the program's own processes, which stop at a point where somebody waits to kill them.

Processes are forks of one that has imported everything and done nothing, or each would take a second to begin. An order
is a line of JSON on its input: what to run, with which settings, and where to stop. A process that is at its point says
so by a datagram and goes no further in that thread; the others go on until the signal comes.

A lock lasts a few seconds here and not thirty. Production refuses that, since a calendar may take its time over each
call; the practice Square answers in milliseconds, so here less must be left of a lock before anything is sent.
"""

from __future__ import annotations

import json
import os
import random
import signal
import socket
import sys
import threading
from dataclasses import asdict, dataclass

from jobs.__main__ import jobs
from sync.__main__ import sync
from sync.converge import grip, opening
from tests.kills.points import lay

LEFT_BEFORE_SENDING = 1.0
"""Seconds that must be left of a lock before anything is sent."""
_first = threading.Lock()
"""Held by the thread that was at the point first."""
COMMANDS = {"sync": sync, "jobs": jobs}


@dataclass(frozen=True)
class Order:
    """`words`: what is typed behind `python -m`. `told`: the socket on which a reached point is told. `patience`:
    seconds after which a process that nobody ends is ended by its own alarm. `goes_on`: at its point, the first time,
    it stops as by SIGSTOP, and goes on with SIGCONT."""

    words: tuple[str, ...]
    settings: dict[str, str]
    folder: str
    told: str
    log: str
    point: str = ""
    place: int = 0
    patience: int = 180
    goes_on: bool = False

    def line(self) -> str:
        return json.dumps(asdict(self)) + "\n"


def nurse() -> None:
    """One process a line of input; its number as a line of output."""
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # nobody here waits for them
    for line in sys.stdin:
        given = json.loads(line)
        order = Order(**{**given, "words": tuple(given["words"])})
        child = os.fork()
        if child == 0:
            _become(order)
        sys.stdout.write(f"{child}\n")
        sys.stdout.flush()


def _become(order: Order) -> None:
    """This fork is that process from now on."""
    code = 1
    try:
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        signal.alarm(order.patience)
        _outputs_to(order.log)
        os.chdir(order.folder)
        os.environ.update(order.settings)
        random.seed()
        for room in (grip, opening):
            vars(room)["NEEDED"] = LEFT_BEFORE_SENDING
        if order.point:
            lay(order.point, order.place, lambda: _wait_there(order))
        COMMANDS[order.words[0]].main(list(order.words[1:]), standalone_mode=False)
        code = 0
    except SystemExit as left:
        code = int(left.code or 0)
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


def _outputs_to(log: str) -> None:
    there = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    nothing = os.open(os.devnull, os.O_RDONLY)
    for number, ours in ((nothing, 0), (there, 1), (there, 2)):
        os.dup2(number, ours)


def _wait_there(order: Order) -> None:
    """Say where we are, and stay: for ever, or until somebody lets us go on."""
    if not _first.acquire(blocking=False) and order.goes_on:
        return
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as telling:
        telling.sendto(json.dumps({"pid": os.getpid(), "point": order.point}).encode(), order.told)
    if order.goes_on:
        os.kill(os.getpid(), signal.SIGSTOP)
        return
    threading.Event().wait()


if __name__ == "__main__":
    nurse()
