"""Which part of a visit each appointment of the other side shows."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from itertools import permutations

from sync.decide.chairs import mapped_services, person_id
from sync.model import Appointment, Board, Part, Ref

MOST = 6
"""Parts up to which every way of matching them is tried; a longer visit is matched in the order of time."""

Line = tuple[Appointment, int]
"""A part of an appointment of the other side, by its number."""


@dataclass(frozen=True, slots=True)
class Showing:
    """`by`: the other side's appointments, each with the numbers of the visit's parts that its own parts show.
    `surplus`: those that show something the visit no longer has. `unshown`: the visit's parts that nobody shows."""

    by: tuple[tuple[Appointment, tuple[int, ...]], ...]
    surplus: tuple[Appointment, ...] = ()
    unshown: tuple[int, ...] = ()

    @property
    def whole(self) -> bool:
        """Whether both sides have the same parts, wherever these are."""
        return not self.surplus and not self.unshown


def shown_there(board: Board, ref: Ref) -> list[Appointment]:
    """What the other side has of a visit, whatever has become of it."""
    pair = board.pair_of(ref)
    partners = pair.current(ref.side.other) if pair else ()
    return [there for partner in partners if (there := board.appointments.get(partner.ref))]


def showing(board: Board, visit: Appointment, there: Iterable[Appointment]) -> Showing:
    """Match what stands of `there` with the visit's parts: by service, then by person, then the nearest in time.

    One of two parts may be gone on either side, or moved past the other: their order alone says nothing.
    """
    standing = sorted((a for a in there if a.stands), key=lambda a: (a.start, a.ref))
    lines = [(a, number) for a in standing for number in range(len(a.parts))]
    shows = dict(_matched(board, visit, lines))
    whole = [a for a in standing if all((a.ref, n) in shows for n in range(len(a.parts)))]
    by = tuple((a, tuple(shows[a.ref, n] for n in range(len(a.parts)))) for a in whole)
    shown = {number for _, numbers in by for number in numbers}
    return Showing(
        by,
        tuple(a for a in standing if a not in whole),
        tuple(number for number in range(len(visit.parts)) if number not in shown),
    )


def _matched(board: Board, visit: Appointment, lines: list[Line]) -> Iterator[tuple[tuple[object, int], int]]:
    """Couples of a part of the other side (its appointment's ref, its number there) and the visit's part it shows."""
    couples = min(_ways(len(visit.parts), len(lines)), key=lambda way: _cost(board, visit, lines, way), default=())
    for mine, theirs in couples:
        appointment, number = lines[theirs]
        yield (appointment.ref, number), mine


Way = tuple[tuple[int, int], ...]


def _ways(mine: int, theirs: int) -> Iterator[Way]:
    """Every way to couple as many of mine with theirs as there can be, the one in order first."""
    if max(mine, theirs) > MOST:
        yield tuple(zip(range(mine), range(theirs), strict=False))
    elif mine <= theirs:
        yield from (tuple(zip(range(mine), chosen, strict=True)) for chosen in permutations(range(theirs), mine))
    else:
        yield from (tuple(zip(chosen, range(theirs), strict=True)) for chosen in permutations(range(mine), theirs))


def _cost(board: Board, visit: Appointment, lines: list[Line], way: Way) -> tuple[int, int, timedelta]:
    services, people, apart = 0, 0, timedelta()
    for mine, theirs in way:
        one, (appointment, number) = visit.parts[mine], lines[theirs]
        other = appointment.parts[number]
        services += not _same_service(board, visit, one, other)
        people += person_id(board, visit.ref.side, one.span.staff) != person_id(
            board, appointment.ref.side, other.span.staff
        )
        apart += abs(one.span.start - other.span.start)
    return services, people, apart


def _same_service(board: Board, visit: Appointment, one: Part, other: Part) -> bool:
    """Whether the two can be of one service; a block has none, and can be of any."""
    if not one.service or not other.service:
        return True
    return other.service in mapped_services(board, visit.ref.side, one.service)
