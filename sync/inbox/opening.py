"""The worker and the crew put together: the road they carry requests and hints down, and the look afterwards."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from sync.converge import Ended, House, Waiting, converge, converge_hint, given_up
from sync.inbox.claims import Claims
from sync.inbox.crew import Crew
from sync.inbox.worker import Worker
from sync.model import End, Outcome, Ref
from sync.rounds.reconcile import look_again, units_of
from sync.store import findings, ledger
from sync.store.connection import reading, writing
from sync.store.hints import Hint
from sync.store.requests import Request

TAKEN = "taken"
"""The word of a request or hint that was refused over an overlap."""


def open_claims(house: House) -> Claims:
    """What this process holds on to: as long as a lease, so that one who died is found out about within one."""
    return Claims(house.engine, house.clock, timedelta(seconds=house.lease_seconds), house.monotonic)


def open_worker(house: House, claims: Claims | None = None) -> Worker:
    """A worker for this house; `claims` are this process's, where somebody renews them."""

    def carry(request: Request) -> Outcome | Waiting:
        return converge(house, request)

    def give_up(request: Request, word: str, error: str) -> Outcome:
        return given_up(house, request, word, error)

    def afterwards(request: Request, outcome: Outcome) -> None:
        """Look again at what the request touched, so that the card goes as soon as its cause is gone."""
        if _would_have_met(outcome):
            choice = request.choice
            _near_miss(house, ref=choice.ref, person=choice.person or "", start=choice.start)
        with reading(house.engine) as conn:
            kept = findings.get(conn, request.finding) if request.finding else None
        concerned = kept.finding.concerned if kept else ()
        scope = {(c.side, c.unit) for c in concerned} | units_of(house.engine, _refs(outcome))
        if scope:
            look_again(house.engine, scope, house.now())

    worker = Worker(house.engine, house.owner, carry, afterwards, house.clock, give_up)
    worker.claims = claims or open_claims(house)
    return worker


def open_crew(house: House, rested: Callable[[], None] = lambda: None, claims: Claims | None = None) -> Crew:
    """A crew for this house, that carries hints; `claims` as for `open_worker`."""

    def carry(hint: Hint) -> Ended | Waiting:
        return converge_hint(house, hint)

    def afterwards(hint: Hint, ended: Ended) -> None:
        """A card for what a person has to settle, at once; and a card whose cause is gone goes."""
        if ended.reason == TAKEN and ended.leased_at is not None and not ended.in_the_way:
            _near_miss(house, ref=hint.ref, start=ended.start, visit=ended.visit, hint=hint.id)
        units = units_of(house.engine, ended.touched, gone=True)
        with reading(house.engine) as conn:
            known = bool(findings.open_on(conn, units))
        if ended.end is End.CONFLICT or known:
            judged = dict.fromkeys(ended.touched, ended.reason) if ended.end is End.CONFLICT else {}
            look_again(house.engine, units, house.now(), judged)

    crew = Crew(house.engine, house.owner, carry, afterwards, house.clock, rested)
    crew.claims = claims or open_claims(house)
    if house.breakers is not None:
        crew.left_alone = house.breakers.waiting_for
    return crew


def _refs(outcome: Outcome) -> set[Ref]:
    return {ref for one in outcome.done for ref in (one.ref, one.step.ref) if ref} | set(outcome.overlaps)


def _would_have_met(outcome: Outcome) -> bool:
    """Whether a click was refused over an overlap before anything was written: by its plan, or by the calendar. A step
    that was begun and met somebody was taken away again, which is another row of the ledger."""
    met = outcome.left and outcome.overlaps
    return outcome.state == "refused" and outcome.word == TAKEN and not outcome.done and not met


def _near_miss(house: House, **about: Any) -> None:
    with writing(house.engine) as conn:
        ledger.note(conn, ledger.NEAR_MISS, house.now(), **about)
