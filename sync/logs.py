"""Where a process of its own logs to, and how much."""

from __future__ import annotations

import logging

CHATTY = ("httpx", "alembic", "schedule")
"""Libraries that say each call; what matters of it our own lines say."""


def log_to_stderr() -> None:
    """One line each, with its time, from INFO up."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(name)s %(levelname)s %(message)s")
    for name in CHATTY:
        logging.getLogger(name).setLevel(logging.WARNING)
