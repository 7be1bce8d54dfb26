"""Writing Bookly, called by `sync.converge` alone.

Each write, in this order: the named lock; a new transaction; the rows held; what was seen compared with what stands;
the overlap test repeated; the change; commit; and the overlap read again. By SQL, so Bookly tells nobody of it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from sync.calendars import OutcomeUnknown, ReadFailed, WriteRefused
from sync.calendars.bookly import statements
from sync.calendars.bookly.changes import (
    SetStatus,
    added_block,
    by_unit,
    may_go,
    moved_rows,
    only_part,
    target,
)
from sync.calendars.bookly.checks import write_problems
from sync.calendars.bookly.connect import WRITE_SECONDS, BooklyDoor, end
from sync.calendars.bookly.lock import WAIT_SECONDS, alone
from sync.calendars.bookly.read import Clock, read_around, utc_now
from sync.calendars.bookly.rows import standing_of
from sync.calendars.bookly.times import digits_of, naive
from sync.calendars.bookly.trouble import CannotRead, trouble, verdict
from sync.calendars.bookly.visits import ref
from sync.calendars.bookly.work import Work
from sync.calendars.calls import told
from sync.calendars.marks import mark_in
from sync.model import (
    Appointment,
    Cancel,
    Client,
    Move,
    Place,
    Problem,
    Ref,
    Reinstate,
    Side,
    Span,
    Standing,
    Withdraw,
    Write,
    Written,
)
from sync.model.calls import BooklyName

ROW_WAIT_SECONDS = 5


@dataclass(frozen=True, slots=True)
class Done:
    """What a write touched: the visit, where it stands now, and whose overlap with it is known and wanted."""

    ref: Ref
    spans: tuple[Span, ...] = ()
    ignoring: tuple[Ref, ...] = ()
    gone: bool = False


class BooklyWriter:
    """Writes one Bookly. `clock` gives the time of day in UTC; `lock_wait` bounds the wait for the named lock."""

    side = Side.BOOKLY

    def __init__(self, door: BooklyDoor, clock: Clock = utc_now, lock_wait: int = WAIT_SECONDS) -> None:
        self._door = door
        self._clock = clock
        self._lock_wait = lock_wait

    def check(self) -> list[Problem]:
        """Which rights to write are missing; nothing is written to learn it. Never raises."""
        return write_problems(self._door)

    def write(self, write: Write) -> Written:
        """Carry out one write. Raises Stale, Taken or WriteRefused with nothing written, or OutcomeUnknown."""
        done, appointment = self._carry_out(write)
        return Written(done.ref, appointment, overlaps=self._overlaps(done))

    def settle(self, write: Write) -> Written | None:
        """What became of a write whose answer was lost, by its mark or by what stands; None when what stands is not
        what was to be written. Waits for a write of ours that the database is still at. Raises ReadFailed."""
        with self._told_as_read(), alone(self._door, self._lock_wait), self._transaction("settle rows") as work:
            done = SETTLED[type(write)](work, write)
            appointment = work.present(done.ref) if done and not done.gone else None
        return Written(done.ref, appointment, overlaps=self._overlaps(done)) if done else None

    def client_for(self, client: Client, key: str) -> str | None:  # noqa: ARG002
        """Bookly needs none: our blocks have no customer."""
        return None

    def _carry_out(self, write: Write) -> tuple[Done, Appointment | None]:
        course = Course()
        with _told(course), alone(self._door, self._lock_wait) as lock, self._transaction("write rows") as work:
            done = CARRIED[type(write)](work, write)
            appointment = None if done.gone else work.present(done.ref)
            lock.make_sure()
            course.sent = True
            work.session.connection.exec_driver_sql("COMMIT")
            course.done = True
        return done, appointment

    @contextmanager
    def _transaction(self, name: BooklyName) -> Iterator[Work]:
        """A new transaction that sees what is committed by now; rolled back unless the block commits it."""
        with told(Side.BOOKLY, name, verdict), self._door.engine("write", WRITE_SECONDS).connect() as connection:
            _begin(connection)
            try:
                yield Work(self._door.session(connection), self._clock())
            finally:
                end(connection, "ROLLBACK")

    @contextmanager
    def _told_as_read(self) -> Iterator[None]:
        try:
            with self._door.told():
                yield
        except WriteRefused as error:
            told = CannotRead(str(error), permanent=error.permanent, fault=error.fault, waiting=error.waiting)
            raise told from None

    def _overlaps(self, done: Done) -> tuple[Ref, ...]:
        """Whose cores now meet where the visit stands, read live after the commit."""
        if not done.spans:
            return ()
        own = {done.ref, *done.ignoring}
        found: dict[Ref, None] = {}
        try:
            with self._door.reading() as session:
                for span in done.spans:
                    around = read_around(session, span.staff, span.start, span.end)
                    meeting = (a for a in around if a.stands and any(span.core_meets(p.span) for p in a.parts))
                    found.update(dict.fromkeys(a.ref for a in meeting if a.ref not in own))
        except ReadFailed:
            raise OutcomeUnknown("The change was sent, but Bookly could not be read again after it.") from None
        return tuple(found)


def _begin(connection: sa.Connection) -> None:
    """Reads in it see each commit of others: an older snapshot would still show the slot free. A name's odd character
    must not keep a chair from being shut, so the modes are as lax as WordPress's own."""
    if connection.dialect.name == "sqlite":
        for statement in ("PRAGMA query_only=OFF", "PRAGMA foreign_keys=ON", "BEGIN IMMEDIATE"):
            connection.exec_driver_sql(statement)
        return
    connection.exec_driver_sql(f"SET SESSION innodb_lock_wait_timeout = {ROW_WAIT_SECONDS}, sql_mode = ''")
    connection.exec_driver_sql("SET TRANSACTION ISOLATION LEVEL READ COMMITTED")
    connection.exec_driver_sql("START TRANSACTION")


