"""Looking at the present: the mirror's board, with everything that matters read live from both sides."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial

from sync.converge.alongside import together
from sync.converge.house import House
from sync.decide.chairs import own_refs
from sync.model import Appointment, Board, Choice, Finding, Person, Ref, Side
from sync.store.board import load_board
from sync.store.connection import reading

MARGIN = timedelta(hours=1)
"""Paddings and a neighbour's buffers reach beyond the visit's own times by less than this."""


def look(
    house: House, finding: Finding, choice: Choice, extra: Iterable[Ref] = (), *, neighbours: bool = True
) -> Board:
    """The board for one choice: people, map and pairs as the store has them, appointments as both sides show them now.

    Read live are the visits concerned, their partners, `extra`, and (with `neighbours`) what stands for the people
    concerned around their times and the time asked for; without, the mirror's word is enough to learn what must be
    locked. Raises ReadFailed when a side could not be read.
    """
    named = {ref for concerned in finding.concerned for ref in concerned.refs} | set(extra)
    named |= {ref for ref in (choice.ref, choice.other) if ref}
    board = _from_store(house, finding, choice, named)
    refs = frozenset().union(*(own_refs(board, ref) for ref in named)) | named
    board = on_board(board, read_live(house, refs))
    if not neighbours:
        return board
    start, end = _stretch(finding, choice, (a for ref in refs if (a := board.appointments.get(ref))))
    return with_neighbours(house, board, refs, _people(board, finding, choice, refs), start, end)


def remembered(house: House, finding: Finding, choice: Choice, extra: Iterable[Ref] = ()) -> Board:
    """The board as the mirror has it, for what asks nothing of a calendar before it is locked."""
    named = {ref for concerned in finding.concerned for ref in concerned.refs} | set(extra)
    return _from_store(house, finding, choice, named)


def _from_store(house: House, finding: Finding, choice: Choice, named: Iterable[Ref]) -> Board:
    start, end = _stretch(finding, choice, ())
    with reading(house.engine) as conn:
        return load_board(conn, house.now(), start, end, named)


def read_live(house: House, refs: Iterable[Ref]) -> dict[Ref, Appointment | None]:
    """These appointments as their sides show them now. Raises ReadFailed."""
    wanted = {side: [ref for ref in refs if ref.side is side] for side in Side}
    reads = [partial(house.readers[side].read, of_side) for side, of_side in wanted.items() if of_side]
    return {ref: a for found in together(house.alongside, reads) for ref, a in found.items()}


def on_board(board: Board, live: Mapping[Ref, Appointment | None]) -> Board:
    """The board with what was read in place of what was remembered."""
    appointments = {ref: a for ref, a in board.appointments.items() if ref not in live}
    appointments.update({ref: a for ref, a in live.items() if a is not None})
    return replace(board, appointments=appointments)


def _stretch(finding: Finding, choice: Choice, visits: Iterable[Appointment]) -> tuple[datetime, datetime]:
    """From the first to the last minute that any of it touches, the asked-for time included."""
    times = [(visit.start, visit.end) for visit in visits] or [(finding.start, finding.end)]
    longest = max(end - start for start, end in times)
    if choice.start is not None:
        times.append((choice.start, choice.start + longest))
    return min(start for start, _ in times) - MARGIN, max(end for _, end in times) + MARGIN


def _people(board: Board, finding: Finding, choice: Choice, refs: Iterable[Ref]) -> set[tuple[Side, str]]:
    """Whose chairs are to be read, as each side's own staff ids."""
    named = {p for person_id in (finding.person, choice.person) if person_id and (p := board.person(person_id))}
    return people_of(board, refs) | _on_both(named)


def people_of(board: Board, refs: Iterable[Ref]) -> set[tuple[Side, str]]:
    """Who does these, as the staff ids of both sides."""
    staff = {(ref.side, part.span.staff) for ref in refs if (a := board.appointments.get(ref)) for part in a.parts}
    return staff | _on_both(p for side, name in staff if (p := board.person_of(side, name)))


def _on_both(persons: Iterable[Person]) -> set[tuple[Side, str]]:
    return {(side, member.id) for person in persons for side in Side if (member := person.on(side))}


def with_neighbours(
    house: House, board: Board, refs: Iterable[Ref], people: set[tuple[Side, str]], start: datetime, end: datetime
) -> Board:
    """The board with what stands around, read live, in place of what the mirror remembered for these people."""
    kept = set(refs)
    appointments = {
        ref: a for ref, a in board.appointments.items() if ref in kept or not _remembered(a, people, start, end)
    }
    reads = [partial(house.readers[side].around, staff, start, end) for side, staff in sorted(people)]
    for live in together(house.alongside, reads):
        appointments.update({neighbour.ref: neighbour for neighbour in live if neighbour.ref not in kept})
    return replace(board, appointments=appointments)


def _remembered(appointment: Appointment, people: set[tuple[Side, str]], start: datetime, end: datetime) -> bool:
    return any(
        (appointment.ref.side, part.span.staff) in people and part.span.start < end and start < part.span.end
        for part in appointment.parts
    )
