"""How much memory the worker's threads take, and how long they stop for its sake."""

from __future__ import annotations

import ctypes
import gc

ARENA_MAX = -8
"""M_ARENA_MAX of glibc's malloc.h."""
FEW = 2


def share_memory() -> bool:
    """Let all threads allocate from a few common arenas, where the C library is glibc; whether it could be said.

    By itself glibc gives up to eight a core, one to each new thread, of which each keeps what it once needed: an hour
    of traffic made the worker 11 % larger (docs/soak.md). Python's own lock leaves little to gain from so many.
    """
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    return mallopt is not None and bool(mallopt(ARENA_MAX, FEW))


def keep_what_is_loaded() -> None:
    """Tell the collector that what is there by now stays: it would stop every thread for a tenth of a second each time
    it looks through all of that for what nobody needs any more."""
    gc.collect()
    gc.freeze()
