"""Settle first: what an earlier life began and never heard the end of is settled before anything new is planned."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence

from sync.calendars import WriteRefused
from sync.converge.acting import intend_to_take_back, must_be_alone, take_back, takes_back
from sync.converge.claiming import claims_of
from sync.converge.errand import Errand
from sync.converge.grip import Grip
from sync.converge.house import House
from sync.converge.recording import record_step
from sync.converge.waiting import BUSY, WRITING_OFF, Waiting
from sync.locking.contract import Busy
from sync.model import Board, Place, Ref, Step, plain
from sync.model.stored import step_from
from sync.store import intents, keeping
from sync.store.connection import reading, writing
from sync.store.intents import Intent

Remembered = Callable[[Iterable[Ref]], Board]
"""The board, as the mirror has it, with these visits on it."""


def settle_open(
    house: House, errand: Errand, about: Collection[Ref], remembered: Remembered, visit: int | None = None
) -> Waiting | None:
    """Settle what is open for this errand and these visits, under a lease on all that it touches. None when all is
    settled, else why that must wait.

    Raises OutcomeUnknown or ReadFailed when the side cannot say yet, LeaseLost and Superseded as acting does.
    """
    with reading(house.engine) as conn:
        open_intents = intents.open_for(conn, errand.request_id, about, visit)
    if not open_intents:
        return None
    with reading(house.engine) as conn:
        silent = keeping.paused(conn) or not keeping.writes_on(conn, house.writes)
    steps = tuple(step_from(row.write) for row in open_intents)
    if silent and any(_goes_out_again(*one) for one in zip(open_intents, steps, strict=True)):
        return WRITING_OFF
    board = remembered({step.ref for step in steps if step.ref})
    lease = house.locks.acquire(claims_of(steps, board), house.owner, house.lease_seconds)
    if isinstance(lease, Busy):
        return BUSY
    grip = Grip(house, lease)
    try:
        _settle(house, grip, errand, open_intents, steps)
    finally:
        house.locks.release(grip.lease)
    return None


def is_unsettled(house: House, errand: Errand, about: Collection[Ref], visit: int | None = None) -> bool:
    """Whether `settle_open` would find anything now. To be asked under the lease: whoever was let in before may have
    begun something since it was settled, and nobody begins anything any more."""
    with reading(house.engine) as conn:
        return intents.any_open_for(conn, errand.request_id, about, visit)


def _settle(house: House, grip: Grip, errand: Errand, rows: Sequence[Intent], steps: Sequence[Step]) -> None:
    for row, step in zip(rows, steps, strict=True):
        assert step.write is not None
        if not _is_open(house, row):  # whoever sent it has heard of it by now
            continue
        if takes_back(row):  # ours to take away: once more does no harm
            take_back(house, grip, row.id, step)
            continue
        grip.enough_left()
        try:
            written = house.writers[step.side].settle(step.write)
        except WriteRefused as refused:
            with writing(house.engine) as conn:
                intents.settle(conn, row.id, "refused", {"error": str(refused)}, house.now())
            continue
        with writing(house.engine) as conn:
            grip.fence(conn)
            if written is None:
                intents.settle(conn, row.id, "nothing", None, house.now())
                continue
            record_step(conn, house, errand, step, written, row.visit)
            intents.settle(conn, row.id, "done", plain(written), house.now())
            met = bool(written.overlaps) and must_be_alone(step.write)
            back = intend_to_take_back(conn, house, grip, errand, step, written, row.visit) if met else None
        if back is not None:
            take_back(house, grip, *back)


def _goes_out_again(row: Intent, step: Step) -> bool:
    """Whether it is settled by sending it once more; of everything else it is read what became of it."""
    return takes_back(row) or isinstance(step.write, Place)


def _is_open(house: House, row: Intent) -> bool:
    with reading(house.engine) as conn:
        now = intents.get(conn, row.id)
    return now is not None and now.state == "open"
