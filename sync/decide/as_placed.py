"""What was agreed when something was placed: what was put there, not what became of it before its answer came. Pure."""

from __future__ import annotations

from dataclasses import replace

from sync.decide.following import SLACK
from sync.model import Appointment, Part, Place, PlacedPart, Span, Standing


def as_placed(place: Place, shown: Appointment) -> Appointment:
    """`shown` as it was placed. A person may have moved or cancelled it since, and that is a change to be carried:
    taken for what was agreed it would be swallowed. Where nobody has, it is `shown` itself, in the side's own terms."""
    parts = sorted(shown.parts, key=lambda part: part.span.start)
    wanted = sorted(place.parts, key=lambda part: part.start)
    if shown.stands and len(parts) == len(wanted) and all(map(_is_so, parts, wanted)):
        return shown
    unit = shown.units[0] if shown.units else shown.ref.key
    placed = tuple(_part(part, unit, parts[n] if n < len(parts) else None) for n, part in enumerate(wanted))
    return replace(shown, standing=Standing.STANDS, status="placed", parts=placed)


def _is_so(part: Part, wanted: PlacedPart) -> bool:
    return (
        part.span.staff == wanted.staff
        and abs(part.span.start - wanted.start) < SLACK
        and abs(part.span.end - wanted.end) < SLACK
        and (wanted.service is None or part.service == wanted.service)
    )


def _part(wanted: PlacedPart, unit: str, shown: Part | None) -> Part:
    """A part as it was put there, with the time that the side keeps free around it now."""
    if shown is None:
        return Part(Span.of(wanted.staff, wanted.start, wanted.end), unit, wanted.service)
    span = shown.span
    around = Span.of(
        wanted.staff, wanted.start, wanted.end, before=span.start - span.busy_start, after=span.busy_end - span.end
    )
    return replace(shown, span=around, service=wanted.service or shown.service)
