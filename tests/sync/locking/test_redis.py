"""Leases on a real Redis: the contract, and what happens when Redis forgets, stalls or is not there."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import pytest
import redis
import sqlalchemy as sa
from redis.crc import key_slot
from sqlalchemy.engine import Engine

from sync.locking import redis as on_redis
from sync.locking.contract import Busy, Claim, Lease, Locks, LocksUnavailable
from sync.locking.fencing import Superseded, refuse_if_superseded
from sync.locking.redis import RedisLocks
from sync.locking.sqlite import StoreLocks
from sync.store.connection import open_store, reading, writing
from sync.store.tables import grants
from sync.store.trouble import StoreProblem
from tests.servers.process import free_port
from tests.servers.redis import redis_server
from tests.sync.locking.contract import TTL, Clocks, LocksContract, granted, span

SALON = "abc123"


class OnRedis:
    """A Redis and a store in a file of its own."""

    def __init__(self, folder: Path, url: str) -> None:
        self.clocks = Clocks()
        self.store_url, self.url = f"sqlite:///{folder / 'store.db'}", url
        self.store: Engine = open_store(self.store_url)
        self.redis = redis.Redis.from_url(url, decode_responses=True)

    def locks(self, released: Callable[[], None] = lambda: None) -> RedisLocks:
        return RedisLocks(self.store, self.url, SALON, self.clocks.wall, self.clocks.monotonic, released)

    def restarted(self) -> Locks:
        """A Redis that is started anew without its data knows neither keys nor scripts."""
        self.redis.flushall()
        self.redis.script_flush()
        return self.locks()

    def opener(self) -> Callable[[], Locks]:
        return partial(opened, self.store_url, self.url)

    def names(self) -> list[str]:
        return sorted(map(str, self.redis.scan_iter()))

    def close(self) -> None:
        self.redis.close()
        self.store.dispose()


def opened(store_url: str, url: str) -> Locks:
    """In another process, by Redis' own clock."""
    return RedisLocks(open_store(store_url), url, SALON)


