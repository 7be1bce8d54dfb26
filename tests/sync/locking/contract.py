"""What every lock backend has to pass. Mix `LocksContract` into a test class that gives a `backend`.

The clocks are turned by hand, so that no test waits; the two at the end that need real processes use real ones.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Protocol

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy.engine import Engine

from sync.locking.contract import Busy, Claim, Lease, Locks
from sync.locking.fencing import Superseded, refuse_if_superseded
from sync.store.connection import reading, writing
from tests.sync.locking import contenders
from tests.sync.locking.machine import run_machine

TTL = 30.0
NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)


class Clocks:
    """A wall clock and a monotonic one, turned by hand."""

    def __init__(self) -> None:
        self.now = NOON.timestamp()
        self.ticks = 1000.0

    def wall(self) -> float:
        return self.now

    def monotonic(self) -> float:
        return self.ticks

    def turn(self, seconds: float) -> None:
        self.now += seconds
        self.ticks += seconds


class Backend(Protocol):
    """One installation of a lock. `store` holds grants and tokens, whatever holds the leases."""

    clocks: Clocks
    store: Engine

    def locks(self) -> Locks:
        """A handle as another process would have it: nothing shared but what is outside."""

    def restarted(self) -> Locks:
        """The same after what holds the leases was restarted, and may have forgotten them."""

    def opener(self) -> Callable[[], Locks]:
        """How a real process opens it, with real clocks; it can be pickled."""


def span(start: float, end: float, person: str = "bookly:1") -> Claim:
    """A person's time from hour to hour of the day in question."""
    return Claim.span(person, NOON + timedelta(hours=start - 12), NOON + timedelta(hours=end - 12))


def granted(answer: Lease | Busy) -> Lease:
    assert isinstance(answer, Lease), answer
    return answer


