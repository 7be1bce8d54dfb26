"""A view as columns: one sheet of rows a side, each row a part of an appointment, with the way back to it."""

from __future__ import annotations

from collections.abc import Iterator, Set
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

import numpy as np

from sync.decide.diff import UNLINKED, Rows, state_of
from sync.decide.view import View
from sync.model import Appointment, Pair, Part, Ref, Side


class Line(NamedTuple):
    """What a row stands for: a part of an appointment."""

    appointment: Appointment
    part: Part

    @property
    def unit(self) -> tuple[Side, str]:
        return self.appointment.ref.side, self.part.unit


@dataclass(frozen=True, slots=True)
class Sheet:
    """The rows of one side, and what each stands for."""

    rows: Rows
    lines: tuple[Line, ...]


class _Codes(dict[object, int]):
    """Numbers for things in the order they are met, from 0 up."""

    def __missing__(self, thing: object) -> int:
        self[thing] = len(self)
        return self[thing]


def sheets(view: View, settled: Set[Ref]) -> tuple[Sheet, Sheet]:
    """(Bookly's sheet, Square's sheet). `settled` are appointments that take part in no clash.

    Left out: what neither stands nor is linked, rows that are not longer than nothing, and rows with something wrong
    in themselves.
    """
    coder = _Coder(view, settled)
    return coder.sheet(Side.BOOKLY), coder.sheet(Side.SQUARE)


class _Coder:
    """Gives both sides' people, units, services and clients numbers that mean the same on either."""

    def __init__(self, view: View, settled: Set[Ref]) -> None:
        self.view, self.settled = view, settled
        self.people, self.units, self.services, self.clients = _Codes(), _Codes(), _Codes(), _Codes()
        self.visits = _visit_numbers(view)

    def sheet(self, side: Side) -> Sheet:
        lines: list[Line] = []
        values: list[tuple[int, ...]] = []
        for ref, appointment in self.view.appointments.items():
            # What stands takes its chair, however odd it is.
            if ref.side is side and (appointment.stands or self.view.pair_of(ref)):
                for number, part in enumerate(appointment.parts):
                    if part.span.end > part.span.start:
                        lines.append(Line(appointment, part))
                        values.append(self._row(appointment, number))
        columns = np.array(values, np.int64).reshape(len(values), 8).T
        return Sheet(Rows(*(np.ascontiguousarray(column) for column in columns)), tuple(lines))

    def _row(self, appointment: Appointment, number: int) -> tuple[int, ...]:
        ref, part = appointment.ref, appointment.parts[number]
        span = part.span
        return (
            self.people[self.view.person_id(ref.side, span.staff)],
            self.units[ref.side, part.unit],
            seconds(span.start),
            seconds(span.end),
            seconds(min(span.busy_start, span.start)),
            seconds(max(span.busy_end, span.end)),
            self.visits.get((ref, number), UNLINKED),
            state_of(
                stands=appointment.stands,
                projection=self.view.is_projection(ref),
                settled=ref in self.settled,
                service=self._service(ref.side, part),
                client=self._client(appointment),
            ),
        )

    def _service(self, side: Side, part: Part) -> int:
        """Equal on both sides for a service and its confirmed partner; 0 where no partner is confirmed."""
        mapped = self.view.mapped_services(side, part.service) if part.service else None
        if not mapped:
            return 0
        return self.services[part.service if side is Side.SQUARE else min(mapped)] + 1

    def _client(self, appointment: Appointment) -> int:
        """Equal on both sides for linked clients. One who is not linked differs from all: a closer look decides."""
        if len(appointment.clients) != 1 or appointment.is_class or not appointment.clients[0].key:
            return 0
        key = appointment.clients[0].key
        if appointment.ref.side is Side.BOOKLY:
            key = self.view.clients.get(key, f"bookly:{key}")
        return self.clients[key] + 1


def seconds(moment: datetime) -> int:
    """Whole seconds since 1970 in UTC."""
    return int(moment.timestamp())


def _visit_numbers(view: View) -> dict[tuple[Ref, int], int]:
    """A number for each part of each linked visit, the same for the part that shows it on the other side: both sides'
    parts are counted in the order of time and person. A visit with one end only gets none."""
    numbers: dict[tuple[Ref, int], int] = {}
    base = 0
    for pair in view.pairs:
        if not (pair.current(Side.BOOKLY) and pair.current(Side.SQUARE)):
            continue
        most = 0
        for side in Side:
            parts = sorted(_parts(view, pair, side))
            numbers.update(((ref, number), base + place) for place, (_, _, ref, number) in enumerate(parts))
            most = max(most, len(parts))
        base += most
    return numbers


def _parts(view: View, pair: Pair, side: Side) -> Iterator[tuple[datetime, str, Ref, int]]:
    for partner in pair.current(side):
        appointment = view.appointments.get(partner.ref)
        for number, part in enumerate(appointment.parts if appointment else ()):
            yield part.span.start, view.person_id(side, part.span.staff), partner.ref, number
