"""One write's transaction on Bookly: looking, comparing, testing for overlaps, and the changes themselves."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from sync.calendars import Stale, Taken
from sync.calendars.bookly import statements
from sync.calendars.bookly.changes import AddRow, Change, ChangeRow, RemoveRow, RowNow, SetStatus, stamped
from sync.calendars.bookly.connect import Session
from sync.calendars.bookly.read import read_around, read_refs
from sync.calendars.bookly.times import local
from sync.calendars.bookly.trouble import CannotRead
from sync.model import Appointment, Ref, Span

FRESH = timedelta(seconds=10)
"""A row with a service and nobody on it is, this young, a booking that Bookly is just writing: it keeps its chair."""


@dataclass(frozen=True, slots=True)
class Work:
    """An open transaction to write in; `now` is the time of day in UTC."""

    session: Session
    now: datetime

    @property
    def site_now(self) -> datetime:
        """Now in the digits that Bookly keeps."""
        return local(self.now, self.session.zone)

    # --- looking ---------------------------------------------------------------------------------------------

    def present(self, ref: Ref) -> Appointment | None:
        """The visit as it stands at this moment; raises CannotRead when its row cannot be understood."""
        found = read_refs(self.session, [ref])
        if ref in found.unreadable:
            raise CannotRead(found.unreadable[ref], permanent=True)
        return found.appointments.get(ref)

    def seen(self, ref: Ref, fingerprint: str) -> Appointment:
        """The visit, its rows held until the end. Raises Stale unless it still is what was seen."""
        before = self.present(ref)
        if before is None:
            raise Stale("The visit is no longer in Bookly; look again.", permanent=True)
        self.hold(int(unit) for unit in before.units)
        now = self.present(ref)
        if now is None or now.units != before.units or now.fingerprint != fingerprint:
            raise Stale("The visit was changed in Bookly meanwhile; look again.", permanent=True)
        return now

    def hold(self, rows: Iterable[int]) -> None:
        self.session.rows(statements.held(self.session.tables, rows))

    def row(self, row: int) -> RowNow | None:
        """An appointment row with the customers on it; None when it is gone."""
        kept = self.session.connection.execute(statements.whole_row(self.session.tables, row)).mappings().first()
        if kept is None:
            return None
        lines = self.session.rows(statements.lines_on(self.session.tables, [row]))
        return RowNow(row, dict(kept), {line.id: line.status for line in lines})

    def lines_of(self, ref: Ref) -> list[Any]:
        """The customer_appointments (id, appointment_id, status) of a client's visit; none of a row's."""
        kind, _, number = ref.key.partition(":")
        if kind == "row":
            return []
        return self.session.rows(statements.lines_of_visit(self.session.tables, int(number)))

    # --- overlaps --------------------------------------------------------------------------------------------

    def refuse_taken(self, spans: Sequence[Span], own: Iterable[Ref], *, paddings: bool) -> None:
        """Raises Taken when one of the spans is not free: cores among each other, or the busy times too."""
        for span in spans:
            for other in self._others(span, frozenset(own)):
                for part in other.parts:
                    if span.busy_meets(part.span) if paddings else span.core_meets(part.span):
                        raise _taken(local(part.span.start, self.session.zone), local(part.span.end, self.session.zone))

    def _others(self, span: Span, own: frozenset[Ref]) -> list[Appointment]:
        around = read_around(self.session, span.staff, span.busy_start, span.busy_end)
        return [a for a in around if a.ref not in own and (a.stands or self._half_written(a))]

    def _half_written(self, appointment: Appointment) -> bool:
        made = appointment.made_at
        return appointment.anomaly == "service_without_client" and made is not None and self.now - made < FRESH

    # --- changing --------------------------------------------------------------------------------------------

    def apply(self, change: Change) -> int:
        """Carry out one change and answer with the id of the row or line. Raises Stale when it is others' by now."""
        match change:
            case AddRow():
                return self._add(change)
            case ChangeRow():
                a = self.session.tables["appointments"]
                where = [a.c.id == change.id, *(a.c[name] == value for name, value in change.was.items())]
                return self._changed(a, where, stamped(change.values, self.site_now, "updated_at"), change.id)
            case SetStatus():
                ca = self.session.tables["customer_appointments"]
                values = stamped({"status": change.status}, self.site_now, "status_changed_at", "updated_at")
                return self._changed(ca, [ca.c.id == change.line, ca.c.status == change.was], values, change.line)
            case RemoveRow():
                return self._remove(change)

    def _add(self, change: AddRow) -> int:
        a, ca = (self.session.tables[name] for name in ("appointments", "customer_appointments"))
        values = stamped(change.values, self.site_now, "created_at", "updated_at")
        made = int(self.session.connection.execute(sa.insert(a).values(values)).lastrowid)
        if change.line is not None:
            where = [ca.c.id == change.line, ca.c.appointment_id == change.from_row]
            self._changed(ca, where, stamped({"appointment_id": made}, self.site_now, "updated_at"), change.line)
        return made

    def _changed(self, table: sa.TableClause, where: list[Any], values: dict[str, Any], number: int) -> int:
        known = {name: value for name, value in values.items() if name in table.c}
        done = self.session.connection.execute(sa.update(table).where(*where).values(known))
        return _only_one(done.rowcount, number)

    def _remove(self, change: RemoveRow) -> int:
        a, ca = (self.session.tables[name] for name in ("appointments", "customer_appointments"))
        nobody = ~sa.exists().where(ca.c.appointment_id == a.c.id)
        done = self.session.connection.execute(sa.delete(a).where(a.c.id == change.id, nobody))
        return _only_one(done.rowcount, change.id)


def _only_one(changed: int, number: int) -> int:
    if changed != 1:
        raise Stale("The visit was changed in Bookly at this very moment; look again.", permanent=True)
    return number


def _taken(start: datetime, end: datetime) -> Taken:
    return Taken(f"The time is taken in Bookly: {start:%a %d %b, %H:%M} to {end:%H:%M} is not free.")
