"""Which appointments Bookly's units are, and under which name each is known. Pure.

In this order: a class (the row, where capacity_max is above 1), a row with nobody on it (a block or staff's own), the
parts of a compound service (one appointment), else each customer on the row. Never the row for a single customer:
Bookly reuses a cancelled row for the next one who books the same time.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from sync.calendars.bookly.rows import Line, Odd, Unit
from sync.model import Appointment, Part, Ref, Side, Standing

STRONGEST_FIRST = (Standing.STANDS, Standing.UNKNOWN, Standing.OVER, Standing.WAITING, Standing.CANCELLED)
"""What a visit of several lines is: it stands while any line does, and is cancelled only when all are."""

Piece = tuple[Unit, Line]


@dataclass(frozen=True, slots=True)
class Built:
    """Appointments by their refs, and what could not be understood: the ref it would have had, and a sentence."""

    appointments: dict[Ref, Appointment]
    unreadable: dict[Ref, str]


def ref(kind: str, number: int) -> Ref:
    """`ca`, `row` or `compound`, and its number."""
    return Ref(Side.BOOKLY, f"{kind}:{number}")


def build(units: Iterable[Unit]) -> Built:
    """All appointments of these units. The parts of a compound service must all be among them."""
    built = Built({}, {})
    compounds: dict[str, list[Piece]] = {}
    for unit in units:
        if unit.is_class or not unit.lines:
            _keep(built, ref("row", unit.id), unit)
            continue
        for line in unit.lines:
            if line.token:
                compounds.setdefault(line.token, []).append((unit, line))
            else:
                _keep(built, ref("ca", line.id), unit, line)
    for pieces in compounds.values():
        _keep_compound(built, pieces)
    return built


def _keep(built: Built, name: Ref, unit: Unit, line: Line | None = None) -> None:
    try:
        if line is not None:
            made = _of_client(name, unit, line)
        else:
            made = _of_class(name, unit) if unit.lines else _of_nobody(name, unit)
        built.appointments[name] = made
    except Odd as odd:
        built.unreadable[name] = _sentence(unit, odd)


def _keep_compound(built: Built, pieces: list[Piece]) -> None:
    name = ref("compound", min(line.id for _, line in pieces))
    try:
        built.appointments[name] = _of_compound(name, pieces)
    except Odd as odd:
        built.unreadable[name] = _sentence(pieces[0][0], odd)


def _sentence(unit: Unit, odd: Odd) -> str:
    return f"Appointment {unit.id} in Bookly could not be understood: {odd}."


def _timed(standing: Standing, unit: Unit) -> Standing:
    """What has no sensible time takes no chair, whatever its status says."""
    return Standing.UNKNOWN if unit.anomaly and standing is Standing.STANDS else standing


def _sound(line: Line) -> Line:
    if line.odd:
        raise Odd(line.odd)
    return line


def _of_client(name: Ref, unit: Unit, line: Line) -> Appointment:
    _sound(line)
    return Appointment(
        ref=name,
        standing=_timed(line.standing, unit),
        status=line.status,
        parts=(unit.part,),
        clients=(line.client,),
        persons=line.client.persons,
        capacity=unit.capacity,
        unit_persons=unit.persons,
        unpaid=line.unpaid,
        label=unit.label,
        anomaly=unit.anomaly or line.anomaly,
        made_at=line.made_at,
    )


def _of_nobody(name: Ref, unit: Unit) -> Appointment:
    """A block or staff's own time; with a service it is a booking that lost its customer, and nobody's chair."""
    lost = unit.service is not None
    return Appointment(
        ref=name,
        standing=Standing.UNKNOWN if lost else _timed(Standing.STANDS, unit),
        status="",
        parts=(unit.part,),
        persons=0 if lost else 1,
        capacity=unit.capacity,
        unit_persons=0 if lost else 1,
        is_class=unit.is_class,
        label=unit.label,
        mark=unit.mark,
        anomaly=unit.anomaly or ("service_without_client" if lost else None),
        made_at=unit.made_at,
    )


def _of_class(name: Ref, unit: Unit) -> Appointment:
    lines = [_sound(line) for line in unit.lines]
    come = unit.standing_lines
    standing = strongest(line.standing for line in lines)
    return Appointment(
        ref=name,
        standing=_timed(standing, unit),
        status=_words(line for line in lines if line.standing is standing),
        parts=(unit.part,),
        clients=tuple(line.client for line in come),
        persons=unit.persons,
        capacity=unit.capacity,
        unit_persons=unit.persons,
        is_class=True,
        unpaid=bool(come) and all(line.unpaid for line in come),
        label=unit.label,
        anomaly=unit.anomaly or _anomaly(lines),
        made_at=unit.made_at,
    )


def _of_compound(name: Ref, pieces: list[Piece]) -> Appointment:
    """One visit of several parts. While any part stands, only the standing ones are its parts."""
    for _, line in pieces:
        _sound(line)
    standing = strongest(_timed(line.standing, unit) for unit, line in pieces)
    now = [(unit, line) for unit, line in pieces if _timed(line.standing, unit) is standing]
    first = min((line for _, line in pieces), key=lambda line: line.id)
    fullest = max((unit for unit, _ in now), key=lambda unit: unit.persons - unit.capacity)
    return Appointment(
        ref=name,
        standing=standing,
        status=_words(line for _, line in now),
        parts=_parts(unit for unit, _ in now),
        clients=(first.client,),
        persons=max(line.client.persons for _, line in now),
        capacity=fullest.capacity,
        unit_persons=fullest.persons,
        unpaid=any(line.unpaid for _, line in now),
        label=next((unit.label for unit, _ in now if unit.label), ""),
        anomaly=next((unit.anomaly for unit, _ in now if unit.anomaly), None) or _anomaly(line for _, line in now),
        made_at=first.made_at,
        dropped=tuple(sorted({str(unit.id) for unit, _ in pieces} - {str(unit.id) for unit, _ in now})),
    )


def strongest(standings: Iterable[Standing]) -> Standing:
    """What several standings make together."""
    among = set(standings)
    return next(standing for standing in STRONGEST_FIRST if standing in among)


def _parts(units: Iterable[Unit]) -> tuple[Part, ...]:
    parts = {unit.id: unit.part for unit in units}
    return tuple(sorted(parts.values(), key=lambda part: (part.span.start, int(part.unit))))


def _anomaly(lines: Iterable[Line]) -> str | None:
    return next((line.anomaly for line in lines if line.anomaly), None)


def _words(lines: Iterable[Line]) -> str:
    return ", ".join(sorted({line.status for line in lines}))
