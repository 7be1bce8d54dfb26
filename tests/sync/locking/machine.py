"""A simple model of a lock, and a state machine that holds a backend to it step by step."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any, ClassVar

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, consumes, initialize, invariant, rule
from hypothesis.stateful import run_state_machine_as_test as run

from sync.locking.contract import Busy, Claim, Lease
from sync.locking.fencing import Superseded, refuse_if_superseded
from sync.store.connection import reading

if TYPE_CHECKING:
    from tests.sync.locking.contract import Backend

SPANS = st.builds(
    lambda person, start, length: Claim(f"staff:bookly:{person}", float(start), float(start + length)),
    st.integers(1, 2),
    st.integers(0, 12),
    st.integers(1, 5),
)
VISITS = st.integers(1, 3).map(lambda number: Claim.visit(f"square/{number}"))
CLAIMS = st.lists(st.one_of(SPANS, VISITS), min_size=1, max_size=3)
OWNERS = st.sampled_from(["worker 1", "worker 2"])
SECONDS = st.integers(1, 30).map(float)


class Machine(RuleBasedStateMachine):
    """Each example starts when all older leases have run out. A subclass names the backend."""

    backend: ClassVar[Backend]
    leases: Bundle[Any] = Bundle("leases")

    @initialize()
    def begin(self) -> None:
        self.backend.clocks.turn(timedelta(days=1).total_seconds())
        self.live: dict[int, Lease] = {}
        self.ever: list[Lease] = []

    def _forget(self) -> None:
        now = self.backend.clocks.now
        self.live = {token: lease for token, lease in self.live.items() if lease.expires_at > now}

    @rule(target=leases, claims=CLAIMS, owner=OWNERS, ttl=SECONDS)
    def acquire(self, claims: list[Claim], owner: str, ttl: float) -> Lease | None:
        self._forget()
        taken = [lease for lease in self.live.values() if any(mine.meets(c) for mine in lease.claims for c in claims)]
        answer = self.backend.locks().acquire(claims, owner, ttl)
        if taken:
            assert isinstance(answer, Busy)
            assert answer.until == max(lease.expires_at for lease in taken)
            return None
        assert isinstance(answer, Lease)
        assert all(answer.token > lease.token for lease in self.ever)
        self.live[answer.token] = answer
        self.ever.append(answer)
        return answer

    @rule(lease=leases, ttl=SECONDS)
    def renew(self, lease: Lease | None, ttl: float) -> None:
        if lease is None:
            return
        self._forget()
        answer = self.backend.locks().renew(lease, ttl)
        assert (answer is not None) == (lease.token in self.live)
        if answer is not None:
            assert answer.expires_at == self.backend.clocks.now + ttl
            self.live[lease.token] = answer

    @rule(lease=consumes(leases))
    def release(self, lease: Lease | None) -> None:
        if lease is None:
            return
        was_live = lease.token in self.live and self.live[lease.token].expires_at > self.backend.clocks.now
        answer = self.backend.locks().release(lease)
        assert answer or not was_live
        self.live.pop(lease.token, None)

    @rule(seconds=SECONDS)
    def time_passes(self, seconds: float) -> None:
        self.backend.clocks.turn(seconds)

    @rule(lease=leases)
    def record(self, lease: Lease | None) -> None:
        if lease is None:
            return
        overtaken = any(
            later.token > lease.token and any(mine.meets(c) for mine in lease.claims for c in later.claims)
            for later in self.ever
        )
        with reading(self.backend.store) as conn:
            try:
                refuse_if_superseded(conn, lease)
            except Superseded:
                assert overtaken
            else:
                assert not overtaken

    @invariant()
    def the_screen_shows_exactly_what_is_held(self) -> None:
        self._forget()
        assert {lease.token for lease in self.backend.locks().leases()} == set(self.live)


def run_machine(backend: Backend) -> None:
    """Run it on this backend."""
    bound = type("Bound", (Machine,), {"backend": backend})
    run(bound, settings=settings(max_examples=15, stateful_step_count=25, deadline=None))