class LocksContract:
    """The tests. A subclass has a fixture `backend`."""

    # --- what excludes what

    def test_what_overlaps_is_busy_and_says_who_and_until_when(self, backend: Backend) -> None:
        granted(backend.locks().acquire([span(10, 11)], "first", TTL))
        busy = backend.locks().acquire([span(10.5, 11.5)], "second", TTL)
        assert busy == Busy("first", backend.clocks.now + TTL, span(10, 11))

    @pytest.mark.parametrize(
        ("start", "end"), [(10.5, 11.5), (9.5, 10.5), (10.25, 10.75), (9, 12), (10, 11)],
        ids=["later", "earlier", "within", "around", "the same"],
    )  # fmt: skip
    def test_every_way_to_overlap_excludes(self, backend: Backend, start: float, end: float) -> None:
        granted(backend.locks().acquire([span(10, 11)], "first", TTL))
        assert isinstance(backend.locks().acquire([span(start, end)], "second", TTL), Busy)

    @pytest.mark.parametrize(("start", "end"), [(11, 12), (9, 10), (14, 15)])
    def test_intervals_that_touch_or_are_apart_do_not_exclude(self, backend: Backend, start: float, end: float) -> None:
        granted(backend.locks().acquire([span(10, 11)], "first", TTL))
        granted(backend.locks().acquire([span(start, end)], "second", TTL))

    def test_two_people_are_two_chairs(self, backend: Backend) -> None:
        granted(backend.locks().acquire([span(10, 11, "bookly:1")], "first", TTL))
        granted(backend.locks().acquire([span(10, 11, "bookly:2")], "second", TTL))

    def test_a_visit_is_one_whatever_its_times(self, backend: Backend) -> None:
        """Moved from 10:00 to 15:00: two workers with disjoint intervals must not both create it."""
        granted(backend.locks().acquire([Claim.visit("bookly/ca:1"), span(10, 11)], "first", TTL))
        busy = backend.locks().acquire([Claim.visit("bookly/ca:1"), span(15, 16)], "second", TTL)
        assert isinstance(busy, Busy) and busy.claim == Claim.visit("bookly/ca:1")

    def test_all_or_nothing(self, backend: Backend) -> None:
        granted(backend.locks().acquire([span(10, 11)], "first", TTL))
        assert isinstance(backend.locks().acquire([span(14, 15), span(10, 11)], "second", TTL), Busy)
        granted(backend.locks().acquire([span(14, 15)], "third", TTL))

    def test_claims_of_one_call_do_not_exclude_each_other(self, backend: Backend) -> None:
        lease = granted(backend.locks().acquire([span(10, 11), span(10.5, 11.5), span(10, 11)], "first", TTL))
        assert lease.claims == (span(10, 11), span(10.5, 11.5))

    def test_another_lease_of_the_same_owner_excludes_as_anybodys(self, backend: Backend) -> None:
        granted(backend.locks().acquire([span(10, 11)], "first", TTL))
        assert isinstance(backend.locks().acquire([span(10, 11)], "first", TTL), Busy)

    def test_the_one_who_holds_it_longest_is_named(self, backend: Backend) -> None:
        granted(backend.locks().acquire([span(10, 11)], "short", 10))
        granted(backend.locks().acquire([span(11, 12)], "long", 20))
        busy = backend.locks().acquire([span(10, 12)], "third", TTL)
        assert isinstance(busy, Busy) and (busy.held_by, busy.until) == ("long", backend.clocks.now + 20)

    def test_many_claims_at_once(self, backend: Backend) -> None:
        many = [span(hour, hour + 0.5, f"bookly:{person}") for person in range(40) for hour in range(8, 18)]
        assert len(granted(backend.locks().acquire(many, "first", TTL)).claims) == 400
        assert isinstance(backend.locks().acquire([many[399]], "second", TTL), Busy)

    def test_nothing_to_claim_is_granted_and_excludes_nobody(self, backend: Backend) -> None:
        assert granted(backend.locks().acquire([], "first", TTL)).claims == ()
        granted(backend.locks().acquire([span(10, 11)], "second", TTL))

    def test_no_owner_and_no_time_to_live_are_refused(self, backend: Backend) -> None:
        for owner, ttl in (("", TTL), ("first", 0.0), ("first", -1.0)):
            with pytest.raises(ValueError):
                backend.locks().acquire([span(10, 11)], owner, ttl)

    # --- how it ends

    def test_what_is_released_is_free(self, backend: Backend) -> None:
        lease = granted(backend.locks().acquire([span(10, 11)], "first", TTL))
        assert backend.locks().release(lease) is True
        granted(backend.locks().acquire([span(10, 11)], "second", TTL))

    def test_only_the_owner_releases_and_only_once(self, backend: Backend) -> None:
        lease = granted(backend.locks().acquire([span(10, 11)], "first", TTL))
        stranger = Lease("second", lease.claims, lease.granted_at, lease.expires_at, lease.token, lease.deadline)
        assert backend.locks().release(stranger) is False
        assert isinstance(backend.locks().acquire([span(10, 11)], "second", TTL), Busy)
        assert [backend.locks().release(lease) for _ in range(2)] == [True, False]

    def test_a_late_release_does_not_free_what_somebody_else_holds_by_now(self, backend: Backend) -> None:
        late = granted(backend.locks().acquire([span(10, 11)], "first", TTL))
        backend.clocks.turn(TTL)
        granted(backend.locks().acquire([span(10, 11)], "second", TTL))
        backend.locks().release(late)
        assert isinstance(backend.locks().acquire([span(10, 11)], "third", TTL), Busy)

    def test_what_ran_out_is_free(self, backend: Backend) -> None:
        granted(backend.locks().acquire([span(10, 11)], "first", TTL))
        backend.clocks.turn(TTL - 0.5)
        assert isinstance(backend.locks().acquire([span(10, 11)], "second", TTL), Busy)
        backend.clocks.turn(0.5)
        granted(backend.locks().acquire([span(10, 11)], "second", TTL))

    def test_renewing_gives_the_full_time_from_now(self, backend: Backend) -> None:
        lease = granted(backend.locks().acquire([span(10, 11)], "first", TTL))
        backend.clocks.turn(20)
        renewed = backend.locks().renew(lease, TTL)
        assert renewed is not None
        assert (renewed.token, renewed.claims, renewed.expires_at) == (
            lease.token,
            lease.claims,
            backend.clocks.now + TTL,
        )
        assert renewed.left(backend.clocks.monotonic) == TTL
        backend.clocks.turn(20)
        assert isinstance(backend.locks().acquire([span(10, 11)], "second", TTL), Busy)

    def test_what_ran_out_is_lost_though_nobody_took_it(self, backend: Backend) -> None:
        lease = granted(backend.locks().acquire([span(10, 11)], "first", TTL))
        backend.clocks.turn(TTL)
        assert backend.locks().renew(lease, TTL) is None
        granted(backend.locks().acquire([span(10, 11)], "second", TTL))

    def test_only_the_owner_renews_and_not_what_was_released(self, backend: Backend) -> None:
        lease = granted(backend.locks().acquire([span(10, 11)], "first", TTL))
        stranger = Lease("second", lease.claims, lease.granted_at, lease.expires_at, lease.token, lease.deadline)
        assert backend.locks().renew(stranger, TTL) is None
        backend.locks().release(lease)
        assert backend.locks().renew(lease, TTL) is None

    def test_the_time_left_is_told_by_the_monotonic_clock(self, backend: Backend) -> None:
        lease = granted(backend.locks().acquire([span(10, 11)], "first", TTL))
        assert lease.left(backend.clocks.monotonic) == TTL
        backend.clocks.now += 3600  # somebody sets the wall clock
        backend.clocks.ticks += 12
        assert lease.left(backend.clocks.monotonic) == TTL - 12
        backend.clocks.ticks += 100
        assert lease.left(backend.clocks.monotonic) == 0

    def test_the_screen_sees_who_holds_what_the_oldest_first(self, backend: Backend) -> None:
        assert backend.locks().leases() == ()
        first = granted(backend.locks().acquire([span(10, 11), Claim.visit("square/S")], "first", TTL))
        backend.clocks.turn(5)
        second = granted(backend.locks().acquire([span(14, 15)], "second", TTL))
        assert backend.locks().leases() == (first, second)
        backend.clocks.turn(TTL - 5)
        assert backend.locks().leases() == (second,)

    # --- tokens and the fence

    def test_tokens_only_grow_also_after_a_restart(self, backend: Backend) -> None:
        tokens = []
        for number in range(4):
            locks = backend.restarted() if number == 2 else backend.locks()
            lease = granted(locks.acquire([span(number, number + 1)], "first", TTL))
            tokens.append(lease.token)
            locks.release(lease)
        assert tokens == sorted(set(tokens))

    def fenced(self, backend: Backend, lease: Lease) -> bool:
        """Whether recording under this lease is refused."""
        with writing(backend.store) as conn:
            try:
                refuse_if_superseded(conn, lease)
            except Superseded as refused:
                return refused.later > refused.token == lease.token
        return False

    def test_who_holds_it_may_record(self, backend: Backend) -> None:
        lease = granted(backend.locks().acquire([span(10, 11), Claim.visit("square/S")], "first", TTL))
        assert not self.fenced(backend, lease)

    def test_who_was_overtaken_on_an_overlapping_interval_may_not_record(self, backend: Backend) -> None:
        late = granted(backend.locks().acquire([span(10, 11)], "first", TTL))
        backend.clocks.turn(TTL)
        newer = granted(backend.locks().acquire([span(10.5, 11.5)], "second", TTL))
        assert self.fenced(backend, late) and not self.fenced(backend, newer)

    def test_also_when_the_newer_one_has_let_go_again(self, backend: Backend) -> None:
        late = granted(backend.locks().acquire([span(10, 11)], "first", TTL))
        backend.clocks.turn(TTL)
        newer = granted(backend.locks().acquire([span(10, 11)], "second", TTL))
        backend.locks().release(newer)
        assert self.fenced(backend, late)

    def test_who_was_overtaken_on_the_visit_may_not_record_though_the_times_are_apart(self, backend: Backend) -> None:
        late = granted(backend.locks().acquire([span(10, 11), Claim.visit("square/S")], "first", TTL))
        backend.clocks.turn(TTL)
        granted(backend.locks().acquire([span(15, 16), Claim.visit("square/S")], "second", TTL))
        assert self.fenced(backend, late)

    def test_other_work_of_the_same_person_goes_on(self, backend: Backend) -> None:
        lease = granted(backend.locks().acquire([span(10, 11)], "first", TTL))
        granted(backend.locks().acquire([span(11, 12), span(15, 16)], "second", TTL))
        assert not self.fenced(backend, lease)

    def test_who_ran_out_and_was_not_overtaken_may_record(self, backend: Backend) -> None:
        lease = granted(backend.locks().acquire([span(10, 11)], "first", TTL))
        backend.clocks.turn(10 * TTL)
        assert not self.fenced(backend, lease)

    def test_the_fence_holds_after_a_restart_that_forgot_the_leases(self, backend: Backend) -> None:
        late = granted(backend.locks().acquire([span(10, 11)], "first", TTL))
        backend.clocks.turn(TTL)
        granted(backend.restarted().acquire([span(10, 11)], "second", TTL))
        assert self.fenced(backend, late)

    def test_refusing_needs_only_to_read(self, backend: Backend) -> None:
        lease = granted(backend.locks().acquire([span(10, 11)], "first", TTL))
        with reading(backend.store) as conn:
            refuse_if_superseded(conn, lease)

    # --- at random

    def test_at_random_no_two_live_leases_ever_overlap(self, backend: Backend) -> None:
        quarter = st.integers(32, 72).map(lambda n: n / 4)
        asked = st.tuples(quarter, st.integers(1, 8), st.integers(1, 3), st.integers(1, 40))

        @given(wanted=st.lists(asked, min_size=1, max_size=12))
        @settings(max_examples=25, deadline=None)
        def never(wanted: list[tuple[float, int, int, int]]) -> None:
            backend.clocks.turn(10_000)
            for start, quarters, person, ttl in wanted:
                backend.locks().acquire([span(start, start + quarters / 4, f"bookly:{person}")], "somebody", ttl)
                backend.clocks.turn(3)
                held = [claim for lease in backend.locks().leases() for claim in lease.claims]
                assert not [(a, b) for n, a in enumerate(held) for b in held[:n] if a.meets(b)]

        never()

    def test_at_random_it_behaves_as_a_simple_model_of_it(self, backend: Backend) -> None:
        run_machine(backend)

    # --- real processes

    def test_processes_that_contend_for_overlapping_times_are_never_in_one_chair_together(
        self, backend: Backend, tmp_path: Path
    ) -> None:
        told = contenders.contend(backend.opener(), tmp_path, processes=4, turns=12)
        assert told.together == 0
        assert told.granted == 4 * 12
        assert len(set(told.tokens)) == told.granted

    def test_a_lock_keyed_by_the_start_lets_both_through(self, tmp_path: Path) -> None:
        """The contrast: 10:00-11:00 and 10:30-11:30 have different starts, so such a lock sees no quarrel."""
        first, second = contenders.LockByStart(tmp_path), contenders.LockByStart(tmp_path)
        assert isinstance(first.acquire([span(10, 11)], "first", TTL), Lease)
        assert isinstance(second.acquire([span(10, 11)], "second", TTL), Busy)
        assert isinstance(second.acquire([span(10.5, 11.5)], "second", TTL), Lease)
