"""Acting on a plan under a lease: intent first, one call, look, record."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from sqlalchemy import Connection

from sync.calendars import ClientGone, Stale, Taken, WriteRefused
from sync.calendars.marks import mark_for
from sync.converge.errand import Errand
from sync.converge.grip import Grip
from sync.converge.house import House
from sync.converge.recording import record_step
from sync.decide.chairs import owner_ref
from sync.decide.projection import client_to_carry
from sync.decide.steps import withdrawn
from sync.model import (
    Board,
    DoneStep,
    Move,
    Place,
    Ref,
    Reinstate,
    Side,
    Step,
    StepKind,
    Write,
    Written,
    plain,
)
from sync.model.stored import step_from
from sync.store import intents, keeping, mapping, pairs
from sync.store.connection import reading, writing
from sync.store.intents import Intent
from sync.store.requests import Request

WITHDRAWN_AFTER_WRITE = "withdrawn_after_write"
"""The counter of projections taken away again because the look after the write found somebody in the chair."""


@dataclass(frozen=True, slots=True)
class Acted:
    """How far the steps went: those done, and the word and sentence of the one that was refused."""

    done: tuple[DoneStep, ...]
    word: str = ""
    error: str = ""
    overlaps: tuple[Ref, ...] = ()


def act(house: House, grip: Grip, errand: Errand, steps: Sequence[Step], board: Board) -> Acted:
    """Carry out the steps in their order; what an earlier try had done is not done again.

    Raises OutcomeUnknown (the intent stays open, to be settled first next time), LeaseLost, and WriteRefused where
    waiting can help.
    """
    before = _done_by(house, errand.request)
    done: list[DoneStep] = []
    met: tuple[Ref, ...] = ()
    for number, step in enumerate(steps):
        try:
            if number in before:
                one, overlaps = _done_already(house, grip, before[number])
            else:
                one, overlaps = _step(house, grip, errand, number, step, board)
        except WriteRefused as refused:
            if may_pass(refused):
                raise
            return Acted(tuple(done), word_of(refused), str(refused))
        if one is None:
            return Acted(tuple(done), "taken", overlaps=overlaps)
        if _fell_away(one):
            return Acted(tuple(done), "changed")
        done.append(one)
        met += overlaps
        board = _after(board, one)
    return Acted(tuple(done), "met_another" if met else "", overlaps=met)


def _fell_away(one: DoneStep) -> bool:
    """Whether what was placed was cancelled by somebody before its answer came."""
    return isinstance(one.step.write, Place) and one.answered is not None and not one.answered.stands


def _after(board: Board, one: DoneStep) -> Board:
    """The board with what a step left behind: a later step of the plan may be about it."""
    if one.ref is None or one.answered is None:
        return board
    return replace(board, appointments={**board.appointments, one.ref: one.answered})


def may_pass(refused: WriteRefused) -> bool:
    """Whether trying again can help: nothing was written, and what stands there is not the reason."""
    return not refused.permanent and not isinstance(refused, Stale | Taken)


def word_of(refused: WriteRefused) -> str:
    """The refusal's stable word."""
    if isinstance(refused, Taken):
        return "taken"
    return "changed" if isinstance(refused, Stale) else "refused"


def done_before(house: House, request: Request) -> dict[int, DoneStep]:
    """What an earlier try of this request has written, by the number of its step."""
    done = _done_by(house, request).values()
    return {row.step: DoneStep(step_from(row.write), row.ref, row.answered) for row in done}


def _done_by(house: House, request: Request | None) -> dict[int, Intent]:
    """What a request has written by now; a hint is decided anew each time, from what stands by then."""
    if request is None:
        return {}
    with reading(house.engine) as conn:
        return {row.step: row for row in intents.done_for(conn, request.id)}


def _done_already(house: House, grip: Grip, row: Intent) -> tuple[DoneStep | None, tuple[Ref, ...]]:
    """A step that an earlier try carried out, as `_step` answers: whom it met in the chair then still counts."""
    step = step_from(row.write)
    overlaps = row.overlaps if must_be_alone(step.write) else ()
    if overlaps and isinstance(step.write, Place) and row.ref is not None:
        withdraw(house, grip, Written(row.ref, row.answered))
        return None, overlaps
    return DoneStep(step, row.ref, row.answered), overlaps