@dataclass(slots=True)
class Course:
    """How far a write got: `sent` once COMMIT is on its way, `done` once it was answered."""

    sent: bool = False
    done: bool = False


@contextmanager
def _told(course: Course) -> Iterator[None]:
    """Whatever goes wrong before the commit leaves nothing written; when its answer is lost nobody knows."""
    try:
        yield
    except (sa.exc.SQLAlchemyError, OSError, RuntimeError) as error:
        what = trouble(error)
        if course.done or (course.sent and (what.lost or not isinstance(error, sa.exc.DBAPIError))):
            raise OutcomeUnknown("Bookly's database did not say whether the change was made.") from None
        refused = WriteRefused(what.sentence, permanent=what.permanent, setting=what.setting, fault=what.fault)
        raise refused from None
    except ReadFailed as error:
        refused = WriteRefused(str(error), permanent=error.permanent, setting=error.setting, fault=error.fault)
        raise refused from None


# --- carrying out ---------------------------------------------------------------------------------------------------


def _place(work: Work, place: Place) -> Done:
    """A block; one that stands there already under the same mark is not written twice."""
    span = target(only_part(place), work.session.zone)
    row = _block_of(work, place, elsewhere=False)
    if row is None:
        if not place.even_if_taken:
            work.refuse_taken([span], place.ignoring, paddings=False)
        row = work.apply(added_block(place, work.session.zone))
    return Done(ref("row", row), (span,), place.ignoring)


def _move(work: Work, move: Move) -> Done:
    present = work.seen(move.ref, move.seen)
    zone = work.session.zone
    spans = tuple(target(part, zone, stands.span) for _, part, stands in by_unit(move, present))
    if not move.even_if_taken:
        work.refuse_taken(spans, (move.ref, *move.ignoring), paddings=present.mark is None)
    rows = {int(unit): row for unit in present.units if (row := work.row(int(unit)))}
    lines = {line.appointment_id: line.id for line in work.lines_of(move.ref)}
    for change in moved_rows(move, present, rows, lines, zone):
        work.apply(change)
    return Done(move.ref, spans, move.ignoring)


def _cancel(work: Work, cancel: Cancel) -> Done:
    """A status on each of the visit's customer_appointments; the rows stay."""
    if cancel.ref.key.startswith("row:"):
        raise WriteRefused("In a class each client is cancelled alone, in Bookly itself.", permanent=True)
    work.seen(cancel.ref, cancel.seen)
    _set_all(work, cancel.ref, "cancelled", (Standing.STANDS, Standing.WAITING))
    return Done(cancel.ref)


