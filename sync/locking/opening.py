"""Which backend holds the leases: the store itself, or the Redis that LOCK_URL names."""

from __future__ import annotations

from collections.abc import Callable

from sqlalchemy.engine import Engine

from sync.locking.contract import Locks, LocksUnavailable
from sync.locking.redis import RedisLocks
from sync.locking.sqlite import StoreLocks
from sync.store import keeping
from sync.store.connection import writing

REDIS = ("redis://", "rediss://", "unix://")
"""How an address of Redis begins: plain, encrypted, on a socket of this machine."""


def open_locks(engine: Engine, lock_url: str, released: Callable[[], None] = lambda: None) -> Locks:
    """The locks of this store; `released` is called after each release. Nothing is asked of Redis yet."""
    if not lock_url.startswith(REDIS):
        return StoreLocks(engine, released=released)
    return _on_redis(engine, lock_url, released)


def redis_problem(engine: Engine, lock_url: str) -> LocksUnavailable | None:
    """Why the Redis that LOCK_URL names cannot hold leases just now; None when it can, or when there is none."""
    if not lock_url.startswith(REDIS):
        return None
    try:
        _on_redis(engine, lock_url, lambda: None).try_out()
    except LocksUnavailable as error:
        return error
    return None


def _on_redis(engine: Engine, lock_url: str, released: Callable[[], None]) -> RedisLocks:
    with writing(engine) as conn:
        installation = keeping.installation(conn)
    return RedisLocks(engine, lock_url, installation, released=released)