def _step(
    house: House, grip: Grip, errand: Errand, number: int, step: Step, board: Board
) -> tuple[DoneStep | None, tuple[Ref, ...]]:
    """One step. (None, overlaps) when the look after the write found somebody in the chair and ours was withdrawn."""
    if step.write is None:
        with writing(house.engine) as conn:
            grip.fence(conn)
            record_step(conn, house, errand, step, None, None)
        return DoneStep(step, step.ref, step.after), ()
    write = _complete(house, step, board)
    intent, visit, step = _intend(house, grip, errand, number, replace(step, write=write), board)
    grip.enough_left()
    assert step.write is not None
    try:
        written = house.writers[step.side].write(step.write)
    except WriteRefused as refused:
        with writing(house.engine) as conn:
            intents.settle(conn, intent, "refused", {"error": str(refused)}, house.now())
            found_anew = isinstance(refused, ClientGone) and _forget_client(conn, step)
        if found_anew:
            raise WriteRefused(f"{refused} They are looked for anew.") from None
        raise
    return _answered(house, grip, errand, intent, visit, step, written)


def _answered(
    house: House,
    grip: Grip,
    errand: Errand,
    intent: int,
    visit: int | None,
    step: Step,
    written: Written,
) -> tuple[DoneStep | None, tuple[Ref, ...]]:
    overlaps = written.overlaps if must_be_alone(step.write) else ()
    with writing(house.engine) as conn:
        grip.fence(conn)
        record_step(conn, house, errand, step, written, visit)
        intents.settle(conn, intent, "done", plain(written), house.now())
    if overlaps and isinstance(step.write, Place):
        withdraw(house, grip, written)
        return None, overlaps
    return DoneStep(step, written.ref, written.appointment), overlaps


def must_be_alone(write: Write | None) -> bool:
    """Whether somebody else in the chair after the write means that two met there."""
    if isinstance(write, Place | Move):
        return not write.even_if_taken
    return isinstance(write, Reinstate)


def withdraw(house: House, grip: Grip, written: Written) -> None:
    """Ours met somebody else's in the same chair: take ours away again, and count it."""
    if written.appointment is None:
        return
    step = withdrawn(written.appointment)
    grip.enough_left()
    assert step.write is not None
    gone = house.writers[step.side].write(replace(step.write, key=f"withdraw-{written.ref.key}"[:64]))
    with writing(house.engine) as conn:
        record_step(conn, house, Errand(), step, gone, None)
        keeping.count(conn, WITHDRAWN_AFTER_WRITE, house.now())


def _complete(house: House, step: Step, board: Board) -> Write:
    """The write with the client's id on that side filled in, where a Square booking is made for somebody."""
    write = step.write
    assert write is not None
    asks = isinstance(write, Place) or (isinstance(write, Move) and write.names_client)
    if not isinstance(write, Place | Move) or not asks or step.side is not Side.SQUARE or write.client:
        return write
    visit = board.appointments.get(owner_ref(board, step.ref)) if step.ref else None
    client = client_to_carry(visit) if visit else None
    if client is None:
        return write
    with reading(house.engine) as conn:
        known = mapping.square_client(conn, client.key)
    found = known or house.writers[Side.SQUARE].client_for(client, key=f"client-{client.key}")
    if found and not known and client.key:
        with writing(house.engine) as conn:
            mapping.link_client(conn, client.key, found, house.now())
    return replace(write, client=found)


def _forget_client(conn: Connection, step: Step) -> bool:
    """Square deleted or merged the customer we had found for a client: the next try finds or makes them anew."""
    client = step.write.client if isinstance(step.write, Place) and step.kind is StepKind.PLACE else None
    return client is not None and mapping.forget_client(conn, client)


def _intend(
    house: House, grip: Grip, errand: Errand, number: int, step: Step, board: Board
) -> tuple[int, int | None, Step]:
    """Commit the intent before the call: visit, generation, key and the exact body (ENGINE, "Intent first")."""
    now = house.now()
    with writing(house.engine) as conn:
        grip.fence(conn)
        visit, generation = _visit(conn, house, step, board)
        installation = keeping.installation(conn, now)
        key = f"{installation[:8]}-{visit or 0}-{generation}-{errand.key_for(grip.lease.token, number)}"
        write = step.write
        assert write is not None
        mark = mark_for(installation, visit, generation, number) if isinstance(write, Place) and visit else ""
        write = replace(write, key=key, mark=mark) if isinstance(write, Place) else replace(write, key=key)
        step = replace(step, write=write)
        intent = intents.open_intent(
            conn,
            visit=visit,
            request=errand.request_id,
            hint=errand.hint,
            step=number,
            side=step.side,
            generation=generation,
            key=key,
            mark=mark,
            write=plain(step),
            token=grip.lease.token,
            now=now,
        )
    return intent, visit, step


def _visit(conn: Connection, house: House, step: Step, board: Board) -> tuple[int | None, int]:
    """The visit a step is about; a visit that is shown elsewhere for the first time gets its row here."""
    if step.ref is None:
        return None, 0
    found = pairs.pairs_of(conn, [step.ref])
    if found:
        return found[0].visit, found[0].generation
    if not isinstance(step.write, Place):
        return None, 0
    return pairs.link(conn, step.ref.side, [(step.ref, board.appointments.get(step.ref))], house.now()), 0
