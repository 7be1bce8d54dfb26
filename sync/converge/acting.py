"""Acting on a plan under a lease: intent first, one call, look, record."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import count

from sqlalchemy import Connection

from sync.calendars import ClientGone, Stale, Taken, WriteRefused
from sync.calendars.marks import mark_for
from sync.converge.errand import Errand
from sync.converge.grip import Grip
from sync.converge.house import House
from sync.converge.recording import record_step
from sync.decide.begun import came_true, is_overtaken
from sync.decide.chairs import owner_ref
from sync.decide.projection import client_to_carry
from sync.decide.steps import withdrawn
from sync.locking.fencing import Superseded
from sync.model import (
    Board,
    DoneStep,
    Move,
    Place,
    Ref,
    Reinstate,
    Side,
    Source,
    Step,
    StepKind,
    Withdraw,
    Write,
    Written,
    plain,
)
from sync.model.stored import step_from
from sync.store import hints, intents, keeping, ledger, mapping, pairs
from sync.store.connection import reading, writing
from sync.store.intents import Intent
from sync.store.requests import Request

BACK = "-back-"
"""In the key of what takes a projection away again that met somebody in its chair."""


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
    before, found = _done_by(house, errand.request), board
    done: list[DoneStep] = []
    met: tuple[Ref, ...] = ()
    for number, step in enumerate(steps):
        there = came_true(step, found) if errand.goes_on else None
        try:
            if number in before:
                one, overlaps = _done_already(before[number])
            elif there is not None:
                one, overlaps = DoneStep(step, there.ref, there), ()
            elif errand.goes_on and is_overtaken(step, found, done):
                return Acted(tuple(done), "changed")
            else:
                one, overlaps = _step(house, grip, errand, number, step, board)
        except WriteRefused as refused:
            if may_pass(refused) or (errand.hint is not None and refused.setting):  # that waits to be mended
                raise
            return Acted(tuple(done), word_of(refused), str(refused))
        if one is None:
            return Acted(tuple(done), "taken", overlaps=overlaps)
        if _fell_away(one):
            return Acted(tuple(done), "changed")
        done.append(one)
        met += overlaps
        board = _after(board, one)
        if number not in before:
            found = _after(found, one)
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


def _done_already(row: Intent) -> tuple[DoneStep | None, tuple[Ref, ...]]:
    """A step that an earlier try carried out, as `_step` answers: whom it met in the chair then still counts."""
    step = step_from(row.write)
    overlaps = row.overlaps if must_be_alone(step.write) else ()
    if overlaps and isinstance(step.write, Place):  # taken away again by whoever met them, or by who settled it since
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
    try:
        with writing(house.engine) as conn:
            grip.fence(conn)
            record_step(conn, house, errand, step, written, visit)
            intents.settle(conn, intent, "done", plain(written), house.now())
            back = intend_to_take_back(conn, house, grip, errand, step, written, visit) if overlaps else None
    except Superseded:
        _written_late(house, written)
        raise
    if back is not None:
        take_back(house, grip, *back)
        return None, overlaps
    return DoneStep(step, written.ref, written.appointment), overlaps


def _written_late(house: House, written: Written) -> None:
    """Whoever was let in before this was recorded may have found nothing there yet, and decided without it: what stands
    there all the same is looked at under its own name."""
    with writing(house.engine) as conn:
        hints.put(conn, written.ref, Source.FOLLOW_UP, house.now())


def must_be_alone(write: Write | None) -> bool:
    """Whether somebody else in the chair after the write means that two met there."""
    if isinstance(write, Place | Move):
        return not write.even_if_taken
    return isinstance(write, Reinstate)


def intend_to_take_back(
    conn: Connection, house: House, grip: Grip, errand: Errand, step: Step, written: Written, visit: int | None
) -> tuple[int, Step] | None:
    """Ours met somebody else's in the same chair: what was placed is to be taken away again. Kept in the transaction
    that records it, so that whoever dies now is followed by somebody who does it."""
    if not isinstance(step.write, Place) or written.appointment is None:
        return None
    step = withdrawn(written.appointment)
    assert isinstance(step.write, Withdraw)
    key = f"{keeping.installation(conn, house.now())[:8]}{BACK}{written.ref.key}"[:64]
    step = replace(step, write=replace(step.write, key=key, version=None))
    if intents.is_used(conn, key):
        return None
    intent = intents.open_intent(
        conn,
        visit=visit,
        request=None,
        hint=errand.hint,
        step=0,
        side=step.side,
        generation=0,
        key=key,
        mark="",
        write=plain(step),
        token=grip.lease.token,
        now=house.now(),
    )
    return intent, step


def takes_back(intent: Intent) -> bool:
    """Whether it is about a projection that met somebody, and not one that was decided to go."""
    return BACK in intent.key


def take_back(house: House, grip: Grip, intent: int, step: Step) -> None:
    """Take a projection away that met somebody in its chair, and count it. Done twice it does no harm; what is over by
    now (its client never came) can no longer be taken away, and is left."""
    grip.enough_left()
    assert step.write is not None and step.ref is not None
    try:
        gone = house.writers[step.side].write(step.write)
    except WriteRefused as refused:
        if not refused.permanent or refused.setting:
            raise
        with writing(house.engine) as conn:
            intents.settle(conn, intent, "refused", {"error": str(refused)}, house.now())
        return
    with writing(house.engine) as conn:
        grip.fence(conn)
        record_step(conn, house, Errand(), step, gone, None)
        intents.settle(conn, intent, "done", plain(gone), house.now())
        ledger.note(conn, ledger.WITHDRAWN_AFTER_WRITE, house.now(), ref=step.ref)


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
        mark = _unused_mark(conn, key, (installation, visit, generation), write) if visit else ""
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


def _unused_mark(conn: Connection, key: str, of: tuple[str, int, int], write: Write) -> str:
    """The mark for what is placed, '' for every other write: no mark is ever given twice, though the parts of a visit
    change their order between two tries. The same write under its own key keeps its own."""
    if not isinstance(write, Place):
        return ""
    marks = (mark_for(*of, number) for number in count(write.part or 0))
    return next(mark for mark in marks if all(one.key == key for one in intents.by_mark(conn, [mark]).values()))


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
