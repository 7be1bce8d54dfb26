"""`python -m sync.store.migrations "what changes"`: write a new revision after `tables` was changed."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from sync.store.connection import open_store
from sync.store.schema import write_revision


def main(words: list[str]) -> int:
    """Compare the tables with a store made by the revisions so far; returns 0, or 2 when nothing was said."""
    if not words:
        print('Say what changes: python -m sync.store.migrations "what changes"', file=sys.stderr)
        return 2
    with tempfile.TemporaryDirectory() as folder:
        engine = open_store(f"sqlite:///{folder}/compared.db")
        with engine.begin() as conn:
            path: Path = write_revision(conn, " ".join(words))
        engine.dispose()
    print(f"Read it, tidy it, and commit it with the tables: {path}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