@pytest.fixture(scope="module")
def one_redis(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A Redis for all of these; each test finds it empty."""
    with redis_server(tmp_path_factory.mktemp("redis")) as url:
        yield url


@pytest.fixture
def backend(tmp_path: Path, one_redis: str) -> Iterator[OnRedis]:
    made = OnRedis(tmp_path, one_redis)
    made.redis.flushall()
    made.redis.script_flush()
    yield made
    made.close()


@pytest.mark.redis
class TestRedisLocks(LocksContract):
    """All of the contract."""


pytestmark = pytest.mark.redis


def key(subject: str) -> str:
    return f"{{slotkeeper:{SALON}}}:{subject}"


def granted_rows(backend: OnRedis) -> int:
    with reading(backend.store) as conn:
        return int(conn.execute(sa.select(sa.func.count()).select_from(grants)).scalar_one())


# --- what is kept in Redis


def test_all_keys_of_a_salon_are_in_one_slot_and_go_with_the_release(backend: OnRedis) -> None:
    lease = granted(backend.locks().acquire([span(10, 11), Claim.visit("square/S")], "first", TTL))
    assert backend.names() == [key("staff:bookly:1"), key("visit:square/S")]
    assert len({key_slot(name.encode()) for name in backend.names()}) == 1
    backend.locks().release(lease)
    assert backend.names() == []


def test_two_salons_on_one_redis_do_not_meet(backend: OnRedis) -> None:
    granted(backend.locks().acquire([span(10, 11)], "first", TTL))
    other = on_redis.Door(backend.url, "another", backend.clocks.wall)
    assert isinstance(other.reserve([span(10, 11)], "second", TTL), float)
    other.close()


def test_what_ran_out_is_trimmed_by_the_next_who_comes(backend: OnRedis) -> None:
    for number in range(5):
        granted(backend.locks().acquire([span(number, number + 1)], "first", TTL))
    backend.clocks.turn(TTL)
    granted(backend.locks().acquire([span(20, 21)], "second", TTL))
    assert backend.redis.zcard(key("staff:bookly:1")) == 1


def test_a_key_that_nobody_touches_goes_by_itself_with_its_longest_lease(backend: OnRedis) -> None:
    granted(backend.locks().acquire([span(10, 11)], "long", 40))
    lease = granted(backend.locks().acquire([span(12, 13)], "short", 10))
    assert 39_000 < int(backend.redis.pttl(key("staff:bookly:1"))) <= 40_000
    assert backend.locks().renew(lease, 90)
    assert 89_000 < int(backend.redis.pttl(key("staff:bookly:1"))) <= 90_000


def test_a_refused_call_does_not_touch_the_store(backend: OnRedis) -> None:
    granted(backend.locks().acquire([span(10, 11)], "first", TTL))
    with writing(backend.store):
        assert isinstance(backend.locks().acquire([span(10, 11)], "second", TTL), Busy)
    assert granted_rows(backend) == 1


@pytest.mark.parametrize(
    ("start", "end", "met"),
    [(10.5, 11.5, True), (9.5, 10.5, True), (10.25, 10.75, True), (9, 12, True), (10, 11, True), (11, 12, False)],
    ids=["later", "earlier", "within", "around", "the same", "touching"],
)
def test_redis_itself_turns_away_what_overlaps(backend: OnRedis, start: float, end: float, met: bool) -> None:
    """The store would too; but then everybody who has to wait would come to the store."""
    door = on_redis.Door(backend.url, SALON, backend.clocks.wall)
    assert door.reserve([span(10, 11)], "first", TTL) == backend.clocks.now
    answer = door.reserve([span(14, 15), span(start, end)], "second", TTL)
    assert answer == (Busy("first", backend.clocks.now + TTL, span(10, 11)) if met else backend.clocks.now)
    backend.clocks.turn(TTL)
    assert door.reserve([span(start, end)], "third", TTL) == backend.clocks.now
    door.close()


def test_scripts_that_redis_has_forgotten_are_sent_again(backend: OnRedis) -> None:
    locks = backend.locks()
    for hour in (10, 12):
        lease = granted(locks.acquire([span(hour, hour + 1)], "first", TTL))
        backend.redis.script_flush()
        assert locks.renew(lease, TTL)
        backend.redis.script_flush()
        assert locks.release(lease)
        assert backend.names() == []
        backend.redis.script_flush()


def test_without_a_clock_given_redis_tells_the_time(backend: OnRedis) -> None:
    locks = RedisLocks(backend.store, backend.url, SALON)
    before = backend.redis.time()
    lease = granted(locks.acquire([span(10, 11)], "first", TTL))
    after = backend.redis.time()
    assert before[0] + before[1] / 1e6 <= lease.granted_at <= after[0] + after[1] / 1e6
    assert lease.expires_at - lease.granted_at == pytest.approx(TTL)
    assert locks.renew(lease, TTL) and locks.release(lease)
    assert backend.names() == []


def test_owners_may_be_called_anything(backend: OnRedis) -> None:
    lease = granted(backend.locks().acquire([span(10, 11)], "host|7|%s {x}", TTL))
    busy = backend.locks().acquire([span(10, 11)], "second", TTL)
    assert isinstance(busy, Busy) and busy.held_by == "host|7|%s {x}"
    assert backend.locks().release(lease) and backend.names() == []


# --- when Redis forgets


def test_a_redis_that_forgot_a_holder_lets_nobody_in_beside_it(backend: OnRedis) -> None:
    first = granted(backend.locks().acquire([span(10, 11)], "first", TTL))
    busy = backend.restarted().acquire([span(10.5, 11.5)], "second", TTL)
    assert busy == Busy("first", first.expires_at, span(10, 11))
    assert backend.names() == []


def test_after_a_restart_the_next_holder_has_a_higher_token_and_the_first_cannot_record(backend: OnRedis) -> None:
    first = granted(backend.locks().acquire([span(10, 11)], "first", TTL))
    locks = backend.restarted()
    backend.clocks.turn(TTL)
    second = granted(locks.acquire([span(10.5, 11.5)], "second", TTL))
    assert second.token > first.token
    with reading(backend.store) as conn:
        refuse_if_superseded(conn, second)
        with pytest.raises(Superseded):
            refuse_if_superseded(conn, first)


def test_a_lease_that_redis_forgot_is_renewed_and_released_all_the_same(backend: OnRedis) -> None:
    first = granted(backend.locks().acquire([span(10, 11)], "first", TTL))
    locks = backend.restarted()
    backend.clocks.turn(20)
    renewed = locks.renew(first, TTL)
    assert renewed is not None
    backend.clocks.turn(20)
    assert isinstance(locks.acquire([span(10, 11)], "second", TTL), Busy)
    assert locks.release(renewed)
    granted(locks.acquire([span(10, 11)], "second", TTL))


def test_a_restart_between_reservation_and_grant_lets_one_in(backend: OnRedis, monkeypatch: pytest.MonkeyPatch) -> None:
    """The first has reserved, Redis forgets, the second reserves and is granted: the first is refused by the store."""
    reserve = on_redis.Door.reserve

    def forgotten_at_once(door: on_redis.Door, wanted: list[Claim], owner: str, ttl: float) -> float | Busy:
        answer = reserve(door, wanted, owner, ttl)
        if owner == "first":
            backend.redis.flushall()
            granted(backend.locks().acquire([span(10.5, 11.5)], "second", TTL))
        return answer

    monkeypatch.setattr(on_redis.Door, "reserve", forgotten_at_once)
    answer = backend.locks().acquire([span(10, 11)], "first", TTL)
    assert isinstance(answer, Busy) and answer.held_by == "second"
    assert [lease.owner for lease in backend.locks().leases()] == ["second"]


def test_a_renewal_whose_turn_comes_too_late_is_refused(backend: OnRedis, monkeypatch: pytest.MonkeyPatch) -> None:
    """Asked in time, but the store's turn came after the lease ran out, when somebody else may hold it."""
    lease = granted(backend.locks().acquire([span(10, 11)], "first", TTL))
    backend.clocks.turn(TTL - 1)
    extend = on_redis.Door.extend

    def then_waiting(door: on_redis.Door, lease: Lease, ttl: float) -> float:
        now = extend(door, lease, ttl)
        backend.clocks.turn(2)
        return now

    monkeypatch.setattr(on_redis.Door, "extend", then_waiting)
    assert backend.locks().renew(lease, TTL) is None


def test_who_locks_in_the_store_and_who_locks_on_redis_exclude_each_other(backend: OnRedis) -> None:
    """As while LOCK_URL is being changed, machine by machine."""
    in_store = StoreLocks(backend.store, backend.clocks.wall, backend.clocks.monotonic)
    granted(in_store.acquire([span(10, 11)], "first", TTL))
    assert isinstance(backend.locks().acquire([span(10, 11)], "second", TTL), Busy)
    granted(backend.locks().acquire([span(12, 13)], "second", TTL))
    assert isinstance(in_store.acquire([span(12, 13)], "first", TTL), Busy)


def test_where_the_store_cannot_grant_nothing_stays_reserved(backend: OnRedis, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise StoreProblem("The disk is full.")

    monkeypatch.setattr(on_redis, "quick_writing", full)
    with pytest.raises(StoreProblem):
        backend.locks().acquire([span(10, 11)], "first", TTL)
    assert backend.names() == []


# --- when Redis is not there


def away(backend: OnRedis, url: str) -> RedisLocks:
    return RedisLocks(backend.store, url, SALON, backend.clocks.wall, backend.clocks.monotonic)


def test_where_nobody_answers_one_sentence_says_so_without_the_password(backend: OnRedis) -> None:
    port = free_port()
    locks = away(backend, f"redis://salon:sesame@127.0.0.1:{port}/0?password=sesame")
    with pytest.raises(LocksUnavailable) as refused:
        locks.acquire([span(10, 11)], "first", TTL)
    assert str(refused.value) == (
        f"LOCK_URL names redis://salon:***@127.0.0.1:{port}/0, where no Redis answers: is it running?"
    )
    assert refused.value.passes and granted_rows(backend) == 0


def test_between_the_two_halves_of_a_release_who_comes_is_turned_away_by_redis(
    backend: OnRedis, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The other way round they would pass Redis and be turned away by the store, which costs it a turn each."""
    lease = granted(backend.locks().acquire([span(10, 11)], "first", TTL))
    free, held = on_redis.Door.free, []

    def looked_at(door: on_redis.Door, lease: Lease) -> None:
        held.append(backend.locks().leases())
        free(door, lease)

    monkeypatch.setattr(on_redis.Door, "free", looked_at)
    assert backend.locks().release(lease)
    assert held == [()]


def test_what_is_held_is_shown_released_and_taken_up_again_when_redis_is_back(backend: OnRedis) -> None:
    lease = granted(backend.locks().acquire([span(10, 11)], "first", TTL))
    locks = away(backend, f"redis://127.0.0.1:{free_port()}/0")
    assert locks.leases() == (lease,)
    with pytest.raises(LocksUnavailable):
        locks.renew(lease, TTL)
    assert locks.release(lease) is True
    assert isinstance(backend.locks().acquire([span(10, 11)], "second", TTL), Busy), "Redis still knows the reservation"
    backend.clocks.turn(TTL)
    granted(backend.locks().acquire([span(10, 11)], "second", TTL))


@contextmanager
def silent() -> Iterator[str]:
    """A server that takes connections and never answers."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        kept: list[socket.socket] = []

        def take() -> None:
            while True:
                try:
                    kept.append(server.accept()[0])
                except OSError:
                    return

        thread = threading.Thread(target=take, daemon=True)
        thread.start()
        yield f"redis://127.0.0.1:{server.getsockname()[1]}/0"
        server.shutdown(socket.SHUT_RDWR)
        thread.join()
        for one in kept:
            one.close()


def test_one_that_never_answers_is_not_waited_for_long(backend: OnRedis, monkeypatch: pytest.MonkeyPatch) -> None:
    assert on_redis.PATIENCE == 2.0
    monkeypatch.setattr(on_redis, "PATIENCE", 0.05)
    with silent() as url, pytest.raises(LocksUnavailable, match=r"did not answer within 0\.05 seconds") as refused:
        away(backend, url).acquire([span(10, 11)], "first", TTL)
    assert refused.value.passes


@pytest.mark.parametrize(
    ("rule", "words"),
    [("~other:* +@all", "grant the right"), ("~* +@all -evalsha", "grant the right")],
    ids=["not its keys", "no scripts"],
)
def test_a_user_without_the_rights_is_told_what_to_grant(backend: OnRedis, rule: str, words: str) -> None:
    backend.redis.execute_command(f"ACL SETUSER salon reset on >sesame {rule}")  # type: ignore[no-untyped-call]
    locks = away(backend, backend.url.replace("redis://", "redis://salon:sesame@"))
    with pytest.raises(LocksUnavailable, match=words) as refused:
        locks.try_out()
    assert not refused.value.passes and "sesame" not in str(refused.value)


def test_a_wrong_password_is_told_and_not_shown(backend: OnRedis) -> None:
    locks = away(backend, backend.url.replace("redis://", "redis://stranger:sesame@"))
    with pytest.raises(LocksUnavailable, match="refuses this user, its password") as refused:
        locks.try_out()
    assert not refused.value.passes and "sesame" not in str(refused.value)


def test_trying_out_leaves_nothing_behind(backend: OnRedis) -> None:
    backend.locks().try_out()
    assert backend.names() == [] and backend.locks().leases() == ()


def test_a_redis_really_started_anew_serves_the_same_handle(tmp_path: Path) -> None:
    """Its connections are cut and its scripts are gone."""
    store = open_store(f"sqlite:///{tmp_path / 'store.db'}")
    port = free_port()
    locks = RedisLocks(store, f"redis://127.0.0.1:{port}/0", SALON)
    tokens = []
    for round_ in range(2):
        folder = tmp_path / str(round_)
        folder.mkdir()
        with redis_server(folder, port):
            tokens.append(granted(locks.acquire([span(10 + round_, 11 + round_)], "first", TTL)).token)
        with pytest.raises(LocksUnavailable):
            locks.acquire([span(14, 15)], "first", TTL)
    assert tokens == [1, 2]
    store.dispose()