def _reinstate(work: Work, again: Reinstate) -> Done:
    """The status back, where the chair is still free: the row may have been given to somebody else meanwhile."""
    if again.ref.key.startswith("row:"):
        raise WriteRefused("In a class each client is reinstated alone, in Bookly itself.", permanent=True)
    present = work.seen(again.ref, again.seen)
    words = [word.strip() for word in again.status.split(",")]
    standing = [word for word in words if standing_of(word.lower(), work.session.custom)[0] is Standing.STANDS]
    if not standing:
        raise WriteRefused("Only a status that stands can be given back.", permanent=True)
    spans = tuple(part.span for part in present.parts)
    work.refuse_taken(spans, (again.ref, *again.ignoring), paddings=True)
    _set_all(work, again.ref, standing[0], (Standing.CANCELLED,))
    return Done(again.ref, spans, again.ignoring)


def _set_all(work: Work, visit: Ref, status: str, where: tuple[Standing, ...]) -> None:
    for line in work.lines_of(visit):
        if standing_of(str(line.status).strip().lower(), work.session.custom)[0] in where:
            work.apply(SetStatus(line.id, status, line.status))


def _withdraw(work: Work, withdraw: Withdraw) -> Done:
    """Our block is deleted; one that is gone already was what was wanted."""
    number = _block_number(withdraw)
    work.hold([number])
    row = work.row(number)
    if row is not None:
        work.apply(may_go(row))
    return Done(withdraw.ref, gone=True)


def _block_number(withdraw: Withdraw) -> int:
    kind, _, number = withdraw.ref.key.partition(":")
    if kind != "row" or not number.isdecimal():
        raise WriteRefused("Only a block of ours is ever taken away from Bookly.", permanent=True)
    return int(number)


def _block_of(work: Work, place: Place, *, elsewhere: bool) -> int | None:
    """The row that carries the placement's mark: at the same place, else (`elsewhere`) wherever it is now."""
    part, zone = only_part(place), work.session.zone
    marked = [
        row
        for row in work.session.rows(statements.by_mark(work.session.tables, place.mark))
        if mark_in(row.internal_note) == place.mark
    ]
    wanted = (part.staff, *digits_of(part.start, part.end, zone))
    same = [row.id for row in marked if (str(row.staff_id), naive(row.start_date), naive(row.end_date)) == wanted]
    if same:
        return int(same[0])
    return int(marked[0].id) if marked and elsewhere else None


# --- settling -------------------------------------------------------------------------------------------------------


def _settled_place(work: Work, place: Place) -> Done | None:
    row = _block_of(work, place, elsewhere=True)
    return (
        None if row is None else Done(ref("row", row), (target(only_part(place), work.session.zone),), place.ignoring)
    )


def _settled_move(work: Work, move: Move) -> Done | None:
    """Moved when every part stands where it was sent."""
    present = _held(work, move.ref)
    if present is None or len(present.parts) != len(move.parts):
        return None
    wanted = {_where(target(part, work.session.zone)) for part in move.parts}
    if wanted != {_where(part.span) for part in present.parts}:
        return None
    return Done(move.ref, tuple(part.span for part in present.parts), move.ignoring)


def _where(span: Span) -> tuple[Any, ...]:
    return span.staff, span.start, span.end


def _settled_cancel(work: Work, cancel: Cancel) -> Done | None:
    present = _held(work, cancel.ref)
    return Done(cancel.ref) if present and present.standing is Standing.CANCELLED else None


def _settled_reinstate(work: Work, again: Reinstate) -> Done | None:
    present = _held(work, again.ref)
    if present is None or not present.stands:
        return None
    return Done(again.ref, tuple(part.span for part in present.parts), again.ignoring)


def _settled_withdraw(work: Work, withdraw: Withdraw) -> Done | None:
    number = _block_number(withdraw)
    work.hold([number])
    return Done(withdraw.ref, gone=True) if work.row(number) is None else None


def _held(work: Work, visit: Ref) -> Appointment | None:
    """The visit after whoever is still writing its rows has ended."""
    before = work.present(visit)
    if before is None:
        return None
    work.hold(int(unit) for unit in before.units)
    return work.present(visit)


CARRIED: dict[type, Callable[[Work, Any], Done]] = {
    Place: _place,
    Move: _move,
    Cancel: _cancel,
    Reinstate: _reinstate,
    Withdraw: _withdraw,
}
SETTLED: dict[type, Callable[[Work, Any], Done | None]] = {
    Place: _settled_place,
    Move: _settled_move,
    Cancel: _settled_cancel,
    Reinstate: _settled_reinstate,
    Withdraw: _settled_withdraw,
}
