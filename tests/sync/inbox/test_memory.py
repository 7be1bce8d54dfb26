"""The worker's threads share their memory, and are not stopped for the sake of what stays."""

from __future__ import annotations

import platform
import subprocess
import sys

import pytest

THREADS = 40
ARENA = 64 << 20
"""An arena of a thread lies at a multiple of this, where glibc runs on 64 bits."""
NEEDED = f"""
import threading
from pathlib import Path
from sync.inbox.memory import share_memory

SAID
all_there, over = threading.Barrier({THREADS + 1}), threading.Event()

def need():
    kept = [bytes(600) for _ in range(2000)]
    all_there.wait()
    over.wait()

for _ in range({THREADS}):
    threading.Thread(target=need, daemon=True).start()
all_there.wait()
begins = [int(line.split("-")[0], 16) for line in Path("/proc/self/maps").read_text().splitlines()]
print(sum(begin % {ARENA} == 0 for begin in begins))
over.set()
"""


def arenas(said: str) -> int:
    """How many arenas forty threads that need memory make in a process in which that was said before."""
    ended = subprocess.run(
        [sys.executable, "-c", NEEDED.replace("SAID", said)], capture_output=True, text=True, check=True
    )
    return int(ended.stdout)


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="only glibc has arenas")
def test_many_threads_of_the_worker_need_few_arenas() -> None:
    assert arenas("share_memory()") <= 3
    assert arenas("") > 3


def test_what_is_loaded_when_the_worker_begins_is_never_looked_through_again() -> None:
    said = "import gc, sync.inbox.memory as memory; memory.keep_what_is_loaded(); print(gc.get_freeze_count())"
    ended = subprocess.run([sys.executable, "-c", said], capture_output=True, text=True, check=True)
    assert int(ended.stdout) > 1000
