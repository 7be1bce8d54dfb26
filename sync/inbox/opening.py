"""The worker put together: the road it carries requests down, and the look afterwards."""

from __future__ import annotations

from sync.converge import House, Waiting, converge, given_up
from sync.inbox.worker import Worker
from sync.model import Outcome, Ref
from sync.rounds.reconcile import look_again, units_of
from sync.store import findings
from sync.store.connection import reading
from sync.store.requests import Request


def open_worker(house: House) -> Worker:
    """A worker for this house."""

    def carry(request: Request) -> Outcome | Waiting:
        return converge(house, request)

    def give_up(request: Request, word: str, error: str) -> Outcome:
        return given_up(house, request, word, error)

    def afterwards(request: Request, outcome: Outcome) -> None:
        """Look again at what the request touched, so that the card goes as soon as its cause is gone."""
        with reading(house.engine) as conn:
            kept = findings.get(conn, request.finding) if request.finding else None
        concerned = kept.finding.concerned if kept else ()
        scope = {(c.side, c.unit) for c in concerned} | units_of(house.engine, _refs(outcome))
        if scope:
            look_again(house.engine, scope, house.now())

    return Worker(house.engine, house.owner, carry, afterwards, house.clock, give_up)


def _refs(outcome: Outcome) -> set[Ref]:
    return {ref for one in outcome.done for ref in (one.ref, one.step.ref) if ref} | set(outcome.overlaps)
