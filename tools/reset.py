"""Forgets the practice salon: takes away what is under var/. A real salon's store is left alone."""

from __future__ import annotations

import fcntl
import shutil
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def reset(root: Path) -> str:
    """Returns a sentence on what was done; raises SystemExit with one on why nothing was."""
    var = root / "var"
    if not var.exists():
        return "Nothing to forget: var/ is not there."
    if (var / "slotkeeper.db").exists() and not (var / "practice").exists():
        raise SystemExit("var/slotkeeper.db belongs to a real salon: move it away by hand if it may go.")
    with (var / "run.lock").open("a") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise SystemExit("Slotkeeper is running here: stop it first (Ctrl-C where it runs).") from None
        shutil.rmtree(var)
    return "Forgotten. The next 'make run' starts with a new practice salon."


if __name__ == "__main__":
    print(reset(ROOT))
    sys.exit(0)
