"""The dashboard as a process of its own, on a store that a test has filled."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from subprocess import Popen

from sqlalchemy import Engine

from tests.servers.process import answers, running

ROOT = Path(__file__).resolve().parents[2]


@contextmanager
def dashboard(store: Engine, port: int, log: Path) -> Iterator[Popen[bytes]]:
    """The screens of the practice salon on that store, writing allowed; they listen on the loopback `port`."""
    command = (
        "/usr/bin/env", f"DATABASE_URL={store.url}", "WRITES=on", "PRACTICE=true", sys.executable, "-m",
        "streamlit", "run", str(ROOT / "streamlit_app.py"), "--server.address", "127.0.0.1",
        "--server.headless", "true", "--server.port", str(port),
    )  # fmt: skip
    with running(command, log, lambda: answers(port)) as child:
        yield child
