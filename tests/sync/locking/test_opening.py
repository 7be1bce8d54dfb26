"""LOCK_URL chooses the backend; whichever it is, a release is told, and the commands say how it stands."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
from click.testing import CliRunner
from pydantic import SecretStr, ValidationError

from sync.__main__ import sync
from sync.locking.contract import Busy, Claim, Lease, LocksUnavailable
from sync.locking.opening import open_locks, redis_problem
from sync.locking.redis import RedisLocks
from sync.locking.sqlite import StoreLocks
from sync.settings import Settings, settings
from sync.store.connection import open_store
from tests.servers.process import free_port
from tests.sync.locking.contract import TTL, granted, span

STORE = "sqlite:///var/slotkeeper.db"
GOOD = (
    "", STORE, "redis://127.0.0.1:6379/0", "redis://:pass@locks.example", "rediss://salon:pass@locks.example:6380/2",
    "unix:///run/redis.sock", "redis://[::1]:6379/",
)  # fmt: skip
BAD = (
    "locks.example", "http://locks.example", "redis://", "redis://:6379/0", "redis://locks.example:many",
    "redis://locks.example/salon", "unix://", "redis://[::1", "sqlite:///another.db", "postgresql://db.example/store",
)  # fmt: skip


def with_lock_url(value: str) -> Settings:
    return Settings(_env_file=None, database_url=STORE, lock_url=SecretStr(value))  # type: ignore[call-arg]


@pytest.mark.parametrize("value", GOOD)
def test_addresses_that_can_hold_locks_are_taken(value: str) -> None:
    assert with_lock_url(value).lock_url.get_secret_value() == value


@pytest.mark.parametrize("value", BAD)
def test_addresses_that_cannot_are_refused(value: str) -> None:
    with pytest.raises(ValidationError, match="lock_url"):
        with_lock_url(value)


def test_the_setting_does_not_show_its_password() -> None:
    assert "sesame" not in repr(with_lock_url("redis://:sesame@locks.example"))


@pytest.mark.parametrize("value", GOOD)
def test_the_address_chooses_the_backend_and_nobody_is_asked_yet(value: str, tmp_path: Path) -> None:
    engine = open_store(f"sqlite:///{tmp_path / 'store.db'}")
    on_redis = value not in ("", STORE)
    assert isinstance(open_locks(engine, value), RedisLocks if on_redis else StoreLocks)
    engine.dispose()


@pytest.mark.redis
@pytest.mark.parametrize("on_redis", [False, True], ids=["in the store", "on Redis"])
def test_who_waits_is_told_of_each_release_and_of_nothing_else(on_redis: bool, tmp_path: Path, redis_url: str) -> None:
    engine = open_store(f"sqlite:///{tmp_path / 'store.db'}")
    url = redis_url if on_redis else ""
    woken: list[Lease | Busy] = []
    another = open_locks(engine, url)
    locks = open_locks(engine, url, lambda: woken.append(another.acquire([span(10, 11)], "woken", TTL)))
    lease = granted(locks.acquire([span(10, 11)], "first", TTL))
    locks.acquire([span(10, 11)], "second", TTL)
    locks.renew(lease, TTL)
    assert woken == []
    assert locks.release(lease)
    assert not locks.release(lease)
    (taken,) = woken
    assert granted(taken).owner == "woken", "what was let go of is free by the time it is told"
    engine.dispose()


def test_the_command_says_who_holds_whose_time_from_when_to_when(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABASE_URL", f"sqlite:///{tmp_path / 'store.db'}")
    settings.cache_clear()
    engine = open_store(f"sqlite:///{tmp_path / 'store.db'}")
    night = Claim.span("bookly:2", datetime(2026, 11, 24, 23, tzinfo=UTC), datetime(2026, 11, 25, 1, tzinfo=UTC))
    day = Claim.span("bookly:1", datetime(2026, 11, 24, 10, tzinfo=UTC), datetime(2026, 11, 24, 10, 45, tzinfo=UTC))
    lease = granted(open_locks(engine, "").acquire([day, night, Claim.visit("18")], "salon-pc:7", TTL))
    first, *claims = CliRunner().invoke(sync, ["locks"], catch_exceptions=False).stdout.splitlines()
    assert first.startswith("salon-pc:7 holds 3 claim(s) until ")
    assert claims == [
        "  staff:bookly:1, 2026-11-24 10:00 to 10:45 UTC",
        "  staff:bookly:2, 2026-11-24 23:00 to 2026-11-25 01:00 UTC",
        "  visit:18",
    ]
    open_locks(engine, "").release(lease)
    assert CliRunner().invoke(sync, ["locks"], catch_exceptions=False).stdout == "Nobody holds anything.\n"
    settings.cache_clear()
    engine.dispose()


@pytest.mark.redis
def test_the_commands_say_how_it_stands(tmp_path: Path, redis_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    store = f"sqlite:///{tmp_path / 'store.db'}"
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("DATABASE_URL", store)
    monkeypatch.setenv("LOCK_URL", redis_url)
    settings.cache_clear()
    engine = open_store(store)
    assert redis_problem(engine, redis_url) is None
    lease = granted(open_locks(engine, redis_url).acquire([span(10, 11)], "salon-pc:7", TTL))
    said = CliRunner().invoke(sync, ["locks"], catch_exceptions=False).stdout
    assert said.startswith("salon-pc:7 holds 1 claim(s) until ") and "staff:bookly:1" in said
    open_locks(engine, redis_url).release(lease)
    assert CliRunner().invoke(sync, ["locks"], catch_exceptions=False).stdout == "Nobody holds anything.\n"
    settings.cache_clear()
    engine.dispose()


def test_a_redis_that_cannot_be_reached_is_a_problem_and_the_store_never_is(tmp_path: Path) -> None:
    engine = open_store(f"sqlite:///{tmp_path / 'store.db'}")
    problem = redis_problem(engine, f"redis://127.0.0.1:{free_port()}/0")
    assert isinstance(problem, LocksUnavailable) and problem.passes and problem.setting == "LOCK_URL"
    assert redis_problem(engine, "") is None
    engine.dispose()
