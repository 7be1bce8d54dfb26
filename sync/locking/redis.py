"""Leases on Redis, for several machines. Redis turns away who would be refused; the store has the last word.

Whoever Redis lets in is written down in the store as with `StoreLocks`: lease, token and grants in one commit, after a
look at who holds it there. So a Redis that restarts and forgets lets nobody in beside a holder (docs/adr/0007).
"""

from __future__ import annotations

import contextlib
import hashlib
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlsplit
from uuid import uuid4

import redis
import sqlalchemy as sa
from redis.backoff import NoBackoff
from redis.exceptions import (
    AuthenticationError,
    AuthorizationError,
    NoPermissionError,
    NoScriptError,
    ReadOnlyError,
)
from redis.retry import Retry
from sqlalchemy.engine import Engine

from sync.locking import lua, rows
from sync.locking.contract import Busy, Claim, Lease, LocksUnavailable, wish
from sync.store.connection import quick_writing, reading

PATIENCE = 2.0
"""Seconds to wait for a connection, and for each answer."""


@dataclass(frozen=True, slots=True)
class Script:
    """A script, and the digest by which Redis knows it once it has seen it."""

    text: str
    digest: str


def _script(text: str) -> Script:
    return Script(text, hashlib.sha1(text.encode(), usedforsecurity=False).hexdigest())


RESERVE, EXTEND, FREE = _script(lua.RESERVE), _script(lua.EXTEND), _script(lua.FREE)


class Door:
    """The reservations on one Redis. `wall` gives seconds since 1970; without it Redis' own clock tells the time.

    Every method raises LocksUnavailable when Redis does not do it. A call whose answer was lost leaves at most a
    reservation that runs out by itself.
    """

    def __init__(self, url: str, installation: str, wall: Callable[[], float] | None = None) -> None:
        self._prefix, self._wall, self._shown = f"{{slotkeeper:{installation}}}:", wall, _shown(url)
        self._client = redis.Redis.from_url(
            url,
            socket_timeout=PATIENCE,
            socket_connect_timeout=PATIENCE,
            retry=Retry(NoBackoff(), 0),
            decode_responses=True,
        )
        self._call: Callable[..., Any] = self._client.execute_command

    def reserve(self, wanted: Sequence[Claim], owner: str, ttl: float) -> float | Busy:
        """All of it for `ttl` seconds: the time it was, in seconds since 1970. Else who holds some of it."""
        subjects = _subjects(wanted)
        args: list[object] = [self._now(), _text(ttl), owner]
        for claim in wanted:
            args += (subjects[claim.subject], _text(claim.start), _text(claim.end))
        now, *busy = self._run(RESERVE, subjects, args)
        if not busy:
            return float(now)
        who, until, number, start, end = busy
        return Busy(who, float(until), Claim(list(subjects)[int(number) - 1], float(start), float(end)))

    def extend(self, lease: Lease, ttl: float) -> float:
        """Hold on to what is still reserved for `ttl` seconds from now; the time it is now."""
        subjects = _subjects(lease.claims)
        return float(self._run(EXTEND, subjects, [self._now(), _text(ttl), *_members(lease, subjects)])[0])

    def free(self, lease: Lease) -> None:
        """Let go of what is still reserved for this lease."""
        subjects = _subjects(lease.claims)
        numbers_and_members = _members(lease, subjects)
        if len(subjects) == 1:  # one command is whole by itself, and cheaper than a script
            self._tell("ZREM", self._prefix + lease.claims[0].subject, *numbers_and_members[1::2])
        else:
            self._run(FREE, subjects, numbers_and_members)

    def close(self) -> None:
        """Let go of the connections; another call opens new ones."""
        self._client.close()

    def _now(self) -> str:
        return _text(self._wall()) if self._wall else ""

    def _run(self, script: Script, subjects: Iterable[str], args: Iterable[object]) -> Any:
        """Run a script by its digest; a Redis that does not know it (any more) is given the text."""
        keys = [self._prefix + subject for subject in subjects]
        try:
            return self._tell("EVALSHA", script.digest, len(keys), *keys, *args)
        except NoScriptError:
            return self._tell("EVAL", script.text, len(keys), *keys, *args)

    def _tell(self, *words: object) -> Any:
        try:
            return self._call(*words)
        except NoScriptError:
            raise
        except redis.RedisError as error:
            why, passes = _why(error)
            raise LocksUnavailable(f"LOCK_URL names {self._shown}, {why}", passes=passes) from error


class RedisLocks:
    """Locks on Redis and the store together. `installation` names the salon on Redis; `wall` gives seconds since 1970,
    without it Redis' own clock tells the time; `clock` is monotonic. `released` is called after each release, so that
    who waits can be woken. Nothing is connected before it is needed; connections are closed with the engine.
    """

    def __init__(
        self,
        engine: Engine,
        url: str,
        installation: str,
        wall: Callable[[], float] | None = None,
        clock: Callable[[], float] = time.monotonic,
        released: Callable[[], None] = lambda: None,
    ) -> None:
        self._engine, self._clock, self._released = engine, clock, released
        self._door, self._wall = Door(url, installation, wall), wall or time.time
        sa.event.listen(engine, "engine_disposed", lambda _: self._door.close())

    def acquire(self, claims: Iterable[Claim], owner: str, ttl: float) -> Lease | Busy:
        """See `Locks.acquire`. The lease counts from the reservation, also where the store's turn comes later."""
        wanted = wish(claims, owner, ttl)
        deadline = self._clock() + ttl
        now = self._door.reserve(wanted, owner, ttl)
        if isinstance(now, Busy):
            return now
        answer: Lease | Busy | None = None
        try:
            answer = quick_writing(self._engine, lambda db: rows.grant(db, wanted, owner, now, ttl, deadline))
        finally:
            if not isinstance(answer, Lease):
                self._free(Lease(owner, wanted, now, now + ttl, 0, deadline))
        return answer

    def renew(self, lease: Lease, ttl: float) -> Lease | None:
        """See `Locks.renew`. The store decides, by the time it is when its turn comes; Redis may have forgotten."""
        if ttl <= 0:
            raise ValueError("a lease needs a time to live")
        asked = self._clock()
        now = self._door.extend(lease, ttl)
        longer = replace(lease, expires_at=now + ttl, deadline=asked + ttl)
        prolonged = quick_writing(self._engine, lambda db: rows.extend(db, longer, now + self._clock() - asked))
        return longer if prolonged else None

    def release(self, lease: Lease) -> bool:
        """See `Locks.release`. The store first: else the next in line would pass Redis and be refused there."""
        done = quick_writing(self._engine, lambda db: rows.let_go(db, lease))
        self._free(lease)
        if done:
            self._released()
        return done

    def leases(self) -> tuple[Lease, ...]:
        """See `Locks.leases`. The store knows them all, also while Redis is away."""
        with reading(self._engine) as conn:
            return rows.live(conn, self._wall(), self._clock())

    def try_out(self) -> None:
        """Take and let go of something nobody wants. Raises LocksUnavailable where that is not possible."""
        wanted, owner = (Claim.visit(f"try-out:{uuid4().hex}"),), "check"
        now = self._door.reserve(wanted, owner, PATIENCE)
        if not isinstance(now, Busy):
            self._door.free(Lease(owner, wanted, now, now + PATIENCE, 0, self._clock() + PATIENCE))

    def _free(self, lease: Lease) -> None:
        """A Redis that is away just now lets it run out."""
        with contextlib.suppress(LocksUnavailable):
            self._door.free(lease)


def _subjects(claims: Iterable[Claim]) -> dict[str, int]:
    """Each subject with the number of its key."""
    numbers: dict[str, int] = {}
    for claim in claims:
        numbers.setdefault(claim.subject, len(numbers) + 1)
    return numbers


def _members(lease: Lease, subjects: dict[str, int]) -> list[object]:
    """For each claim the number of its key, and its member as RESERVE made it."""
    tail = f"|{_text(lease.granted_at)}|{lease.owner}"
    members: list[object] = []
    for claim in lease.claims:
        members += (subjects[claim.subject], f"{_text(claim.start)}|{_text(claim.end)}{tail}")
    return members


def _text(number: float) -> str:
    """As the scripts write it, so that it is the same member again."""
    return format(number, ".17g")


def _shown(url: str) -> str:
    """The address without its password and options."""
    parts = urlsplit(url)
    user, _, place = parts.netloc.rpartition("@")
    masked = f"{user.partition(':')[0]}:***@{place}" if user else place
    return parts._replace(netloc=masked, query="", fragment="").geturl()


def _why(error: redis.RedisError) -> tuple[str, bool]:
    """The rest of the sentence, and whether it may pass. The error's own words are left out: they may repeat what was
    sent."""
    if isinstance(error, AuthenticationError | AuthorizationError | NoPermissionError):
        return "which refuses this user, its password or what it asks for: correct them, or grant the right.", False
    if isinstance(error, ReadOnlyError):
        return "which is a copy that takes no changes: write the address of the Redis that it copies.", False
    if isinstance(error, redis.TimeoutError):
        return f"which did not answer within {PATIENCE:g} seconds: check that it runs and how busy it is.", True
    if isinstance(error, redis.ConnectionError):
        return "where no Redis answers: is it running?", True
    return "which does not do what it is asked: check that it is a Redis from version 6 on, with room left.", False
